// Where two back ends part: the first tile and lane whose results differ, the sample, and the operation that
// made different values of equal ones.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"

namespace mc::difference {

/// What a back end makes of a kernel of primitives.
using Make = std::function<std::unique_ptr<kernels::Executable>(const ir::Kernel&)>;

struct Difference {
  std::uint64_t tile = 0;
  unsigned lane = 0;
  std::uint32_t step = 0;  ///< the lane's sample, from 0
  /// What differs though all that it is made of agrees. kNoValue: everything agrees while it is watched,
  /// which changes the code that back ends make.
  ir::Value value = ir::kNoValue;
  /// What the two sides have there; without a value, in the first column that differs.
  std::array<std::uint64_t, 2> bits{};
};

struct Comparison {
  std::uint64_t samples = 0;  ///< that were compared: of whole tiles, and of a last one that is not whole
  std::optional<Difference> difference;
};

/// Compares a run of so many samples of a kernel that takes samples, bit for bit, NaNs with NaNs, up to the
/// first tile that differs or until the stop. Throws what the back ends throw.
Comparison compare(const ir::Kernel& kernel, const Make& one, const Make& other,
                   const kernels::Arguments& arguments, std::uint64_t samples,
                   const std::stop_token& stop = {});

}  // namespace mc::difference
