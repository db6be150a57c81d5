// Estimates from power sums: under conditions and weights, and of two values together.
#include "runtime/estimate/draft.hpp"
#include "runtime/estimate/tail.hpp"

namespace mc::runtime {

namespace {

/// Fewer samples than these, or what is worth no more than these, say little about their own scatter.
constexpr double kFewSamples = 30;

/// Of sums that a tree adds up and merges move, relatively.
constexpr double kRoundingOfSums = 0x1p-49;

/// Central moments about the weighted means. Without weights both kinds come from the same sums.
class Moments {
 public:
  explicit Moments(const Seen& seen)
      : seen_(seen), powers_(seen.at.group.powers()), weight_(seen.power_sum(1, 0)) {}

  unsigned values() const { return seen_.at.group.values; }
  double weight() const { return weight_; }
  double squared_weight() const { return seen_.power_sum(powers_, 0); }

  /// How many samples of equal weight would be worth as much (Kish): with weights of 1 and 0, the ones.
  double effective() const { return weight_ * weight_ / squared_weight(); }
  bool are_ones() const { return weight_ == squared_weight(); }

  /// Σ w (v_0 − …)^p (v_1 − …)^q / Σ w
  double value(unsigned p, unsigned q) const { return seen_.power_sum(1, p, q) / weight_; }
  /// Σ w² (v_0 − …)^p (v_1 − …)^q / (Σ w)²
  double error(unsigned p, unsigned q) const { return seen_.power_sum(powers_, p, q) / (weight_ * weight_); }

  /// Mean square and mean fourth power of value i.
  double square(unsigned i) const { return i == 0 ? value(2, 0) : value(0, 2); }
  double fourth(unsigned i) const { return (i == 0 ? error(4, 0) : error(0, 4)) * effective(); }

  /// The variance of that mean square.
  double error_of_square(unsigned i) const {
    const double s2 = square(i);
    const double second = i == 0 ? error(2, 0) : error(0, 2), fourth = i == 0 ? error(4, 0) : error(0, 4);
    return fourth - 2 * s2 * second + s2 * s2 * error(0, 0) + 2 * few(s2 * s2);
  }

  /// What the delta method's variance lacks for few samples: of a product of two variances over n(n − 1),
  /// both unbiased.
  double few(double product) const {
    const double n = effective(), b = bessel();
    return b * b * product / (n * (n - 1));
  }

  /// n/(n − 1): an unbiased variance from the mean square.
  double bessel() const { return effective() > 1 ? effective() / (effective() - 1) : kNaN; }

