// The merge as compiled for each instruction set from the one source merge.inl. Plain data only: nothing
// inline that the linker could take from an AVX-512 object for the whole program.
#pragma once

#include "engine/kernels/merge_group.hpp"

namespace mc::kernels {

inline constexpr unsigned kMergeLanes = 256;  // kLanes; this header must not include executable.hpp

struct GroupLayout;
MergeGroup merge_group_of(const GroupLayout& at);

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
