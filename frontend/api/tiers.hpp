// What runs a kernel: the interpreter at once, machine code from the next tile on when that is there. It is
// made behind the runs that want it, once the work expected is worth it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <mc/mc.hpp>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/llvm/compiler.hpp"
#include "frontend/api/machine_codes.hpp"
#include "runtime/schedule/run.hpp"

namespace mc {

class Tiers {
 public:
  /// `kernel` holds primitives only; `screened` makes the kernel that looks at every value, when one is
  /// needed.
  /// Tools are told `name`.
  Tiers(ir::Kernel kernel, std::function<ir::Kernel()> screened, unsigned vector_bits, std::string name = {});

  /// Gives the job, which has its samples, threads and stop token, what computes its tiles: what the back end
  /// asks for, or for `automatic` whatever is there when a tile begins. Throws DeviceError where it cannot be
  /// had. The job must not outlive this.
  void serve(runtime::Job& job, Backend backend);

  /// Machine code, made by the first who asks; equal kernels share it throughout the process. Waits for it.
  const jit::Compiled& compiled() { return *compiled(std::stop_token()); }
  /// Of the machine code: what the member function says. Throws DeviceError.
  std::string text(std::string (jit::Compiled::*member)() const);
  const kernels::Executable& screened();

  /// Tells what a run took, so that the next choice rests on a measurement.
  void account(const runtime::Outcome& outcome, double milliseconds);

  bool is_compiled() const { return ready() != nullptr; }
  bool is_compiling() const { return code_->state == State::asked; }  ///< behind the callers' backs
  bool is_machine_code(const kernels::Executable* e) const { return e != nullptr && e == ready(); }
  const jit::Timing* timing() const { return is_compiled() ? &ready()->timing() : nullptr; }
  double compile_ms() const { return is_compiled() ? ready()->timing().total_ms() : 0; }
  bool is_from_disk() const { return is_compiled() && ready()->is_from_disk(); }
  bool shared() const { return code_->shared; }  ///< the machine code was there already, from an equal kernel
  const ir::Kernel& kernel() const { return kernel_; }

 private:
  enum class State { interpreted, asked, compiled, failed };

  /// Shared with the thread that compiles, which may outlive this.
  struct Code {
    std::unique_ptr<kernels::Executable> interpreter;
    std::atomic<const kernels::Executable*> current;  ///< the best there is
    std::mutex keeping;                               ///< of machine_code, until that is ready
    std::shared_ptr<const jit::Compiled> machine_code;
    std::atomic<const jit::Compiled*> ready = nullptr;
    std::atomic<State> state = State::interpreted;
    std::atomic<bool> shared = false;

    const jit::Compiled& keep(const MachineCodes::Answer& answer);
  };

  const jit::Compiled* ready() const { return code_->ready.load(std::memory_order_acquire); }
  const jit::Compiled* compiled(const std::stop_token& stop);  ///< null if the stop comes first
  void serve_the_best(runtime::Job& job);
  bool is_worth_compiling(double interpreted_ms);
  bool is_on_disk();
  void ask();

  ir::Kernel kernel_;
  std::function<ir::Kernel()> make_screened_;
  unsigned vector_bits_;
  std::string name_;
  std::shared_ptr<Code> code_;
  std::once_flag screened_once_;
  std::unique_ptr<kernels::Executable> screened_;
  enum class Known { unasked, no, yes };
  std::atomic<Known> on_disk_ = Known::unasked;
  double operations_;                 ///< a sample's, about
  std::atomic<double> spent_ms_ = 0;  ///< in the interpreter so far, over all calls
};

}  // namespace mc
