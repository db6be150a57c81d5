// Tier 0: runs a kernel at once, operation by operation over columns of 256 lanes, each a loop compiled ahead
// of time. The first tier, the fallback where no code may be generated, and the tests' reference.
#pragma once

#include <memory>

#include "engine/host.hpp"
#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"

namespace mc::interpreter {

/// Makes a verified kernel of primitives (ir::Level::primitives) executable with the instructions of `isa`,
/// which the processor must have. Takes microseconds. Throws std::invalid_argument on what is no such kernel.
std::unique_ptr<kernels::Executable> interpret(const ir::Kernel& kernel, Isa isa = host_isa());

}  // namespace mc::interpreter
