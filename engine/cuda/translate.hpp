// A sample-and-reduce kernel of primitives as CUDA C++: one text, to be read by people and compiled by NVRTC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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
///   moment_tiles(u64 seed, u64 first, u64 tiles, u64 samples, u32 level, const f64* numbers, f64* memory,
///                f64* records, const volatile u32* stop)
///
/// computes tiles [first, first + tiles) of a run of `samples`, joined to trees of `level`, most_level at
/// most; record k, of Layout::size numbers, is that of tree k (kernels::Trees). Any grid of blocks of 256
/// threads does. `numbers` are the scalars, then the arrays one after another, then of each table, as bits,
/// its address and how many rows it has, which stand side by side; every block has `block_memory` numbers of
/// `memory` for itself. A kernel that looks gives its tiles up once `*stop` is not 0: the first number of
/// their records is then negative, and the others mean nothing.
struct Source {
  std::string text;
  std::size_t numbers = 0;
  std::size_t block_memory = 0;
  unsigned most_level = 0;
  bool looks = false;
};

/// Throws Error for a kernel that still calls mathematical functions, or goes through data: of those
/// data.hpp makes sources.
Source translate(const ir::Kernel& kernel, const kernels::Layout& layout);

/// Where the rows of a table stand, one after another, for the kernel to read.
struct TablePlace {
  std::uint64_t address = 0, rows = 0;
};

/// What the kernel's `numbers` are for a call.
std::vector<double> numbers(const ir::Kernel& kernel, const kernels::Arguments& arguments,
                            std::span<const TablePlace> tables = {});

}  // namespace mc::cuda
