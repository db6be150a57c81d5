/// \file
/// What goes wrong: exceptions with their diagnostics, and the same as values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>
#include <version>
#if defined(__cpp_lib_expected)
#include <expected>
#endif

/// \cond
#if defined(__GNUC__)
#define MC_API __attribute__((visibility("default")))
#else
#define MC_API
#endif
#if defined(__has_cpp_attribute) && __has_cpp_attribute(clang::lifetimebound)
#define MC_LIFETIMEBOUND [[clang::lifetimebound]]
#else
#define MC_LIFETIMEBOUND
#endif
/// \endcond

namespace mc {

/// What an error is about: each kind has an exception of its own.
enum class ErrorKind {
  syntax,    ///< the text is not a program
  name,      ///< a name means nothing here
  shape,     ///< sizes, indices or ranks do not fit
  argument,  ///< a value or an option is out of its range
  device,    ///< the asked-for back end or device is not there
  stopped    ///< a stop came first, so there is no value
};

/// One thing wrong with a program or a call, and where.
struct Diagnostic {
  ErrorKind kind = ErrorKind::argument;  ///< what it is about
  std::string message;                   ///< what is wrong
  std::string hint;                      ///< what to do; may be empty
  /// The bytes [begin, end) of the text that was compiled, or of the density's where `rendered` says so; both
  /// are 0 where there is no place.
  std::size_t begin = 0;
  std::size_t end = 0;   ///< see begin
  std::string rendered;  ///< all of it with the line and a caret: lines, each with its end
};

/// What every function of the library throws, as the class below that its kind names; besides it only
/// std::bad_alloc, and what a callback has thrown. Cheap to copy; what() does not end with a newline.
class MC_API Error : public std::runtime_error {
 public:
  /// For programs that find errors of their own in texts; what() is all of them, rendered.
  explicit Error(std::vector<Diagnostic> diagnostics);

  /// In the order of the text; they live as long as this or a copy of it.
  const std::vector<Diagnostic>& diagnostics() const noexcept MC_LIFETIMEBOUND { return *diagnostics_; }
  /// The first one's.
  ErrorKind kind() const noexcept {
    return diagnostics_->empty() ? ErrorKind::argument : diagnostics_->front().kind;
  }
  /// Throws it as the class that kind() names: for an error that came as a value.
  [[noreturn]] void raise() const;

 private:
  friend class Stopped;
  std::shared_ptr<const std::vector<Diagnostic>> diagnostics_;
  std::uint64_t done_ = 0, all_ = 0;  ///< Stopped's
};

/// The text is not a program.
class MC_API SyntaxError : public Error {
  using Error::Error;
};
/// A name means nothing here.
class MC_API NameError : public Error {
  using Error::Error;
};
/// Sizes, indices or ranks do not fit.
class MC_API ShapeError : public Error {
  using Error::Error;
};
/// A value or an option is out of its range.
class MC_API ArgumentError : public Error {
  using Error::Error;
};
/// The asked-for back end or device is not there.
class MC_API DeviceError : public Error {
  using Error::Error;
};

/// A stop ended a call over arrays, or Moment::sample(), of which a part has no value. (A run that is stopped
/// returns the estimate of what it has done.)
class MC_API Stopped : public Error {
 public:
  /// After how many data of how many.
  Stopped(std::uint64_t done, std::uint64_t all);
  std::uint64_t done() const noexcept { return done_; }  ///< data, each as often as passes went through it
  std::uint64_t all() const noexcept { return all_; }    ///< of how many
};

#if defined(__cpp_lib_expected) && defined(__cpp_exceptions)
/// What a call returns, or the Error that it throws, as a value; with C++23:
///
///     auto report = mc::try_call([&] { return moment.run(options); });
///     if (!report) log(report.error().what());          // or report.error().raise()
///
/// Other exceptions go through.
template <class Call>
[[nodiscard]] auto try_call(Call&& call)
    -> std::expected<std::remove_cvref_t<std::invoke_result_t<Call>>, Error> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
      std::forward<Call>(call)();
      return {};
    } else {
      return std::forward<Call>(call)();
    }
  } catch (const Error& error) {
    return std::unexpected(error);
  }
}
#endif

}  // namespace mc
