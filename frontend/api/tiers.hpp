// What runs a kernel: the interpreter from the start, machine code once that is worth its making.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include <mc/mc.hpp>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/llvm/compiler.hpp"
#include "frontend/api/machine_codes.hpp"

namespace mc {

class Tiers {
 public:
  /// `kernel` holds primitives only; `screened` makes the kernel that looks at every value, when one is
  /// needed.
  Tiers(ir::Kernel kernel, std::function<ir::Kernel()> screened, unsigned vector_bits);

  /// What the call's back end, or the work expected, asks for; anything, once a stop is requested. Throws
  /// DeviceError where it cannot be had.
  const kernels::Executable& choose(Backend backend, std::uint64_t samples, const std::stop_token& stop);

  /// Machine code, made by the first who asks; equal kernels share it throughout the process.
  const jit::Compiled& compiled() { return *compiled(std::stop_token()); }
  const kernels::Executable& screened();

  /// Tells what a run in the interpreter cost, so that the next choice rests on a measurement.
  void account(const kernels::Executable& used, std::uint64_t samples, double milliseconds);

  bool is_compiled() const { return ready_.load(std::memory_order_acquire) != nullptr; }
  bool is_machine_code(const kernels::Executable* e) const {
    return e == ready_.load(std::memory_order_acquire);
  }
  double compile_ms() const { return is_compiled() ? machine_code_->timing().total_ms() : 0; }
  bool shared() const { return shared_; }  ///< the machine code was there already, from an equal kernel
  const ir::Kernel& kernel() const { return kernel_; }

 private:
  const jit::Compiled* compiled(const std::stop_token& stop);  ///< null if the stop comes first
  const kernels::Executable& compiled_or_interpreter(const std::stop_token& stop);
  const jit::Compiled& keep(const MachineCodes::Answer& answer);

  ir::Kernel kernel_;
  std::function<ir::Kernel()> make_screened_;
  unsigned vector_bits_;
  std::unique_ptr<kernels::Executable> interpreter_;
  std::once_flag screened_once_;
  std::unique_ptr<kernels::Executable> screened_;
  std::mutex keeping_;  ///< of machine_code_, until that is ready
  std::shared_ptr<const jit::Compiled> machine_code_;
  std::atomic<const jit::Compiled*> ready_ = nullptr;
  bool shared_ = false;
  std::atomic<double> spent_ms_ = 0;  ///< in the interpreter so far
  std::atomic<double> ns_a_sample_;   ///< the interpreter's: a guess from the kernel's size, then as measured
};

}  // namespace mc
