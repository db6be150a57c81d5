// Generators of the hand-written C++ peers.
#pragma once
#include <cstdint>
#include <cstring>
static inline uint64_t splitmix(uint64_t& s) {
  uint64_t z = (s += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}
static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
struct Xo {  // xoshiro256++ 1.0, scalar
  uint64_t s[4];
  explicit Xo(uint64_t seed) {
    for (auto& v : s) v = splitmix(seed);
  }
  inline uint64_t next() {
    uint64_t r = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return r;
  }
  inline double uni() { return (double)(int64_t)(next() >> 11) * 0x1.0p-53; }
};
template <int W>
struct alignas(64) XoV {  // W independent xoshiro256++ lanes, plain loops for the auto-vectoriser
  uint64_t a[W], b[W], c[W], d[W];
  explicit XoV(uint64_t seed) {
    for (int i = 0; i < W; i++) {
      a[i] = splitmix(seed);
      b[i] = splitmix(seed);
      c[i] = splitmix(seed);
      d[i] = splitmix(seed);
    }
  }
  inline __attribute__((always_inline)) void uni(double* __restrict o) {
    for (int i = 0; i < W; i++) {
      uint64_t x = a[i], y = b[i], z = c[i], w = d[i];
      uint64_t r = rotl(x + w, 23) + x, t = y << 17;
      z ^= x;
      w ^= y;
      y ^= z;
      x ^= w;
      z ^= t;
      w = rotl(w, 45);
      a[i] = x;
      b[i] = y;
      c[i] = z;
      d[i] = w;
      o[i] = (double)(int64_t)(r >> 11) * 0x1.0p-53;
    }
  }
};
