// The stages in their order, each timed.
#include "engine/llvm/compiler.hpp"

#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/MemoryBuffer.h>
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
#include "engine/stages.hpp"

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
  std::span<const std::byte> code() const override {
    return {static_cast<const std::byte*>(code_->address()), code_->bytes()};
  }
  std::string_view object() const override { return {object_.data(), object_.size()}; }
  void forget_object() const override { object_ = {}; }
  std::string llvm_text() const override;
  std::string assembly_text() const override;

 private:
  void link(std::unique_ptr<llvm::MemoryBuffer> object);
  Shape choose(Instructions instructions) const;
  std::unique_ptr<llvm::Module> write(llvm::LLVMContext& context, const CodeGenerator& generator,
                                      Instructions instructions) const;
  template <class Show>
  std::string shown(Show show) const;

  const ir::Kernel kernel_;
  const Options options_;
  Shape shape_{};
  Timing timing_;
  mutable CodeGenerator::Object object_;
  std::shared_ptr<Session> session_;
  std::unique_ptr<Session::Linked> code_;
  Entry entry_ = nullptr;
};

CompiledKernel::CompiledKernel(ir::Kernel kernel, Options options)
    : kernel_(std::move(kernel)), options_(std::move(options)) {
  check(options_);
  timing_.begin = StageClock::now();
  timing_.thread = thread_number();
  Stopwatch watch;
  session_ = Session::get();
  auto generator = session_->borrow();
  timing_.start_ms = watch.lap();
  Context context;
  const auto instructions = generator->instructions(*context, options_.vector_bits, options_.processor);
  shape_ = choose(instructions);
  const auto module = write(*context, *generator, instructions);
  timing_.emit_ms = watch.lap();
  object_ = generator->object(*module);
  context.check();
  session_->give_back(std::move(generator));
  timing_.codegen_ms = watch.lap();
  link(llvm::MemoryBuffer::getMemBuffer(llvm::StringRef(object_.data(), object_.size()), "", false));
}

void CompiledKernel::link(std::unique_ptr<llvm::MemoryBuffer> object) {
  Stopwatch watch;
  const bool is_shown = !options_.name.empty();
  code_ = session_->link(std::move(object), is_shown ? options_.name : kEntryName, is_shown);
  entry_ = reinterpret_cast<Entry>(code_->address());
  timing_.link_ms = watch.lap();
}

Shape CompiledKernel::choose(Instructions instructions) const {
  const Placement placement(kernel_);
  const unsigned lane_bits =
      options_.lane_bits != 0 ? options_.lane_bits : choose_lane_bits(kernel_, placement);
  Shape shape{.lanes = options_.vector_bits / lane_bits,
              .interleave = options_.interleave,
              .streams = options_.streams};
  if (shape.interleave == 0)
    shape.interleave = choose_interleave(
        kernel_, placement, instructions.registers / instructions.registers_a_vector(shape.lanes));
  // A reduction deals its data out to no more lanes than that.
  if (!kernel_.data.empty())
    shape.interleave = std::min(shape.interleave, kernels::kReduceLanes / shape.lanes);
  return shape;
}

std::unique_ptr<llvm::Module> CompiledKernel::write(llvm::LLVMContext& context,
                                                    const CodeGenerator& generator,
                                                    Instructions instructions) const {
  auto module = generator.declare(context, options_.vector_bits, options_.processor);
  llvm::Function& function = *module->getFunction(kEntryName);
  emit(kernel_, shape_, instructions, function);
  if (!options_.name.empty()) {
    function.setName(options_.name);
    function.setUWTableKind(llvm::UWTableKind::Async);  // gdb's way to the caller, which costs no instruction
  }
#ifndef NDEBUG
  std::string faults;
  llvm::raw_string_ostream stream(faults);
  if (llvm::verifyModule(*module, &stream)) throw Error("llvm: " + faults);
#endif
  return module;
}

/// The module written once more, as a text that `show` makes of it with its generator.
template <class Show>
std::string CompiledKernel::shown(Show show) const {
  Context context;
  auto generator = session_->borrow();
  const auto instructions = generator->instructions(*context, options_.vector_bits, options_.processor);
  const std::string text = show(*generator, *write(*context, *generator, instructions));
  context.check();
  session_->give_back(std::move(generator));
  return text;
}

std::string CompiledKernel::llvm_text() const {
  return shown([](CodeGenerator&, llvm::Module& module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
    return text;
  });
}

std::string CompiledKernel::assembly_text() const {
  return shown([](CodeGenerator& generator, llvm::Module& module) { return generator.assembly(module); });
}

}  // namespace

void set_up() {
  const auto session = Session::get();
  session->give_back(session->borrow());
}

std::unique_ptr<Compiled> compile(const ir::Kernel& kernel, const Options& options) {
  return std::make_unique<CompiledKernel>(kernel, options);
}

}  // namespace mc::jit
