#include "frontend/api/data_gpu.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/api/back_ends.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/gpu.hpp"
#include "frontend/api/machine_codes.hpp"

namespace mc {

namespace {

/// Before anything is measured: what goes to a device and back; a call's own costs; and what the driver's
/// start and a compile take.
constexpr double kNsAByte = 0.1, kCallMs = 0.2, kStartMs = 600;

}  // namespace

DataGpu::Types DataGpu::types_of(const runtime::Pass& job) {
  Types types;
  for (const auto& arrays : {job.reads, job.writes})
    for (const runtime::KernelArray& each : arrays) types.push_back(each.array.type);
  return types;
}

/// The latest few count most.
void DataGpu::account(std::atomic<double>& ns, std::uint64_t count, double ms) {
  if (count < kMeasured) return;
  const double now = ms * 1e6 / static_cast<double>(count), before = ns;
  ns = before == 0 ? now : 0.5 * before + 0.5 * now;
}

bool DataGpu::is_worth(const runtime::Pass& job) {
  if (job.count < kMeasured || cpu_ns_ == 0 || made_->has_failed) return false;
  double bytes = 0;
  const Types types = types_of(job);
  for (const ir::Number type : types) bytes += static_cast<double>(ir::bytes_of(type));
  const double gpu_ns = gpu_ns_ > 0 ? gpu_ns_.load() : kNsAByte * bytes;
  const double gain_ms = (cpu_ns_ - gpu_ns) * static_cast<double>(job.count) * 1e-6 - kCallMs;
  if (gain_ms <= 0) return false;
  const std::lock_guard lock(made_->asking);
  if (made_->there.contains(types)) return true;
  lost_ms_ = lost_ms_ + gain_ms;
  if (lost_ms_ < kStartMs || !made_->asked.insert(types).second) return false;
  MachineCodes::shared().behind(
      [made = made_, types] {
        try {
          made->on(0, types);
          const std::lock_guard there(made->asking);
          made->there.insert(types);
        } catch (const std::exception&) {
          made->has_failed = true;
        }
      },
      MachineCodes::Work::device);
  return false;
}

/// Whoever asks first makes it, and others wait.
const kernels::DataDevice* DataGpu::Made::on(std::size_t device, const Types& types) {
  const cuda::Device& wanted = device_of(static_cast<unsigned>(device));
  const std::lock_guard lock(loading);
  Kernels& all = loaded[types];
  if (all.size() <= device) all.resize(device + 1);
  if (!all[device]) {
    const auto made = std::ranges::find_if(all, [](const auto& each) { return each != nullptr; });
    all[device] = cuda::load(wanted, kernel, {types, folds, first_scalar},
                             MachineCodes::shared().disk().get(), made != all.end() ? made->get() : nullptr);
  }
  return all[device].get();
}

std::vector<const kernels::DataDevice*> DataGpu::devices(std::optional<unsigned> only, const Types& types) {
  if (only) return {made_->on(*only, types)};
  std::vector<const kernels::DataDevice*> all{made_->on(0, types)};
  for (std::size_t k = 1; k < cuda::Driver::get().devices(); ++k) try {
      all.push_back(made_->on(k, types));
    } catch (const cuda::Error&) {
      // What one of them cannot do the others do.
    }
  return all;
}

std::optional<unsigned> device_of(std::span<const std::string_view> names, std::span<const int> devices,
                                  Backend backend) {
  std::optional<std::size_t> there, here;
  for (std::size_t k = 0; k < devices.size(); ++k) {
    if (devices[k] < 0) {
      here = k;
      continue;
    }
    if (there && devices[k] != devices[*there])
      fail<ArgumentError>(fmt::format("{} lies on device {}, and {} on device {}", names[*there],
                                      devices[*there], names[k], devices[k]),
                          "all arrays of a call lie on one device, or all of them on the host");
    if (!there) there = k;
  }
  if (!there) return std::nullopt;
  if (here)
    fail<ArgumentError>(fmt::format("{} lies on a device, and {} does not", names[*there], names[*here]),
                        "copy one of them: mc::DeviceArray(numbers), or to_host()");
  if (backend != Backend::automatic && backend != Backend::cuda)
    fail<ArgumentError>(fmt::format("{} lies on a device, where the back end {} does not compute",
                                    names[*there], name_of(backend)),
                        "choose cuda, leave the choice to Moment, or copy the array: to_host()");
  return static_cast<unsigned>(devices[*there]);
}

}  // namespace mc
