// A kernel that goes through data, on the GPUs: made for each set of types that arrays have in memory.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include <mc/mc.hpp>

#include "engine/cuda/data_kernel.hpp"
#include "runtime/data/on_device.hpp"

namespace mc {

class DataGpu {
 public:
  using Types = std::vector<ir::Number>;

  /// Fewer data are neither measured nor taken there.
  static constexpr std::uint64_t kMeasured = 100'000;

  /// The kernel has to outlive it; as in cuda::DataShape.
  DataGpu(const ir::Kernel& kernel, std::vector<kernels::Fold> folds,
          std::optional<std::uint32_t> first_scalar)
      : made_(std::make_shared<Made>(kernel, std::move(folds), first_scalar)) {}

  /// Goes through the job's data by `go`, on the device where they lie or, those of the host, on all devices.
  /// Throws DeviceError.
  template <class Job, class Go>
  auto run(const Job& job, std::optional<unsigned> device, Go go);

  /// Whether `automatic` computes the job there: its kernel is there, and transfers and all would take less
  /// than machine code was measured to take. Where it would be worth it, but for its start, it is made behind
  /// the callers' backs.
  bool is_worth(const runtime::Pass& job);

  /// What so many data took: there, or by machine code.
  void account_gpu(std::uint64_t count, double ms) {
    if (has_begun_.exchange(true))
      account(gpu_ns_, count, ms);  // the first one's time is streams' and memory's
  }
  void account_cpu(std::uint64_t count, double ms) { account(cpu_ns_, count, ms); }
  void give_up() { made_->has_failed = true; }

 private:
  using Kernels = std::vector<std::unique_ptr<cuda::DataKernel>>;  ///< by device

  /// Shared with the thread that makes a kernel, which may outlive this.
  struct Made {
    Made(const ir::Kernel& k, std::vector<kernels::Fold> f, std::optional<std::uint32_t> first)
        : kernel(k), folds(std::move(f)), first_scalar(first) {}
    const ir::Kernel kernel;
    const std::vector<kernels::Fold> folds;
    const std::optional<std::uint32_t> first_scalar;
    std::mutex loading;  ///< of loaded
    std::map<Types, Kernels> loaded;
    std::mutex asking;  ///< of asked and there
    std::set<Types> asked, there;
    std::atomic<bool> has_failed = false;

    const kernels::DataDevice* on(std::size_t device, const Types& types);
  };

  static Types types_of(const runtime::Pass& job);
  static void account(std::atomic<double>& ns, std::uint64_t count, double ms);
  std::vector<const kernels::DataDevice*> devices(std::optional<unsigned> only, const Types& types);

  std::shared_ptr<Made> made_;
  std::atomic<double> cpu_ns_ = 0, gpu_ns_ = 0;  ///< a datum, as measured; 0: not yet
  std::atomic<bool> has_begun_ = false;
  std::atomic<double> lost_ms_ = 0;  ///< so far, as nothing was there
};

/// On which device all arrays of a call lie; on the host: none. Throws ArgumentError where they lie apart, or
/// the back end is another one.
std::optional<unsigned> device_of(std::span<const std::string_view> names, std::span<const int> devices,
                                  Backend backend);

template <class Job, class Go>
auto DataGpu::run(const Job& job, std::optional<unsigned> device, Go go) {
  std::vector<std::uint64_t> addresses;
  for (const auto& arrays : {job.reads, job.writes})
    for (const runtime::KernelArray& each : arrays)
      if (device) addresses.push_back(reinterpret_cast<std::uintptr_t>(each.array.data));
  const auto all = devices(device, types_of(job));
  return go(runtime::OnDevices{all, addresses});
}

}  // namespace mc
