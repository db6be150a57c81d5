// What computes many tiles at once, away from the CPU: the interface between a GPU's back end and the
// runtime.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/kernels/executable.hpp"

namespace mc::kernels {

/// Batches of tiles for one call, done in the order in which they were begun. For one thread.
class Queue {
 public:
  /// Batches begun and not yet finished, at most: while one is computed the last one's records are read.
  static constexpr unsigned kDepth = 2;

  virtual ~Queue() = default;

  virtual std::uint64_t most_tiles() const = 0;  ///< of a batch
  virtual std::uint64_t wave() const = 0;        ///< tiles that are computed side by side

  /// Begins tiles [first, first + tiles) and returns at once.
  virtual void begin(std::uint64_t first, std::uint64_t tiles) = 0;

  /// Waits for the oldest batch begun. Its records, tile after tile, hold until kDepth more were begun.
  virtual const double* finish() = 0;
};

/// A sample-and-reduce kernel on a device. Any number of threads may each have a queue.
class Device {
 public:
  virtual ~Device() = default;

  /// For a run of so many samples. `arguments` need not outlive the call; its tile and stop flag mean
  /// nothing.
  virtual std::unique_ptr<Queue> open(const Arguments& arguments, std::uint64_t samples) const = 0;
};

}  // namespace mc::kernels
