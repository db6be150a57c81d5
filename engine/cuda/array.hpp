// An array that stays on a device.
#pragma once

#include "engine/cuda/resources.hpp"

namespace mc::cuda {

class Array {
 public:
  Array(const Device& device, std::size_t bytes);  ///< throws Error

  Address address() const { return memory_.address(); }
  void write(const void* from, std::size_t bytes) const;  ///< from its beginning on
  void read(void* to, std::size_t bytes, std::size_t first_byte = 0) const;

 private:
  DeviceMemory memory_;
};

/// Bytes that lie on a device, wherever that is.
void read(const Device& device, void* to, Address from, std::size_t bytes);

}  // namespace mc::cuda
