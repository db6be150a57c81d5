#include "engine/cuda/array.hpp"

namespace mc::cuda {

Array::Array(const Device& device, std::size_t bytes) : memory_(device) {
  memory_.reserve(bytes, "hold an array");
}

void Array::write(const void* from, std::size_t bytes) const {
  const WorkStream stream(memory_.device());
  stream.copy_to_device(address(), from, bytes, "copy an array there");
  stream.finish("copy an array there");
}

void Array::read(void* to, std::size_t bytes, std::size_t first_byte) const {
  cuda::read(memory_.device(), to, address() + first_byte, bytes);
}

void read(const Device& device, void* to, Address from, std::size_t bytes) {
  const WorkStream stream(device);
  stream.copy_to_host(to, from, bytes, "copy an array back");
  stream.finish("copy an array back");
}

}  // namespace mc::cuda
