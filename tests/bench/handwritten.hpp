// What an expert would write by hand for E[sum(x_i^2)]: 32 lanes of xoshiro256++ in plain arrays.
#pragma once

#include <cstdint>

namespace mc::bench {

/// The mean over `samples` samples, n = 2, 10 or 100 known at compile time as an expert's would be.
double squared_norm(int n, std::uint64_t samples);

}  // namespace mc::bench
