// How a block of 256 threads makes a tile's record of its lanes' columns, column k of lane l at [256 k + l].
constexpr u32 kLanes = 256, kSteps = 32;
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
  if (threadIdx.x >= kPeakColumns) return;
  for (u32 i = 0; i < group.values; ++i) {
    const f64* column = columns + square_column(group, i) * kLanes;
    f64 most = 0;
    for (u32 lane = threadIdx.x; lane < lanes; lane += kPeakColumns) most = larger(column[lane], most);
    record[group.peak + i * kPeakColumns + threadIdx.x] = most;
  }
}

/// What a lane's peaks are made of, until the merge of the lanes, which uses it up, has told the centre.
struct LaneSums {
  f64 mean[2];
  PeakSums<f64> sums[2];

  MC_DEVICE void read(const MergeGroup& group, const f64* own) {
    for (u32 i = 0; i < group.values; ++i) {
      mean[i] = own[(group.mean + i) * kLanes];
      for (u32 p = 0; p < kPeakSums; ++p) sums[i].sum[p] = own[peak_sum_column(group, i, p) * kLanes];
    }
  }
};

/// The same seen from the record's means; the columns are used up.
MC_DEVICE void find_peak_sums(const MergeGroup& group, LaneSums& own, f64* columns, u32 lanes, f64* record) {
  const u32 lane = threadIdx.x;
  for (u32 i = 0; i < group.values; ++i) {
    own.sums[i].move(own.mean[i] - record[group.mean + i]);
    own.sums[i].put(columns + lane, kLanes);
    __syncthreads();
    if (lane < kPeakColumns) {
      PeakSums<f64> most{};
      for (u32 k = lane; k < lanes; k += kPeakColumns) most.keep(PeakSums<f64>::at(columns + k, kLanes));
      most.put(record + group.peak + i * kPeakSums * kPeakColumns + lane, kPeakColumns);
    }
    __syncthreads();
  }
}

/// Lane l with l + 128, then 64, … 1. The columns are used up.
MC_DEVICE void merge_lanes(const MergeGroup& group, f64* columns, u32 lanes, f64* record) {
  const u32 lane = threadIdx.x;
  __syncthreads();
  LaneSums own;
  if (group.blocks > 0)
    own.read(group, columns + lane);
  else
    find_peaks(group, columns, lanes, record);
  for (u32 half = kLanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half && lane + half < lanes)
      merge_general<f64>(group, columns + lane, columns + lane + half, kLanes);
  }
  __syncthreads();
  for (u32 k = lane; k < group.peak; k += kLanes) record[k] = columns[k * kLanes];
  if (group.blocks == 0) return;
  __syncthreads();
  find_peak_sums(group, own, columns, lanes, record);
}

/// a := a with b, of so many groups of one shape: a thread for each peak, and one for the moments of each.
MC_DEVICE void join(const MergeGroup& group, u32 groups, u32 size, f64* a, const f64* b) {
  const u32 peaks = group.values * kPeakColumns;
  for (u32 k = threadIdx.x; k < groups * peaks; k += kLanes) {
    const u32 start = k / peaks * size, peak = k % peaks, at = start + group.peak + peak;
    if (group.blocks > 0)
      merge_peak_sums<f64>(group, peak / kPeakColumns, peak % kPeakColumns, a + start, b + start);
    else
      a[at] = larger(a[at], b[at]);
  }
  if (group.blocks > 0) __syncthreads();  // by the means that are to be merged
  for (u32 g = threadIdx.x; g < groups; g += kLanes) merge_general<f64>(group, a + g * size, b + g * size, 1);
}

}  // namespace mc::kernels
