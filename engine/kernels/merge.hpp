// The merge as compiled for each instruction set from the one source merge.inl. Plain data only: nothing
// inline that the linker could take from an AVX-512 object for the whole program.
#pragma once

#include <cstddef>

namespace mc::kernels {

inline constexpr unsigned kMergeLanes = 256;  // kLanes; this header must not include executable.hpp

/// Power sums of one power of the weight.
struct MergeBlock {
  std::size_t start = 0;
  unsigned degree = 0;
};

/// A GroupLayout's offsets from the group's start, count, nonfinite and first being 0, 1 and 2.
struct MergeGroup {
  unsigned values, order;
  std::size_t mean, comoment, third, peak;
  unsigned blocks = 0;  ///< of power sums; none where co-moments are kept
  MergeBlock block[2] = {};
};

#define MC_DECLARE_MERGE(isa)                                                                       \
  namespace isa {                                                                                   \
  void merge_group(const MergeGroup& group, double* a, const double* b);                            \
  void merge_group_lanes(const MergeGroup& group, double* columns, unsigned lanes, double* record); \
  }
MC_DECLARE_MERGE(merge_baseline)
MC_DECLARE_MERGE(merge_avx2)
MC_DECLARE_MERGE(merge_avx512)
#undef MC_DECLARE_MERGE

}  // namespace mc::kernels
