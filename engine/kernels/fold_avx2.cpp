// The fold of lanes for AVX2, 256-bit vectors.
#define MC_FOLD_ISA fold_avx2
#define MC_FOLD_BYTES 32
#include "engine/kernels/fold.inl"
