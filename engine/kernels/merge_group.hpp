// Where a group's numbers stand, as a merge of two sides has to know it. Plain data, for CUDA sources too
// (engine/cuda).
#pragma once

#include <cstddef>

namespace mc::kernels {

constexpr unsigned kPeakColumns = 32;  ///< of each value
constexpr unsigned kPeakSums = 3;      ///< of each peak, where there are power sums

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

}  // namespace mc::kernels
