// Where machine code looks whether it is asked to stop: at the end of a round of loops that go on for long,
// so that a look comes every few milliseconds, and nowhere else. Kernels whose tiles are short have none.
#pragma once

#include <vector>

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"

namespace mc::jit {

class Checkpoints {
 public:
  /// `vectors` are computed side by side, for `groups` groups of lanes a tile.
  Checkpoints(const ir::Kernel& kernel, const Placement& placement, unsigned vectors, unsigned groups);

  bool any() const;
  bool is_in(ir::LoopId loop) const { return in_loop_[position(loop)]; }
  bool is_between_groups() const { return between_groups_; }  ///< of lanes

 private:
  double work(ir::RegionId region);
  double work(const ir::Node& node) const;

  const ir::Kernel& kernel_;
  const Placement& placement_;
  const double vectors_;
  const double most_;  ///< work of a loop that does not look
  std::vector<bool> in_loop_;
  bool between_groups_ = false;
};

}  // namespace mc::jit
