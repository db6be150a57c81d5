#include "engine/cuda/resources.hpp"

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

namespace mc::cuda {
namespace {

constexpr unsigned kNonBlockingStream = 1, kSleepingEvent = 1, kNoTiming = 2, kPortable = 1;
constexpr Result kNotReady = 600, kOutOfMemory = 2;

struct Givers {
  std::mutex mutex;
  std::vector<void (*)(const Device&)> all;
};
Givers& givers() {
  static Givers& all = *new Givers;  // calls may outlive statics
  return all;
}

/// What `allocate` says, a second time where idle memory could be given back in between.
template <class Allocate>
Result with_room(const Device& device, Allocate allocate) {
  const Result first = allocate();
  if (first != kOutOfMemory) return first;
  std::vector<void (*)(const Device&)> all;
  {
    const std::lock_guard lock(givers().mutex);
    all = givers().all;
  }
  for (const auto give_back : all) give_back(device);
  return allocate();
}

/// A thread that sleeps wakes up some ten microseconds late: short work is not slept through.
constexpr auto kAwake = std::chrono::microseconds(200);

}  // namespace

void when_short_of_memory(void (*give_back)(const Device&)) {
  const std::lock_guard lock(givers().mutex);
  givers().all.push_back(give_back);
}

void DeviceMemory::reserve(std::size_t bytes, std::string_view what) {
  if (bytes <= bytes_) return;
  release();
  const Device::Current current(device_);
  device_.check(with_room(device_, [&] { return device_.call().allocate(&address_, bytes); }), what);
  bytes_ = bytes;
}

void DeviceMemory::release() noexcept {
  if (bytes_ == 0) return;
  const Device::Current current(device_, std::nothrow);
  if (current.holds()) device_.call().free(address_);
  bytes_ = 0;
}

void PinnedMemory::reserve(std::size_t bytes, std::string_view what) {
  if (bytes <= bytes_) return;
  release();
  const Device::Current current(device_);
  void* data = nullptr;
  device_.check(with_room(device_, [&] { return device_.call().allocate_on_host(&data, bytes, kPortable); }),
                what);
  data_ = static_cast<std::byte*>(data);
  bytes_ = bytes;
}

void PinnedMemory::release() noexcept {
  if (bytes_ == 0) return;
  const Device::Current current(device_, std::nothrow);
  if (current.holds()) device_.call().free_on_host(data_);
  bytes_ = 0;
}

WorkStream::WorkStream(const Device& device) : device_(device) {
  const Device::Current current(device);
  device.check(device.call().create_stream(&stream_, kNonBlockingStream), "make a stream");
}

WorkStream::~WorkStream() {
  const Device::Current current(device_, std::nothrow);
  if (!current.holds()) return;
  device_.call().synchronize(stream_);
  device_.call().destroy_stream(stream_);
}

void WorkStream::copy_to_device(Address to, const void* from, std::size_t bytes,
                                std::string_view what) const {
  const Device::Current current(device_);
  if (bytes > 0) device_.check(device_.call().copy_to_device(to, from, bytes, stream_), what);
}

void WorkStream::copy_to_host(void* to, Address from, std::size_t bytes, std::string_view what) const {
  const Device::Current current(device_);
  if (bytes > 0) device_.check(device_.call().copy_to_host(to, from, bytes, stream_), what);
}

void WorkStream::launch(Function function, unsigned blocks, unsigned threads, void** arguments) const {
  const Device::Current current(device_);
  device_.check(device_.call().launch(function, blocks, 1, 1, threads, 1, 1, 0, stream_, arguments, nullptr),
                "start the kernel");
}

void WorkStream::finish(std::string_view what) const {
  const Device::Current current(device_);
  device_.check(device_.call().synchronize(stream_), what);
}

Milestone::Milestone(const Device& device) : device_(device) {
  const Device::Current current(device);
  device.check(device.call().create_event(&event_, kSleepingEvent | kNoTiming), "make an event");
}

Milestone::~Milestone() {
  const Device::Current current(device_, std::nothrow);
  if (current.holds()) device_.call().destroy_event(event_);
}

void Milestone::set(const WorkStream& stream) const {
  const Device::Current current(device_);
  device_.check(device_.call().record(event_, stream.handle()), "note the kernel's end");
}

void Milestone::wait() const {
  const Device::Current current(device_);
  const auto begin = std::chrono::steady_clock::now();
  Result result = kNotReady;
  while (result == kNotReady && std::chrono::steady_clock::now() - begin < kAwake)
    result = device_.call().is_over(event_);
  if (result == kNotReady) result = device_.call().wait_for(event_);
  device_.check(result, "finish the kernel");
}

void Milestone::wait(const std::function<void()>& meanwhile) const {
  const Device::Current current(device_);
  Result result = kNotReady;
  while ((result = device_.call().is_over(event_)) == kNotReady) {
    meanwhile();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  device_.check(result, "finish the kernel");
}

}  // namespace mc::cuda
