// LLVM IR → better LLVM IR → object file or assembly.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Target/TargetMachine.h>

namespace mc::jit {

void optimize(llvm::Module& module, llvm::TargetMachine& machine);

llvm::SmallVector<char, 0> generate(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type);

}  // namespace mc::jit
