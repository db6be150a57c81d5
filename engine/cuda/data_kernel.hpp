// A kernel that goes through data on a device: how stretches of data get there and back.
#pragma once

#include <memory>

#include "engine/cuda/data.hpp"
#include "engine/cuda/module.hpp"
#include "engine/kernels/device.hpp"

namespace mc::cuda {

class DataKernel : public kernels::DataDevice {
 public:
  virtual const Module& module() const = 0;
};

/// As loaded.hpp's. Throws Error.
std::unique_ptr<DataKernel> load(const Device& device, const ir::Kernel& kernel, DataShape shape,
                                 const cache::Disk* disk = nullptr, const DataKernel* like = nullptr);

}  // namespace mc::cuda
