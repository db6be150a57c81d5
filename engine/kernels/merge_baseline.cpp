// The merge for any processor, 128-bit vectors.
#define MC_MERGE_ISA merge_baseline
#define MC_MERGE_BYTES 16
#include "engine/kernels/merge.inl"
