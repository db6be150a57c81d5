// How many vectors to compute side by side.
#pragma once

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"

namespace mc::jit {

/// Vectors that the straight line of a region wants in registers at once, in the order the kernel has it.
unsigned live_vectors(const ir::Kernel& kernel, const Placement& placement, ir::RegionId region);

/// 2 where that pays, else 1, for a processor with so many vector registers.
unsigned choose_interleave(const ir::Kernel& kernel, const Placement& placement, unsigned registers);

}  // namespace mc::jit
