// Going through arrays with a kernel, in parallel: the same bits whatever the number of threads, for a map
// and for samples because each datum is its own, for a reduction because tiles are folded over a fixed tree.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/kernels/data.hpp"
#include "engine/kernels/executable.hpp"
#include "runtime/data/arrays.hpp"
#include "runtime/data/mapping.hpp"

namespace mc::runtime {

/// An array of a kernel.
struct KernelArray {
  Array array;
  ir::Type type = ir::Type::f64;  ///< the kernel's
};

/// Data 0 .. count of arrays that the kernel reads and then those it writes, in its order.
struct Pass {
  /// A faster one of the same kernel may take its place while the pass runs; it is looked at now and then.
  /// Each has to outlive the pass.
  const std::atomic<const kernels::Executable*>* code = nullptr;
  std::span<const KernelArray> reads, writes;
  std::span<const double> scalars;
  const double* const* arrays = nullptr;  ///< array parameters
  /// The scalar that is told the number of a call's first datum, where there is one.
  std::optional<std::uint32_t> first_scalar = {};
  std::uint64_t count = 0;
  /// Ends the pass within milliseconds.
  std::stop_token stop = {};
  /// Hears in the calling thread, now and then, how many data are done.
  std::function<void(std::uint64_t done)> progress = {};
  unsigned threads = 1;  ///< the calling one among them; less where there is little to do
  /// Data that are worth waking a thread for: fewer are done before it is awake.
  std::uint64_t a_thread = 8 * kernels::kReduceTile;
};

/// What of the arrays read is given back behind a pass from datum `first` on, in runs of so many data.
std::vector<Trail> trails_of(const Pass& pass, std::uint64_t first, std::uint64_t a_run);

/// Writes every result. An array written may be one that is read, number for number; where they overlap
/// otherwise, what is read is anybody's guess: see overlaps().
struct Map : Pass {
  /// The same kernel, but what it puts goes past the caches: used from where all arrays written are at
  /// multiples of 64 bytes, if that is anywhere. Null: not used.
  const kernels::Executable* streaming = nullptr;
};
/// False where it was stopped: part of the results are written then.
bool map(const Map& job);

/// Whether writing `to` may change what is still to be read from `from`.
bool overlaps(const Array& from, const Array& to, std::uint64_t count);

/// Folds all data, one result a fold. False where it was stopped: there are no results then.
struct Reduce : Pass {
  std::span<const kernels::Fold> folds;
};
bool reduce(const Reduce& job, double* results);

/// Fills the arrays with samples 0 .. count, by a kernel of kernels::sample_map.
struct Draw : Pass {
  std::uint64_t seed = 0;
  const kernels::Table* tables = nullptr;
};
/// False where it was stopped, within milliseconds: part of the samples are written then.
bool draw(const Draw& job);

}  // namespace mc::runtime
