// Goodness of fit: Kolmogorov and Smirnov's test and Pearson's, as p-values.
#pragma once

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <span>
#include <vector>

namespace mc::testing {

/// Kolmogorov's limit law with Stephens' correction (1970) for n values, good to a per cent of itself from n
/// = 10 on.
inline double kolmogorov_p_value(double distance, double n) {
  const double root = std::sqrt(n), t = (root + 0.12 + 0.11 / root) * distance;
  if (t < 0.2) return 1;  // the series alternates between large terms there, and gives 1 - 1e-12
  double sum = 0, sign = 1;
  for (int k = 1; k <= 100; ++k, sign = -sign) sum += sign * std::exp(-2 * k * k * t * t);
  return std::clamp(2 * sum, 0.0, 1.0);
}

/// How likely values drawn uniformly from (0, 1) are spread less evenly than these, in any order; 0 where one
/// is not in there, or not a number.
inline double uniform_p_value(std::vector<double> values) {
  if (values.empty() || !std::ranges::all_of(values, [](double v) { return 0 <= v && v <= 1; })) return 0;
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto below = static_cast<double>(k);
    distance = std::max({distance, values[k] - below / n, (below + 1) / n - values[k]});
  }
  return kolmogorov_p_value(distance, n);
}

/// How likely counts deviate more than these from what was expected, which has the same sum.
inline double chi_square_p_value(std::span<const double> observed, std::span<const double> expected) {
  double sum = 0;
  for (std::size_t k = 0; k < observed.size(); ++k)
    sum += (observed[k] - expected[k]) * (observed[k] - expected[k]) / expected[k];
  const boost::math::chi_squared_distribution<double> law(static_cast<double>(observed.size()) - 1);
  return boost::math::cdf(boost::math::complement(law, sum));
}

}  // namespace mc::testing
