// The CUDA driver, opened at run time: the few of its functions that are needed, as members. The declarations
// are ours, so no header of CUDA has to be there. Errors become exceptions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cuda/nvrtc.hpp"

namespace mc::cuda {

using Result = int;  // CUresult
using DeviceNumber = int;
using Context = struct ContextTag*;
using ModuleHandle = struct ModuleTag*;
using Function = struct FunctionTag*;
using Stream = struct StreamTag*;
using Event = struct EventTag*;
using Address = unsigned long long;  ///< of device memory

// Each function that is needed: a name of ours, CUDA's, what it takes and gives.
#define MC_DRIVER_FUNCTIONS(X)                                                                             \
  X(init, cuInit, Result(unsigned))                                                                        \
  X(version, cuDriverGetVersion, Result(int*))                                                             \
  X(error_text, cuGetErrorString, Result(Result, const char**))                                            \
  X(device_count, cuDeviceGetCount, Result(int*))                                                          \
  X(device, cuDeviceGet, Result(DeviceNumber*, int))                                                       \
  X(device_name, cuDeviceGetName, Result(char*, int, DeviceNumber))                                        \
  X(device_attribute, cuDeviceGetAttribute, Result(int*, int, DeviceNumber))                               \
  X(retain_context, cuDevicePrimaryCtxRetain, Result(Context*, DeviceNumber))                              \
  X(push_context, cuCtxPushCurrent_v2, Result(Context))                                                    \
  X(pop_context, cuCtxPopCurrent_v2, Result(Context*))                                                     \
  X(load_module, cuModuleLoadData, Result(ModuleHandle*, const void*))                                     \
  X(unload_module, cuModuleUnload, Result(ModuleHandle))                                                   \
  X(find_function, cuModuleGetFunction, Result(Function*, ModuleHandle, const char*))                      \
  X(occupancy, cuOccupancyMaxActiveBlocksPerMultiprocessor, Result(int*, Function, int, std::size_t))      \
  X(allocate, cuMemAlloc_v2, Result(Address*, std::size_t))                                                \
  X(free, cuMemFree_v2, Result(Address))                                                                   \
  X(allocate_on_host, cuMemHostAlloc, Result(void**, std::size_t, unsigned))                               \
  X(free_on_host, cuMemFreeHost, Result(void*))                                                            \
  X(copy_to_device, cuMemcpyHtoDAsync_v2, Result(Address, const void*, std::size_t, Stream))               \
  X(copy_to_host, cuMemcpyDtoHAsync_v2, Result(void*, Address, std::size_t, Stream))                       \
  X(create_stream, cuStreamCreate, Result(Stream*, unsigned))                                              \
  X(destroy_stream, cuStreamDestroy_v2, Result(Stream))                                                    \
  X(synchronize, cuStreamSynchronize, Result(Stream))                                                      \
  X(create_event, cuEventCreate, Result(Event*, unsigned))                                                 \
  X(destroy_event, cuEventDestroy_v2, Result(Event))                                                       \
  X(record, cuEventRecord, Result(Event, Stream))                                                          \
  X(is_over, cuEventQuery, Result(Event))                                                                  \
  X(wait_for, cuEventSynchronize, Result(Event))                                                           \
  X(launch, cuLaunchKernel,                                                                                \
    Result(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream, void**, \
           void**))

struct DriverFunctions {
  template <class F>
  using Pointer = F*;
#define MC_DECLARE(ours, theirs, ...) Pointer<__VA_ARGS__> ours;
  MC_DRIVER_FUNCTIONS(MC_DECLARE)
#undef MC_DECLARE
};

class Device;

/// The process's driver and its devices, one at least.
class Driver {
 public:
  /// Throws Error where there is no driver, no device, or one that is too old; asks again the next time.
  static const Driver& get();

  /// version() of the one that is open; 0 where none is.
  static int open_version() { return open_version_.load(std::memory_order_relaxed); }

  const DriverFunctions& call() const { return functions_; }
  int version() const { return version_; }  ///< of CUDA, as 12040 for 12.4
  std::size_t devices() const { return devices_.size(); }
  const Device& device(std::size_t number) const { return *devices_[number]; }

  /// Throws Error: the driver cannot do that, and why.
  void check(Result result, std::string_view what, std::string_view device = {}) const;

 private:
  Driver();

  static inline std::atomic<int> open_version_ = 0;
  DriverFunctions functions_{};
  int version_ = 0;
  std::vector<std::unique_ptr<const Device>> devices_;
};

/// A device with its primary context, which everybody in the process shares; made when it is first used.
class Device {
 public:
  Device(const Driver& driver, int number);

  const DriverFunctions& call() const { return driver_.call(); }
  /// Throws Error. After some errors nothing works on the device any more until the process ends: every later
  /// call is then told so at once.
  void check(Result result, std::string_view what) const;
  const Driver& driver() const { return driver_; }
  const std::string& name() const { return name_; }
  Architecture architecture() const { return architecture_; }
  unsigned multiprocessors() const { return multiprocessors_; }

  /// The device's context is the thread's while this lives; what was before, is afterwards.
  class Current {
   public:
    explicit Current(const Device& device);  ///< throws Error, also where the device is lost
    /// For destructors: the driver may be gone already, as at the end of a process, with all that was its.
    Current(const Device& device, std::nothrow_t) noexcept;
    ~Current();
    bool holds() const { return holds_; }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

   private:
    const Device& device_;
    bool holds_ = true;
  };

 private:
  Context context() const;

  const Driver& driver_;
  DeviceNumber number_ = 0;
  std::string name_;
  Architecture architecture_ = 0;
  unsigned multiprocessors_ = 0;
  mutable std::atomic<Result> lost_ = 0;  ///< what lost it
  mutable std::mutex making_;             ///< of context_
  mutable std::atomic<Context> context_ = nullptr;
};

}  // namespace mc::cuda
