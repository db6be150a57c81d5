// A kernel that goes through data as CUDA C++: a map, or a reduction.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/cuda/translate.hpp"
#include "engine/kernels/data.hpp"

namespace mc::cuda {

inline constexpr char kDataEntryName[] = "moment_data";  ///< of the kernel

/// What a kernel of kernels::map or kernels::reduce is made for.
struct DataShape {
  std::vector<ir::Number> types;     ///< of the numbers of each array, as they lie in memory
  std::vector<kernels::Fold> folds;  ///< none: a map
  std::optional<std::uint32_t>
      first_scalar{};  ///< the scalar that is told the number of a lane's first datum

  unsigned threads() const { return folds.empty() ? kernels::kLanes : kernels::kReduceLanes; }  ///< a block
};

/// The kernel as CUDA C++:
///
///   moment_data(u64 first, u64 count, const f64* numbers, f64* memory, f64* records, Data data)
///
/// goes through data first .. first + count; the arrays, whose addresses `data` is, begin with the first of
/// them, each at a multiple of 16 bytes where it is a map. A reduction's `records` are the folds of each
/// tile. Any grid of blocks of DataShape::threads() does. The rest is as in Source. Throws Error.
Source translate(const ir::Kernel& kernel, const DataShape& shape);

}  // namespace mc::cuda
