// Going through arrays on devices: the bits of passes.hpp, whose jobs these are.
#pragma once

#include <cstdint>
#include <span>

#include "engine/kernels/device.hpp"
#include "runtime/data/passes.hpp"

namespace mc::runtime {

/// Devices that have a job's kernel, for arrays of the types that its arrays have in memory.
struct OnDevices {
  std::span<const kernels::DataDevice* const> devices;
  /// Where the arrays begin in the memory of the only device; of arrays of the host, which go there and back
  /// in stretches: none.
  std::span<const std::uint64_t> addresses;
};

/// A job's `code` means nothing. False where it was stopped. Throws what a device threw: part of the results
/// of a map may be written then.
bool map(const Map& job, const OnDevices& on);
bool reduce(const Reduce& job, const OnDevices& on, double* results);

}  // namespace mc::runtime
