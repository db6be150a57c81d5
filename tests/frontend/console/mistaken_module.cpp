// A module in LLVM's place that takes every max for a min: a back end whose mistake `moment diff` has to
// find.
#include <memory>

#include "engine/interpreter/interpreter.hpp"
#include "engine/llvm/module.hpp"

namespace mc {
extern const char* const kEmitterFingerprint;
}

namespace mc::jit {
namespace {

ir::Kernel with_mistakes(ir::Kernel kernel) {
  for (ir::Node& node : kernel.nodes)
    if (node.op == ir::Op::max) node.op = ir::Op::min;
  return kernel;
}

class Mistaken final : public Compiled {
 public:
  explicit Mistaken(const ir::Kernel& kernel)
      : code_(interpreter::interpret(with_mistakes(kernel))), operations_(kernel.nodes.size()) {}

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    return code_->run(arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return code_->granule(); }
  std::size_t scratch_bytes() const override { return code_->scratch_bytes(); }
  unsigned outputs() const override { return code_->outputs(); }
  const Timing& timing() const override { return timing_; }
  std::span<const std::byte> code() const override { return {}; }
  std::string_view object() const override { return {}; }
  void forget_object() const override {}
  std::size_t operations() const override { return operations_; }
  std::string llvm_text() const override { return {}; }
  std::string assembly_text() const override { return {}; }

 private:
  std::unique_ptr<kernels::Executable> code_;
  std::size_t operations_;
  Timing timing_{};
};

Compiled* compile_wrongly(const ir::Kernel& kernel, const Options&, Module::Sink, void*) noexcept {
  return new Mistaken(kernel);
}

}  // namespace

extern "C" [[gnu::visibility("default")]] const Module mc_llvm_module;
const Module mc_llvm_module{MC_MODULE_STAMP, kEmitterFingerprint, &compile_wrongly, nullptr};

}  // namespace mc::jit
