// What a lane, a tile and a whole run know about the values they saw: the layout of such a record, and the
// merge of two of them by Chan's and Pébay's formulas, written out once (merge.inl).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/kernels/merge_group.hpp"

namespace mc::kernels {

/// Values accumulated together: a sample counts in all of them or, where one is not finite, in none.
struct Group {
  unsigned values = 1;
  unsigned order = 2;  ///< the highest powers that errors need: 2 for means, 4 for variances and covariances
  /// A sample has a weight too, which comes before its values. One of weight 0 does not count, whatever its
  /// values are, finite or not: so a condition is a weight of 1 or 0.
  bool weighted = false;

  unsigned inputs() const { return values + (weighted ? 1 : 0); }

  /// Whether sums of powers (power_sums.hpp) are kept, rather than co-moments alone and, for one value, the
  /// third and fourth moment.
  bool has_power_sums() const { return weighted || (order == 4 && values > 1); }

  /// The degree to which sums with the weight to this power are kept: values need the weight itself, their
  /// errors its square. Without weights there are only the first.
  unsigned degree(unsigned power) const { return weighted && power == 1 ? order / 2 : order; }
  unsigned powers() const { return weighted ? 2 : 1; }

  bool operator==(const Group&) const = default;
};

/// Peaks kept of each value: one for each residue of the lane's number. 32 are enough to see how they
/// scatter.
inline constexpr unsigned kPeaks = kPeakColumns;

/// Where a group's numbers stand within a record, in f64 positions from the record's start:
///   count, nonfinite, first, mean[values], moments, peaks[values]
/// count: finite samples; nonfinite: dropped ones; first: global number of the first dropped sample, +inf
/// when none; mean: of those that count, by their weights. The moments are
///   comoment[values*(values+1)/2], (third, fourth): Σ(v_i − mean_i)(v_j − mean_j) for i ≤ j, row by row; Σ(v
///   − mean)³, Σ(v − mean)⁴ of a single value of order 4
/// or power sums about the means, with the weight (1 where there is none) and then with its square.
/// peak(i, k): the largest square(i) that a single lane ℓ ≡ k (mod kPeaks) of any tile came to. How the peaks
/// scatter tells a heavy tail from a rare event (docs/statistics.md). Co-moments are about the lane's own
/// mean; of power sums, whose lane may hold a single sample that counts, about the record's. With each of
/// those go the lane's Σ w² (v − c) and Σ w², with which it is seen from another centre when records merge:
/// three rows of kPeaks, the squares last. A kernel writes all but the peaks.
struct GroupLayout {
  Group group;
  std::size_t start = 0;

  std::size_t count() const { return start; }
  std::size_t nonfinite() const { return start + 1; }
  std::size_t first() const { return start + 2; }
  std::size_t mean(unsigned i) const { return start + 3 + i; }
  std::size_t moments() const { return start + 3 + group.values; }
  std::size_t comoment(unsigned i,
                       unsigned j) const;  ///< i ≤ j < values; without power sums only, as are the next two
  std::size_t third() const;               ///< order 4 only, as is fourth()
  std::size_t fourth() const;
  std::size_t power_sum(unsigned power, unsigned p, unsigned q) const;  ///< Σ w^power (v_0 − …)^p (v_1 − …)^q
  std::size_t square(unsigned i) const;  ///< the sum of squares that the error of value i's mean is made of
  std::size_t peak(unsigned i, unsigned k) const;  ///< k < kPeaks
  std::size_t kernel_size() const;                 ///< numbers a kernel writes
  std::size_t peaks() const;                       ///< numbers of all peaks together
  std::size_t size() const;                        ///< numbers of the whole group
};

/// Groups one after another. Throws std::invalid_argument for a group that cannot be.
struct Layout {
  explicit Layout(std::span<const Group> groups);
  std::vector<GroupLayout> groups;  ///< in records
  std::vector<GroupLayout> kernel;  ///< in a kernel's columns, which lack the peaks
  std::size_t kernel_size = 0;
  std::size_t size = 0;
};

/// The record of no samples, which leaves any other as it is when merged.
void clear(const Layout& layout, double* record);

/// a := a merged with b, in that order; a side with count 0 leaves the other's moments as they are (bit for
/// bit).
void merge(const Layout& layout, double* a, const double* b);

/// One record from a kernel's columns (column k at columns[k*kLanes]): lane ℓ with ℓ+128, then 64, … 1. Lanes
/// from `lanes` (1..kLanes) on saw nothing; what stands in their columns does not matter. `columns` is used
/// up.
void merge_lanes(const Layout& layout, double* columns, unsigned lanes, double* record);

/// Whether the record's means are finite. They are not if any sample was not, in which case the screened
/// kernel has to compute the tile again; sums of squares that overflow would only do so once more.
bool is_finite(const Layout& layout, const double* record);

}  // namespace mc::kernels
