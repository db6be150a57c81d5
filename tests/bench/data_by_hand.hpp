// What a careful programmer writes for arrays: the limit that maps and reductions are held against.
#pragma once

#include <cstddef>

namespace mc::bench {

double sum(const double* x, std::size_t count);
void product(const float* a, const float* b, float* out, std::size_t count);           ///< ordinary stores
void streamed_product(const float* a, const float* b, float* out, std::size_t count);  ///< past the caches
/// a·b + sin(c)/√(d² + 1), with glibc's vectors of sines where the compiler is g++.
void mixture(const double* a, const double* b, const double* c, const double* d, double* out,
             std::size_t count);

}  // namespace mc::bench
