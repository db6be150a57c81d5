#include "frontend/api/gpu_offer.hpp"

#include "engine/kernels/executable.hpp"
#include "engine/stages.hpp"

namespace mc {
namespace {

/// A queue's start and its first batch; and what a copy takes.
constexpr double kJoinMs = 1, kMsAByte = 1e-6 / 5;

}  // namespace

bool GpuOffer::hear(std::uint64_t done, std::chrono::nanoseconds elapsed) {
  if (offered_.load(std::memory_order_relaxed) != nullptr || gpu_.has_failed()) return false;
  // The interpreter's speed says nothing where machine code is about to take its place.
  if (tiers_.is_compiling()) return true;
  if (tiers_.is_compiled() && !was_compiled_) {
    was_compiled_ = true;
    done_before_ = done;
    elapsed_before_ = elapsed;
    if (done > kernels::kTileSamples) return true;
    done_before_ = 0, elapsed_before_ = {};  // it was there from the beginning
  }
  if (samples_ <= done || done == done_before_) return samples_ == 0 || samples_ > done;
  const double left_ms = milliseconds(elapsed - elapsed_before_) / static_cast<double>(done - done_before_) *
                         static_cast<double>(samples_ - done);
  const double joining_ms = kJoinMs + kMsAByte * static_cast<double>(copied_bytes_);
  if (left_ms < joining_ms) return true;
  if (const kernels::Devices* all = gpu_.there().load(std::memory_order_acquire)) {
    offered_.store(all, std::memory_order_release);
    return false;
  }
  if (gpu_.is_undecided() && gpu_.spent_ms() + left_ms > joining_ms + gpu_.expected_ms()) gpu_.ask();
  return true;
}

}  // namespace mc
