// Lanes of a reduction become one number: lane ℓ with ℓ + 32, then 16, … 1. Registers first, then the halves
// of one. What a step does is data.cpp's step(), on vectors. Compiled for each instruction set (fold_*.cpp
// define MC_FOLD_ISA and MC_FOLD_BYTES); the bits are the same in all.
#include "engine/kernels/fold.hpp"

#define MC_INLINE [[gnu::always_inline]] inline

namespace mc::kernels::MC_FOLD_ISA {

namespace {

template <unsigned width>
struct Vector {
  using Type [[gnu::vector_size(width * sizeof(double))]] = double;
};

constexpr unsigned kWidth = MC_FOLD_BYTES / sizeof(double);

#include "engine/kernels/fold_steps.inl"

/// Of the lanes of one vector, in registers: by way of memory a half would wait for the whole to be stored.
template <class Step, unsigned width>
[[gnu::always_inline]] inline double fold_one(typename Vector<width>::Type lanes) {
  if constexpr (width == 8)
    return fold_one<Step, 4>(Step::step(__builtin_shufflevector(lanes, lanes, 0, 1, 2, 3),
                                        __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7)));
  else if constexpr (width == 4)
    return fold_one<Step, 2>(
        Step::step(__builtin_shufflevector(lanes, lanes, 0, 1), __builtin_shufflevector(lanes, lanes, 2, 3)));
  else
    return Step::step(lanes[0], lanes[1]);
}

template <class Step>
double fold(const double* lanes) {
  constexpr unsigned kVectors = kFoldLanes / kWidth;
  typename Vector<kWidth>::Type vectors[kVectors];
  __builtin_memcpy(vectors, lanes, sizeof vectors);
  for (unsigned half = kVectors / 2; half > 0; half /= 2)
    for (unsigned k = 0; k < half; ++k) vectors[k] = Step::step(vectors[k], vectors[k + half]);
  return fold_one<Step, kWidth>(vectors[0]);
}

}  // namespace

const FoldLanes folds[4] = {fold<Sum>, fold<Product>, fold<Minimum>, fold<Maximum>};

}  // namespace mc::kernels::MC_FOLD_ISA
