// A kernel on a device: translated, compiled, loaded, and how its tiles are queued.
#pragma once

#include <memory>
#include <string_view>

#include "engine/cuda/module.hpp"
#include "engine/kernels/device.hpp"
#include "engine/kernels/statistics.hpp"

namespace mc::cuda {

class Loaded : public kernels::Device {
 public:
  virtual const Module& module() const = 0;
};

/// On the device; `like` is the same kernel on another one, `disk` where machine code is found and kept.
/// Throws Error.
std::unique_ptr<Loaded> load(const Device& device, const ir::Kernel& kernel, const kernels::Layout& layout,
                             const cache::Disk* disk = nullptr, const Loaded* like = nullptr);

}  // namespace mc::cuda
