#include "engine/cuda/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "engine/cuda/library.hpp"

namespace mc::cuda {
namespace {

constexpr std::array kNames{"libcuda.so.1"};

constexpr Result kSuccess = 0, kOutOfMemory = 2, kNoDevice = 100;
constexpr int kOldestVersion = 12000;
constexpr int kMultiprocessors = 16, kMajor = 75, kMinor = 76;  // CUdevice_attribute

/// After these the device's context, which all of the process shares, does nothing any more.
bool is_lasting(Result result) {
  constexpr Result kBrokenMemory = 214, kBrokenLink = 220, kContained = 226, kIllegalAddress = 700,
                   kTimeout = 702, kFirst = 709, kLast = 719, kTensorMemory = 721;
  constexpr std::array kOthers{kBrokenMemory,   kBrokenLink, kContained,
                               kIllegalAddress, kTimeout,    kTensorMemory};
  return (kFirst <= result && result <= kLast) || std::ranges::find(kOthers, result) != kOthers.end();
}

/// What to do about errors that a machine's first day is full of.
std::string_view advice(Result result) {
  switch (result) {
    case 3:
      return "; a process that was forked after CUDA was started cannot use it";
    case 46:
      return "; another process has the device for itself";
    case 802:
      return "; is nvidia-fabricmanager running?";
    case 803:
      return "; the driver's library and its kernel module are of different versions: restart the machine";
    case 999:
      return "; is the module nvidia-uvm loaded?";
    default:
      return "";
  }
}

DriverFunctions open() {
  const Library library("NVIDIA's driver", "MC_CUDA_DRIVER", kNames);
  DriverFunctions f{};
#define MC_FIND(ours, theirs, ...) library.find(f.ours, #theirs);
  MC_DRIVER_FUNCTIONS(MC_FIND)
#undef MC_FIND
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
  for (int number = 0; number < count; ++number)
    devices_.push_back(std::make_unique<const Device>(*this, number));
  open_version_ = version_;
}

void Driver::check(Result result, std::string_view what, std::string_view device) const {
  if (result == kSuccess) return;
  const char* text = nullptr;
  if (functions_.error_text(result, &text) != kSuccess || text == nullptr)
    text = "an error it has no words for";
  const std::string where = device.empty() ? "" : fmt::format(" on {}", device);
  if (result == kOutOfMemory) throw Error(fmt::format("there is not enough memory{} to {}", where, what));
  throw Error(
      fmt::format("NVIDIA's driver cannot {}{}: {} (error {}){}", what, where, text, result, advice(result)));
}

void Device::check(Result result, std::string_view what) const {
  if (is_lasting(result)) lost_ = result;
  driver_.check(result, what, name_);
}

Device::Device(const Driver& driver, int number) : driver_(driver) {
  const DriverFunctions& f = driver.call();
  driver.check(f.device(&number_, number), "find the device");
  std::array<char, 128> name{};
  driver.check(f.device_name(name.data(), static_cast<int>(name.size() - 1), number_),
               "tell the device's name");
  name_ = name.data();
  const auto attribute = [&](int which) {
    int value = 0;
    check(f.device_attribute(&value, which, number_), "describe the device");
    return value;
  };
  architecture_ = 10 * attribute(kMajor) + attribute(kMinor);
  multiprocessors_ = static_cast<unsigned>(attribute(kMultiprocessors));
}

Context Device::context() const {
  if (Context made = context_.load(std::memory_order_acquire)) return made;
  const std::lock_guard lock(making_);
  Context made = context_.load(std::memory_order_relaxed);
  if (made == nullptr) check(call().retain_context(&made, number_), "make a context");
  context_.store(made, std::memory_order_release);
  return made;
}

Device::Current::Current(const Device& device) : device_(device) {
  if (const Result result = device.lost_; result != kSuccess)
    throw Error(fmt::format("{} has failed in this process (error {}), which cannot use it any more",
                            device.name_, result));
  device.check(device.call().push_context(device.context()), "use the context");
}

Device::Current::Current(const Device& device, std::nothrow_t) noexcept : device_(device) {
  const Context context = device.context_.load(std::memory_order_acquire);
  holds_ = context != nullptr && device.call().push_context(context) == kSuccess;
}

Device::Current::~Current() {
  if (!holds_) return;
  Context popped = nullptr;
  device_.call().pop_context(&popped);
}

}  // namespace mc::cuda
