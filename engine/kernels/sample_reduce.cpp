// Builds the sample-and-reduce kernel: the loop over a lane's samples, and the sums it carries turned into
// moments.
#include "engine/kernels/sample_reduce.hpp"

#include <iterator>
#include <limits>
#include <stdexcept>
#include <utility>

namespace mc::kernels {

namespace {

using ir::Builder;
using ir::X;

/// What the loop carries for one group, by position:
///   pivot[values], Σd[values], Σd_i d_j[i ≤ j], (Σd³, Σd⁴), and when screened count, nonfinite, first
/// with d = v − pivot.
class Accumulator {
 public:
  Accumulator(const GroupLayout& at, bool screened) : at_(at), screened_(screened) {}

  std::vector<ir::Value> initial(Builder& builder) const;

  /// The sums with one more sample: `step` counts from 0, `sample` is its global number (f64).
  std::vector<ir::Value> next(X step, X sample, std::span<const X> values,
                              std::span<const ir::Value> carried) const;

  void output(Builder& builder, std::span<const ir::Value> sums) const;

  unsigned values() const { return at_.group.values; }

  std::size_t size() const {
    const std::size_t k = values();
    return 2 * k + k * (k + 1) / 2 + (is_fourth() ? 2 : 0) + (screened_ ? 3 : 0);
  }

 private:
  bool is_fourth() const { return at_.group.order == 4; }
  std::size_t counts() const { return size() - 3; }
  void add_moments(std::vector<X>& sums, std::span<const X> d) const;
  void add_counts(std::vector<X>& sums, X kept, X sample) const;
  void output_central(Builder& builder, std::span<const X> sums, X mean) const;

