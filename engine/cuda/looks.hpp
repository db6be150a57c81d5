// Where a lane's source looks whether it is asked to stop, as machine code for the CPU does (engine/llvm's
// checkpoints): after rounds of loops that go on for long, and nowhere else. A look goes to the host's
// memory, so that it is to come once in a tenth of a millisecond or less often.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/ir/kernel.hpp"

namespace mc::cuda {

class Looks {
 public:
  explicit Looks(const ir::Kernel& kernel);

  bool any() const;
  /// Once in so many rounds of the loop, a power of two; 0: never.
  std::uint32_t once_in(ir::LoopId loop) const { return once_in_[position(loop)]; }

 private:
  double work(const ir::Kernel& kernel, ir::RegionId region);

  std::vector<std::uint32_t> once_in_;
};

}  // namespace mc::cuda
