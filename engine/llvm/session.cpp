// LLJIT's wiring.
#include "engine/llvm/session.hpp"

#include <llvm/ADT/StringSet.h>
#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/DebugObjectManagerPlugin.h>
#include <llvm/ExecutionEngine/Orc/EPCDebugObjectRegistrar.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/ExecutionEngine/Orc/TargetProcess/JITLoaderGDB.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/Process.h>
#include <llvm/Support/TargetSelect.h>

#include <cmath>
#include <string>

#include "engine/llvm/compiler.hpp"

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

/// JITLink rather than RuntimeDyld: pages are written first, then executable, never both.
orc::LLJITBuilderState::ObjectLinkingLayerCreator linking_layer() {
  return [](orc::ExecutionSession& session,
            const llvm::Triple&) -> llvm::Expected<std::unique_ptr<orc::ObjectLayer>> {
    auto memory =
        std::make_unique<llvm::jitlink::InProcessMemoryManager>(llvm::sys::Process::getPageSizeEstimate());
    return std::make_unique<orc::ObjectLinkingLayer>(session, std::move(memory));
  };
}

/// Functions that processors without FMA or SSE4.1 need; nothing else resolves.
orc::SymbolMap runtime_symbols(orc::LLJIT& jit) {
  orc::SymbolMap symbols;
  const auto add = [&](const char* name, auto* function) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                          llvm::JITSymbolFlags::Exported};
  };
  using F64 = double (*)(double);
  using F32 = float (*)(float);
  add("fma", static_cast<double (*)(double, double, double)>(std::fma));
  add("fmaf", static_cast<float (*)(float, float, float)>(std::fma));
  add("floor", static_cast<F64>(std::floor)), add("floorf", static_cast<F32>(std::floor));
  add("ceil", static_cast<F64>(std::ceil)), add("ceilf", static_cast<F32>(std::ceil));
  add("trunc", static_cast<F64>(std::trunc)), add("truncf", static_cast<F32>(std::trunc));
  add("rint", static_cast<F64>(std::rint)), add("rintf", static_cast<F32>(std::rint));
  return symbols;
}

}  // namespace

std::shared_ptr<Session> Session::get() {
  // Never destroyed: a compile that goes on behind everybody's back may outlive static objects.
  static const auto* const kSession = new std::shared_ptr<Session>(new Session);
  return *kSession;
}

Session::Session() : builder_(host_builder()) {
  auto machine = value_of(builder_.createTargetMachine());
  // Told all it would otherwise find out by itself, a quarter of a millisecond each: layout, platform,
  // process symbols.
  jit_ = value_of(orc::LLJITBuilder()
                      .setJITTargetMachineBuilder(builder_)
                      .setDataLayout(machine->createDataLayout())
                      .setObjectLinkingLayerCreator(linking_layer())
                      .setPlatformSetUp(orc::setUpInactivePlatform)
                      .setLinkProcessSymbolsByDefault(false)
                      .create());
  orc::ExecutionSession& session = jit_->getExecutionSession();
  session.setErrorReporter(&ignore);
  runtime_ = &session.createBareJITDylib("runtime");
  check(runtime_->define(orc::absoluteSymbols(runtime_symbols(*jit_))));
  idle_.push_back(std::make_unique<CodeGenerator>(std::move(machine)));
}

std::unique_ptr<CodeGenerator> Session::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto generator = std::move(idle_.back());
      idle_.pop_back();
      return generator;
    }
  }
  return std::make_unique<CodeGenerator>(
      value_of(orc::JITTargetMachineBuilder(builder_).createTargetMachine()));
}

void Session::give_back(std::unique_ptr<CodeGenerator> generator) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(generator));
}

namespace {

std::size_t bytes_of(const llvm::MemoryBuffer& buffer, const std::string& symbol) {
  const auto object = value_of(llvm::object::ObjectFile::createObjectFile(buffer.getMemBufferRef()));
  for (const llvm::object::SymbolRef& each : object->symbols())
    if (value_of(each.getName()) == symbol) return llvm::object::ELFSymbolRef(each).getSize();
  return 0;
}

}  // namespace

/// From now on for all objects: gdb finds them by its JIT interface, in this very process.
void Session::tell_gdb() {
  auto& layer = static_cast<orc::ObjectLinkingLayer&>(jit_->getObjLinkingLayer());
  orc::ExecutionSession& session = jit_->getExecutionSession();
  auto registrar = std::make_unique<orc::EPCDebugObjectRegistrar>(
      session, orc::ExecutorAddr::fromPtr(&llvm_orc_registerJITLoaderGDBWrapper));
  constexpr bool kWithoutDebugSections = false, kAtOnce = true;
  layer.addPlugin(std::make_shared<orc::DebugObjectManagerPlugin>(session, std::move(registrar),
                                                                  kWithoutDebugSections, kAtOnce));
}

std::unique_ptr<Session::Linked> Session::link(std::unique_ptr<llvm::MemoryBuffer> object,
                                               const std::string& symbol, bool show) {
  if (show) std::call_once(telling_gdb_, [this] { tell_gdb(); });
  const std::size_t bytes = show ? bytes_of(*object, symbol) : 0;
  auto& library = jit_->getExecutionSession().createBareJITDylib("kernel" + std::to_string(links_++));
  auto linked = std::make_unique<Linked>(shared_from_this(), library);
  library.addToLinkOrder(*runtime_);
  check(jit_->addObjectFile(library, std::move(object)));
  linked->stays_ = show;
  linked->bytes_ = bytes;
  linked->address_ = value_of(jit_->lookup(library, symbol)).toPtr<void*>();
  return linked;
}

Session::Linked::~Linked() {
  if (stays_) return;
  llvm::consumeError(session_->jit_->getExecutionSession().removeJITDylib(library_));
}

}  // namespace mc::jit
