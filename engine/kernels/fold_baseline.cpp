// The fold of lanes for any processor, 128-bit vectors.
#define MC_FOLD_ISA fold_baseline
#define MC_FOLD_BYTES 16
#include "engine/kernels/fold.inl"
