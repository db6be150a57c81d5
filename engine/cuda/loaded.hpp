// A kernel on the GPU: translated, compiled, loaded, and how its tiles are queued.
#pragma once

#include <memory>
#include <string_view>

#include "engine/cache/disk.hpp"
#include "engine/cuda/nvrtc.hpp"
#include "engine/kernels/device.hpp"
#include "engine/kernels/statistics.hpp"

namespace mc::cuda {

class Loaded : public kernels::Device {
 public:
  virtual const Assembled& assembled() const = 0;
  virtual bool is_from_disk() const = 0;
  virtual std::string_view device_name() const = 0;
};

/// On the process's first device; from the disk where it is there, and else kept there. Throws Error.
std::unique_ptr<Loaded> load(const ir::Kernel& kernel, const kernels::Layout& layout,
                             const cache::Disk* disk = nullptr);

}  // namespace mc::cuda
