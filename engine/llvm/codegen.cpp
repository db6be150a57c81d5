// The code generator's settings. No passes over LLVM IR come before it: EarlyCSE, InstCombine, LICM and DCE
// were measured to cost 1 to 2 ms a kernel and to make none faster, as kernel IR comes without common
// subexpressions and invariants.
#include "engine/llvm/codegen.hpp"

#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>

#include <algorithm>

#include "engine/llvm/compiler.hpp"

namespace mc::jit {
namespace {

/// What LLVM's own list has besides, and kernels gain little from: together a fifth of a compile. Their loops
/// were looked at (normal, gamma, exp, rolled and not, 256 and 512 bits): without these most have as many
/// instructions or fewer; gamma's rejection has 36 for 31.
char* const kLeftOut[] = {
    // Kernel IR comes without common subexpressions and invariants. What is left to be found are constants,
    // which are cheaper in memory than in a register that something else is spilled for; and to see that,
    // LLVM sorts a table of a thousand instructions, half a millisecond of a process's first compile.
    &llvm::EarlyMachineLICMID,
    &llvm::MachineLICMID,
    &llvm::MachineCSEID,
    // Processors that reorder do not mind.
    &llvm::PostRASchedulerID,
    // A tenth of the compile of a program with hundreds of queries, by itself.
    &llvm::StackSlotColoringID,
};

/// LLVMTargetMachine::addPassesToEmitFile without those.
void add_passes(llvm::TargetMachine& any_machine, llvm::legacy::PassManager& passes,
                llvm::raw_pwrite_stream& stream, llvm::CodeGenFileType type) {
  auto& machine = static_cast<llvm::LLVMTargetMachine&>(any_machine);  // as all that write machine code are
  auto* functions = new llvm::MachineModuleInfoWrapperPass(&machine);
  llvm::TargetPassConfig* config = machine.createPassConfig(passes);
  config->setDisableVerify(true);
  for (char* pass : kLeftOut) config->disablePass(pass);
  passes.add(config);
  passes.add(functions);
  bool failed = config->addISelPasses();
  config->addMachinePasses();
  config->setInitialized();
  failed |= machine.addAsmPrinter(passes, stream, nullptr, type, functions->getMMI().getContext());
  if (failed) throw Error("llvm: this machine's code cannot be written");
  passes.add(llvm::createFreeMachineFunctionPass());
}

}  // namespace

CodeGenerator::CodeGenerator(std::unique_ptr<llvm::TargetMachine> machine) : machine_(std::move(machine)) {
  add_passes(*machine_, passes_, stream_, llvm::CodeGenFileType::ObjectFile);
}

std::unique_ptr<llvm::Module> CodeGenerator::declare(llvm::LLVMContext& context, unsigned vector_bits,
                                                     const std::string& processor) const {
  auto module = std::make_unique<llvm::Module>("moment", context);
  module->setDataLayout(machine_->createDataLayout());
  module->setTargetTriple(machine_->getTargetTriple().str());
  auto* pointer = llvm::PointerType::getUnqual(context);
  auto* u32 = llvm::Type::getInt32Ty(context);
  auto* type = llvm::FunctionType::get(llvm::Type::getInt1Ty(context),
                                       {pointer, u32, u32, u32, pointer, pointer}, false);
  auto* function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, kEntryName, *module);
  for (unsigned k : {0u, 4u, 5u}) function->addParamAttr(k, llvm::Attribute::NoAlias);
  function->addRetAttr(llvm::Attribute::ZExt);  // as C++ returns a bool
  function->addFnAttr(llvm::Attribute::NoUnwind);
  // Both, for 512 bits: processors that would rather use 256 heed the first, type legalisation the second.
  function->addFnAttr("prefer-vector-width", std::to_string(vector_bits));
  function->addFnAttr("min-legal-vector-width", std::to_string(vector_bits));
  if (!processor.empty()) {
    function->addFnAttr("target-cpu", processor);
    function->addFnAttr("target-features", "");  // not the host's
  }
  return module;
}

Instructions CodeGenerator::instructions(llvm::LLVMContext& context, unsigned vector_bits,
                                         const std::string& processor) const {
  // LLVM would print that it takes another one instead.
  if (!processor.empty() && !machine_->getMCSubtargetInfo()->isCPUStringValid(processor))
    throw Error("llvm: no processor is called '" + processor + "'");
  const auto module = declare(context, vector_bits, processor);
  const llvm::TargetSubtargetInfo& info = *machine_->getSubtargetImpl(*module->getFunction(kEntryName));
  const bool is_x86 = machine_->getTargetTriple().isX86();
  const bool has_avx512 = is_x86 && info.checkFeatures("+avx512vl");
  const bool has_avx = is_x86 && info.checkFeatures("+avx");
  return {.registers = is_x86 && !has_avx512 ? 16u : 32u,
          .register_bits = std::min(vector_bits, has_avx512 ? 512u
                                                 : has_avx  ? 256u
                                                            : 128u),
          .has_avx512 = has_avx512,
          .has_double_shift = has_avx512 && info.checkFeatures("+avx512vbmi2")};
}

CodeGenerator::Object CodeGenerator::object(llvm::Module& module) {
  passes_.run(module);
  return std::exchange(bytes_, {});
}

std::string CodeGenerator::assembly(llvm::Module& module) {
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  add_passes(*machine_, passes, stream, llvm::CodeGenFileType::AssemblyFile);
  passes.run(module);
  return {text.begin(), text.end()};
}

}  // namespace mc::jit
