// In which order lanes stand where a vector of words takes two registers, a and b. A permutation across a
// register costs four times as much as one within its blocks of 128 bits, which packs the low halves (or the
// high ones) of
//   a0 a1 | a2 a3 | …  and  b0 b1 | b2 b3 | …   into   a0 a1 b0 b1 | a2 a3 b2 b3 | …
// So words that only words are made of, and in the end halves, are dealt to the registers by twos: a has
// lanes 0 1 4 5 8 9 …, b lanes 2 3 6 7 …, and their halves stand in order.
#pragma once

#include <vector>

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"

namespace mc::jit {

class WordOrder {
 public:
  /// Nothing is dealt unless `has_pairs`: a vector of words takes two registers.
  WordOrder(const ir::Kernel& kernel, const Placement& placement, bool has_pairs);

  bool is_dealt(ir::Value v) const { return dealt_[position(v)]; }

  /// The lane at this place of a dealt vector of so many.
  static unsigned lane_at(unsigned place, unsigned lanes) {
    const unsigned in_register = place % (lanes / 2), is_second = place / (lanes / 2);
    return in_register / 2 * 4 + is_second * 2 + in_register % 2;
  }
  static unsigned place_of(unsigned lane, unsigned lanes) {
    return lane % 4 / 2 * (lanes / 2) + lane / 4 * 2 + lane % 2;
  }

 private:
  bool fits(ir::Value v) const { return placement_.is_uniform(v) || is_dealt(v); }
  bool remains(const ir::Node& node) const;
  bool keep_loop(const ir::Loop& loop);

  const ir::Kernel& kernel_;
  const Placement& placement_;
  std::vector<bool> dealt_;
};

}  // namespace mc::jit
