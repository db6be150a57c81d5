#include "engine/cuda/driver.hpp"

#include <fmt/format.h>

#include <array>
#include <mutex>

#include "engine/cuda/library.hpp"

namespace mc::cuda {
namespace {

constexpr std::array kNames{"libcuda.so.1"};

constexpr Result kSuccess = 0, kOutOfMemory = 2, kNoDevice = 100;
constexpr int kOldestVersion = 12000;
constexpr int kMultiprocessors = 16, kMajor = 75, kMinor = 76;  // CUdevice_attribute

DriverFunctions open() {
  const Library library("NVIDIA's driver", "MC_CUDA_DRIVER", kNames);
  DriverFunctions f{};
  library.find(f.init, "cuInit");
  library.find(f.version, "cuDriverGetVersion");
  library.find(f.error_text, "cuGetErrorString");
  library.find(f.device_count, "cuDeviceGetCount");
  library.find(f.device, "cuDeviceGet");
  library.find(f.device_name, "cuDeviceGetName");
  library.find(f.device_attribute, "cuDeviceGetAttribute");
  library.find(f.retain_context, "cuDevicePrimaryCtxRetain");
  library.find(f.push_context, "cuCtxPushCurrent_v2");
  library.find(f.pop_context, "cuCtxPopCurrent_v2");
  library.find(f.load_module, "cuModuleLoadData");
  library.find(f.unload_module, "cuModuleUnload");
  library.find(f.find_function, "cuModuleGetFunction");
  library.find(f.occupancy, "cuOccupancyMaxActiveBlocksPerMultiprocessor");
  library.find(f.allocate, "cuMemAlloc_v2");
  library.find(f.free, "cuMemFree_v2");
  library.find(f.allocate_on_host, "cuMemHostAlloc");
  library.find(f.free_on_host, "cuMemFreeHost");
  library.find(f.copy_to_device, "cuMemcpyHtoDAsync_v2");
  library.find(f.create_stream, "cuStreamCreate");
  library.find(f.destroy_stream, "cuStreamDestroy_v2");
  library.find(f.synchronize, "cuStreamSynchronize");
  library.find(f.create_event, "cuEventCreate");
  library.find(f.destroy_event, "cuEventDestroy_v2");
  library.find(f.record, "cuEventRecord");
  library.find(f.wait_for, "cuEventSynchronize");
  library.find(f.launch, "cuLaunchKernel");
  return f;
}

}  // namespace

const Driver& Driver::get() {
  static std::mutex opening;
  static const Driver* opened = nullptr;
  const std::lock_guard lock(opening);
  if (opened == nullptr) opened = new Driver();  // never given back: runs may outlive statics
  return *opened;
}

Driver::Driver() : functions_(open()) {
  const DriverFunctions& f = functions_;
  const Result started = f.init(0);
  int count = 0;
  if (started == kSuccess) check(f.device_count(&count), "count the devices");
  if (started == kNoDevice || (started == kSuccess && count == 0)) throw Error("there is no CUDA device");
  check(started, "start");
  check(f.version(&version_), "tell its version");
  if (version_ < kOldestVersion)
    throw Error(fmt::format("NVIDIA's driver is too old: it is for CUDA {}.{}, and 12.0 is needed",
                            version_ / 1000, version_ % 1000 / 10));
  DeviceNumber device = 0;
  check(f.device(&device, 0), "find the device");
  std::array<char, 128> name{};
  check(f.device_name(name.data(), static_cast<int>(name.size() - 1), device), "tell the device's name");
  device_name_ = name.data();
  const auto attribute = [&](int number) {
    int value = 0;
    check(f.device_attribute(&value, number, device), "describe the device");
    return value;
  };
  architecture_ = 10 * attribute(kMajor) + attribute(kMinor);
  multiprocessors_ = static_cast<unsigned>(attribute(kMultiprocessors));
  check(f.retain_context(&context_, device), "make a context");
}

void Driver::check(Result result, std::string_view what) const {
  if (result == kSuccess) return;
  const char* text = nullptr;
  if (functions_.error_text(result, &text) != kSuccess || text == nullptr)
    text = "an error it has no words for";
  const std::string device = device_name_.empty() ? "" : " on " + device_name_;
  if (result == kOutOfMemory) throw Error(fmt::format("there is not enough memory{} to {}", device, what));
  throw Error(fmt::format("NVIDIA's driver cannot {}{}: {} (error {})", what, device, text, result));
}

Driver::Current::Current(const Driver& driver) : driver_(driver) {
  driver.check(driver.call().push_context(driver.context_), "use the context");
}

Driver::Current::Current(const Driver& driver, std::nothrow_t) noexcept
    : driver_(driver), holds_(driver.call().push_context(driver.context_) == kSuccess) {}

Driver::Current::~Current() {
  if (!holds_) return;
  Context popped = nullptr;
  driver_.call().pop_context(&popped);
}

}  // namespace mc::cuda
