// Kernel IR → explicit vector LLVM IR.
#pragma once

#include <llvm/IR/Function.h>

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"
#include "engine/llvm/selection.hpp"
#include "engine/llvm/shape.hpp"

namespace mc::jit {

/// Writes the kernel as the body of `function` (CodeGenerator::declare). Throws Error where LLVM IR cannot
/// say it.
void emit(const ir::Kernel& kernel, Shape shape, Instructions instructions, llvm::Function& function);

}  // namespace mc::jit
