// What a lane keeps of its samples, and what it makes of that in the end. Two kinds: sums about the pivot up
// to second co-moments (and, for one value, fourth powers), and power sums with weights.
#include "engine/kernels/accumulator.hpp"

#include <array>
#include <limits>

#include "engine/kernels/power_sums.hpp"

namespace mc::kernels {

namespace {

using ir::Builder;
using ir::X;

std::vector<X> expressions(Builder& builder, std::span<const ir::Value> values) {
  std::vector<X> all;
  for (ir::Value v : values) all.emplace_back(builder, v);
  return all;
}

X is_finite(X value) { return abs(value) < std::numeric_limits<double>::infinity(); }

X are_finite(std::span<const X> values) {
  X all = is_finite(values[0]);
  for (const X& v : values.subspan(1)) all = all & is_finite(v);
  return all;
}

/// What both kinds share: the columns, and when screened the counts that are carried last: count, nonfinite,
/// first.
class Sums : public Accumulator {
 public:
  Sums(const GroupLayout& at, bool screened) : at_(at), screened_(screened) {}

  unsigned inputs() const override { return at_.group.inputs(); }
  std::size_t size() const override { return counts() + (screened_ ? 3 : 0); }

  std::vector<ir::Value> initial(Builder& builder) const override {
    std::vector<ir::Value> start(size(), builder.constant(0.0));
    if (screened_) start.back() = builder.constant(std::numeric_limits<double>::infinity());
    return start;
  }

 protected:
  virtual std::size_t counts() const = 0;  ///< where the counts stand: after all sums

  unsigned values() const { return at_.group.values; }

  void add_counts(std::vector<X>& sums, X kept, X sample) const {
    if (!screened_) return;
    X& count = sums[counts()];
    X& nonfinite = sums[counts() + 1];
    X& first = sums[counts() + 2];
    const X one = count.like(1.0), zero = count.like(0.0);
    first = select(kept | (nonfinite > 0.0), first, sample);
    count = count + select(kept, one, zero);
    nonfinite = nonfinite + select(kept, zero, one);
  }

  /// Puts out the counts, and gives the number of samples.
  X output_counts(Builder& builder, std::span<const X> sums) const {
    const X steps = to_f64(X(builder, builder.leaf(ir::Op::steps)));
    const X n = screened_ ? sums[counts()] : steps;
    builder.output(at_.count(), n);
    builder.output(at_.nonfinite(), screened_ ? sums[counts() + 1] : n.like(0.0));
    builder.output(at_.first(),
                   screened_ ? sums[counts() + 2] : n.like(std::numeric_limits<double>::infinity()));
    return n;
  }

  const GroupLayout& at_;  ///< the kernel's columns
  const bool screened_;
};

/// The loop carries, by position:
///   pivot[values], Σd[values], Σd_i d_j[i ≤ j], (Σd³, Σd⁴)        with d = v − pivot
class Comoments : public Sums {
 public:
  using Sums::Sums;

  std::vector<ir::Value> next(X step, X sample, std::span<const X> values,
                              std::span<const ir::Value> carried) const override;
  void output(Builder& builder, std::span<const ir::Value> carried) const override;

