// What a device lends: memory there and pinned memory here, streams, events. Each is given back when its
// owner goes, on whichever thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>

#include "engine/cuda/driver.hpp"

namespace mc::cuda {

/// What keeps memory of devices that nobody uses just now says here how to give it back: that is asked for
/// before there is "not enough".
void when_short_of_memory(void (*give_back)(const Device&));

class DeviceMemory {
 public:
  explicit DeviceMemory(const Device& device) : device_(device) {}
  ~DeviceMemory() { release(); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  /// At least so many bytes; what was in it is lost when it grows. Throws Error: there is not enough to do
  /// `what`.
  void reserve(std::size_t bytes, std::string_view what);
  void release() noexcept;

  Address address() const { return address_; }
  std::size_t bytes() const { return bytes_; }
  const Device& device() const { return device_; }

 private:
  const Device& device_;
  Address address_ = 0;
  std::size_t bytes_ = 0;
};

/// Memory of the host that the device reads and writes where it is.
class PinnedMemory {
 public:
  explicit PinnedMemory(const Device& device) : device_(device) {}
  ~PinnedMemory() { release(); }
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;

  void reserve(std::size_t bytes, std::string_view what);
  void release() noexcept;
  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  const Device& device_;
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Work in its order.
class WorkStream {
 public:
  explicit WorkStream(const Device& device);
  ~WorkStream();  ///< waits for what is under way
  WorkStream(const WorkStream&) = delete;
  WorkStream& operator=(const WorkStream&) = delete;

  Stream handle() const { return stream_; }
  void copy_to_device(Address to, const void* from, std::size_t bytes, std::string_view what) const;
  void copy_to_host(void* to, Address from, std::size_t bytes, std::string_view what) const;
  void launch(Function function, unsigned blocks, unsigned threads, void** arguments) const;
  void finish(std::string_view what) const;

 private:
  const Device& device_;
  Stream stream_ = nullptr;
};

/// Whether all that was tried with a stream went well: one that failed is not used again.
class Attempts {
 public:
  template <class Work>
  std::invoke_result_t<Work> operator()(Work work) {
    try {
      return work();
    } catch (...) {
      have_failed_ = true;
      throw;
    }
  }
  bool have_failed() const { return have_failed_; }

 private:
  bool have_failed_ = false;
};

/// A place in a stream's work, which a thread can wait for.
class Milestone {
 public:
  explicit Milestone(const Device& device);
  ~Milestone();
  Milestone(const Milestone&) = delete;
  Milestone& operator=(const Milestone&) = delete;

  void set(const WorkStream& stream) const;
  void wait() const;  ///< throws Error where the work before it failed
  /// The same, calling `meanwhile` every millisecond.
  void wait(const std::function<void()>& meanwhile) const;

 private:
  const Device& device_;
  Event event_ = nullptr;
};

}  // namespace mc::cuda
