// Compiled with all the processor has and -ffast-math (CMakeLists.txt), unlike everything else here: it is
// the limit that our kernels are held against.
#include "tests/bench/handwritten.hpp"

namespace mc::bench {
namespace {

constexpr int kLanes = 32;

std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

struct Lanes {
  alignas(64) std::uint64_t a[kLanes], b[kLanes], c[kLanes], d[kLanes];

  explicit Lanes(std::uint64_t seed) {
    for (int l = 0; l < kLanes; ++l)
      a[l] = splitmix(seed), b[l] = splitmix(seed), c[l] = splitmix(seed), d[l] = splitmix(seed);
  }

  void uniform(double* __restrict out) {
    for (int l = 0; l < kLanes; ++l) {
      const std::uint64_t x = a[l], y = b[l], word = rotl(x + d[l], 23) + x, t = y << 17;
      std::uint64_t z = c[l] ^ x, w = d[l] ^ y;
      b[l] = y ^ z;
      a[l] = x ^ w;
      z ^= t;
      c[l] = z;
      d[l] = rotl(w, 45);
      out[l] = static_cast<double>(static_cast<std::int64_t>(word >> 11)) * 0x1p-53;
    }
  }
};

template <int N>
double squares(std::uint64_t samples) {
  Lanes generator(1);
  alignas(64) double sum[kLanes] = {}, square[kLanes] = {}, x[kLanes], f[kLanes];
  for (std::uint64_t step = 0; step < samples / kLanes; ++step) {
    for (double& value : f) value = 0;
    for (int k = 0; k < N; ++k) {
      generator.uniform(x);
      for (int l = 0; l < kLanes; ++l) f[l] += x[l] * x[l];
    }
    for (int l = 0; l < kLanes; ++l) sum[l] += f[l], square[l] += f[l] * f[l];
  }
  double total = 0, total_square = 0;
  for (int l = 0; l < kLanes; ++l) total += sum[l], total_square += square[l];
  return total_square < 0 ? total_square : total / static_cast<double>(samples);
}

}  // namespace

double squared_norm(int n, std::uint64_t samples) {
  return n == 2 ? squares<2>(samples) : n == 10 ? squares<10>(samples) : squares<100>(samples);
}

}  // namespace mc::bench
