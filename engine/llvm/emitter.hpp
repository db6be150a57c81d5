// Kernel IR → explicit vector LLVM IR, for any machine: nothing here looks at the host.
#pragma once

#include <llvm/IR/Module.h>

#include <memory>

#include "engine/ir/kernel.hpp"

namespace mc::jit {

inline constexpr unsigned kMaxInterleave = 4;
inline constexpr char kEntryName[] = "mc_kernel";

/// How lanes are laid out in registers.
struct Shape {
  unsigned lanes;           ///< of one vector: its bits / 64
  unsigned interleave = 1;  ///< vectors computed side by side, so that each fills the latencies of the others
  unsigned group() const { return lanes * interleave; }
};

/// A module with the one function kEntryName: `void (Arguments*, u32 first, u32 last, u32 steps, double* out, char* scratch)`.
/// Throws Error where the kernel cannot be said in LLVM IR.
std::unique_ptr<llvm::Module> emit(const ir::Kernel& kernel, Shape shape, llvm::LLVMContext& context);

}  // namespace mc::jit
