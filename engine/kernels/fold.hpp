// A reduction's lanes folded by halves, compiled for each instruction set from the one source fold.inl. Plain
// data only, as in merge.hpp.
#pragma once

namespace mc::kernels {

inline constexpr unsigned kFoldLanes = 64;  // kReduceLanes; this header must not include data.hpp

/// Of kFoldLanes numbers, by number of the Fold.
using FoldLanes = double (*)(const double* lanes);

#define MC_DECLARE_FOLD(isa)       \
  namespace isa {                  \
  extern const FoldLanes folds[4]; \
  }
MC_DECLARE_FOLD(fold_baseline)
MC_DECLARE_FOLD(fold_avx2)
MC_DECLARE_FOLD(fold_avx512)
#undef MC_DECLARE_FOLD

}  // namespace mc::kernels
