// The smallest kernel, and which one it was that something compiled came from.
#pragma once

#include <vector>

#include "engine/ir/builder.hpp"
#include "engine/kernels/executable.hpp"

namespace mc::testing {

/// Puts out a number.
inline ir::Kernel constant(double value) {
  ir::Builder b;
  b.output(0, b.constant(value));
  return b.finish(0);
}

inline double number_of(const kernels::Executable& code) {
  std::vector<double> out(kernels::kLanes);
  code.run({}, 0, kernels::kLanes, 1, out.data(), nullptr);
  return out[0];
}

}  // namespace mc::testing
