// Arrays as callers have them, any stride and type, and as kernels read them: doubles or floats side by side.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/ir/kernel.hpp"

namespace mc::runtime {

using ir::bytes_of;
using ir::Number;
using ir::read_as;

/// Borrowed: number k is at data + k·stride bytes.
struct Array {
  std::byte* data = nullptr;
  std::ptrdiff_t stride = 0;
  Number type = Number::f64;

  std::byte* at(std::uint64_t k) const { return data + static_cast<std::ptrdiff_t>(k) * stride; }
  bool is_contiguous() const { return stride == static_cast<std::ptrdiff_t>(bytes_of(type)); }
};

/// Whether a kernel can read or write it where it is: also at an address for such numbers.
inline bool lies_ready(const Array& array, ir::Type type) {
  const bool is_of_type = array.type == (type == ir::Type::f32 ? Number::f32 : Number::f64);
  return is_of_type && array.is_contiguous() &&
         reinterpret_cast<std::uintptr_t>(array.data) % bytes_of(array.type) == 0;
}

/// Numbers first .. first + count as contiguous f64 or f32, and back.
void pack(const Array& from, std::uint64_t first, std::uint64_t count, ir::Type type, std::byte* to);
void unpack(const std::byte* from, ir::Type type, const Array& to, std::uint64_t first, std::uint64_t count);

/// The same numbers side by side as they are, and back.
void copy(const Array& from, std::uint64_t first, std::uint64_t count, std::byte* to);
void copy(const std::byte* from, const Array& to, std::uint64_t first, std::uint64_t count);

}  // namespace mc::runtime
