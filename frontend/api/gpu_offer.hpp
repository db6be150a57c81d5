// Whether a run under `automatic` is worth a GPU, as it goes on.
#pragma once

#include <chrono>
#include <cstdint>

#include "frontend/api/gpu.hpp"
#include "frontend/api/tiers.hpp"

namespace mc {

class GpuOffer {
 public:
  /// `copied_bytes` go to each device before it can begin. All of it is borrowed: `samples` may change, and
  /// is 0 while nobody knows.
  GpuOffer(Gpu& gpu, const Tiers& tiers, const std::uint64_t& samples, std::uint64_t copied_bytes)
      : gpu_(gpu), tiers_(tiers), samples_(samples), copied_bytes_(copied_bytes) {}

  /// What the run takes: null until it is worth it, and there.
  const Gpu::There& devices() const { return offered_; }

  /// After a tile: whether it has to hear more. Nothing is looked for, not even a driver, before what is left
  /// would take the CPU longer than all of that.
  bool hear(std::uint64_t done, std::chrono::nanoseconds elapsed);

 private:
  Gpu& gpu_;
  const Tiers& tiers_;
  const std::uint64_t& samples_;
  const std::uint64_t copied_bytes_;
  Gpu::There offered_ = nullptr;
  bool was_compiled_ = false;
  std::uint64_t done_before_ = 0;  ///< by the interpreter, where machine code came amid the run
  std::chrono::nanoseconds elapsed_before_{0};
};

}  // namespace mc
