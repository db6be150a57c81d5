// How much work a device is given at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace mc::runtime {

/// How many tiles a device is given at once: so many that it is at work for some milliseconds, and no more,
/// so that stops and progress are as prompt as on the CPU. But a wave at least, as far as that may be: of
/// tiles that are computed side by side fewer take no less time.
class BatchSize {
 public:
  using Duration = std::chrono::steady_clock::duration;

  BatchSize(std::uint64_t most, std::uint64_t wave)
      : least_(std::min(most, wave)), most_(most), tiles_(least_) {}

  std::uint64_t tiles() const { return tiles_; }

  /// After each batch, of so many tiles: the time since the one before it was done.
  void adapt(std::uint64_t tiles, Duration took) {
    if (took < kBatch / 2 && tiles == tiles_) tiles_ = std::min(most_, 2 * tiles_);
    if (took > kBatch) tiles_ = std::max(least_, tiles_ / 2);
  }

  static constexpr Duration kBatch = std::chrono::milliseconds(10);

 private:
  std::uint64_t least_, most_, tiles_;
};

}  // namespace mc::runtime
