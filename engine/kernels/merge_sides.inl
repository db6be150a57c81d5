// How two sides' statistics become one: formulas of docs/contract.md, "Tiles and sums", for a V of lanes or
// of a single record. Second moments: Chan, Golub and LeVeque 1983; third and fourth: Pébay, SAND2008-6212.
// Power sums: each side is moved to the common mean, and the two are added. Whoever includes this (merge.inl,
// and the CUDA sources that engine/cuda writes) has merge_group.hpp, power_sums.hpp, load<V>(), store<V>(),
// if_less<V>() and MC_INLINE.

constexpr std::size_t kCount = 0, kNonfinite = 1, kFirst = 2;

/// The weights of two sides that hold na and nb samples, either of which may be none.
template <class V>
struct General {
  V na, nb;
  V share_a, share_b;  ///< na/n, nb/n
  V joint;             ///< na·nb/n

  MC_INLINE General(V a, V b)
      : na(a), nb(b), share_a(a / (a + b)), share_b(b / (a + b)), joint(a * share_b) {}

  MC_INLINE V choose(V merged, V a, V b) const { return nb == 0.0 ? a : (na == 0.0 ? b : merged); }
};

/// The same where both sides hold `count` samples, at least one: what General would compute, exactly.
template <class V>
struct Equal {
  V share_a, share_b, joint;

  MC_INLINE explicit Equal(double count) : share_a(V{} + 0.5), share_b(V{} + 0.5), joint(V{} + count * 0.5) {}

  MC_INLINE V choose(V merged, V, V) const { return merged; }
};

/// A group's columns on both sides, for the lanes of one V.
template <class V>
struct Sides {
  double* a;
  const double* b;
  std::size_t stride;  ///< between columns

  MC_INLINE V in_a(std::size_t column) const { return load<V>(a + column * stride); }
  MC_INLINE V in_b(std::size_t column) const { return load<V>(b + column * stride); }
  MC_INLINE V delta(std::size_t column) const { return in_b(column) - in_a(column); }

  template <class Weights>
  MC_INLINE void put(std::size_t column, const Weights& w, V merged) const {
    store<V>(a + column * stride, w.choose(merged, in_a(column), in_b(column)));
  }
};

/// Third and fourth moments; before the second, whose old values they need.
template <class V, class Weights>
MC_INLINE void merge_higher(const MergeGroup& group, const Weights& w, const Sides<V>& s) {
  const std::size_t second = group.comoment, third = group.third, fourth = group.third + 1;
  const V delta = s.delta(group.mean), delta2 = delta * delta;
  const V a2 = s.in_a(second), b2 = s.in_b(second), a3 = s.in_a(third), b3 = s.in_b(third);
  const V a = w.share_a, b = w.share_b;
  const V spread4 = delta2 * delta2 * w.joint * (a * a - a * b + b * b);
  const V cross4 = 6.0 * delta2 * (a * a * b2 + b * b * a2) + 4.0 * delta * (a * b3 - b * a3);
  s.put(fourth, w, s.in_a(fourth) + s.in_b(fourth) + spread4 + cross4);
  const V spread3 = delta2 * delta * w.joint * (a - b);
  s.put(third, w, a3 + b3 + spread3 + 3.0 * delta * (a * b2 - b * a2));
}

/// All moments but the counts.
template <class V, class Weights>
MC_INLINE void merge_moments(const MergeGroup& group, const Weights& w, const Sides<V>& s) {
  if (group.order == 4) merge_higher(group, w, s);
  std::size_t column = group.comoment;
  for (unsigned i = 0; i < group.values; ++i) {
    const V weighted = s.delta(group.mean + i) * w.joint;
    for (unsigned j = i; j < group.values; ++j, ++column)
      s.put(column, w, s.in_a(column) + s.in_b(column) + weighted * s.delta(group.mean + j));
  }
  for (unsigned i = 0; i < group.values; ++i) {
    const std::size_t mean = group.mean + i;
    s.put(mean, w, s.in_a(mean) + s.delta(mean) * w.share_b);
  }
}

/// Two sides whose samples weigh wa and wb, either of which may be nothing.
template <class V>
struct Weighed {
  V wa, wb;

  MC_INLINE Weighed(const MergeGroup& group, const Sides<V>& s)
      : wa(s.in_a(group.block[0].start)), wb(s.in_b(group.block[0].start)) {}

  MC_INLINE V choose(V merged, V a, V b) const { return wb == 0.0 ? a : (wa == 0.0 ? b : merged); }

  /// From a's mean to the common one.
  MC_INLINE V step(const Sides<V>& s, std::size_t mean) const { return s.delta(mean) * (wb / (wa + wb)); }
};

