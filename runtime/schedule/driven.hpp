// A run's device: its batches under way, and a second queue for tiles that have to be screened. For one
// thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "engine/kernels/device.hpp"
#include "runtime/schedule/batch_size.hpp"
#include "runtime/schedule/shares.hpp"

namespace mc::runtime {

class Driven {
 public:
  /// `screened` gives the device's screened kernel, or null where it has none (yet).
  Driven(const kernels::Device& device, const kernels::Arguments& arguments, std::uint64_t samples,
         std::function<const kernels::Device*()> screened)
      : arguments_(arguments),
        samples_(samples),
        screened_(std::move(screened)),
        queue_(device.open(arguments, samples)),
        size_(queue_->most_tiles(), queue_->wave()) {}

  bool is_full() const { return begun_ - finished_ == kernels::Queue::kDepth; }
  bool is_idle() const { return begun_ == finished_; }
  std::uint64_t wanted() const { return size_.tiles(); }

  void begin(Tiles tiles) {
    if (is_idle()) last_ = Clock::now();
    batches_[begun_ % batches_.size()] = queue_->begin(tiles.first, tiles.count());
    ++begun_;
  }

  /// A batch's records, one for each tree.
  struct Batch {
    kernels::Trees trees;
    const double* records = nullptr;
  };

  /// The oldest batch begun.
  Batch finish() {
    const double* records = queue_->finish();
    const kernels::Trees& trees = batches_[finished_++ % batches_.size()];
    const auto now = Clock::now();
    const auto took = now - std::exchange(last_, now);
    size_.adapt(trees.tiles, took);
    const double ns =
        std::chrono::duration<double, std::nano>(took).count() / static_cast<double>(trees.tiles);
    tile_ns_ = trees.tiles >= queue_->wave() ? ns : std::min(tile_ns_, ns);
    return {trees, records};
  }

  unsigned finished() const { return finished_; }
  /// In the last batch that was a wave, or the quickest of smaller ones: one with few tiles takes as long as
  /// a wave.
  double tile_ns() const { return tile_ns_; }

  /// The same tiles by the screened kernel; without records: the CPU has to do it. A few are not worth it.
  Batch screen(Tiles tiles, std::uint64_t of_them) {
    if ((to_screen_ += of_them) <= kFew || !screened_) return {};
    if (!screening_) {
      const kernels::Device* device = screened_();
      if (device == nullptr) return {};
      screening_ = device->open(arguments_, samples_);
    }
    if (tiles.count() > screening_->most_tiles()) return {};
    const kernels::Trees trees = screening_->begin(tiles.first, tiles.count());
    return {trees, screening_->finish()};
  }

  /// Batches begun and not finished.
  std::array<Tiles, kernels::Queue::kDepth> left() const {
    std::array<Tiles, kernels::Queue::kDepth> all{};
    for (unsigned k = finished_; k < begun_; ++k) {
      const kernels::Trees& trees = batches_[k % batches_.size()];
      all[k % all.size()] = {trees.first, trees.first + trees.tiles};
    }
    return all;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint64_t kFew = 16;  ///< records

  const kernels::Arguments arguments_;
  const std::uint64_t samples_;
  const std::function<const kernels::Device*()> screened_;
  std::unique_ptr<kernels::Queue> queue_, screening_;
  BatchSize size_;
  std::array<kernels::Trees, kernels::Queue::kDepth> batches_{};
  unsigned begun_ = 0, finished_ = 0;
  std::uint64_t to_screen_ = 0;
  Clock::time_point last_ = Clock::now();
  double tile_ns_ = std::numeric_limits<double>::infinity();
};

}  // namespace mc::runtime
