// Plain loops over arrays of 32 lanes, for the compiler's vectoriser: built with -O3 for this machine and 512
// bits.
#include "tests/bench/handwritten_tile.hpp"

#include <bit>

namespace mc::bench {
namespace {

constexpr unsigned kGroup = 32;  ///< lanes in flight; measured best of 8, 16, 32, 64
constexpr unsigned kLanes = 256;
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

/// xoshiro256++, a stream a lane.
struct alignas(64) Lanes {
  std::uint64_t a[kGroup], b[kGroup], c[kGroup], d[kGroup];

  Lanes(std::uint64_t base, std::uint64_t tile, std::uint64_t first) {
    for (unsigned l = 0; l < kGroup; ++l) {
      const std::uint64_t start = base + kGolden * (4 * (256 * tile + first + l));
      a[l] = mix(start + kGolden);
      b[l] = mix(start + 2 * kGolden);
      c[l] = mix(start + 3 * kGolden);
      d[l] = mix(start + 4 * kGolden);
    }
  }

  [[gnu::always_inline]] inline void add_square(double* sum) {
    for (unsigned l = 0; l < kGroup; ++l) {
      std::uint64_t s0 = a[l], s1 = b[l], s2 = c[l], s3 = d[l];
      const std::uint64_t word = std::rotl(s0 + s3, 23) + s0, t = s1 << 17;
      s2 ^= s0, s3 ^= s1, s1 ^= s2, s0 ^= s3, s2 ^= t, s3 = std::rotl(s3, 45);
      a[l] = s0, b[l] = s1, c[l] = s2, d[l] = s3;
      const double x = std::bit_cast<double>((word >> 12) | 0x3FF0000000000000) - (1 - 0x1p-53);
      sum[l] = __builtin_fma(x, x, sum[l]);
    }
  }
};

template <unsigned dimension>
Moments group(std::uint64_t base, std::uint64_t tile, std::uint64_t first, std::uint32_t steps) {
  Lanes lanes(base, tile, first);
  alignas(64) double pivot[kGroup] = {}, s1[kGroup] = {}, s2[kGroup] = {}, sum[kGroup];
  for (std::uint32_t step = 0; step < steps; ++step) {
    for (unsigned l = 0; l < kGroup; ++l) sum[l] = 0;
    for (unsigned i = 0; i < dimension; ++i) lanes.add_square(sum);
    if (step == 0)
      for (unsigned l = 0; l < kGroup; ++l) pivot[l] = sum[l];
    for (unsigned l = 0; l < kGroup; ++l) {
      const double d = sum[l] - pivot[l];
      s1[l] += d;
      s2[l] = __builtin_fma(d, d, s2[l]);
    }
  }
  Moments total{0, 0};
  for (unsigned l = 0; l < kGroup; ++l) {
    total.mean += pivot[l] + s1[l] / steps;
    total.squares += s2[l] - s1[l] * (s1[l] / steps);
  }
  return total;
}

template <unsigned dimension>
Moments tile_moments(std::uint64_t base, std::uint64_t tile, std::uint32_t steps) {
  Moments total{0, 0};
  for (unsigned first = 0; first < kLanes; first += kGroup) {
    const Moments each = group<dimension>(base, tile, first, steps);
    total.mean += each.mean / kLanes;
    total.squares += each.squares;
  }
  return total;
}

}  // namespace

Moments handwritten_tile(unsigned dimension, std::uint64_t seed, std::uint64_t tile, std::uint32_t steps) {
  const std::uint64_t base = mix(seed);
  return dimension == 2 ? tile_moments<2>(base, tile, steps) : tile_moments<10>(base, tile, steps);
}

}  // namespace mc::bench
