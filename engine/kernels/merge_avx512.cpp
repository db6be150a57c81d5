// The merge for AVX-512, 512-bit vectors.
#define MC_MERGE_ISA merge_avx512
#define MC_MERGE_BYTES 64
#include "engine/kernels/merge.inl"
