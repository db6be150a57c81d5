// From a merged record to what people read: value, error, interval, warnings. The formulas,
// where the warnings come from and how often they are wrong: docs/statistics.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/kernels/statistics.hpp"
#include "runtime/estimate/confidence.hpp"

namespace mc::runtime {

enum class WarningKind {
  nonfinite,   ///< samples were infinite or not a number
  heavy_tail,  ///< a few samples carry the variance, or it grows with the number of samples: the error is too
               ///< small
  one_sided,   ///< a probability without a hit or without a miss: its error is a bound
  few,         ///< a condition hardly ever holds, or a few samples carry most of the weight
  rough,       ///< a variance that the error is made of is itself not known well
  undefined,   ///< a correlation with a constant
  empty,       ///< there is no sample at all: nothing is known
  range,       ///< squares of the values overflow or underflow: the error is unknown
};

struct Warning {
  WarningKind kind;
  std::string text;
};

/// What samples that are not finite do to an estimate.
enum class Nonfinite {
  nan,   ///< make it NaN
  drop,  ///< nothing: it is over the others
};

/// In what an interval is symmetric.
enum class Scale {
  plain,
  logarithm,  ///< of what is positive
  fisher,     ///< of a correlation: atanh
};

struct Estimate {
  double value = 0;
  double standard_error = 0;  ///< root of `variance`; inf where it is not known (one sample)
  double variance = 0;        ///< of the value, not of a sample
  std::uint64_t samples = 0;  ///< that count (under a condition, those it holds for), and those not finite
  std::uint64_t nonfinite = 0;
  std::optional<std::uint64_t> first_nonfinite;  ///< its number, from 0
  std::vector<Warning> warnings;

  /// Where the true value lies with probability `level`, 0 < level < 1 (else std::invalid_argument).
  Interval interval(double level = 0.95) const;

  bool warns_of(WarningKind kind) const;

  bool is_probability = false;  ///< its interval is Wilson's
  Scale scale = Scale::plain;   ///< of the interval, of what is no probability
};

/// One group of a record. All estimates below take one: no samples at all give NaN with an infinite error.
struct Seen {
  const kernels::GroupLayout& at;
  const double* record;

  double count() const { return record[at.count()]; }
  double nonfinite() const { return record[at.nonfinite()]; }
  double first() const { return record[at.first()]; }
  double mean(unsigned i) const { return record[at.mean(i)]; }
  double comoment(unsigned i, unsigned j) const { return record[at.comoment(i, j)]; }
  double third() const { return record[at.third()]; }
  double fourth() const { return record[at.fourth()]; }
  double power_sum(unsigned power, unsigned p, unsigned q = 0) const {
    return record[at.power_sum(power, p, q)];
  }
  double square(unsigned i) const { return record[at.square(i)]; }
  double peak(unsigned i, unsigned k) const { return record[at.peak(i, k)]; }
};

/// E of value i: SE² = M2/(n(n−1)).
Estimate mean(const Seen& seen, unsigned i, Nonfinite policy = Nonfinite::nan);

/// P of a condition, value i being 1 or 0.
Estimate probability(const Seen& seen, unsigned i, Nonfinite policy = Nonfinite::nan);

/// Var of the one value of a group of order 4: s² = M2/(n−1), with Var(s²) = (m4 − m2²)/n + 2s⁴/(n(n−1)).
Estimate variance(const Seen& seen, Nonfinite policy = Nonfinite::nan);

/// Its root, with the error by the delta method.
Estimate deviation(const Seen& seen, Nonfinite policy = Nonfinite::nan);

/// P of a condition given another, from the group {both, the other} of ones and zeros: a proportion of the
/// samples that the other holds for, with their number in place of n.
Estimate conditional_probability(const Seen& seen, Nonfinite policy = Nonfinite::nan);

// From groups with weights. Estimates divide by the weights' sum, so the weights' scale does not matter, and
// with weights of 1 and 0 they are the plain ones over the samples that count. Errors are the delta method's
// (Owen, Monte Carlo theory, methods and examples, 9.2): the influences Σ w²(…)² over (Σ w)².

/// E of the value: Σ w v / Σ w.
Estimate weighted_mean(const Seen& seen, Nonfinite policy = Nonfinite::nan);

/// The same of ones and zeros. Without a hit or without a miss the error is the rule of three's, by how many
/// samples of equal weight would be worth as much.
Estimate weighted_probability(const Seen& seen, Nonfinite policy = Nonfinite::nan);

/// Var and Std of the one value of a group of order 4.
Estimate weighted_variance(const Seen& seen, Nonfinite policy = Nonfinite::nan);
Estimate weighted_deviation(const Seen& seen, Nonfinite policy = Nonfinite::nan);

/// Cov and Corr of the two values of a group of order 4, with weights or without. The correlation with a
/// constant is NaN, with a warning.
Estimate covariance(const Seen& seen, Nonfinite policy = Nonfinite::nan);
Estimate correlation(const Seen& seen, Nonfinite policy = Nonfinite::nan);

/// The standard error of the variance of value i, of a group of order 4; of the samples that are finite.
double error_of_variance(const Seen& seen, unsigned i);

}  // namespace mc::runtime
