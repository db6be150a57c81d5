// Whether a record's error bar can be trusted, judged by the peaks: the largest sums of squares that single
// lanes saw. The criteria, why they are these, and how often they are wrong: docs/statistics.md.
#pragma once

#include "runtime/estimate/estimate.hpp"

namespace mc::runtime {

/// The standard error of value i's mean is not to be trusted.
bool is_heavy_for_mean(const Seen& seen, unsigned i);

/// The standard error of the variance of an order-4 group's value i, or of a covariance with it, is not to be
/// trusted.
bool is_heavy_for_variance(const Seen& seen, unsigned i = 0);

/// The same for a correlation, which lighter tails mislead: its interval covers as it says where the sixth
/// powers have a mean.
bool is_heavy_for_correlation(const Seen& seen, unsigned i);

/// 1/α of the tail P(square > t) ~ t^−α, from the scatter of the peaks' logarithms: Gumbel with scale 1/α, of
/// which the second L-moment is ln 2/α. 0 with fewer than two peaks above 0.
double inverse_tail_index(const Seen& seen, unsigned i);

}  // namespace mc::runtime
