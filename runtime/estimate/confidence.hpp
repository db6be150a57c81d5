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

/// Wilson's score interval (1927) for a probability of which `hits` of `samples` ≥ 1 trials came true.
/// Without a hit, or without a miss, the exact one-sided bound: 1 − (1 − level)^(1/samples), near 3/samples
/// at 95%.
Interval wilson_interval(double hits, double samples, double level);

}  // namespace mc::runtime
