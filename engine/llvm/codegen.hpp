// From LLVM IR to an object file, by one target machine and one pass pipeline that serve many compiles, one
// at a time.
#pragma once

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <memory>
#include <string>

#include "engine/llvm/selection.hpp"

namespace mc::jit {

class CodeGenerator {
 public:
  using Object = llvm::SmallVector<char, 0>;

  explicit CodeGenerator(std::unique_ptr<llvm::TargetMachine> machine);

  /// A module with a function kEntryName that has everything but a body:
  /// void (Arguments*, u32 first, u32 last, u32 steps, double* out, char* scratch).
  std::unique_ptr<llvm::Module> declare(llvm::LLVMContext& context, unsigned vector_bits,
                                        const std::string& processor) const;

  /// What code for this width and processor may use.
  Instructions instructions(llvm::LLVMContext& context, unsigned vector_bits,
                            const std::string& processor) const;

  Object object(llvm::Module& module);
  std::string assembly(llvm::Module& module);

 private:
  std::unique_ptr<llvm::TargetMachine> machine_;
  Object bytes_;
  llvm::raw_svector_ostream stream_{bytes_};
  llvm::legacy::PassManager passes_;  ///< building it anew takes a seventh of a small kernel's compile
};

}  // namespace mc::jit
