// Choosing between interpreter and machine code, and making each once.
#include "frontend/api/tiers.hpp"

#include "engine/cache/single_flight.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/ir/text.hpp"
#include "frontend/api/errors.hpp"

namespace mc {
namespace {

/// What compiling takes, roughly: interpreting longer than that in all is not worth it.
double expected_compile_ms(const ir::Kernel& kernel) {
  return 4 + 0.03 * static_cast<double>(kernel.nodes.size());
}

/// A column operation takes some 15 ns for 256 lanes.
constexpr double kNsAnOperation = 0.06;

/// What the process keeps of machine code that no moment uses any more, in operations of its kernels. A host
/// that compiles a million programs must not fill its memory, nor use up the mappings that a process may have.
constexpr std::size_t kMostOperations = 1'000'000;

/// A kernel's pages and its place in LLVM's session cost as much as these many operations: so there are two
/// thousand kernels at most.
constexpr std::size_t kPages = 500;

using MachineCodes = cache::SingleFlight<std::string, const jit::Compiled>;

MachineCodes& machine_codes() {
  static MachineCodes cache({.most = kMostOperations, .weight = [](const jit::Compiled& each) {
                               return kPages + each.operations();
                             }});
  return cache;
}

/// Operations one sample takes: bodies counted as often as their loops turn, the loop over samples once.
double operations(const ir::Kernel& kernel, ir::RegionId region) {
  double count = 0;
  for (ir::Value v : kernel[region].body) {
    const ir::Node& node = kernel[v];
    count += 1;
    if (node.op != ir::Op::loop) continue;
    const ir::Node& turns = kernel[node.operands[0]];
    const double rounds = turns.op == ir::Op::constant ? static_cast<double>(turns.immediate) : 1;
    count += rounds * operations(kernel, kernel[static_cast<ir::LoopId>(node.immediate)].body);
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

const kernels::Executable& Tiers::choose(Backend backend, std::uint64_t samples) {
  if (backend == Backend::cuda)
    fail<DeviceError>("this build has no CUDA back end",
                      "leave out --backend, or choose llvm or interpreter");
  if (backend == Backend::interpreter) return *interpreter_;
  if (const jit::Compiled* ready = ready_.load(std::memory_order_acquire)) return *ready;
  if (samples == 0) return *interpreter_;
  if (backend == Backend::llvm) return compiled();
  const double expected_ms = spent_ms_ + static_cast<double>(samples) * ns_a_sample_ * 1e-6;
  if (expected_ms < expected_compile_ms(kernel_)) return *interpreter_;
  try {
    return compiled();
  } catch (const DeviceError&) {
    return *interpreter_;  // code generation is forbidden here; the interpreter gives the same bits
  }
}

const jit::Compiled& Tiers::compiled() {
  if (const jit::Compiled* ready = ready_.load(std::memory_order_acquire)) return *ready;
  const std::lock_guard lock(making_);
  if (machine_code_) return *machine_code_;
  try {
    const std::string key = std::to_string(vector_bits_) + "\n" + ir::print(kernel_);
    const auto answer = machine_codes().get(key, [&]() -> std::shared_ptr<const jit::Compiled> {
      jit::Options options;
      options.vector_bits = vector_bits_;
      return jit::compile(kernel_, options);
    });
    machine_code_ = answer.value;
    shared_ = !answer.made;
  } catch (const jit::Error& error) {
    fail<DeviceError>(std::string("LLVM could not compile the kernel: ") + error.what(),
                      "--backend interpreter needs no compiler");
  }
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
