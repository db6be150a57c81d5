// The merge for AVX2, 256-bit vectors.
#define MC_MERGE_ISA merge_avx2
#define MC_MERGE_BYTES 32
#include "engine/kernels/merge.inl"
