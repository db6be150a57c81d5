// An instance's kernel on the GPU, made when a call first asks for it; and its texts, which need no GPU.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "engine/cuda/loaded.hpp"
#include "frontend/api/errors.hpp"

namespace mc {

/// What CUDA refuses is the caller's DeviceError.
template <class Make>
auto or_device_error(Make make) {
  try {
    return make();
  } catch (const cuda::Error& error) {
    fail<DeviceError>(error.what(), "choose llvm or the interpreter, or leave the choice to Moment");
  }
}

class Gpu {
 public:
  /// Kernel and layout must outlive it.
  Gpu(const ir::Kernel& kernel, const kernels::Layout& layout, std::string name)
      : kernel_(kernel), layout_(layout), name_(std::move(name)) {}

  /// The first who asks makes it, and others wait. Throws DeviceError.
  const cuda::Loaded& loaded();
  bool is_loaded() const { return is_loaded_; }

  std::string source() const;
  std::string ptx()
      const;  ///< for the oldest architecture that CUDA 13 knows; throws DeviceError without NVRTC

 private:
  const ir::Kernel& kernel_;
  const kernels::Layout& layout_;
  const std::string name_;
  std::mutex loading_;
  std::unique_ptr<cuda::Loaded> loaded_;
  std::atomic<bool> is_loaded_ = false;
};

}  // namespace mc
