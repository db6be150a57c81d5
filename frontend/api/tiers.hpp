// What runs a kernel: the interpreter at once, machine code from when that is there. It is made behind the
// callers' backs, once the work expected is worth it. Kernels that sample and kernels that go through data
// are the same here.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include <mc/mc.hpp>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/llvm/compiler.hpp"
#include "frontend/api/machine_codes.hpp"

namespace mc {

class Tiers {
 public:
  /// The best there is; it may become better while it is in use.
  using Current = std::atomic<const kernels::Executable*>;

  /// `kernel` holds primitives only. Tools are told `name`; `streams`: jit::Options.
  Tiers(ir::Kernel kernel, unsigned vector_bits, std::string name, bool streams = false);

  /// What calls with this back end run by, as long as this lives: machine code for `llvm`, which waits for
  /// it, and what is there for `automatic`. Throws DeviceError where it cannot be had. Where the stop comes
  /// first it is anything: a stopped run computes nothing.
  const Current& serve(Backend backend, const std::stop_token& stop = {});

  /// Whether `automatic` has to think: there is no machine code, and nobody was asked for it.
  bool is_undecided() const { return code_->state == State::interpreted; }

  /// Asks the compiler, unless somebody did, where `ms` more in the interpreter, beside what it has spent so
  /// far, would be worth it; whether it did. Where code generation is forbidden the interpreter goes on: it
  /// gives the same bits.
  bool ask_if_worth(double ms);
  void ask();

  /// What so many samples or data are expected to take one thread in the interpreter.
  double expected_ms(std::uint64_t count) const;

  /// What machine code is expected to cost, and whether it would come from the disk.
  struct Price {
    double ms;
    bool on_disk;
  };
  Price price();

  /// Tells what they took it, so that the next choice rests on a measurement.
  void account(std::uint64_t count, double ms);

  /// Machine code, made by the first who asks; equal kernels share it throughout the process. Waits for it.
  const jit::Compiled& compiled() { return *compiled(std::stop_token()); }
  /// Of the machine code: what the member function says. Throws DeviceError.
  std::string text(std::string (jit::Compiled::*member)() const);

  bool is_compiled() const { return ready() != nullptr; }
  bool is_compiling() const { return code_->state == State::asked; }  ///< behind the callers' backs
  bool is_machine_code(const kernels::Executable* e) const { return e != nullptr && e == ready(); }
  /// Whose it is, of those that a run was computed by; null stands for a GPU.
  Backend back_end(const kernels::Executable* e) const;
  bool is_interpreter(const kernels::Executable* e) const { return e == code_->interpreter.get(); }
  const jit::Timing* timing() const { return is_compiled() ? &ready()->timing() : nullptr; }
  bool is_from_disk() const { return is_compiled() && ready()->is_from_disk(); }
  bool shared() const { return code_->shared; }  ///< the machine code was there already, from an equal kernel
  const ir::Kernel& kernel() const { return kernel_; }

 private:
  enum class State { interpreted, asked, compiled, failed };

  /// Shared with the thread that compiles, which may outlive this.
  struct Code {
    std::unique_ptr<kernels::Executable> interpreter;
    Current interpreted, current;
    std::mutex keeping;  ///< of machine_code, until that is ready
    std::shared_ptr<const jit::Compiled> machine_code;
    std::atomic<const jit::Compiled*> ready = nullptr;
    std::atomic<State> state = State::interpreted;
    std::atomic<bool> shared = false;

    const jit::Compiled& keep(const MachineCodes::Answer& answer);
  };

  MachineCodes::Wanted wanted() const { return {kernel_, vector_bits_, name_, streams_}; }
  const jit::Compiled* ready() const { return code_->ready.load(std::memory_order_acquire); }
  const jit::Compiled* compiled(const std::stop_token& stop);  ///< null if the stop comes first
  void take_what_is_there();
  bool is_on_disk();

  ir::Kernel kernel_;
  unsigned vector_bits_;
  std::string name_;
  bool streams_;
  std::shared_ptr<Code> code_;
  std::atomic<std::uint64_t> seen_ = 0;  ///< of MachineCodes::made()
  enum class Known { unasked, no, yes };
  std::atomic<Known> on_disk_ = Known::unasked;
  double operations_;                 ///< that a sample or datum takes, about
  std::atomic<double> spent_ms_ = 0;  ///< in the interpreter so far, over all calls
};

}  // namespace mc
