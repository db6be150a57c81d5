// A sample-and-reduce kernel of primitives as CUDA C++: one text, to be read by people and compiled by NVRTC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/statistics.hpp"

namespace mc::cuda {

/// What CUDA, the driver, or the kernel itself, made impossible.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr char kEntryName[] = "moment_tiles";  ///< of the kernel

/// A kernel as CUDA C++, and what its caller has to bring:
///
///   moment_tiles(u64 seed, u64 first, u64 tiles, u64 samples, const f64* numbers, f64* memory, f64* records)
///
/// computes tiles [first, first + tiles) of a run of `samples`; record k, of Layout::size numbers, is that of
/// tile first + k. Any grid of blocks of 256 threads does. `numbers` are the scalars, then the arrays one
/// after another; every block has `block_memory` numbers of `memory` for itself.
struct Source {
  std::string text;
  std::size_t numbers = 0;
  std::size_t block_memory = 0;
};

/// Throws Error for a kernel that still calls mathematical functions, or goes through data.
Source translate(const ir::Kernel& kernel, const kernels::Layout& layout);

/// What the kernel's `numbers` are for a call.
std::vector<double> numbers(const ir::Kernel& kernel, const kernels::Arguments& arguments);

}  // namespace mc::cuda