 private:
  const Seen& seen_;
  unsigned powers_;
  double weight_;
};

void warn_of_none(Draft& draft, double drawn) {
  draft.warn(
      WarningKind::few,
      fmt::format("none of {} samples counts: the condition never held, or every weight was 0", drawn));
}

void warn_of_few_held(Draft& draft, double held, double drawn) {
  draft.warn(WarningKind::few, fmt::format("the condition held in only {} of {} samples", held, drawn));
}

void warn_of_few(Draft& draft, const Moments& moments, double drawn) {
  if (!(moments.effective() < std::min(kFewSamples, drawn))) return;
  if (moments.are_ones()) return warn_of_few_held(draft, moments.weight(), drawn);
  draft.warn(WarningKind::few,
             fmt::format("a few samples carry most of the weight: all {} are worth {:.3g} of equal weight",
                         drawn, moments.effective()));
}

void check_ranges(Draft& draft, const Seen& seen, const Moments& moments) {
  draft.check_range(moments.squared_weight(), std::abs(moments.weight()) / seen.count());
  for (unsigned i = 0; i < seen.at.group.values; ++i) {
    draft.check_range(seen.square(i), std::abs(seen.mean(i)) * std::abs(moments.weight()) / seen.count());
    if (seen.at.group.order == 4) draft.check_range(moments.fourth(i) * seen.count(), moments.square(i));
  }
}

/// Whatever has power sums: `fill` sets value and variance from the moments, unless no sample counts.
template <class Fill>
Estimate estimated(const Seen& seen, Nonfinite policy, Fill fill) {
  Draft draft(seen, policy);
  const Moments moments(seen);
  const bool is_empty = moments.weight() == 0;
  if (is_empty || moments.are_ones()) draft.set_counting(moments.weight());
  if (is_empty) {
    draft.set(kNaN, kInfinity);
    if (seen.count() > 0) warn_of_none(draft, seen.count());
    return draft.finish();
  }
  check_ranges(draft, seen, moments);
  fill(draft, moments);
  warn_of_few(draft, moments, seen.count());
  return draft.finish();
}

/// As the covariance with itself.
void set_variance(Draft& draft, const Moments& m) {
  draft.set(m.square(0) * m.bessel(), m.effective() > 1 ? m.error_of_square(0) : kNaN);
  draft.estimate().scale = Scale::logarithm;
}

/// The delta method's variance, and what it lacks for few samples: (c² + Var Var)/(n(n − 1)), with which the
/// covariance of a value with itself has the error of its variance.
void set_covariance(Draft& draft, const Moments& m) {
  const double c = m.value(1, 1);
  const double error = m.error(2, 2) - 2 * c * m.error(1, 1) + c * c * m.error(0, 0);
  draft.set(c * m.bessel(), m.effective() > 1 ? error + m.few(c * c + m.value(2, 0) * m.value(0, 2)) : kNaN);
}

/// What cannot be squared, or one sample, has been warned of.
void warn_of_rough_squares(Draft& draft, const Moments& m, double most) {
  if (!std::isfinite(draft.estimate().variance)) return;
  for (unsigned i = 0; i < m.values(); ++i)
    draft.warn_of_rough_variance(m.square(i), m.error_of_square(i), most);
}

/// With z the standardised values: the influence of a sample is z_0 z_1 − ρ (z_0² + z_1²)/2. Near ρ = ±1 its
/// square is what rounding leaves of a difference: then the error is at least what that may be.
void set_correlation(Draft& draft, const Moments& m) {
  draft.estimate().scale = Scale::fisher;
  const double s0 = std::sqrt(std::max(0.0, m.value(2, 0))), s1 = std::sqrt(std::max(0.0, m.value(0, 2)));
  if (!(s0 > 0 && s1 > 0)) {
    if (!draft.estimate().warns_of(WarningKind::range))
      draft.warn(WarningKind::undefined, "one of the two does not vary, so there is no correlation");
    return draft.set(kNaN, kInfinity);
  }
  const double rho = std::clamp(m.value(1, 1) / (s0 * s1), -1.0, 1.0);
  const auto z = [&](unsigned p, unsigned q) {
    double scaled = m.error(p, q);  // no library's pow, whose last bit is its own
    for (; p > 0; --p) scaled /= s0;
    for (; q > 0; --q) scaled /= s1;
    return scaled;
  };
  const double squares = z(4, 0) + 2 * z(2, 2) + z(0, 4);
  const double variance = z(2, 2) - rho * (z(3, 1) + z(1, 3)) + rho * rho / 4 * squares;
  const bool is_exact = 1 - std::abs(rho) < kRoundingOfSums;
  const double error = is_exact ? 0 : std::max(variance, kRoundingOfSums * squares);
  draft.set(rho, m.effective() > 2 ? error : kNaN);  // two points always lie on a line
}

}  // namespace

double error_of_variance(const Seen& seen, unsigned i) {
  if (!seen.at.group.has_power_sums()) return variance(seen, Nonfinite::drop).standard_error;
  return std::sqrt(std::max(0.0, Moments(seen).error_of_square(i)));
}

Estimate weighted_mean(const Seen& seen, Nonfinite policy) {
  return estimated(seen, policy, [&](Draft& draft, const Moments& m) {
    draft.set(seen.mean(0), m.error(2, 0) * m.bessel());
    draft.warn_of_heavy_tail(is_heavy_for_mean(seen, 0));
  });
}

Estimate weighted_probability(const Seen& seen, Nonfinite policy) {
  return estimated(seen, policy, [&](Draft& draft, const Moments& m) {
    draft.set(seen.mean(0), m.error(2, 0) * m.bessel());
    draft.set_counting(std::round(m.effective()));
    draft.estimate().is_probability = true;
    const bool is_one_sided = seen.mean(0) == 0 || seen.mean(0) == 1;
    if (is_one_sided) describe_bound(draft, seen.mean(0) == 1, m.effective());
  });
}

Estimate weighted_variance(const Seen& seen, Nonfinite policy) {
  return estimated(seen, policy, [&](Draft& draft, const Moments& m) {
    set_variance(draft, m);
    draft.warn_of_heavy_tail(is_heavy_for_variance(seen, 0));
    warn_of_rough_squares(draft, m, kRoughVariance);
  });
}

Estimate weighted_deviation(const Seen& seen, Nonfinite policy) {
  return estimated(seen, policy, [&](Draft& draft, const Moments& m) {
    set_variance(draft, m);
    take_root(draft.estimate());
    draft.warn_of_heavy_tail(is_heavy_for_variance(seen, 0));
    warn_of_rough_squares(draft, m, kRoughVariance);
  });
}

Estimate covariance(const Seen& seen, Nonfinite policy) {
  return estimated(seen, policy, [&](Draft& draft, const Moments& m) {
    set_covariance(draft, m);
    draft.warn_of_heavy_tail(is_heavy_for_variance(seen, 0) || is_heavy_for_variance(seen, 1));
    warn_of_rough_squares(draft, m, kRoughVariance);
  });
}

Estimate correlation(const Seen& seen, Nonfinite policy) {
  return estimated(seen, policy, [&](Draft& draft, const Moments& m) {
    set_correlation(draft, m);
    draft.warn_of_heavy_tail(is_heavy_for_correlation(seen, 0) || is_heavy_for_correlation(seen, 1));
    warn_of_rough_squares(draft, m, kRoughForCorrelation);
  });
}

Estimate conditional_probability(const Seen& seen, Nonfinite policy) {
  Draft draft(seen, policy);
  const double given = std::round(seen.mean(1) * seen.count()),
               both = std::round(seen.mean(0) * seen.count());
  draft.set_counting(given);
  if (!(given > 0)) {
    draft.set(kNaN, kInfinity);
    if (seen.count() > 0)
      draft.warn(WarningKind::few, fmt::format("the condition never held in {} samples", seen.count()));
    return draft.finish();
  }
  const double p = both / given;
  draft.set(p, given > 1 ? p * (1 - p) / (given - 1) : kInfinity);
  draft.estimate().is_probability = true;
  if (both <= 0 || both >= given)
    describe_bound(draft, both > 0, given);
  else if (given < kFewSamples && given < seen.count())
    warn_of_few_held(draft, given, seen.count());
  return draft.finish();
}

}  // namespace mc::runtime
