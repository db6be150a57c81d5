// The stages in their order, each timed.
#include "engine/llvm/compiler.hpp"

#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include <ctime>
#include <utility>

#include "engine/llvm/codegen.hpp"
#include "engine/llvm/emitter.hpp"
#include "engine/llvm/interleave.hpp"
#include "engine/llvm/session.hpp"

namespace mc::jit {
namespace {

using Entry = void (*)(const kernels::Arguments*, std::uint32_t, std::uint32_t, std::uint32_t, double*, std::byte*);

/// Milliseconds since the last call.
class Stopwatch {
 public:
  double lap() {
    timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); double now = t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
    return now - std::exchange(last_, now);
  }

 private:
  double last_ = [] { timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t.tv_sec * 1e3 + t.tv_nsec * 1e-6; }();
};

/// A context whose complaints become exceptions.
class Context {
 public:
  Context() { context_.setDiagnosticHandlerCallBack(&note, this); }
  llvm::LLVMContext& operator*() { return context_; }
  void check() const {
    if (!errors_.empty()) throw Error("llvm: " + errors_);
  }

 private:
  static void note(const llvm::DiagnosticInfo* info, void* self) {
    if (info->getSeverity() != llvm::DS_Error) return;
    llvm::raw_string_ostream stream(static_cast<Context*>(self)->errors_);
    llvm::DiagnosticPrinterRawOStream printer(stream);
    info->print(printer);
  }

  llvm::LLVMContext context_;
  std::string errors_;
};

class CompiledKernel : public Compiled {
 public:
  CompiledKernel(const ir::Kernel& kernel, const Options& options);

  void run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps, double* out,
           std::byte* scratch) const override {
    entry_(&arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return shape_.group(); }
  std::size_t scratch_bytes() const override { return ir::scratch_elements(kernel_) * shape_.group() * sizeof(double); }
  unsigned outputs() const override { return kernel_.outputs; }
  const Timing& timing() const override { return timing_; }
  std::string llvm_text() const override;
  std::string assembly_text() const override;

 private:
  ir::Kernel kernel_;
  Shape shape_;
  Timing timing_;
  std::shared_ptr<Session> session_;
  std::unique_ptr<Session::Linked> code_;
  Entry entry_ = nullptr;
};

CompiledKernel::CompiledKernel(const ir::Kernel& kernel, const Options& options)
    : kernel_(kernel), shape_{options.vector_bits / 64, options.interleave} {
  Stopwatch watch;
  session_ = Session::get();
  auto machine = session_->borrow_machine();
  timing_.start_ms = watch.lap();
  Context context;
  if (shape_.interleave == 0) shape_.interleave = choose_interleave(kernel, 32);
  const auto module = emit(kernel, shape_, *context);
  timing_.emit_ms = watch.lap();
  optimize(*module, *machine);
  timing_.passes_ms = watch.lap();
  auto object = generate(*module, *machine, llvm::CodeGenFileType::ObjectFile);
  context.check();
  timing_.codegen_ms = watch.lap();
  code_ = session_->link(std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(object), false), kEntryName);
  entry_ = reinterpret_cast<Entry>(code_->address());
  timing_.link_ms = watch.lap();
}

std::string CompiledKernel::llvm_text() const {
  Context context;
  auto machine = session_->borrow_machine();
  const auto module = emit(kernel_, shape_, *context);
  optimize(*module, *machine);
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream, nullptr);
  return text;
}

std::string CompiledKernel::assembly_text() const {
  Context context;
  auto machine = session_->borrow_machine();
  const auto module = emit(kernel_, shape_, *context);
  optimize(*module, *machine);
  const auto text = generate(*module, *machine, llvm::CodeGenFileType::AssemblyFile);
  context.check();
  return {text.begin(), text.end()};
}

}  // namespace

std::unique_ptr<Compiled> compile(const ir::Kernel& kernel, const Options& options) {
  return std::make_unique<CompiledKernel>(kernel, options);
}

}  // namespace mc::jit
