// An estimate in the making, for the rooms that make them: what all of them share about warnings, about
// samples that are not finite and about squares out of range.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "runtime/estimate/estimate.hpp"

namespace mc::runtime {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Squares below this have lost digits to underflow, or all of them.
inline constexpr double kSmallestSquare = 0x1p-970;
inline constexpr double kSmallestRoot = 0x1p-485;

/// A variance of which the error is more than a tenth is worth less than 100 squares: intervals made with it
/// miss the truth twice as often as they say, and more. A correlation divides by two such.
inline constexpr double kRoughVariance = 1 / 100.0;  ///< squared
inline constexpr double kRoughForCorrelation = 1 / 200.0;

/// An estimate in the making: begin with what was seen, then value and variance, then the warnings that go
/// with it.
class Draft {
 public:
  Draft(const Seen& seen, Nonfinite policy) : seen_(seen), policy_(policy) {
    estimate_.samples = static_cast<std::uint64_t>(seen.count() + seen.nonfinite());
    drawn_ = estimate_.samples;
    estimate_.nonfinite = static_cast<std::uint64_t>(seen.nonfinite());
    if (estimate_.nonfinite > 0) estimate_.first_nonfinite = static_cast<std::uint64_t>(seen.first());
  }

  Estimate& estimate() { return estimate_; }

  /// Fewer samples count than were drawn.
  void set_counting(double samples) {
    estimate_.samples = static_cast<std::uint64_t>(samples) + estimate_.nonfinite;
  }

  /// A variance that is no number is not known: one sample, or sums that overflowed; nor is one of values out
  /// of range.
  void set(double value, double variance) {
    const bool is_known = !std::isnan(variance) && !estimate_.warns_of(WarningKind::range);
    estimate_.value = value;
    estimate_.variance = is_known ? std::max(0.0, variance) : kInfinity;
  }

  void warn(WarningKind kind, std::string text) { estimate_.warnings.push_back({kind, std::move(text)}); }

  void warn_of_heavy_tail(bool is_heavy) {
    if (is_heavy)
      warn(WarningKind::heavy_tail,
           "a few samples carry most of the variance, so the error may be far too small; "
           "if it stays so with more samples, the variance is infinite");
  }

  /// `s2` is a variance that the error is made of, or the value itself, `error` the variance of it.
  void warn_of_rough_variance(double s2, double error, double most) {
    const bool is_rough = std::isfinite(error) && error > most * s2 * s2;
    const bool is_said =
        estimate_.warns_of(WarningKind::heavy_tail) || estimate_.warns_of(WarningKind::rough);
    if (is_rough && !is_said)
      warn(WarningKind::rough,
           fmt::format("a variance is known to {:.2g}% only, so the error is rough and may be too small; it "
                       "needs more samples",
                       100 * std::sqrt(error) / s2));
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
    if (drawn_ == 0) warn(WarningKind::empty, "not one sample was done: nothing is known of the value");
    if (estimate_.nonfinite > 0) report_nonfinite();
    estimate_.standard_error = std::sqrt(estimate_.variance);
    return std::move(estimate_);
  }

 private:
  void report_nonfinite() {
    const bool drops = policy_ == Nonfinite::drop;
    warn(WarningKind::nonfinite,
         fmt::format("{} of {} samples {} not finite, the first is number {} counting from 0: {}",
                     estimate_.nonfinite, drawn_, estimate_.nonfinite == 1 ? "is" : "are",
                     *estimate_.first_nonfinite, drops ? "left out" : "so the value is not a number"));
    if (drops) return;
    estimate_.value = kNaN;
    estimate_.variance = kNaN;
  }

  const Seen& seen_;
  Nonfinite policy_;
  std::uint64_t drawn_ = 0;
  Estimate estimate_;
};

/// f with variance v becomes √f with variance v/(4f). A constant stays exact.
inline void take_root(Estimate& estimate) {
  const double f = estimate.value;
  estimate.value = std::sqrt(f);
  if (estimate.variance > 0) estimate.variance = f > 0 ? estimate.variance / (4 * f) : kInfinity;
}

/// A probability without a hit, or with hits only, among n samples.
void describe_bound(Draft& draft, bool has_hits, double n);

}  // namespace mc::runtime
