// Arrays as callers have them, any stride and type, and as kernels read them: doubles or floats side by side.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/ir/types.hpp"

namespace mc::runtime {

enum class Number : std::uint8_t { f64, f32, i64, i32, u8 };

constexpr std::size_t bytes_of(Number type) {
  constexpr std::size_t kBytes[] = {8, 4, 8, 4, 1};
  return kBytes[static_cast<std::size_t>(type)];
}

/// Borrowed: number k is at data + k·stride bytes.
struct Array {
  std::byte* data = nullptr;
  std::ptrdiff_t stride = 0;
  Number type = Number::f64;

  std::byte* at(std::uint64_t k) const { return data + static_cast<std::ptrdiff_t>(k) * stride; }
  bool is_contiguous() const { return stride == static_cast<std::ptrdiff_t>(bytes_of(type)); }
};

/// How a kernel reads numbers of that type: floats as they are, all others as doubles.
constexpr ir::Type read_as(Number type) { return type == Number::f32 ? ir::Type::f32 : ir::Type::f64; }

/// Whether a kernel can read or write it where it is.
inline bool lies_ready(const Array& array, ir::Type type) {
  const bool is_of_type = array.type == (type == ir::Type::f32 ? Number::f32 : Number::f64);
  return is_of_type && array.is_contiguous();
}

/// Numbers first .. first + count as contiguous f64 or f32, and back.
void pack(const Array& from, std::uint64_t first, std::uint64_t count, ir::Type type, std::byte* to);
void unpack(const std::byte* from, ir::Type type, const Array& to, std::uint64_t first, std::uint64_t count);

}  // namespace mc::runtime
