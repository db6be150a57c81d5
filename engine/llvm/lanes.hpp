// How many bits of a vector register a lane gets.
#pragma once

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"

namespace mc::jit {

/// 32 where most of the work is on floats and words of 32 bits: then a register holds twice as many lanes,
/// and what has 64 bits takes two registers. Else 64.
unsigned choose_lane_bits(const ir::Kernel& kernel, const Placement& placement);

}  // namespace mc::jit
