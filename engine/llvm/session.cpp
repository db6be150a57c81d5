// ORC's wiring, without LLJIT: that wants a target machine from the start, and nothing is ever compiled in
// it.
#include "engine/llvm/session.hpp"

#include <llvm/ADT/StringSet.h>
#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/DebugObjectManagerPlugin.h>
#include <llvm/ExecutionEngine/Orc/EPCDebugObjectRegistrar.h>
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/Process.h>
#include <llvm/Support/TargetSelect.h>

#include <string>

#include "engine/llvm/callable.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/llvm/image.hpp"

namespace mc::jit {
namespace {

namespace orc = llvm::orc;

template <class T>
T value_of(llvm::Expected<T> expected) {
  if (expected) return std::move(*expected);
  throw Error("llvm: " + llvm::toString(expected.takeError()));
}

void check(llvm::Error error) {
  if (error) throw Error("llvm: " + llvm::toString(std::move(error)));
}

/// Errors reach the caller from where they happen; ORC would also print them.
void ignore(llvm::Error error) { llvm::consumeError(std::move(error)); }

/// Features in which the host differs from what its processor's name says. All of them, as LLVM lists them,
/// would be parsed again for every target machine and subtarget: half a millisecond of the first compile.
void keep_differences(orc::JITTargetMachineBuilder& builder) {
  std::string message;
  const auto& triple = builder.getTargetTriple().str();
  const auto* target = llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target) throw Error("llvm: " + message);
  const std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, builder.getCPU(), ""));
  llvm::StringSet<> implied;
  for (const auto& feature : info->getEnabledProcessorFeatures()) implied.insert(feature.Key);
  llvm::SubtargetFeatures differences;
  for (const std::string& feature : builder.getFeatures().getFeatures()) {
    const auto name = llvm::SubtargetFeatures::StripFlag(feature);
    if (llvm::SubtargetFeatures::isEnabled(feature) != implied.contains(name))
      differences.AddFeature(feature);
  }
  builder.getFeatures() = differences;
}

orc::JITTargetMachineBuilder host_builder() {
  static const bool kReady = !llvm::InitializeNativeTarget() && !llvm::InitializeNativeTargetAsmPrinter();
  if (!kReady) throw Error("llvm: built without this machine's code generator");
  auto builder = value_of(orc::JITTargetMachineBuilder::detectHost());
  builder.setRelocationModel(llvm::Reloc::PIC_).setCodeModel(llvm::CodeModel::Small);
  keep_differences(builder);
  builder.getOptions().AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return builder;
}

orc::SymbolMap runtime_symbols(orc::ExecutionSession& session) {
  orc::SymbolMap symbols;
  for (const Callable& each : kCallable)
    symbols[session.intern(each.name)] = {orc::ExecutorAddr::fromPtr(each.address),
                                          llvm::JITSymbolFlags::Exported};
  return symbols;
}

}  // namespace

std::shared_ptr<Session> Session::get() {
  // Never destroyed: a compile that goes on behind everybody's back may outlive static objects.
  static const auto* const kSession = new std::shared_ptr<Session>(new Session);
  return *kSession;
}

/// JITLink rather than RuntimeDyld: pages are written first, then executable, never both.
Session::Session() {
  auto process = value_of(orc::SelfExecutorProcessControl::Create(
      nullptr, std::make_unique<orc::InPlaceTaskDispatcher>(),
      std::make_unique<llvm::jitlink::InProcessMemoryManager>(llvm::sys::Process::getPageSizeEstimate())));
  orc_ = std::make_unique<orc::ExecutionSession>(std::move(process));
  orc_->setErrorReporter(&ignore);
  linker_ = std::make_unique<orc::ObjectLinkingLayer>(*orc_);
  runtime_ = &orc_->createBareJITDylib("runtime");
  check(runtime_->define(orc::absoluteSymbols(runtime_symbols(*orc_))));
}

std::unique_ptr<CodeGenerator> Session::borrow() {
  std::unique_lock lock(mutex_);
  if (!idle_.empty()) {
    auto generator = std::move(idle_.back());
    idle_.pop_back();
    return generator;
  }
  if (!builder_) builder_ = host_builder();
  orc::JITTargetMachineBuilder builder(*builder_);
  lock.unlock();
  return std::make_unique<CodeGenerator>(value_of(builder.createTargetMachine()));
}

void Session::give_back(std::unique_ptr<CodeGenerator> generator) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(generator));
}

/// From now on for all objects: gdb finds them by its JIT interface, in this very process.
void Session::tell_gdb() {
  auto registrar = std::make_unique<orc::EPCDebugObjectRegistrar>(
      *orc_, orc::ExecutorAddr::fromPtr(&llvm_orc_registerJITLoaderGDBWrapper));
  constexpr bool kWithoutDebugSections = false, kAtOnce = true;
  linker_->addPlugin(std::make_shared<orc::DebugObjectManagerPlugin>(*orc_, std::move(registrar),
                                                                     kWithoutDebugSections, kAtOnce));
}

std::unique_ptr<Session::Linked> Session::link(std::unique_ptr<llvm::MemoryBuffer> object,
                                               const std::string& symbol, bool show) {
  if (show) std::call_once(telling_gdb_, [this] { tell_gdb(); });
  const std::size_t bytes =
      show ? Image::bytes_of({object->getBufferStart(), object->getBufferSize()}, symbol) : 0;
  auto& library = orc_->createBareJITDylib("kernel" + std::to_string(links_++));
  auto linked = std::make_unique<Linked>(shared_from_this(), library);
  library.addToLinkOrder(*runtime_);
  check(linker_->add(library, std::move(object)));
  linked->stays_ = show;
  linked->bytes_ = bytes;
  linked->address_ = value_of(orc_->lookup({&library}, orc_->intern(symbol))).getAddress().toPtr<void*>();
  return linked;
}

Session::Linked::~Linked() {
  if (stays_) return;
  llvm::consumeError(session_->orc_->removeJITDylib(library_));
}

}  // namespace mc::jit
