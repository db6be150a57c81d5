// A function of floats against the one of doubles, on as many floats as wanted, up to all 2^32: machine code
// of one kernel draws the arguments, computes both and keeps the worst. The function of doubles is right to
// 1.5 units in its own last place (accuracy_test), so what it says of a float's ulps is off by 2^-28.
#pragma once

#include <cstdint>

#include "tests/engine/passes/accuracy.hpp"

namespace mc::testing {

struct Swept {
  double ulps = 0;
  float at = 0;
  std::uint64_t arguments = 0;
};

inline constexpr std::uint64_t kAllFloats = std::uint64_t{1} << 32;

/// The worst of `arguments` floats (rounded up to a multiple of a call's) between f.from and f.to. They are
/// every so manieth bit pattern, so any number of them is spread over all.
Swept sweep(const SingleFunction& f, std::uint64_t arguments);

}  // namespace mc::testing
