#include "frontend/api/gpu.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <set>

#include <fmt/format.h>

#include "frontend/api/machine_codes.hpp"

namespace mc {
namespace {

/// Whose PTX is shown: the first device's, which is what it would be given; without one, of the oldest
/// architecture that every NVRTC of CUDA 13 knows.
cuda::Architecture shown() {
  constexpr cuda::Architecture kOldest = 75;
  try {
    return device_of(0).architecture();
  } catch (const cuda::Error&) {
    return kOldest;
  }
}

/// What the driver's start and a compile took, as a multiple of what is thought at first; and whether the
/// driver has been started.
std::atomic<double> slowness = 1;
std::atomic<bool> is_driver_open = false;

/// The driver's start with a context, and NVRTC's; then each operation. Measured on what machines we had:
/// NVRTC takes 0.2 s for most kernels.
double thought_at_first(std::size_t operations) {
  return (is_driver_open ? 0 : 300) + 100 + 0.4 * static_cast<double>(operations);
}

}  // namespace

const cuda::Device& device_of(unsigned number) {
  const cuda::Driver& driver = cuda::Driver::get();
  if (number >= driver.devices())
    throw cuda::Error(fmt::format("there is no CUDA device number {}: the machine has {}, counted from 0",
                                  number, driver.devices()));
  return driver.device(number);
}

Gpu::Gpu(const ir::Kernel& kernel, const kernels::Layout& layout, std::string name)
    : name_(std::move(name)), made_(std::make_shared<Made>(kernel, layout)) {}

/// What one device cannot do the others do.
void Gpu::Made::make() {
  const std::lock_guard lock(making);
  if (there.load() != nullptr) return;
  const auto start = std::chrono::steady_clock::now();
  const double thought_ms = thought_at_first(kernel.nodes.size());
  const auto disk = MachineCodes::shared().disk();
  std::vector<std::unique_ptr<cuda::Loaded>> all;
  std::exception_ptr first_failure;
  const cuda::Driver& driver = cuda::Driver::get();
  is_driver_open = true;
  std::set<cuda::Architecture>
      refused;  // what cannot be made for one device cannot be for another one like it
  for (std::size_t k = 0; k < driver.devices(); ++k) try {
      const cuda::Device& device = driver.device(k);
      const cuda::Device::Current usable(device);
      if (refused.contains(device.architecture())) continue;
      refused.insert(device.architecture());
      all.push_back(cuda::load(device, kernel, layout, disk.get(), all.empty() ? nullptr : all[0].get()));
      refused.erase(device.architecture());
    } catch (const cuda::Error&) {
      if (!first_failure) first_failure = std::current_exception();
    }
  if (all.empty()) std::rethrow_exception(first_failure);
  loaded = std::move(all);
  for (const auto& each : loaded) devices.push_back(each.get());
  there.store(&devices, std::memory_order_release);
  state = State::made;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  slowness = 0.7 * slowness + 0.3 * took.count() / thought_ms;
}

/// On a thread of its own, which nobody waits for once the stop has come.
void Gpu::Made::make_until(std::shared_ptr<Made> made, const std::stop_token& stop) {
  struct End {
    std::mutex mutex;
    std::condition_variable_any came;
    bool has_come = false;
    std::exception_ptr failure;
  };
  const auto end = std::make_shared<End>();
  State before = State::unasked;
  made->state.compare_exchange_strong(before, State::asked);
  const bool is_begun = MachineCodes::shared().behind(
      [made, end] {
        std::exception_ptr failure;
        try {
          made->make();
        } catch (...) {
          failure = std::current_exception();
          made->state = State::failed;
        }
        const std::lock_guard lock(end->mutex);
        end->failure = std::move(failure);
        end->has_come = true;
        end->came.notify_all();
      },
      MachineCodes::Work::device);
  if (!is_begun) return made->make();
  std::unique_lock lock(end->mutex);
  if (end->came.wait(lock, stop, [&] { return end->has_come; }) && end->failure)
    std::rethrow_exception(end->failure);
}

const Gpu::There& Gpu::serve(const std::stop_token& stop) {
  or_device_error([&] {
    if (!is_loaded() && stop.stop_possible())
      Made::make_until(made_, stop);
    else
      made_->make();
  });
  return there();
}

void Gpu::ask() {
  State expected = State::unasked;
  if (!made_->state.compare_exchange_strong(expected, State::asked)) return;
  const auto make = [made = made_] {
    try {
      made->make();
    } catch (const std::exception&) {
      made->state = State::failed;  // who asks for it by name is told why
    }
  };
  if (!MachineCodes::shared().behind(make, MachineCodes::Work::device)) made_->state = State::failed;
}

double Gpu::expected_ms() const { return slowness * thought_at_first(made_->kernel.nodes.size()); }

const kernels::Device* Gpu::beside(const kernels::Device& other) const {
  const auto device_of = [](const kernels::Device* each) {
    return &static_cast<const cuda::Loaded*>(each)->module().device();
  };
  const kernels::Devices* all = there().load(std::memory_order_acquire);
  if (all == nullptr) return nullptr;
  const auto found = std::ranges::find(*all, device_of(&other), device_of);
  return found != all->end() ? *found : nullptr;
}

std::string Gpu::source() const {
  return or_device_error(
      [this] { return "// " + name_ + "\n//\n" + cuda::translate(made_->kernel, made_->layout).text; });
}

std::string Gpu::ptx() const {
  return or_device_error([this] { return cuda::Nvrtc::get().compile(source(), shown()).ptx; });
}

}  // namespace mc
