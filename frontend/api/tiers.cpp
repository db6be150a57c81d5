// Choosing between interpreter and machine code, and making each once.
#include "frontend/api/tiers.hpp"

#include "engine/interpreter/interpreter.hpp"
#include "frontend/api/errors.hpp"

namespace mc {
namespace {

/// What compiling takes, roughly: interpreting longer than that in all is not worth it.
double expected_compile_ms(const ir::Kernel& kernel) {
  return 4 + 0.03 * static_cast<double>(kernel.nodes.size());
}

/// A column operation takes some 15 ns for 256 lanes.
constexpr double kNsAnOperation = 0.06;

/// Operations one sample takes: bodies counted as often as their loops turn, the loop over samples once.
double operations(const ir::Kernel& kernel, ir::RegionId region) {
  double count = 0;
  for (ir::Value v : kernel[region].body) {
    const ir::Node& node = kernel[v];
    count += 1;
    if (node.op != ir::Op::loop) continue;
    const ir::Node& turns = kernel[node.operands[0]];
    const ir::Loop& loop = kernel[static_cast<ir::LoopId>(node.immediate)];
    const double rounds = loop.settles()                 ? ir::kSettledRounds
                          : turns.op == ir::Op::constant ? static_cast<double>(turns.immediate)
                                                         : 1;
    count += rounds * operations(kernel, loop.body);
  }
  return count;
}

}  // namespace

Tiers::Tiers(ir::Kernel kernel, std::function<ir::Kernel()> screened, unsigned vector_bits)
    : kernel_(std::move(kernel)),
      make_screened_(std::move(screened)),
      vector_bits_(vector_bits),
      interpreter_(interpreter::interpret(kernel_)),
      ns_a_sample_(operations(kernel_, ir::kEntry) * kNsAnOperation) {}

const kernels::Executable& Tiers::choose(Backend backend, std::uint64_t samples,
                                         const std::stop_token& stop) {
  if (backend == Backend::cuda)
    fail<DeviceError>("this build has no CUDA back end",
                      "choose llvm or the interpreter, or leave the choice to Moment");
  if (backend == Backend::interpreter) return *interpreter_;
  if (const jit::Compiled* ready = ready_.load(std::memory_order_acquire)) return *ready;
  if (backend == Backend::llvm) return compiled_or_interpreter(stop);
  const double expected_ms = spent_ms_ + static_cast<double>(samples) * ns_a_sample_ * 1e-6;
  if (expected_ms < expected_compile_ms(kernel_)) return *interpreter_;
  try {
    return compiled_or_interpreter(stop);
  } catch (const DeviceError&) {
    return *interpreter_;  // code generation is forbidden here; the interpreter gives the same bits
  }
}

/// A stopped run computes nothing, so it does not matter with what.
const kernels::Executable& Tiers::compiled_or_interpreter(const std::stop_token& stop) {
  if (stop.stop_requested()) return *interpreter_;
  const jit::Compiled* code = compiled(stop);
  return code != nullptr ? static_cast<const kernels::Executable&>(*code) : *interpreter_;
}

const jit::Compiled* Tiers::compiled(const std::stop_token& stop) {
  if (const jit::Compiled* ready = ready_.load(std::memory_order_acquire)) return ready;
  try {
    const auto answer = MachineCodes::shared().get(kernel_, vector_bits_, stop);
    return answer ? &keep(*answer) : nullptr;
  } catch (const jit::Error& error) {
    fail<DeviceError>(std::string("LLVM could not compile the kernel: ") + error.what(),
                      "the interpreter needs no compiler: choose it as the back end");
  }
}

/// Of several that came with the same code the first one stays.
const jit::Compiled& Tiers::keep(const MachineCodes::Answer& answer) {
  const std::lock_guard lock(keeping_);
  if (machine_code_) return *machine_code_;
  machine_code_ = answer.value;
  shared_ = !answer.made;
  ready_.store(machine_code_.get(), std::memory_order_release);
  return *machine_code_;
}

const kernels::Executable& Tiers::screened() {
  std::call_once(screened_once_, [this] { screened_ = interpreter::interpret(make_screened_()); });
  return *screened_;
}

void Tiers::account(const kernels::Executable& used, std::uint64_t samples, double milliseconds) {
  if (&used != interpreter_.get() || samples == 0) return;
  spent_ms_ = spent_ms_ + milliseconds;
  ns_a_sample_ = milliseconds * 1e6 / static_cast<double>(samples);
}

}  // namespace mc
