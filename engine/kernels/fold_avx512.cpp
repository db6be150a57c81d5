// The fold of lanes for AVX-512, 512-bit vectors.
#define MC_FOLD_ISA fold_avx512
#define MC_FOLD_BYTES 64
#include "engine/kernels/fold.inl"
