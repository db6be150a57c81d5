// How many vectors to compute side by side.
#pragma once

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"

namespace mc::jit {

/// The largest of 1, 2, 4 with which the innermost loops' live values fit `registers` vector registers.
unsigned choose_interleave(const ir::Kernel& kernel, unsigned registers);

}  // namespace mc::jit
