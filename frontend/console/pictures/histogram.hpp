// Samples counted by bins, and what their tail is like.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mc::console {

struct Histogram {
  double low = 0, width = 1;           ///< of bin 0; bins are alike
  std::vector<double> weights;         ///< of each bin's samples
  bool is_whole = false;               ///< the samples are whole numbers, in the middles of bins
  std::string rule;                    ///< that chose the bins, with what it gave
  std::uint64_t below = 0, above = 0;  ///< samples outside of the bins
  std::uint64_t samples = 0;           ///< that count: finite, of a weight above 0
  std::uint64_t nonfinite = 0;         ///< of a weight above 0
  double total = 0;                    ///< weight of all samples that count
  bool is_logarithmic = false;         ///< low and width are of decimal logarithms

  /// Where bin k begins; end: where the last one ends.
  double edge(std::size_t k) const {
    const double at = low + width * static_cast<double>(k);
    return is_logarithmic ? std::pow(10, at) : at;
  }
  double end() const { return edge(weights.size()); }
};

/// Bins by the rule of Freedman and Diaconis ("On the histogram as a density estimator", 1981): 2·IQR/∛n
/// wide, over the samples inside Tukey's outer fences (Exploratory Data Analysis, 1977), which lie 3·IQR
/// beyond the quartiles. At most `most` bins. Whole numbers have bins of whole width. Where the quartiles are
/// one number Sturges' rule (1926) takes the first one's place. None count: no bins. `logarithmic`: all that
/// of the samples' logarithms, and those that are not above 0 lie below the bins.
Histogram histogram(std::span<const double> values, std::span<const double> weights, std::size_t most,
                    bool logarithmic = false);

/// Hill's estimate (1975) of α where P(|v − median| > t) ~ t^−α, from the `largest` distances. NaN where
/// there are too few of them, or they do not differ.
struct TailIndex {
  double alpha;
  std::size_t largest;
};
TailIndex tail_index(std::span<const double> values);

}  // namespace mc::console