  const GroupLayout& at_;  ///< the kernel's columns
  bool screened_;
};

std::vector<X> expressions(Builder& builder, std::span<const ir::Value> values) {
  std::vector<X> all;
  for (ir::Value v : values) all.emplace_back(builder, v);
  return all;
}

X is_finite(X value) { return abs(value) < std::numeric_limits<double>::infinity(); }

std::vector<ir::Value> Accumulator::initial(Builder& builder) const {
  std::vector<ir::Value> start(size(), builder.constant(0.0));
  if (screened_) start.back() = builder.constant(std::numeric_limits<double>::infinity());
  return start;
}

std::vector<ir::Value> Accumulator::next(X step, X sample, std::span<const X> values,
                                         std::span<const ir::Value> carried) const {
  std::vector<X> sums = expressions(step.builder(), carried);
  const X is_first = step == std::uint64_t{0};
  X kept = is_finite(values[0]);  // dead code, and dropped as such, unless screened
  for (const X& v : values.subspan(1)) kept = kept & is_finite(v);
  std::vector<X> d;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const X pivot = screened_ ? select(is_finite(values[i]), values[i], 0.0) : values[i];
    sums[i] = select(is_first, pivot, sums[i]);
    const X difference = values[i] - sums[i];
    d.push_back(screened_ ? select(kept, difference, 0.0) : difference);
  }
  add_moments(sums, d);
  if (screened_) add_counts(sums, kept, sample);
  return {sums.begin(), sums.end()};
}

void Accumulator::add_moments(std::vector<X>& sums, std::span<const X> d) const {
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

void Accumulator::add_counts(std::vector<X>& sums, X kept, X sample) const {
  X& count = sums[counts()];
  X& nonfinite = sums[counts() + 1];
  X& first = sums[counts() + 2];
  const X one = count.like(1.0), zero = count.like(0.0);
  first = select(kept | (nonfinite > 0.0), first, sample);
  count = count + select(kept, one, zero);
  nonfinite = nonfinite + select(kept, zero, one);
}

void Accumulator::output(Builder& builder, std::span<const ir::Value> carried) const {
  const std::vector<X> sums = expressions(builder, carried);
  const X steps = to_f64(X(builder, builder.leaf(ir::Op::steps)));
  const X n = screened_ ? sums[counts()] : steps;
  const X is_empty = n == 0.0;
  const X inverse = 1.0 / (screened_ ? select(is_empty, 1.0, n) : n);
  builder.output(at_.count(), n);
  builder.output(at_.nonfinite(), screened_ ? sums[counts() + 1] : n.like(0.0));
  builder.output(at_.first(),
                 screened_ ? sums[counts() + 2] : n.like(std::numeric_limits<double>::infinity()));

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
void Accumulator::output_central(Builder& builder, std::span<const X> sums, X m) const {
  const X s1 = sums[1], s2 = sums[2], s3 = sums[3], s4 = sums[4];
  const X m2 = m * m;
  const X third = s3 - 3.0 * (m * s2) + 2.0 * (m2 * s1);
  const X fourth = s4 - 4.0 * (m * s3) + 6.0 * (m2 * s2) - 3.0 * (m2 * m * s1);
  builder.output(at_.third(), third);
  builder.output(at_.fourth(), max(fourth.like(0.0), fourth));
}

/// Global number of a lane's sample, exact up to 2^53.
X sample_number(Builder& builder, X step) {
  const X tile(builder, builder.leaf(ir::Op::tile));
  const X lane(builder, builder.leaf(ir::Op::lane));
  const X first = tile * std::uint64_t{kTileSamples} + lane;
  return to_f64(first + widen(step) * std::uint64_t{kLanes});
}

/// The kernel while it is being built.
class Construction {
 public:
  Construction(const SampleReduce& shape, const Sample& sample)
      : shape_(shape), sample_(sample), layout_(shape.groups) {
    for (const GroupLayout& at : layout_.kernel) accumulators_.emplace_back(at, shape.screened);
  }

  ir::Kernel build(std::uint32_t scalars, std::vector<std::uint32_t> arrays) {
    std::vector<ir::Value> start = random::initial_state(shape_.generator, builder_);
    generator_size_ = start.size();
    for (const Accumulator& each : accumulators_)
      std::ranges::copy(each.initial(builder_), std::back_inserter(start));
    const auto body = [this](ir::Value step, std::span<const ir::Value> carried) {
      return one_sample(step, carried);
    };
    const auto end = builder_.loop(builder_.leaf(ir::Op::steps), start, body);
    std::size_t at = generator_size_;
    for (const Accumulator& each : accumulators_) {
      each.output(builder_, std::span(end).subspan(at, each.size()));
      at += each.size();
    }
    return builder_.finish(scalars, std::move(arrays));
  }

 private:
  std::vector<ir::Value> one_sample(ir::Value step, std::span<const ir::Value> carried) {
    const auto state = carried.first(generator_size_);
    const auto stream = random::make_stream(shape_.generator, builder_, step, {state.begin(), state.end()});
    const std::vector<X> values = sample_(builder_, *stream);
    std::vector<ir::Value> next = random::carried_state(shape_.generator, *stream);
    std::span<const X> left_values = values;
    std::span<const ir::Value> left = carried.subspan(generator_size_);
    const X index(builder_, step);
    const X number = sample_number(builder_, index);
    for (const Accumulator& each : accumulators_) {
      if (left_values.size() < each.values())
        throw std::invalid_argument("sample_reduce: a group lacks values");
      const auto sums = each.next(index, number, left_values.first(each.values()), left.first(each.size()));
      next.insert(next.end(), sums.begin(), sums.end());
      left_values = left_values.subspan(each.values());
      left = left.subspan(each.size());
    }
    if (!left_values.empty()) throw std::invalid_argument("sample_reduce: more values than the groups have");
    return next;
  }

  const SampleReduce& shape_;
  const Sample& sample_;
  Layout layout_;
  std::vector<Accumulator> accumulators_;
  Builder builder_;
  std::size_t generator_size_ = 0;
};

}  // namespace

ir::Kernel sample_reduce(const SampleReduce& shape, const Sample& sample, std::uint32_t scalars,
                         std::vector<std::uint32_t> arrays) {
  return Construction(shape, sample).build(scalars, std::move(arrays));
}

}  // namespace mc::kernels
