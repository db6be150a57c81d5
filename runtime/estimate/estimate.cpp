// Means, probabilities and plain variances; what they share with the others stands in Draft.
#include "runtime/estimate/estimate.hpp"

#include "runtime/estimate/concise.hpp"
#include "runtime/estimate/draft.hpp"
#include "runtime/estimate/tail.hpp"

namespace mc::runtime {

void describe_bound(Draft& draft, bool has_hits, double n) {
  const double bound = std::min(1.0, 3 / n);  // the rule of three: 95%
  draft.estimate().variance = n > 1 ? bound * bound : kInfinity;
  if (bound < 1)
    draft.warn(WarningKind::one_sided,
               fmt::format("{} in {} samples: the true value lies {}{:.2g} with 95% confidence",
                           has_hits ? "only hits" : "no hit", std::round(n),
                           has_hits ? "above 1 - " : "below ", bound));
}

namespace {

/// Covariance of the means of values i and j: NaN for one sample.
double covariance_of_means(const Seen& seen, unsigned i, unsigned j) {
  const double n = seen.count();
  return n > 1 ? seen.comoment(i, j) / (n * (n - 1)) : kNaN;
}

/// s² and the variance of s².
void set_variance(Draft& draft, const Seen& seen) {
  const double n = seen.count();
  if (n < 2) return draft.set(kNaN, kInfinity);
  const double s2 = seen.comoment(0, 0) / (n - 1), m2 = seen.comoment(0, 0) / n, m4 = seen.fourth() / n;
  // Of two values that come equally often m4 is m2², and all that there is is what the delta method lacks: it
  // must not cancel.
  draft.set(s2, std::max(0.0, m4 - m2 * m2) / n + 2 * s2 * s2 / (n * (n - 1)));
  draft.estimate().scale = Scale::logarithm;
  draft.check_range(seen.comoment(0, 0), std::abs(seen.mean(0)));
  draft.check_range(seen.fourth(), s2);
  draft.warn_of_heavy_tail(is_heavy_for_variance(seen));
  draft.warn_of_rough_variance(s2, draft.estimate().variance, kRoughVariance);
}

/// value ± standard errors, as many as cover with probability `level`, on the scale.
Interval scaled_interval(Scale scale, double value, double standard_error, double level, double samples) {
  switch (scale) {
    case Scale::logarithm:
      return positive_interval(value, standard_error, level, samples);
    case Scale::fisher:
      return correlation_interval(value, standard_error, level, samples);
    case Scale::plain:
      break;
  }
  return symmetric_interval(value, standard_error, level, samples);
}

}  // namespace

Interval Estimate::interval(double level) const {
  const auto counted = static_cast<double>(samples - nonfinite);
  if (is_probability && !std::isnan(value) && counted > 0)
    return probability_interval(value, variance, counted, level);
  return scaled_interval(scale, value, standard_error, level, counted);
}

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
  const double hits = std::round(seen.mean(i) * n);
  if (n > 0 && (hits <= 0 || hits >= n)) describe_bound(draft, hits > 0, n);
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

}  // namespace mc::runtime
