// The merge of a tile's lanes, and of two records, on the CPU: vectors of lanes, and what is left of them.
// Compiled for each instruction set (merge_*.cpp define MC_MERGE_ISA and MC_MERGE_BYTES); the bits are the
// same in all.
#include "engine/kernels/merge.hpp"
#include "engine/kernels/power_sums.hpp"

#define MC_INLINE [[gnu::always_inline]] inline

namespace mc::kernels::MC_MERGE_ISA {

namespace {

using Vector [[gnu::vector_size(MC_MERGE_BYTES)]] = double;
constexpr unsigned kWidth = MC_MERGE_BYTES / sizeof(double);

template <class V>
MC_INLINE V load(const double* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class V>
MC_INLINE void store(double* to, V v) {
  __builtin_memcpy(to, &v, sizeof v);
}

template <class V>
MC_INLINE V if_less(V x, V y, V a, V b) {
  return x < y ? a : b;
}

#include "engine/kernels/merge_sides.inl"

/// The largest second moment among the lanes of each residue; NaN is none.
MC_INLINE void find_peaks(const double* column, unsigned lanes, double* peaks) {
  for (unsigned k = 0; k < kPeakColumns; k += kWidth) {
    Vector most{};
    unsigned lane = k;
    for (; lane + kWidth <= lanes; lane += kPeakColumns) {
      const Vector v = load<Vector>(column + lane);
      most = v > most ? v : most;
    }
    store<Vector>(peaks + k, most);
    for (; lane < lanes; ++lane)  // a last, incomplete vector
      if (column[lane] > peaks[lane % kPeakColumns]) peaks[lane % kPeakColumns] = column[lane];
  }
}

/// Whether all lanes hold the same number of samples, none of them dropped.
MC_INLINE bool all_equal(const double* columns) {
  const Vector count = Vector{} + columns[0];
  auto differs = count != count;
  for (unsigned lane = 0; lane < kMergeLanes; lane += kWidth) {
    differs |= load<Vector>(columns + lane) != count;
    differs |= load<Vector>(columns + kNonfinite * kMergeLanes + lane) != 0.0;
  }
  long long any = 0;
  for (unsigned k = 0; k < kWidth; ++k) any |= differs[k];
  return any == 0;
}

MC_INLINE void merge_equal_lanes(const MergeGroup& group, double* columns) {
  double count = columns[0];
  for (unsigned half = kMergeLanes / 2; half > 0; half /= 2, count += count) {
    if (half >= kWidth) {
      const Equal<Vector> w(count);
      for (unsigned lane = 0; lane < half; lane += kWidth)
        merge_moments<Vector>(group, w, {columns + lane, columns + lane + half, kMergeLanes});
    } else {
      const Equal<double> w(count);
      for (unsigned lane = 0; lane < half; ++lane)
        merge_moments<double>(group, w, {columns + lane, columns + lane + half, kMergeLanes});
    }
  }
  columns[0] = count;
}

/// Lanes without samples up to the end of their vector count as empty sides.
MC_INLINE void empty_lanes(const MergeGroup& group, double* columns, unsigned from) {
  for (unsigned lane = from; lane % kWidth != 0; ++lane) {
    if (group.blocks > 0) columns[group.block[0].start * kMergeLanes + lane] = 0;
    columns[kCount * kMergeLanes + lane] = 0;
    columns[kNonfinite * kMergeLanes + lane] = 0;
    columns[kFirst * kMergeLanes + lane] = __builtin_inf();
  }
}

MC_INLINE void merge_unequal_lanes(const MergeGroup& group, double* columns, unsigned lanes) {
  empty_lanes(group, columns, lanes);
  for (unsigned half = kMergeLanes / 2; half > 0; half /= 2) {
    if (lanes <= half) continue;
    const unsigned pairs = lanes - half;
    unsigned lane = 0;
    if (half >= kWidth)
      for (; lane < pairs; lane += kWidth)
        merge_general<Vector>(group, columns + lane, columns + lane + half, kMergeLanes);
    for (; lane < pairs; ++lane)
      merge_general<double>(group, columns + lane, columns + lane + half, kMergeLanes);
    lanes = half;
  }
}

/// What the lanes' peaks are made of, which their merge uses up.
struct SumsOfLanes {
  double mean[kMergeLanes];
  double sum[kPeakSums][kMergeLanes];

  MC_INLINE void read(const MergeGroup& group, unsigned i, const double* columns) {
    const auto copy = [&](double* to, std::size_t column) {
      __builtin_memcpy(to, columns + column * kMergeLanes, sizeof mean);
    };
    copy(mean, group.mean + i);
    for (unsigned p = 0; p < kPeakSums; ++p) copy(sum[p], peak_sum_column(group, i, p));
  }

  template <class V>
  MC_INLINE PeakSums<V> seen_from(double centre, unsigned lane) const {
    auto sums = PeakSums<V>::at(sum[0] + lane, kMergeLanes);
    sums.move(load<V>(mean + lane) - centre);
    return sums;
  }
};

MC_INLINE void find_peak_sums(const SumsOfLanes& of, double centre, unsigned lanes, double* peaks) {
  for (unsigned k = 0; k < kPeakColumns; k += kWidth) {
    PeakSums<Vector> most{};
    unsigned lane = k;
    for (; lane + kWidth <= lanes; lane += kPeakColumns) most.keep(of.seen_from<Vector>(centre, lane));
    most.put(peaks + k, kPeakColumns);
    for (; lane < lanes; ++lane) {  // a last, incomplete vector
      double* peak = peaks + lane % kPeakColumns;
      auto last = PeakSums<double>::at(peak, kPeakColumns);
      last.keep(of.seen_from<double>(centre, lane));
      last.put(peak, kPeakColumns);
    }
  }
}

MC_INLINE void merge_lanes_of_power_sums(const MergeGroup& group, double* columns, unsigned lanes,
                                         double* record) {
  SumsOfLanes of[2];
  for (unsigned i = 0; i < group.values; ++i) of[i].read(group, i, columns);
  merge_unequal_lanes(group, columns, lanes);
  for (std::size_t k = 0; k < group.peak; ++k) record[k] = columns[k * kMergeLanes];
  for (unsigned i = 0; i < group.values; ++i)
    find_peak_sums(of[i], record[group.mean + i], lanes, record + group.peak + i * kPeakSums * kPeakColumns);
}

MC_INLINE void merge_lanes_of_moments(const MergeGroup& group, double* columns, unsigned lanes,
                                      double* record) {
  for (unsigned i = 0; i < group.values; ++i)
    find_peaks(columns + square_column(group, i) * kMergeLanes, lanes,
               record + group.peak + i * kPeakColumns);
  if (lanes == kMergeLanes && columns[0] > 0 && all_equal(columns))
    merge_equal_lanes(group, columns);
  else
    merge_unequal_lanes(group, columns, lanes);
  for (std::size_t k = 0; k < group.peak; ++k) record[k] = columns[k * kMergeLanes];
}

}  // namespace

void merge_group(const MergeGroup& group, double* a, const double* b) {
  for (unsigned i = 0; i < group.values && group.blocks > 0; ++i)
    for (unsigned k = 0; k < kPeakColumns; k += kWidth) merge_peak_sums<Vector>(group, i, k, a, b);
  merge_general<double>(group, a, b, 1);
  if (group.blocks > 0) return;
  for (unsigned k = 0; k < group.values * kPeakColumns; k += kWidth) {
    const Vector peak_a = load<Vector>(a + group.peak + k), peak_b = load<Vector>(b + group.peak + k);
    store<Vector>(a + group.peak + k, peak_a > peak_b ? peak_a : peak_b);
  }
}

void merge_group_lanes(const MergeGroup& group, double* columns, unsigned lanes, double* record) {
  // The frequent shapes once more with numbers the compiler knows: a mean, a variance, two values.
  if (group.blocks > 0)
    merge_lanes_of_power_sums(group, columns, lanes, record);
  else if (group.values == 1 && group.order == 2)
    merge_lanes_of_moments({1, 2, 3, 4, 5, 5}, columns, lanes, record);
  else if (group.values == 1)
    merge_lanes_of_moments({1, 4, 3, 4, 5, 7}, columns, lanes, record);
  else if (group.values == 2)
    merge_lanes_of_moments({2, 2, 3, 5, 8, 8}, columns, lanes, record);
  else
    merge_lanes_of_moments(group, columns, lanes, record);
}

}  // namespace mc::kernels::MC_MERGE_ISA