 private:
  bool is_fourth() const { return at_.group.order == 4; }
  std::size_t counts() const override {
    const std::size_t k = values();
    return 2 * k + k * (k + 1) / 2 + (is_fourth() ? 2 : 0);
  }
  void add_moments(std::vector<X>& sums, std::span<const X> d) const;
  void output_central(Builder& builder, std::span<const X> sums, X mean) const;
};

std::vector<ir::Value> Comoments::next(X step, X sample, std::span<const X> values,
                                       std::span<const ir::Value> carried) const {
  std::vector<X> sums = expressions(step.builder(), carried);
  const X is_first = step == std::uint64_t{0};
  const X kept = are_finite(values);  // dead code, and dropped as such, unless screened
  std::vector<X> d;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const X pivot = screened_ ? select(is_finite(values[i]), values[i], 0.0) : values[i];
    sums[i] = select(is_first, pivot, sums[i]);
    const X difference = values[i] - sums[i];
    d.push_back(screened_ ? select(kept, difference, 0.0) : difference);
  }
  add_moments(sums, d);
  add_counts(sums, kept, sample);
  return {sums.begin(), sums.end()};
}

void Comoments::add_moments(std::vector<X>& sums, std::span<const X> d) const {
  std::size_t at = d.size();
  for (const X& each : d) {
    sums[at] = sums[at] + each;
    ++at;
  }
  for (std::size_t i = 0; i < d.size(); ++i)
    for (std::size_t j = i; j < d.size(); ++j, ++at) sums[at] = fma(d[i], d[j], sums[at]);
  if (!is_fourth()) return;
  const X square = d[0] * d[0];
  sums[at] = fma(square, d[0], sums[at]);
  sums[at + 1] = fma(square, square, sums[at + 1]);
}

void Comoments::output(Builder& builder, std::span<const ir::Value> carried) const {
  const std::vector<X> sums = expressions(builder, carried);
  const X n = output_counts(builder, sums);
  const X is_empty = n == 0.0;
  const X inverse = 1.0 / (screened_ ? select(is_empty, 1.0, n) : n);

  std::vector<X> means;  // of d
  for (unsigned i = 0; i < values(); ++i) {
    means.push_back(sums[values() + i] * inverse);
    const X mean = sums[i] + means[i];
    builder.output(at_.mean(i), screened_ ? select(is_empty, 0.0, mean) : mean);
  }
  for (unsigned i = 0; i < values(); ++i)
    for (unsigned j = i; j < values(); ++j) {
      const X product = sums[2 * std::size_t{values()} + (at_.comoment(i, j) - at_.comoment(0, 0))];
      const X comoment = product - sums[values() + i] * means[j];
      // max(0, x) keeps a NaN, max(x, 0) would not: what overflowed must not pass for no variance.
      builder.output(at_.comoment(i, j), i == j ? max(comoment.like(0.0), comoment) : comoment);
    }
  if (is_fourth()) output_central(builder, sums, means[0]);
}

/// Third and fourth central sums from sums about the pivot, m being the mean of d:
///   Σ(d − m)³ = Σd³ − 3m Σd² + 2m² Σd        Σ(d − m)⁴ = Σd⁴ − 4m Σd³ + 6m² Σd² − 3m³ Σd
void Comoments::output_central(Builder& builder, std::span<const X> sums, X m) const {
  const X s1 = sums[1], s2 = sums[2], s3 = sums[3], s4 = sums[4];
  const X m2 = m * m;
  const X third = s3 - 3.0 * (m * s2) + 2.0 * (m2 * s1);
  const X fourth = s4 - 4.0 * (m * s3) + 6.0 * (m2 * s2) - 3.0 * (m2 * m * s1);
  builder.output(at_.third(), third);
  builder.output(at_.fourth(), max(fourth.like(0.0), fourth));
}

/// The loop carries, by position:
///   pivot[values], (with weights: the heaviest so far,) Σ w d_0^p d_1^q and, with weights, Σ w² d_0^p d_1^q
///   to their degrees        with d = v − pivot
/// The pivot is the value of the heaviest sample so far: the first may weigh next to nothing and lie far from
/// where the weight is, and powers of that distance would swallow everything. When a heavier one comes the
/// sums move to it.
class PowerSums : public Sums {
 public:
  using Sums::Sums;

  std::vector<ir::Value> next(X step, X sample, std::span<const X> inputs,
                              std::span<const ir::Value> carried) const override;
  void output(Builder& builder, std::span<const ir::Value> carried) const override;

