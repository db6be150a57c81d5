// Σ x_i² of uniform coordinates as an expert would write it for this processor: the limit that compiled
// kernels are held against. Same generator, same lanes in flight, same conversion, same sums about a pivot.
#pragma once

#include <cstdint>

namespace mc::bench {

/// Mean over the lanes, and the sum of their Σ(v − lane mean)²; every lane takes `steps` samples.
struct Moments {
  double mean, squares;
};

/// `dimension` is 2 or 10.
Moments handwritten_tile(unsigned dimension, std::uint64_t seed, std::uint64_t tile, std::uint32_t steps);

}  // namespace mc::bench
