// The CUDA driver, opened at run time: the few of its functions that are needed, as members. The declarations
// are ours, so no header of CUDA has to be there. Errors become exceptions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>

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

struct DriverFunctions {
  Result (*init)(unsigned);
  Result (*version)(int*);
  Result (*error_text)(Result, const char**);
  Result (*device_count)(int*);
  Result (*device)(DeviceNumber*, int);
  Result (*device_name)(char*, int, DeviceNumber);
  Result (*device_attribute)(int*, int, DeviceNumber);
  Result (*retain_context)(Context*, DeviceNumber);
  Result (*push_context)(Context);
  Result (*pop_context)(Context*);
  Result (*load_module)(ModuleHandle*, const void*);
  Result (*unload_module)(ModuleHandle);
  Result (*find_function)(Function*, ModuleHandle, const char*);
  Result (*occupancy)(int*, Function, int, std::size_t);
  Result (*allocate)(Address*, std::size_t);
  Result (*free)(Address);
  Result (*allocate_on_host)(void**, std::size_t, unsigned);
  Result (*free_on_host)(void*);
  Result (*copy_to_device)(Address, const void*, std::size_t, Stream);
  Result (*create_stream)(Stream*, unsigned);
  Result (*destroy_stream)(Stream);
  Result (*synchronize)(Stream);
  Result (*create_event)(Event*, unsigned);
  Result (*destroy_event)(Event);
  Result (*record)(Event, Stream);
  Result (*wait_for)(Event);
  Result (*launch)(Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Stream,
                   void**, void**);
};

/// The process's first device, with its primary context, which everybody in the process shares.
class Driver {
 public:
  /// Throws Error where there is no driver, no device, or one that is too old; asks again the next time.
  static const Driver& get();

  const DriverFunctions& call() const { return functions_; }
  const std::string& device_name() const { return device_name_; }
  Architecture architecture() const { return architecture_; }
  unsigned multiprocessors() const { return multiprocessors_; }
  int version() const { return version_; }  ///< of CUDA, as 12040 for 12.4

  /// Throws Error: the driver cannot do that, and why.
  void check(Result result, std::string_view what) const;

  /// The device's context is the thread's while this lives; what was before, is afterwards.
  class Current {
   public:
    explicit Current(const Driver& driver);  ///< throws Error
    /// For destructors: the driver may be gone already, as at the end of a process, with all that was its.
    Current(const Driver& driver, std::nothrow_t) noexcept;
    ~Current();
    bool holds() const { return holds_; }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

   private:
    const Driver& driver_;
    bool holds_ = true;
  };

 private:
  Driver();

  DriverFunctions functions_{};
  Context context_ = nullptr;
  std::string device_name_;
  Architecture architecture_ = 0;
  unsigned multiprocessors_ = 0;
  int version_ = 0;
};

}  // namespace mc::cuda