 private:
  std::size_t first_block() const { return std::size_t{values()} + (at_.group.weighted ? 1 : 0); }
  std::size_t counts() const override {
    return first_block() + at_.kernel_size() - (at_.moments() - at_.start);
  }
  /// Where sums with this power of the weight begin in what is carried.
  std::size_t block(unsigned power) const {
    return first_block() + at_.power_sum(power, 0, 0) - at_.moments();
  }
  void choose_pivot(std::vector<X>& sums, std::span<const X> values, X weight) const;
  void add_powers(std::span<X> sums, unsigned degree, X weight, std::span<const X> d) const;
};

std::vector<ir::Value> PowerSums::next(X step, X sample, std::span<const X> inputs,
                                       std::span<const ir::Value> carried) const {
  std::vector<X> sums = expressions(step.builder(), carried);
  const bool weighted = at_.group.weighted;
  const auto values = inputs.last(this->values());
  X weight = weighted ? inputs[0] : values[0].like(1.0);
  X kept = are_finite(values);
  if (weighted) kept = is_finite(weight) & ((weight == 0.0) | kept);
  if (screened_) weight = select(kept, weight, 0.0);
  choose_pivot(sums, values, weight);
  std::vector<X> d;
  for (std::size_t i = 0; i < values.size(); ++i)
    d.push_back(select(weight == 0.0, 0.0, values[i] - sums[i]));
  X factor = weight;
  for (unsigned power = 1; power <= at_.group.powers(); ++power, factor = factor * weight)
    add_powers(std::span(sums).subspan(block(power)), at_.group.degree(power), factor, d);
  add_counts(sums, kept, sample);
  return {sums.begin(), sums.end()};
}

void PowerSums::choose_pivot(std::vector<X>& sums, std::span<const X> values, X weight) const {
  X heaviest = at_.group.weighted ? sums[values.size()] : sums[block(1)];
  const X is_new = heaviest < weight;
  std::array<X, kPowerSumValues> moved{weight.like(0.0), weight.like(0.0)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const X pivot = select(is_new, values[i], sums[i]);
    moved[i] = sums[i] - pivot;
    sums[i] = pivot;
  }
  if (!at_.group.weighted) return;  // all weigh the same, so the first stays
  sums[values.size()] = select(is_new, weight, heaviest);
  for (unsigned power = 1; power <= at_.group.powers(); ++power) {
    const unsigned degree = at_.group.degree(power);
    const auto old = std::span(sums).subspan(block(power), power_sum_count(this->values(), degree));
    std::vector<X> shifted(old.begin(), old.end());
    shift_power_sums(shifted.data(), this->values(), degree, moved[0], moved[1]);
    for (std::size_t k = 0; k < old.size(); ++k) old[k] = select(is_new, shifted[k], old[k]);
  }
}

void PowerSums::add_powers(std::span<X> sums, unsigned degree, X weight, std::span<const X> d) const {
  std::vector<X> terms(power_sum_count(values(), degree), weight);
  for (unsigned q = 0; q <= (values() == 1 ? 0 : degree); ++q)
    for (unsigned p = 0; p + q <= degree; ++p) {
      X& term = terms[power_sum_index(values(), p, q)];
      if (p > 0)
        term = terms[power_sum_index(values(), p - 1, q)] * d[0];
      else if (q > 0)
        term = terms[power_sum_index(values(), 0, q - 1)] * d[1];
      X& sum = sums[power_sum_index(values(), p, q)];
      sum = sum + term;
    }
}

void PowerSums::output(Builder& builder, std::span<const ir::Value> carried) const {
  std::vector<X> sums = expressions(builder, carried);
  output_counts(builder, sums);
  const X weight = sums[block(1)];
  const X is_empty = weight == 0.0;
  const X divisor = select(is_empty, 1.0, weight);  // whose inverse may be infinite where it is not
  std::array<X, kPowerSumValues> back{weight.like(0.0), weight.like(0.0)};
  for (unsigned i = 0; i < values(); ++i) {
    const X mean = sums[block(1) + 1 + i] / divisor;  // of d
    back[i] = -mean;
    builder.output(at_.mean(i), select(is_empty, 0.0, sums[i] + mean));
  }
  for (unsigned power = 1; power <= at_.group.powers(); ++power)
    shift_power_sums(&sums[block(power)], values(), at_.group.degree(power), back[0], back[1]);
  for (unsigned i = 0; i < values(); ++i) sums[block(1) + 1 + i] = weight.like(0.0);
  for (std::size_t k = first_block(); k < counts(); ++k)
    builder.output(at_.moments() + k - first_block(), sums[k]);
}

}  // namespace

std::unique_ptr<Accumulator> make_accumulator(const GroupLayout& at, bool screened) {
  if (at.group.has_power_sums()) return std::make_unique<PowerSums>(at, screened);
  return std::make_unique<Comoments>(at, screened);
}

}  // namespace mc::kernels
