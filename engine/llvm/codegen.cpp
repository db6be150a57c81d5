// experimental
#include "engine/llvm/codegen.hpp"

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/PassManager.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/DCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/MC/MCContext.h>
#include <cstring>
#include <cstdlib>

#include "engine/llvm/compiler.hpp"

namespace mc::jit {

void optimize(llvm::Module& module, llvm::TargetMachine& machine) {
  module.setDataLayout(machine.createDataLayout());
  module.setTargetTriple(machine.getTargetTriple().str());
  const char* passes = std::getenv("P"); if (passes && !*passes) return;
  if (!passes) return;
  llvm::LoopAnalysisManager lam; llvm::FunctionAnalysisManager fam; llvm::CGSCCAnalysisManager cam; llvm::ModuleAnalysisManager mam;
  llvm::PassBuilder pb(&machine);
  pb.registerModuleAnalyses(mam); pb.registerCGSCCAnalyses(cam); pb.registerFunctionAnalyses(fam); pb.registerLoopAnalyses(lam);
  pb.crossRegisterProxies(lam, fam, cam, mam);
  llvm::ModulePassManager mpm;
  if (auto e = pb.parsePassPipeline(mpm, passes)) throw Error(llvm::toString(std::move(e)));
  mpm.run(module, mam);
}

llvm::SmallVector<char, 0> generate(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type) {
  const char* level = std::getenv("O");
  machine.setOptLevel(level ? *llvm::CodeGenOpt::getLevel(atoi(level)) : llvm::CodeGenOptLevel::Default);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  auto& m = static_cast<llvm::LLVMTargetMachine&>(machine);
  auto* info = new llvm::MachineModuleInfoWrapperPass(&m);
  llvm::TargetPassConfig* config = m.createPassConfig(passes);
  passes.add(config); passes.add(info);
  if (const char* d = getenv("D")) {
    auto off = [&](char c, llvm::AnalysisID id) { if (strchr(d, c)) config->disablePass(id); };
    off('s', &llvm::MachineSchedulerID); off('l', &llvm::EarlyMachineLICMID); off('L', &llvm::MachineLICMID); off('c', &llvm::MachineCSEID);
    off('p', &llvm::PostRASchedulerID); off('t', &llvm::EarlyTailDuplicateID); off('i', &llvm::EarlyIfConverterID); off('m', &llvm::MachineCombinerID);
    off('k', &llvm::StackColoringID); off('h', &llvm::ShrinkWrapID); off('C', &llvm::MachineCopyPropagationID); off('T', &llvm::TailDuplicateID); off('P', &llvm::PeepholeOptimizerID);
    off('S', &llvm::MachineSinkingID); off('B', &llvm::BranchFolderPassID); off('b', &llvm::MachineBlockPlacementID); off('o', &llvm::OptimizePHIsID); off('d', &llvm::DeadMachineInstructionElimID); off('x', &llvm::PostRAMachineSinkingID); off('X', &llvm::MachineLateInstrsCleanupID);
  }
  config->addISelPasses(); config->addMachinePasses(); config->setInitialized();
  if (m.addAsmPrinter(passes, stream, nullptr, type, info->getMMI().getContext())) throw Error("llvm: cannot emit such a file");
  passes.add(llvm::createFreeMachineFunctionPass());
  passes.run(module);
  return bytes;
}

}  // namespace mc::jit
