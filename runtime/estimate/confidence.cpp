// Quantiles come from Boost.Math, which is header-only and accurate to the last digits; nothing is derived
// anew here.
#include "runtime/estimate/confidence.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace mc::runtime {

namespace {

void check_level(double level) {
  if (!(level > 0 && level < 1)) throw std::invalid_argument("a confidence level lies between 0 and 1");
}

/// The point with (1 − level)/2 above it. By the upper tail, which keeps its digits for levels close to 1.
template <class Distribution>
double two_sided_quantile(const Distribution& distribution, double level) {
  return boost::math::quantile(boost::math::complement(distribution, (1 - level) / 2));
}

double normal_factor(double level) {
  return two_sided_quantile(boost::math::normal_distribution<double>(), level);
}

}  // namespace

double coverage_factor(double level, double samples) {
  check_level(level);
  if (samples >= kStudentBelow) return normal_factor(level);
  return two_sided_quantile(boost::math::students_t_distribution<double>(samples - 1), level);
}

Interval symmetric_interval(double value, double standard_error, double level, double samples) {
  check_level(level);
  if (std::isnan(value)) return {value, value};
  if (samples < 2 || !std::isfinite(standard_error))
    return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  const double reach = coverage_factor(level, samples) * standard_error;
  return {value - reach, value + reach};
}

Interval positive_interval(double value, double standard_error, double level, double samples) {
  const Interval plain = symmetric_interval(value, standard_error, level, samples);
  if (!std::isfinite(plain.high) || !(value > 0)) return plain;
  const double factor = std::exp((plain.high - value) / value);
  return {value / factor, value * factor};
}

Interval correlation_interval(double value, double standard_error, double level, double samples) {
  const Interval plain = symmetric_interval(value, standard_error, level, samples);
  if (!std::isfinite(plain.high) || std::abs(value) >= 1) return plain;
  const double room = (1 - value) * (1 + value);
  if (standard_error > room / 2)
    return {std::max(-1.0, plain.low), std::min(1.0, plain.high)};  // nothing is left to transform
  const double centre = std::atanh(value);
  const double reach = (plain.high - value) / room;
  return {std::tanh(centre - reach), std::tanh(centre + reach)};
}

Interval wilson_interval(double hits, double samples, double level) {
  check_level(level);
  const double bound = -std::expm1(std::log1p(-level) / samples);
  if (hits <= 0) return {0, bound};
  if (hits >= samples) return {1 - bound, 1};
  const double z = normal_factor(level), z2 = z * z;
  const double scale = 1 / (samples + z2);
  const double centre = (hits + z2 / 2) * scale;
  const double reach = z * scale * std::sqrt(hits * (samples - hits) / samples + z2 / 4);
  return {std::max(0.0, centre - reach), std::min(1.0, centre + reach)};
}

Interval probability_interval(double value, double variance, double samples, double level) {
  const bool is_bound = value <= 0 || value >= 1 || !(variance > 0) || !std::isfinite(variance);
  const double trials = is_bound ? samples : 1 + value * (1 - value) / variance;
  return wilson_interval(value * trials, trials, level);
}

}  // namespace mc::runtime