template <class V>
MC_INLINE void merge_block(const MergeGroup& group, const MergeBlock& block, const Weighed<V>& w,
                           const Sides<V>& s, const V* from_a, const V* from_b) {
  V a[kMostPowerSums], b[kMostPowerSums];
  const unsigned count = power_sum_count(group.values, block.degree);
  for (unsigned k = 0; k < count; ++k) a[k] = s.in_a(block.start + k), b[k] = s.in_b(block.start + k);
  shift_power_sums(a, group.values, block.degree, from_a[0], from_a[1]);
  shift_power_sums(b, group.values, block.degree, from_b[0], from_b[1]);
  for (unsigned k = 0; k < count; ++k) s.put(block.start + k, w, a[k] + b[k]);
}

template <class V>
MC_INLINE void merge_power_sums(const MergeGroup& group, const Sides<V>& s) {
  const std::size_t weight = group.block[0].start;
  const Weighed<V> w(group, s);
  V step[2] = {}, from_a[2] = {}, from_b[2] = {};  // a side's mean, seen from the common one
  for (unsigned i = 0; i < group.values; ++i) {
    step[i] = w.step(s, group.mean + i);
    from_a[i] = -step[i];
    from_b[i] = s.delta(group.mean + i) - step[i];
  }
  for (unsigned k = 0; k < group.blocks; ++k) merge_block(group, group.block[k], w, s, from_a, from_b);
  for (unsigned i = 0; i < group.values; ++i) {
    store<V>(s.a + (weight + 1 + i) * s.stride, V{});  // about the mean there is no first moment
    s.put(group.mean + i, w, s.in_a(group.mean + i) + step[i]);
  }
}

template <class V>
MC_INLINE void merge_general(const MergeGroup& group, double* a, const double* b, std::size_t stride) {
  const Sides<V> s{a, b, stride};
  if (group.blocks > 0)
    merge_power_sums(group, s);
  else
    merge_moments(group, General<V>(s.in_a(kCount), s.in_b(kCount)), s);
  store<V>(a + kCount * stride, s.in_a(kCount) + s.in_b(kCount));
  store<V>(a + kNonfinite * stride, s.in_a(kNonfinite) + s.in_b(kNonfinite));
  const V first_a = s.in_a(kFirst), first_b = s.in_b(kFirst);
  store<V>(a + kFirst * stride, first_a < first_b ? first_a : first_b);
}

/// Where a value's sum of squares stands, of co-moments (GroupLayout::square).
MC_INLINE std::size_t square_column(const MergeGroup& group, unsigned i) {
  return group.comoment + i * group.values - i * (i - 1) / 2;
}

// ---- peaks of power sums: a lane's Σ w² (v − c)^p, p = 0, 1, 2

/// Where they stand among a kernel's columns.
MC_INLINE std::size_t peak_sum_column(const MergeGroup& group, unsigned i, unsigned p) {
  return group.block[group.blocks - 1].start + power_sum_index(group.values, i == 0 ? p : 0, i == 0 ? 0 : p);
}

/// A lane's, or several lanes'.
template <class V>
struct PeakSums {
  V sum[kPeakSums];

  MC_INLINE static PeakSums at(const double* from, std::size_t stride) {
    PeakSums all;
    for (unsigned p = 0; p < kPeakSums; ++p) all.sum[p] = load<V>(from + p * stride);
    return all;
  }
  MC_INLINE void put(double* to, std::size_t stride) const {
    for (unsigned p = 0; p < kPeakSums; ++p) store<V>(to + p * stride, sum[p]);
  }

  /// Seen from c − by.
  MC_INLINE void move(V by) { shift_power_sums(sum, 1, kPeakSums - 1, by, V{}); }

  /// The one with the larger square, mine where either is NaN.
  MC_INLINE void keep(const PeakSums& other) {
    const V square = sum[kPeakSums - 1], others = other.sum[kPeakSums - 1];
    for (unsigned p = 0; p < kPeakSums; ++p) sum[p] = if_less(square, others, other.sum[p], sum[p]);
  }
};

/// Peaks of value i from number k on, as many as a V has, of two sides whose other numbers are not merged
/// yet.
template <class V>
MC_INLINE void merge_peak_sums(const MergeGroup& group, unsigned i, unsigned k, double* a, const double* b) {
  const Sides<double> s{a, b, 1};
  const Weighed<double> w(group, s);
  const std::size_t mean = group.mean + i;
  const double in_a = s.in_a(mean), in_b = s.in_b(mean),
               centre = w.choose(in_a + w.step(s, mean), in_a, in_b);
  const std::size_t at = group.peak + i * kPeakSums * kPeakColumns + k;
  auto mine = PeakSums<V>::at(a + at, kPeakColumns), others = PeakSums<V>::at(b + at, kPeakColumns);
  mine.move(V{} + (in_a - centre));
  others.move(V{} + (in_b - centre));
  mine.keep(others);
  mine.put(a + at, kPeakColumns);
}
