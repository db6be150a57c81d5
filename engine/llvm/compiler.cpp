// The stages in their order, each timed.
#include "engine/llvm/compiler.hpp"

#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <utility>

#include "engine/kernels/data.hpp"
#include "engine/llvm/codegen.hpp"
#include "engine/llvm/emitter.hpp"
#include "engine/llvm/interleave.hpp"
#include "engine/llvm/lanes.hpp"
#include "engine/llvm/session.hpp"

namespace mc::jit {
namespace {

using Entry = bool (*)(const kernels::Arguments*, std::uint32_t, std::uint32_t, std::uint32_t, double*,
                       std::byte*);

/// Milliseconds since the last call.
class Stopwatch {
 public:
  double lap() {
    const auto now = Clock::now();
    return std::chrono::duration<double, std::milli>(now - std::exchange(last_, now)).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
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

void check(const Options& options) {
  const auto is_one_of = [](unsigned x, std::initializer_list<unsigned> all) {
    return std::ranges::find(all, x) != all.end();
  };
  if (!is_one_of(options.vector_bits, {128, 256, 512}))
    throw Error("vectors have 128, 256 or 512 bits, not " + std::to_string(options.vector_bits));
  if (!is_one_of(options.interleave, {0, 1, 2, 4, 8}))
    throw Error("1, 2, 4 or 8 vectors go side by side, not " + std::to_string(options.interleave));
  if (!is_one_of(options.lane_bits, {0, 32, 64}))
    throw Error("a lane has 32 or 64 bits of a vector, not " + std::to_string(options.lane_bits));
}

class CompiledKernel : public Compiled {
 public:
  CompiledKernel(ir::Kernel kernel, Options options);

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    return entry_(&arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return shape_.group(); }
  std::size_t scratch_bytes() const override {
    return ir::scratch_elements(kernel_) * shape_.group() * sizeof(double);
  }
  unsigned outputs() const override { return kernel_.outputs; }
  const Timing& timing() const override { return timing_; }
  std::size_t operations() const override { return kernel_.nodes.size(); }
  std::string llvm_text() const override;
  std::string assembly_text() const override;

 private:
  void choose(llvm::LLVMContext& context, const CodeGenerator& generator);
  std::unique_ptr<llvm::Module> write(llvm::LLVMContext& context, const CodeGenerator& generator) const;

  const ir::Kernel kernel_;
  const Options options_;
  Instructions instructions_;
  Shape shape_{};
  Timing timing_;
  std::shared_ptr<Session> session_;
  std::unique_ptr<Session::Linked> code_;
  Entry entry_ = nullptr;
};

CompiledKernel::CompiledKernel(ir::Kernel kernel, Options options)
    : kernel_(std::move(kernel)), options_(std::move(options)) {
  check(options_);
  Stopwatch watch;
  session_ = Session::get();
  auto generator = session_->borrow();
  timing_.start_ms = watch.lap();
  Context context;
  choose(*context, *generator);
  const auto module = write(*context, *generator);
  timing_.emit_ms = watch.lap();
  auto object = generator->object(*module);
  context.check();
  session_->give_back(std::move(generator));
  timing_.codegen_ms = watch.lap();
  code_ =
      session_->link(std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(object), false), kEntryName);
  entry_ = reinterpret_cast<Entry>(code_->address());
  timing_.link_ms = watch.lap();
}

void CompiledKernel::choose(llvm::LLVMContext& context, const CodeGenerator& generator) {
  instructions_ = generator.instructions(context, options_.vector_bits, options_.processor);
  const Placement placement(kernel_);
  const unsigned lane_bits =
      options_.lane_bits != 0 ? options_.lane_bits : choose_lane_bits(kernel_, placement);
  shape_.lanes = options_.vector_bits / lane_bits;
  shape_.interleave = options_.interleave;
  shape_.streams = options_.streams;
  if (shape_.interleave == 0)
    shape_.interleave = choose_interleave(
        kernel_, placement, instructions_.registers / instructions_.registers_a_vector(shape_.lanes));
  // A reduction deals its data out to no more lanes than that.
  if (!kernel_.data.empty())
    shape_.interleave = std::min(shape_.interleave, kernels::kReduceLanes / shape_.lanes);
}

std::unique_ptr<llvm::Module> CompiledKernel::write(llvm::LLVMContext& context,
                                                    const CodeGenerator& generator) const {
  auto module = generator.declare(context, options_.vector_bits, options_.processor);
  emit(kernel_, shape_, instructions_, *module->getFunction(kEntryName));
#ifndef NDEBUG
  std::string faults;
  llvm::raw_string_ostream stream(faults);
  if (llvm::verifyModule(*module, &stream)) throw Error("llvm: " + faults);
#endif
  return module;
}

std::string CompiledKernel::llvm_text() const {
  Context context;
  auto generator = session_->borrow();
  const auto module = write(*context, *generator);
  std::string text;
  llvm::raw_string_ostream stream(text);
  module->print(stream, nullptr);
  session_->give_back(std::move(generator));
  return text;
}

std::string CompiledKernel::assembly_text() const {
  Context context;
  auto generator = session_->borrow();
  auto text = generator->assembly(*write(*context, *generator));
  context.check();
  session_->give_back(std::move(generator));
  return text;
}

}  // namespace

void set_up() { Session::get(); }

std::unique_ptr<Compiled> compile(const ir::Kernel& kernel, const Options& options) {
  return std::make_unique<CompiledKernel>(kernel, options);
}

}  // namespace mc::jit
