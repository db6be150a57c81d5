// By whom data are gone through: the CPU's tiers, or GPUs.
#pragma once

#include <optional>

#include "engine/host.hpp"
#include "engine/stages.hpp"
#include "frontend/api/data_gpu.hpp"
#include "frontend/api/gpu.hpp"
#include "frontend/api/tiers.hpp"

namespace mc {

inline unsigned threads_of(const DataOptions& options) {
  return options.threads != 0 ? options.threads : host_threads();
}

/// Goes through so many data by what is best, and tells what that took while it was the interpreter.
template <class Go>
void go_through(std::uint64_t count, Tiers& tiers, DataGpu& gpu, const DataOptions& options, Go go) {
  const Tiers::Current& code = tiers.serve(options.backend, options.stop);
  if (options.backend == Backend::automatic && tiers.is_undecided())
    tiers.ask_if_worth(tiers.expected_ms(count) / threads_of(options));
  const kernels::Executable* const first = code.load(std::memory_order_acquire);
  if (!tiers.is_interpreter(first) && count < DataGpu::kMeasured) return go(code);
  const auto start = StageClock::now();
  go(code);
  if (code.load(std::memory_order_relaxed) != first) return;
  const double ms = milliseconds(StageClock::now() - start);
  if (tiers.is_interpreter(first))
    tiers.account(count, ms);
  else if (tiers.is_machine_code(first))
    gpu.account_cpu(count, ms);
}

/// Whether the GPU has gone through the job's data. Where it fails and nobody asked for it, the CPU does it
/// all: none of the inputs is written to then.
template <class Job, class Go>
bool gone_through_there(const Job& job, DataGpu& gpu, std::optional<unsigned> device,
                        const DataOptions& options, bool is_whole_again, Go go) {
  if (device || options.backend == Backend::cuda) {
    or_device_error([&] { gpu.run(job, device, go); });
    return true;
  }
  if (options.backend != Backend::automatic || !is_whole_again || !gpu.is_worth(job)) return false;
  const auto start = StageClock::now();
  try {
    gpu.run(job, device, go);
  } catch (const cuda::Error&) {
    gpu.give_up();
    return false;
  }
  gpu.account_gpu(job.count, milliseconds(StageClock::now() - start));
  return true;
}

}  // namespace mc
