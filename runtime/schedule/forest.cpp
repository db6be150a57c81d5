#include "runtime/schedule/forest.hpp"

#include <algorithm>

namespace mc::runtime {

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
