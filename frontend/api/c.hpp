// What the functions of <mc/mc.h> share: the handles, and every exception made a status.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <mc/mc.h>
#include <mc/mc.hpp>

#include "frontend/api/errors.hpp"

struct mc_moment {
  mc::Moment moment;
  std::vector<std::string> queries;
};

struct mc_options {
  mc::Options options;
  mc_progress progress = nullptr;
  void* context = nullptr;
  /// What setters have refused, by what they set, until the same is set well: a call that goes on as if
  /// nothing had been set would be done with other values than its caller thinks.
  std::map<std::string, std::exception_ptr, std::less<>> refused = {};
};

struct mc_report {
  mc::Report report;
  std::vector<std::string> texts, warnings;
};

struct mc_stop {
  std::stop_source source;
};

struct mc_limits {
  mc::Limits limits;
};

struct mc_reduction {
  mc::Reduction reduction;
};

namespace mc::c {

/// Keeps the text for mc_error_text() and returns the status.
mc_status failed(mc_status status, const char* text) noexcept;
mc_status failed(const Error& error) noexcept;  ///< its diagnostics too

/// What the work throws, as a status.
template <class Work>
mc_status guarded(Work&& work) noexcept {
  try {
    work();
    return MC_OK;
  } catch (const Error& error) {
    return failed(error);
  } catch (const std::bad_alloc&) {
    return failed(MC_OUT_OF_MEMORY, "error: out of memory");
  } catch (const std::exception& error) {
    return failed(MC_INTERNAL_ERROR, error.what());
  } catch (...) {
    return failed(MC_INTERNAL_ERROR, "internal error");
  }
}

template <class T>
T& need(T* pointer, std::string_view what) {
  if (pointer == nullptr) fail<ArgumentError>(fmt::format("{} is NULL", what));
  return *pointer;
}

inline std::string_view need_text(const char* text, std::string_view what) { return &need(text, what); }

/// `count` of them; NULL will do for none.
template <class T>
std::span<T> need_all(T* first, std::size_t count, std::string_view what) {
  if (count > 0) need(first, what);
  return {first, count};
}

/// A new handle of what `make` makes; NULL where that fails.
template <class Handle, class Make>
mc_status give(Handle** to, Make&& make) noexcept {
  if (to != nullptr) *to = nullptr;
  return guarded([&] {
    Handle*& place =
        need(to, "the place for the result");  // looked at first: an assignment's right side would be
    place = new Handle(make());
  });
}

template <class Handle>
Handle* made() noexcept {
  Handle* handle = nullptr;
  give(&handle, [] { return Handle{}; });
  return handle;
}

/// What `use` makes of typed numbers.
template <class Use>
auto typed(int type, const void* data, Use&& use) {
  switch (type) {
    case MC_TYPE_F64:
      return use(static_cast<const double*>(data));
    case MC_TYPE_F32:
      return use(static_cast<const float*>(data));
    case MC_TYPE_I64:
      return use(static_cast<const std::int64_t*>(data));
    case MC_TYPE_I32:
      return use(static_cast<const std::int32_t*>(data));
    case MC_TYPE_U8:
      return use(static_cast<const std::uint8_t*>(data));
  }
  fail<ArgumentError>(fmt::format("there is no type of numbers {}", type));
}

/// What a call is to be done with; NULL: the defaults. Throws what a setter has refused.
const Options& settings_of(const mc_options* options);

/// NULL beyond the last one.
inline const char* text_of(const std::vector<std::string>& texts, std::size_t k) {
  return k < texts.size() ? texts[k].c_str() : nullptr;
}

}  // namespace mc::c
