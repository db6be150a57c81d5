// How a block of 256 threads makes a tile's record of its lanes' columns, column k of lane l at [256 k + l].
constexpr u32 kLanes = 256, kSteps = 32, kPeaks = 32;
constexpr u64 kTileSamples = kLanes * kSteps;

/// Which part of a tile a lane takes: a last tile may be partial, and then the lanes before the remainder
/// take a step more.
struct Share {
  u32 lanes;  ///< that have samples
  u32 steps;  ///< of this lane

  __device__ Share(u64 tile, u64 samples, u32 lane) {
    const u64 left = samples - tile * kTileSamples;
    const u32 own = left < kTileSamples ? left : kTileSamples;
    lanes = own < kLanes ? own : kLanes;
    steps = own / kLanes + (lane < own % kLanes);
  }
};

namespace mc::kernels {

/// The largest sum of squares among the lanes of each residue; NaN is none.
MC_DEVICE void find_peaks(const MergeGroup& group, const f64* columns, u32 lanes, f64* record) {
  if (threadIdx.x >= kPeaks) return;
  for (u32 i = 0; i < group.values; ++i) {
    const f64* column = columns + square_column(group, i) * kLanes;
    f64 most = 0;
    for (u32 lane = threadIdx.x; lane < lanes; lane += kPeaks) most = larger(column[lane], most);
    record[group.peak + i * kPeaks + threadIdx.x] = most;
  }
}

/// Lane l with l + 128, then 64, … 1. The columns are used up.
MC_DEVICE void merge_lanes(const MergeGroup& group, f64* columns, u32 lanes, f64* record) {
  const u32 lane = threadIdx.x;
  __syncthreads();
  find_peaks(group, columns, lanes, record);
  for (u32 half = kLanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half && lane + half < lanes)
      merge_general<f64>(group, columns + lane, columns + lane + half, kLanes);
  }
  __syncthreads();
  for (u32 k = lane; k < group.peak; k += kLanes) record[k] = columns[k * kLanes];
}

/// a := a with b, of so many groups of one shape: a thread for the moments of each, and one for each peak.
MC_DEVICE void join(const MergeGroup& group, u32 groups, u32 size, f64* a, const f64* b) {
  for (u32 g = threadIdx.x; g < groups; g += kLanes) merge_general<f64>(group, a + g * size, b + g * size, 1);
  const u32 peaks = group.values * kPeaks;
  for (u32 k = threadIdx.x; k < groups * peaks; k += kLanes) {
    const u32 at = k / peaks * size + group.peak + k % peaks;
    a[at] = larger(a[at], b[at]);
  }
}

}  // namespace mc::kernels
