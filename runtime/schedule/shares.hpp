// Which tiles of a run are still to be done, for whoever takes some: threads, and devices that take many at
// once.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/schedule/forest.hpp"

namespace mc::runtime {

/// Tiles first .. end, the last one left out.
struct Tiles {
  std::uint64_t first = 0, end = 0;

  std::uint64_t count() const { return end - first; }
  bool empty() const { return first == end; }
};

class Shares {
 public:
  /// They are cut into chunks of 2^level; nobody takes any meanwhile. `all` has to outlive their use.
  void reset(const Missing& all, unsigned level) {
    all_ = &all;
    level_ = level;
    next_ = 0;
  }

  /// At most so many of those left, at least one, side by side; empty: there are none.
  Tiles take(std::uint64_t most) {
    if (has_returned_.load(std::memory_order_acquire))
      if (const Tiles found = take_returned(most); !found.empty()) return found;
    const std::uint64_t wanted = std::max<std::uint64_t>(most >> level_, 1);
    const std::uint64_t chunk = next_.fetch_add(wanted, std::memory_order_relaxed);
    if (count() == 0 || chunk > (count() - 1) >> level_) return {};
    const std::uint64_t left = ((count() - 1) >> level_) - chunk;  // chunks after that one
    const std::uint64_t first = chunk << level_;
    return side_by_side(first, wanted > left ? count() : first + (wanted << level_), most);
  }

  /// Tiles that were taken and not done.
  void give_back(Tiles tiles) {
    if (tiles.empty()) return;
    const std::scoped_lock lock(mutex_);
    returned_.push_back(tiles);
    has_returned_.store(true, std::memory_order_release);
  }

  /// Tiles that nobody has taken.
  std::uint64_t untouched() const {
    return count() - std::min(count(), next_.load(std::memory_order_relaxed) << level_);
  }

  bool has_returned() const { return has_returned_.load(std::memory_order_acquire); }

 private:
  std::uint64_t count() const { return all_->count(); }

  /// Of those missing, number first .. end: the first ones, up to a gap; the others are given back.
  Tiles side_by_side(std::uint64_t first, std::uint64_t end, std::uint64_t most) {
    Tiles taken;
    for (std::uint64_t at = first; at < end;) {
      const Missing::Stretch stretch = all_->from(at, end - at);
      Tiles tiles{stretch.first, stretch.end};
      at += tiles.count();
      if (taken.empty()) {
        taken = {tiles.first, tiles.first + std::min(most, tiles.count())};
        tiles.first = taken.end;
      }
      give_back(tiles);
    }
    return taken;
  }

  Tiles take_returned(std::uint64_t most) {
    const std::scoped_lock lock(mutex_);
    if (returned_.empty()) return {};
    Tiles& last = returned_.back();
    const Tiles taken{last.first, last.first + std::min(most, last.count())};
    last.first = taken.end;
    if (last.empty()) returned_.pop_back();
    has_returned_.store(!returned_.empty(), std::memory_order_release);
    return taken;
  }

  const Missing* all_ = nullptr;
  unsigned level_ = 0;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> has_returned_ = false;
  std::mutex mutex_;  ///< of returned_
  std::vector<Tiles> returned_;
};

}  // namespace mc::runtime
