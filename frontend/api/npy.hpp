// NumPy's files of one array: what stands in their header, and where the numbers begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <mc/mc.hpp>

namespace mc::npy {

struct Array {
  NumberType type = NumberType::f64;
  std::uint64_t rows = 0;
  std::optional<std::uint64_t> columns;  ///< of a matrix
  std::size_t begin = 0;                 ///< byte of the first number
};

bool is_npy(std::span<const std::byte> file);

/// Versions 1 to 3. Throws ArgumentError that names the file: for what is no .npy, is cut off, or is an array
/// of another kind than rows of f8, f4, i8, i4 or u1 one after another.
Array read(std::span<const std::byte> file, const std::string& name);

}  // namespace mc::npy
