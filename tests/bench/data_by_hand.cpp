// Compiled as handwritten.cpp is: with all the processor has and -ffast-math.
#include "tests/bench/data_by_hand.hpp"

#include <cmath>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace mc::bench {

double sum(const double* x, std::size_t count) {
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += x[k];
  return sum;
}

void product(const float* a, const float* b, float* out, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) out[k] = a[k] * b[k];
}

/// `out` at a multiple of 64 bytes, `count` of 16.
void streamed_product(const float* a, const float* b, float* out, std::size_t count) {
#if defined(__AVX512F__)
  for (std::size_t k = 0; k < count; k += 16)
    _mm512_stream_ps(out + k, _mm512_mul_ps(_mm512_loadu_ps(a + k), _mm512_loadu_ps(b + k)));
  _mm_sfence();
#elif defined(__AVX__)
  for (std::size_t k = 0; k < count; k += 8)
    _mm256_stream_ps(out + k, _mm256_mul_ps(_mm256_loadu_ps(a + k), _mm256_loadu_ps(b + k)));
  _mm_sfence();
#else
  product(a, b, out, count);
#endif
}

void mixture(const double* a, const double* b, const double* c, const double* d, double* out,
             std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) out[k] = a[k] * b[k] + std::sin(c[k]) / std::sqrt(d[k] * d[k] + 1);
}

}  // namespace mc::bench
