// A kernel that goes through data, and what runs it: the interpreter at once, machine code once it is there.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <mc/mc.hpp>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"
#include "frontend/api/machine_codes.hpp"

namespace mc {

class DataCode {
 public:
  /// `kernel` holds primitives only.
  DataCode(ir::Kernel kernel, unsigned vector_bits);

  /// What is best now and may become better during a pass over `count` data. Throws DeviceError.
  const std::atomic<const kernels::Executable*>& serve(Backend backend, std::uint64_t count);

  /// Machine code; waits for it. Throws DeviceError.
  const kernels::Executable& compiled();
  /// That puts its data past the caches; null where there is no machine code yet.
  const kernels::Executable* streaming();

  const ir::Kernel& kernel() const { return kernel_; }

 private:
  enum class State { interpreted, asked, compiled };

  /// Shared with the thread that compiles, which may outlive this.
  struct Code {
    std::unique_ptr<kernels::Executable> interpreter;
    std::atomic<const kernels::Executable*> current, interpreted;
    std::mutex keeping;  ///< of what follows
    std::shared_ptr<const jit::Compiled> machine_code, streaming;
    std::atomic<State> state = State::interpreted;

    void keep(std::shared_ptr<const jit::Compiled> code);
  };

  ir::Kernel kernel_;
  unsigned vector_bits_;
  std::shared_ptr<Code> code_;
  std::atomic<double> spent_ms_ = 0;
};

}  // namespace mc
