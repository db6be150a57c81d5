// What DeviceArray is made of.
#include <fmt/format.h>
#include <mc/mc.hpp>

#include "engine/cuda/array.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/gpu.hpp"

namespace mc {

struct MC_HIDDEN DeviceMemory::State {
  State(std::size_t bytes, unsigned number) : array(device_of(number), bytes), device(number) {}
  cuda::Array array;
  unsigned device;
};

DeviceMemory::DeviceMemory(std::size_t bytes, unsigned device)
    : state_(or_device_error([&] { return std::make_unique<State>(bytes, device); },
                             "arrays of the host need no device: std::vector, std::span")) {}

DeviceMemory::~DeviceMemory() = default;
DeviceMemory::DeviceMemory(DeviceMemory&&) noexcept = default;
DeviceMemory& DeviceMemory::operator=(DeviceMemory&&) noexcept = default;

std::uint64_t DeviceMemory::address() const noexcept { return state_ ? state_->array.address() : 0; }
unsigned DeviceMemory::device() const noexcept { return state_ ? state_->device : 0; }

void DeviceMemory::write(const void* from, std::size_t bytes) {
  if (bytes > 0) or_device_error([&] { state_->array.write(from, bytes); }, {});
}

void DeviceMemory::read(void* to, std::size_t bytes) const {
  if (bytes > 0) or_device_error([&] { state_->array.read(to, bytes); }, {});
}

void DeviceMemory::refuse_length(std::size_t size, std::size_t given) {
  fail<ArgumentError>(fmt::format("the device's array has {} numbers, and {} are given", size, given),
                      "all of it is copied");
}

}  // namespace mc
