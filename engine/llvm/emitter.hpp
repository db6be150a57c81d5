// Kernel IR → explicit vector LLVM IR.
#pragma once

#include <llvm/IR/Function.h>

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"
#include "engine/llvm/selection.hpp"

namespace mc::jit {

inline constexpr unsigned kMaxInterleave = 8;

/// How lanes are laid out in registers.
struct Shape {
  unsigned lanes;        ///< of one vector: its bits / 64, or / 32 (lanes.hpp)
  unsigned interleave;   ///< vectors computed side by side, so that each fills the latencies of the others
  bool streams = false;  ///< what is put into data arrays goes past the caches
  unsigned group() const { return lanes * interleave; }
};

/// Writes the kernel as the body of `function` (CodeGenerator::declare). Throws Error where LLVM IR cannot
/// say it.
void emit(const ir::Kernel& kernel, Shape shape, Instructions instructions, llvm::Function& function);

}  // namespace mc::jit
