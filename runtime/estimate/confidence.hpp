// How sure one may be: quantiles (Boost.Math) and the intervals made of them.
#pragma once

#include <cstdint>

namespace mc::runtime {

struct Interval {
  double low, high;
};

/// Below this many samples an interval is Student's, from it on normal: the quantiles differ by less than
/// 0.3% there.
inline constexpr std::uint64_t kStudentBelow = 1000;

/// How many standard errors reach to each side of an estimate from `samples` ≥ 2 samples so that the interval
/// covers the true value with probability `level`, 0 < level < 1.
double coverage_factor(double level, double samples);

/// value ± coverage_factor standard errors; the whole line where the error is not finite or there is one
/// sample.
Interval symmetric_interval(double value, double standard_error, double level, double samples);

/// Of what is positive, such as a variance: symmetric in its logarithm, as its error grows with it. No end is
/// below 0. As symmetric_interval where there is no error, or the value is 0.
Interval positive_interval(double value, double standard_error, double level, double samples);

/// Of a correlation: symmetric in Fisher's (1915) z = atanh(value), so no end is beyond -1 and 1.
Interval correlation_interval(double value, double standard_error, double level, double samples);

/// Wilson's score interval (1927) for a probability of which `hits` of `samples` ≥ 1 trials came true.
/// Without a hit, or without a miss, the exact one-sided bound: 1 − (1 − level)^(1/samples), near 3/samples
/// at 95%.
Interval wilson_interval(double hits, double samples, double level);

/// Of a probability with this variance of its value: Wilson's for as many trials as have that variance, which
/// under weights are neither the samples nor what they are worth for other values. Where it is 0 or 1, for
/// `samples`.
Interval probability_interval(double value, double variance, double samples, double level);

}  // namespace mc::runtime
