#include "frontend/console/pictures/histogram.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "frontend/console/pictures/ticks.hpp"

namespace mc::console {
namespace {

/// The k-th smallest of numbers, which are put into another order.
double ranked(std::vector<double>& numbers, std::size_t k) {
  const auto place = numbers.begin() + static_cast<std::ptrdiff_t>(k);
  std::ranges::nth_element(numbers, place);
  return *place;
}

struct Spread {
  double least, first, third, most;  ///< quartiles
  double range() const { return third - first; }
};

Spread spread_of(std::vector<double>& numbers) {
  const auto [least, most] = std::ranges::minmax_element(numbers);
  Spread spread{*least, 0, 0, *most};
  spread.first = ranked(numbers, numbers.size() / 4);
  spread.third = ranked(numbers, numbers.size() * 3 / 4);
  return spread;
}

/// What is looked at, and into how many bins that is cut.
void choose_bins(Histogram& h, std::vector<double>& numbers, std::size_t most_bins) {
  const Spread spread = spread_of(numbers);
  const auto n = static_cast<double>(numbers.size());
  double from = spread.least, to = spread.most, width = 0;
  if (spread.range() > 0) {
    from = std::max(from, spread.first - 3 * spread.range());
    to = std::min(to, spread.third + 3 * spread.range());
    width = 2 * spread.range() / std::cbrt(n);
    h.rule = "Freedman–Diaconis";
  } else {
    width = (to / 2 - from / 2) / (std::log2(n) + 1) * 2;
    h.rule = "Sturges";
  }
  if (!std::isfinite(to - from)) {  // the distance of such ends is no number
    from = std::max(from, -8e307);
    to = std::min(to, 8e307);
  }
  if (h.is_whole) {
    // A bin around each number, or around several, as many in each.
    from -= 0.5, to += 0.5;
    width =
        std::max(std::ceil((to - from) / static_cast<double>(most_bins)), std::max(1.0, std::floor(width)));
    h.rule = "whole numbers";
  } else if (!(to > from)) {
    const double room = from != 0 ? std::abs(from) * 0.05 : 0.5;
    from -= room, to += room, width = to - from;
    h.rule = "one value";
  }
  const double wanted = std::ceil((to - from) / width * (1 - 1e-12));
  const double count = std::clamp(wanted, 1.0, static_cast<double>(most_bins));
  h.low = from;
  h.width = h.is_whole ? width : (to / count - from / count);
  h.weights.resize(static_cast<std::size_t>(count));
  h.rule += wanted > count ? fmt::format(" asks for {:.0f}, {:.0f} are shown", wanted, count) : "";
}

}  // namespace

Histogram histogram(std::span<const double> values, std::span<const double> weights, std::size_t most,
                    bool logarithmic) {
  Histogram h;
  h.is_logarithmic = logarithmic;
  const auto weight = [&](std::size_t k) { return weights.empty() ? 1.0 : weights[k]; };
  // NAN: it does not count; −∞: it lies below.
  const auto on_axis = [&](std::size_t k) -> double {
    if (!(weight(k) > 0) || !std::isfinite(values[k])) return NAN;
    return !logarithmic ? values[k] : values[k] > 0 ? std::log10(values[k]) : -INFINITY;
  };
  std::vector<double> numbers;
  bool are_whole = !logarithmic;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double number = on_axis(k);
    h.nonfinite += weight(k) > 0 && !std::isfinite(values[k]);
    if (std::isnan(number)) continue;
    ++h.samples;
    h.total += weight(k);
    if (std::isfinite(number)) numbers.push_back(number);
    are_whole = are_whole && number == std::floor(number) && std::abs(number) < 0x1p50;
  }
  if (numbers.empty()) return h;
  h.is_whole = are_whole;
  choose_bins(h, numbers, most);
  const auto last = static_cast<double>(h.weights.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double number = on_axis(k);
    if (std::isnan(number)) continue;
    const double place = (number - h.low) / h.width;
    // The last bin has both its ends.
    const double bin = place == last ? last - 1 : std::floor(place);
    const bool at_end = bin == last && place < last * (1 + 1e-12);
    if (bin < 0 && place > -1e-9)
      h.weights.front() += weight(k);
    else if (bin < 0)
      ++h.below;
    else if (bin >= last && !at_end)
      ++h.above;
    else
      h.weights[static_cast<std::size_t>(at_end ? last - 1 : bin)] += weight(k);
  }
  return h;
}

TailIndex tail_index(std::span<const double> values) {
  std::vector<double> distances;
  for (const double value : values)
    if (std::isfinite(value)) distances.push_back(value);
  if (distances.size() < 1000) return {NAN, 0};
  const double median = ranked(distances, distances.size() / 2);
  for (double& each : distances) each = std::abs(each - median);
  const auto largest = static_cast<std::size_t>(std::sqrt(static_cast<double>(distances.size())));
  const double from = ranked(distances, distances.size() - 1 - largest);
  if (!(from > 0)) return {NAN, largest};
  double sum = 0;
  for (std::size_t k = distances.size() - largest; k < distances.size(); ++k)
    sum += std::log(distances[k] / from);
  return {sum > 0 ? static_cast<double>(largest) / sum : NAN, largest};
}

}  // namespace mc::console
