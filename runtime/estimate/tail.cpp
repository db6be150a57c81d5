// Three criteria: a few samples outweigh the others; the squares' tail is too heavy for a mean; for a
// variance.
#include "runtime/estimate/tail.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace mc::runtime {

namespace {

using kernels::kPeaks;

// Calibrated by simulation: docs/statistics.md has the rates behind these numbers.
constexpr double kLeastForFew = 768;        // samples: three a lane, which has a mean of its own
constexpr double kLeastForMean = 2048;      // samples: eight a lane
constexpr double kLeastForVariance = 8192;  // samples: fourth moments settle more slowly
constexpr double kHeavyMean = 0.7;          // 1/α of the squares; their mean is infinite from 1 on
constexpr double kHeavyVariance = 0.5;      // from here on the mean of the fourth powers is infinite
constexpr double kHeavyCorrelation = 0.38;  // from 1/3 on sixth powers have no mean; it scatters by 0.05
constexpr double kShare = 0.15;             // of all squares in the peaks: else the tail has no weight yet
constexpr double kFew = 4;                  // equal squares that all of them are worth, at most

/// As shares of all squares: squares of squares need not be doubles.
struct Peaks {
  double sum = 0, sum_of_squares = 0;
};

Peaks peaks_of(const Seen& seen, unsigned i) {
  Peaks peaks;
  for (unsigned k = 0; k < kPeaks; ++k) {
    const double peak = seen.peak(i, k) / seen.square(i);
    peaks.sum += peak;
    peaks.sum_of_squares += peak * peak;
  }
  return peaks;
}

/// Samples, or of how many equal weight they are worth (Kish): under a condition those that it holds for.
double counting(const Seen& seen) {
  const kernels::Group& group = seen.at.group;
  if (!group.weighted) return seen.count();
  const double weight = seen.power_sum(1, 0), squared = seen.power_sum(2, 0);
  return squared > 0 ? weight * weight / squared : 0;
}

/// Of samples that count, so that the peaks are judged. Where a lane may hold one alone, the largest of few
/// scatter more.
double enough(const Seen& seen, double least) { return seen.at.group.weighted ? 2 * least : least; }

/// A few samples' squares outweigh all others together.
bool is_carried_by_few(const Peaks& peaks) { return kFew * peaks.sum_of_squares > 1; }

/// The sum of fourth powers, over the square of all squares: with weights, in the weights' fourth power as
/// that is.
double fourth_powers(const Seen& seen, unsigned i) {
  const kernels::Group& group = seen.at.group;
  const double all = seen.square(i);
  if (!group.has_power_sums()) return seen.fourth() / all / all;
  const double fourth = seen.power_sum(group.powers(), i == 0 ? 4 : 0, i == 0 ? 0 : 4) / all / all;
  return group.weighted ? fourth * seen.power_sum(2, 0) / counting(seen) : fourth;
}

}  // namespace

double inverse_tail_index(const Seen& seen, unsigned i) {
  std::array<double, kPeaks> logs;
  auto end = logs.begin();
  for (unsigned k = 0; k < kPeaks; ++k)
    if (seen.peak(i, k) > 0) *end++ = std::log(seen.peak(i, k));
  const auto n = static_cast<double>(end - logs.begin());
  if (n < 2) return 0;
  std::sort(logs.begin(), end);
  double sum = 0;  // half the mean difference of two logarithms, times n(n − 1)
  double weight = 1 - n;
  for (auto each = logs.begin(); each != end; ++each, weight += 2) sum += weight * *each;
  return sum / (n * (n - 1)) / std::numbers::ln2;
}

bool is_heavy_for_mean(const Seen& seen, unsigned i) {
  const double n = counting(seen);
  if (n < kLeastForFew) return false;
  const Peaks peaks = peaks_of(seen, i);
  if (is_carried_by_few(peaks)) return true;
  return n >= enough(seen, kLeastForMean) && peaks.sum > kShare && inverse_tail_index(seen, i) > kHeavyMean;
}

namespace {

bool is_heavy_for_squares(const Seen& seen, unsigned i, double heavy) {
  const double n = counting(seen);
  if (n < kLeastForFew) return false;
  const Peaks peaks = peaks_of(seen, i);
  if (is_carried_by_few(peaks)) return true;
  return n >= enough(seen, kLeastForVariance) && peaks.sum_of_squares > kShare * fourth_powers(seen, i) &&
         inverse_tail_index(seen, i) > heavy;
}

}  // namespace

bool is_heavy_for_variance(const Seen& seen, unsigned i) {
  return is_heavy_for_squares(seen, i, kHeavyVariance);
}

bool is_heavy_for_correlation(const Seen& seen, unsigned i) {
  return is_heavy_for_squares(seen, i, kHeavyCorrelation);
}

}  // namespace mc::runtime
