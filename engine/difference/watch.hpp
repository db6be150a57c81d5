// A kernel that also tells what its values were, for whoever has to find where two back ends part.
#pragma once

#include <cstdint>
#include <span>

#include "engine/ir/kernel.hpp"

namespace mc::difference {

/// The kernel of primitives, with two columns more for each value, in their order: the halves of a number
/// that depends on all bits that the value had in a lane, one time after another. Every NaN counts as the
/// same, for its bits are left open.
///
/// A scalar more, the last one, is a limit: what comes after so many rounds of loops, counted as a lane
/// begins them, one loop as the other, is not told. Rounds in which a loop has settled are none, for back
/// ends differ in how many of those they run.
ir::Kernel watched(const ir::Kernel& kernel, std::span<const ir::Value> values);

/// The bits that a value had when its history went on, from these columns to those.
std::uint64_t last_bits(std::span<const double, 2> before, std::span<const double, 2> after);

}  // namespace mc::difference
