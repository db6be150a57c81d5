#include "runtime/schedule/forest.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

namespace mc::runtime {

void Missing::clear() {
  parts_.clear();
  count_ = 0;
}

void Missing::add(Stretch tiles) {
  if (tiles.first >= tiles.end) return;
  if (!parts_.empty() && parts_.back().tiles.end == tiles.first)
    parts_.back().tiles.end = tiles.end;
  else
    parts_.push_back({count_, tiles});
  count_ += tiles.end - tiles.first;
}

Missing::Stretch Missing::from(std::uint64_t n, std::uint64_t most) const {
  const Part& part = *std::prev(std::ranges::upper_bound(parts_, n, {}, &Part::before));
  const std::uint64_t first = part.tiles.first + (n - part.before);
  return {first, first + std::min(most, part.tiles.end - first)};
}

void Forest::reset(const kernels::Layout& layout) {
  layout_ = &layout;
  trees_.clear();
  free_.clear();
  slots_ = 0;
  fresh_ = take_slot();
}

std::uint32_t Forest::take_slot() {
  if (free_.empty()) {
    records_.resize(std::max(records_.size(), (slots_ + 1) * layout_->size));
    return slots_++;
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  return slot;
}

double* Forest::fresh() { return record(fresh_); }

void Forest::add(std::uint64_t first, unsigned level) {
  // Tiles nearly always come in order, so the search nearly always ends where it begins.
  auto place = trees_.end();
  while (place != trees_.begin() && std::prev(place)->first > first) --place;
  auto at = static_cast<std::size_t>(place - trees_.begin());
  trees_.insert(place, {first, level, fresh_});
  fresh_ = take_slot();
  join_up(at);
}

void Forest::join_up(std::size_t at) {
  for (;;) {
    const bool is_right = (trees_[at].first >> trees_[at].level & 1) != 0;
    if (is_right && at == 0) return;
    at -= is_right;
    if (!join(at)) return;
  }
}

/// Merges the tree at `at` with the next one if the two are siblings.
bool Forest::join(std::size_t at) {
  if (at + 1 >= trees_.size()) return false;
  Tree& left = trees_[at];
  const Tree& right = trees_[at + 1];
  const bool is_left = (left.first >> left.level & 1) == 0;
  if (!is_left || left.level != right.level || left.end() != right.first) return false;
  kernels::merge(*layout_, record(left.slot), record(right.slot));
  free_.push_back(right.slot);
  ++left.level;
  trees_.erase(trees_.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  return true;
}

void Forest::take(Forest& other) {
  for (const Tree& tree : other.trees_) {
    std::copy_n(other.record(tree.slot), layout_->size, fresh());
    add(tree.first, tree.level);
  }
  other.reset(*layout_);
}

/// Two aligned runs are apart, or one holds the other.
void Forest::adopt(const Forest& other, Missing::Stretch within) {
  for (const Tree& tree : other.trees_) {
    if (tree.first < within.first || tree.end() > within.end) continue;
    const auto first = std::ranges::lower_bound(trees_, tree.first, std::less_equal(), &Tree::end);
    const auto last = std::ranges::lower_bound(first, trees_.end(), tree.end(), {}, &Tree::first);
    if (first != last && first->level >= tree.level) continue;
    for (auto held = first; held != last; ++held) free_.push_back(held->slot);
    trees_.erase(first, last);
    std::copy_n(other.records_.data() + tree.slot * layout_->size, layout_->size, fresh());
    add(tree.first, tree.level);
  }
}

std::uint64_t Forest::tiles() const {
  std::uint64_t tiles = 0;
  for (const Tree& tree : trees_) tiles += tree.end() - tree.first;
  return tiles;
}

void Forest::list_missing(Missing::Stretch within, Missing& missing) const {
  std::uint64_t next = within.first;
  for (const Tree& tree : trees_) {
    missing.add({next, std::min(within.end, tree.first)});
    next = std::max(next, tree.end());
  }
  missing.add({next, within.end});
}

void Forest::fold(double* result) {
  if (trees_.empty()) {
    kernels::clear(*layout_, result);
  } else {
    std::copy_n(record(trees_[0].slot), layout_->size, result);
    for (std::size_t k = 1; k < trees_.size(); ++k) kernels::merge(*layout_, result, record(trees_[k].slot));
  }
  reset(*layout_);
}

}  // namespace mc::runtime
