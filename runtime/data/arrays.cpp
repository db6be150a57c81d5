// One loop for each pair of types; the processor's vectors are left to the compiler.
#include "runtime/data/arrays.hpp"

#include <cstring>
#include <stdexcept>

namespace mc::runtime {
namespace {

/// Calls f with a value of the type.
template <class F>
auto with_type(Number type, F f) {
  switch (type) {
    case Number::f64:
      return f(double{});
    case Number::f32:
      return f(float{});
    case Number::i64:
      return f(std::int64_t{});
    case Number::i32:
      return f(std::int32_t{});
    case Number::u8:
      return f(std::uint8_t{});
  }
  throw std::invalid_argument("there is no such type of numbers");
}

/// Nothing is known of the addresses' alignment.
template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
void store(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class From, class To>
void convert(const std::byte* from, std::ptrdiff_t from_stride, std::byte* to, std::ptrdiff_t to_stride,
             std::uint64_t count) {
  const auto at = [](std::uint64_t k, std::ptrdiff_t stride) {
    return static_cast<std::ptrdiff_t>(k) * stride;
  };
  const bool is_contiguous = from_stride == sizeof(From) && to_stride == sizeof(To);
  if (is_contiguous)  // with strides that the compiler knows
    for (std::uint64_t k = 0; k < count; ++k)
      store(to + k * sizeof(To), static_cast<To>(load<From>(from + k * sizeof(From))));
  else
    for (std::uint64_t k = 0; k < count; ++k)
      store(to + at(k, to_stride), static_cast<To>(load<From>(from + at(k, from_stride))));
}

}  // namespace

void pack(const Array& from, std::uint64_t first, std::uint64_t count, ir::Type type, std::byte* to) {
  with_type(from.type, [&](auto value) {
    using From = decltype(value);
    if (type == ir::Type::f32)
      convert<From, float>(from.at(first), from.stride, to, sizeof(float), count);
    else
      convert<From, double>(from.at(first), from.stride, to, sizeof(double), count);
  });
}

void unpack(const std::byte* from, ir::Type type, const Array& to, std::uint64_t first, std::uint64_t count) {
  const auto into = [&](auto value) {
    using To = decltype(value);
    if (type == ir::Type::f32)
      convert<float, To>(from, sizeof(float), to.at(first), to.stride, count);
    else
      convert<double, To>(from, sizeof(double), to.at(first), to.stride, count);
  };
  if (to.type == Number::f32) return into(float{});
  if (to.type == Number::f64) return into(double{});
  throw std::invalid_argument("results are doubles or floats");
}

void copy(const Array& from, std::uint64_t first, std::uint64_t count, std::byte* to) {
  if (from.is_contiguous()) {
    std::memcpy(to, from.at(first), count * bytes_of(from.type));
    return;
  }
  with_type(from.type, [&](auto value) {
    using T = decltype(value);
    convert<T, T>(from.at(first), from.stride, to, sizeof(T), count);
  });
}

void copy(const std::byte* from, const Array& to, std::uint64_t first, std::uint64_t count) {
  if (to.is_contiguous()) {
    std::memcpy(to.at(first), from, count * bytes_of(to.type));
    return;
  }
  with_type(to.type, [&](auto value) {
    using T = decltype(value);
    convert<T, T>(from, sizeof(T), to.at(first), to.stride, count);
  });
}

}  // namespace mc::runtime
