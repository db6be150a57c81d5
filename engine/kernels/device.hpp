// What computes many tiles at once, away from the CPU: the interface between a GPU's back end and the
// runtime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/kernels/executable.hpp"
#include "engine/kernels/trees.hpp"

namespace mc::kernels {

/// Batches of tiles for one call, done in the order in which they were begun. For one thread.
class Queue {
 public:
  /// Batches begun and not yet finished, at most: while one is computed the last one's records are read.
  static constexpr unsigned kDepth = 2;

  virtual ~Queue() = default;

  virtual std::uint64_t most_tiles() const = 0;  ///< of a batch
  virtual std::uint64_t wave() const = 0;        ///< tiles that are computed side by side

  /// Begins tiles [first, first + tiles) and returns at once: what records it will give.
  virtual Trees begin(std::uint64_t first, std::uint64_t tiles) = 0;

  /// Waits for the oldest batch begun. Its records, one after another, hold until kDepth more were begun. One
  /// whose first number is negative was given up, as the stop had come.
  virtual const double* finish() = 0;
};

/// A sample-and-reduce kernel on a device. Any number of threads may each have a queue.
class Device {
 public:
  virtual ~Device() = default;

  /// For a run of so many samples. Of `arguments` only the stop flag has to outlive the call, and the queue;
  /// its tile means nothing.
  virtual std::unique_ptr<Queue> open(const Arguments& arguments, std::uint64_t samples) const = 0;
};

/// The machine's devices that have a kernel.
using Devices = std::vector<const Device*>;

/// Stretches of data for one call, done in the order in which they were begun. For one thread.
class DataQueue {
 public:
  static constexpr unsigned kDepth = 2;  ///< stretches begun and not yet finished, at most

  virtual ~DataQueue() = default;

  /// Of a stretch, at most; a multiple of a reduction's tile.
  virtual std::uint64_t most_data() const = 0;

  /// Where the numbers of array k are to be put for the next stretch: side by side, as they are in memory.
  virtual std::byte* input(std::size_t k) = 0;

  /// Begins the stretch and returns at once. Data in device memory are those from number `first` on.
  virtual void begin(std::uint64_t first, std::uint64_t count) = 0;

  /// Waits for the oldest stretch begun. What it gave holds until kDepth more were begun.
  virtual void finish() = 0;
  virtual const std::byte* output(std::size_t k) const = 0;  ///< of the stretch finished: array k's numbers
  virtual const double* records() const = 0;  ///< of the stretch finished: the folds of each of its tiles
};

/// A kernel that goes through data, a map or a reduction, on a device.
class DataDevice {
 public:
  virtual ~DataDevice() = default;

  /// Where each array's numbers lie in device memory; of data that lie on the host: none. Those of `data`
  /// in `arguments` mean nothing.
  virtual std::unique_ptr<DataQueue> open(const Arguments& arguments,
                                          std::span<const std::uint64_t> addresses) const = 0;
};

}  // namespace mc::kernels
