// Each query's value and variance of the value; what they share stands in Draft.
#include "runtime/estimate/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "runtime/estimate/concise.hpp"
#include "runtime/estimate/tail.hpp"

namespace mc::runtime {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Squares below this have lost digits to underflow, or all of them.
constexpr double kSmallestSquare = 0x1p-970;
constexpr double kSmallestRoot = 0x1p-485;

/// An estimate in the making: begin with what was seen, then value and variance, then the warnings that go
/// with it.
class Draft {
 public:
  Draft(const Seen& seen, Nonfinite policy) : seen_(seen), policy_(policy) {
    estimate_.samples = static_cast<std::uint64_t>(seen.count() + seen.nonfinite());
    estimate_.nonfinite = static_cast<std::uint64_t>(seen.nonfinite());
    if (estimate_.nonfinite > 0) estimate_.first_nonfinite = static_cast<std::uint64_t>(seen.first());
  }

  Estimate& estimate() { return estimate_; }

  /// A variance that is no number is not known: one sample, or sums that overflowed.
  void set(double value, double variance) {
    estimate_.value = value;
    estimate_.variance = std::isnan(variance) ? kInfinity : std::max(0.0, variance);
  }

  void warn(WarningKind kind, std::string text) { estimate_.warnings.push_back({kind, std::move(text)}); }

  void warn_of_heavy_tail(bool is_heavy) {
    if (is_heavy)
      warn(WarningKind::heavy_tail,
           "a few samples carry most of the variance, so the error may be far too small; "
           "if it stays so with more samples, the variance is infinite");
  }

  /// `squares` is the sum of what the variance is made of, squares of numbers about as large as `magnitude`.
  void check_range(double squares, double magnitude) {
    const double smallest = kSmallestSquare * seen_.count();
    const bool is_lost = magnitude > 0 && magnitude < kSmallestRoot && squares < smallest;
    const bool is_fine = std::isfinite(squares) && !is_lost;
    if (is_fine || estimate_.warns_of(WarningKind::range)) return;
    estimate_.variance = kInfinity;
    warn(WarningKind::range,
         fmt::format("the values are too {} to be squared: the error is not known; scale them",
                     is_lost ? "small" : "large"));
  }

  Estimate finish() {
    if (seen_.count() == 0) set(kNaN, kInfinity);
    if (estimate_.samples == 0)
      warn(WarningKind::empty, "not one sample was done: nothing is known of the value");
    if (estimate_.nonfinite > 0) report_nonfinite();
    estimate_.standard_error = std::sqrt(estimate_.variance);
    return std::move(estimate_);
  }

 private:
  void report_nonfinite() {
    const bool drops = policy_ == Nonfinite::drop;
    warn(WarningKind::nonfinite,
         fmt::format("{} of {} samples {} not finite, the first is number {} counting from 0: {}",
                     estimate_.nonfinite, estimate_.samples, estimate_.nonfinite == 1 ? "is" : "are",
                     *estimate_.first_nonfinite, drops ? "left out" : "so the value is not a number"));
    if (drops) return;
    estimate_.value = kNaN;
    estimate_.variance = kNaN;
  }

  const Seen& seen_;
  Nonfinite policy_;
  Estimate estimate_;
};

/// Covariance of the means of values i and j: NaN for one sample.
double covariance_of_means(const Seen& seen, unsigned i, unsigned j) {
  const double n = seen.count();
  return n > 1 ? seen.comoment(i, j) / (n * (n - 1)) : kNaN;
}

/// f with variance v becomes √f with variance v/(4f). A constant stays exact.
void take_root(Estimate& estimate) {
  const double f = estimate.value;
  estimate.value = std::sqrt(f);
  if (estimate.variance > 0) estimate.variance = f > 0 ? estimate.variance / (4 * f) : kInfinity;
}

void describe_bound(Draft& draft, bool has_hits) {
  const auto n = static_cast<double>(draft.estimate().samples - draft.estimate().nonfinite);
  const double bound = std::min(1.0, 3 / n);  // the rule of three: 95%
  draft.estimate().variance = n > 1 ? bound * bound : kInfinity;
  draft.warn(WarningKind::one_sided,
             fmt::format("{} in {} samples: the true value lies {}{:.2g} with 95% confidence",
                         has_hits ? "only hits" : "no hit", n, has_hits ? "above 1 - " : "below ", bound));
}

/// s² and the variance of s².
void set_variance(Draft& draft, const Seen& seen) {
  const double n = seen.count();
  if (n < 2) return draft.set(kNaN, kInfinity);
  const double s2 = seen.comoment(0, 0) / (n - 1);
  const double m4 = seen.fourth() / n;
  draft.set(s2, (m4 - s2 * s2 * (n - 3) / (n - 1)) / n);
  draft.check_range(seen.comoment(0, 0), std::abs(seen.mean(0)));
  draft.check_range(seen.fourth(), s2);
  draft.warn_of_heavy_tail(is_heavy_for_variance(seen));
}

void set_weighted_variance(Draft& draft, const Seen& seen) {
  const double mean = seen.mean(1);
  const double v00 = covariance_of_means(seen, 0, 0);
  const double v01 = covariance_of_means(seen, 0, 1);
  const double v11 = covariance_of_means(seen, 1, 1);
  draft.set(seen.mean(0) - mean * mean, v00 - 4 * mean * v01 + 4 * mean * mean * v11);
  draft.warn_of_heavy_tail(is_heavy_for_mean(seen, 0) || is_heavy_for_mean(seen, 1));
}

}  // namespace

Interval Estimate::interval(double level) const {
  const auto counted = static_cast<double>(samples - nonfinite);
  if (is_probability && !std::isnan(value) && counted > 0) return wilson_interval(hits, counted, level);
  return symmetric_interval(value, standard_error, level, counted);
}

std::string Estimate::concise() const { return runtime::concise(value, standard_error); }

bool Estimate::warns_of(WarningKind kind) const {
  return std::ranges::find(warnings, kind, &Warning::kind) != warnings.end();
}

Estimate mean(const Seen& seen, unsigned i, Nonfinite policy) {
  Draft draft(seen, policy);
  draft.set(seen.mean(i), covariance_of_means(seen, i, i));
  if (seen.count() > 1) draft.check_range(seen.comoment(i, i), std::abs(seen.mean(i)));
  draft.warn_of_heavy_tail(is_heavy_for_mean(seen, i));
  return draft.finish();
}

Estimate probability(const Seen& seen, unsigned i, Nonfinite policy) {
  Draft draft(seen, policy);
  const double n = seen.count();
  draft.set(seen.mean(i), covariance_of_means(seen, i, i));
  draft.estimate().is_probability = true;
  draft.estimate().hits = std::round(seen.mean(i) * n);
  if (n > 0 && (draft.estimate().hits <= 0 || draft.estimate().hits >= n))
    describe_bound(draft, draft.estimate().hits > 0);
  return draft.finish();
}

Estimate variance(const Seen& seen, Nonfinite policy) {
  Draft draft(seen, policy);
  set_variance(draft, seen);
  return draft.finish();
}

Estimate deviation(const Seen& seen, Nonfinite policy) {
  Draft draft(seen, policy);
  set_variance(draft, seen);
  take_root(draft.estimate());
  return draft.finish();
}

Estimate weighted_variance(const Seen& seen, Nonfinite policy) {
  Draft draft(seen, policy);
  set_weighted_variance(draft, seen);
  return draft.finish();
}

Estimate weighted_deviation(const Seen& seen, Nonfinite policy) {
  Draft draft(seen, policy);
  set_weighted_variance(draft, seen);
  take_root(draft.estimate());
  return draft.finish();
}

}  // namespace mc::runtime
