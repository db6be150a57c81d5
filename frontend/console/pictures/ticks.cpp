#include "frontend/console/pictures/ticks.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

/// The number of the form 1, 2 or 5 times a power of ten that is next to x, or not below it.
double nice(double x, bool next) {
  const double unit = std::pow(10, std::floor(std::log10(x))), part = x / unit;
  const std::array<double, 3> until = next ? std::array{1.5, 3.0, 7.0} : std::array{1.0, 2.0, 5.0};
  constexpr std::array kNice{1.0, 2.0, 5.0};
  for (std::size_t k = 0; k < kNice.size(); ++k)
    if (next ? part < until[k] : part <= until[k] * (1 + 1e-12)) return kNice[k] * unit;
  return 10 * unit;
}

/// Digits after the point that tell multiples of `step` apart.
int decimals(double step) {
  return std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 15);
}

/// All alike: with as many decimals, or as many figures before the exponent.
std::vector<std::string> texts_of(const std::vector<double>& at, double step) {
  double most = 0;
  for (const double value : at) most = std::max(most, std::abs(value));
  std::vector<std::string> texts;
  const bool is_plain = most < 1e5 && step > 0.99e-4;
  const int figures = most > 0 ? static_cast<int>(std::floor(std::log10(most) + 1e-9)) -
                                     static_cast<int>(std::floor(std::log10(step) + 1e-9)) + 1
                               : 1;
  for (const double value : at)
    texts.push_back(is_plain ? fmt::format("{:.{}f}", value == 0 ? 0 : value, decimals(step))
                             : number_text(value, std::clamp(figures, 1, 15)));
  return texts;
}

/// Ends that differ: a constant gets room above and below.
void widen(double& low, double& high) {
  const double size = std::max(std::abs(low), std::abs(high));
  constexpr double kLeast = 1e-290;  // smaller steps would not be numbers
  if (high - low > std::max(1e-12 * size, kLeast)) return;
  const double room = size > 0 ? std::max(0.1 * size, kLeast) : 1;
  low -= room;
  high += room;
}

}  // namespace

std::string number_text(double value, int figures) {
  std::string text = fmt::format("{:.{}g}", value == 0 ? 0.0 : value, figures);
  const std::size_t e = text.find('e');
  if (e == text.npos) return text;
  const bool is_negative = text[e + 1] == '-';
  const std::size_t digits = std::min(text.find_first_not_of("+-0", e + 1), text.size() - 1);
  return text.substr(0, e + 1) + (is_negative ? "-" : "") + text.substr(digits);
}

std::string number_text_near(double value, double step) {
  if (value == 0 || !(step > 0)) return number_text(value);
  const double figures = std::floor(std::log10(std::abs(value))) - std::floor(std::log10(step)) + 2;
  return number_text(value, static_cast<int>(std::clamp(figures, 3.0, 15.0)));
}

namespace {

/// Multiples of the step, from first to last.
struct Multiples {
  double step, first, last;
  double count() const { return last - first + 1; }
};

/// Of those inside the range or, on a loose axis, around it: what reaches a little beyond a tick does not
/// need the next one.
Multiples multiples(double step, double low, double high, bool loose) {
  constexpr double kSlack = 0.1;
  if (loose) return {step, std::floor(low / step + kSlack), std::ceil(high / step - kSlack)};
  return {step, std::ceil(low / step - 1e-9), std::floor(high / step + 1e-9)};
}

}  // namespace

Ticks linear_ticks(double low, double high, std::size_t most, bool loose, double least) {
  widen(low, high);
  const auto room = static_cast<double>(std::max<std::size_t>(most, 2));
  // Halves: the difference of two large numbers may be too large for one.
  const double wanted = std::min((high / 2 - low / 2) / (room - 1), 2e307) * 2;
  Multiples chosen = multiples(nice(std::max(wanted, least), true), low, high, loose);
  while (chosen.count() > room + 1) chosen = multiples(nice(chosen.step * 1.01, false), low, high, loose);
  while (chosen.count() < 2 && chosen.step > least)
    chosen = multiples(nice(chosen.step / 2.6, false), low, high, loose);
  Ticks ticks{low, high, {}, {}};
  for (double k = chosen.first; k <= chosen.last; ++k) ticks.at.push_back(k * chosen.step);
  if (loose) {
    ticks.low = std::min(low, ticks.at.front());
    ticks.high = std::max(high, ticks.at.back());
  }
  ticks.texts = texts_of(ticks.at, chosen.step);
  return ticks;
}

Ticks logarithmic_ticks(double low, double high, std::size_t most) {
  if (high / low < 1.01) low /= 2, high *= 2;
  Ticks ticks{low, high, {}, {}};
  const double from = std::log10(low), to = std::log10(high), decades = to - from;
  const auto room = static_cast<double>(std::max<std::size_t>(most, 2));
  const auto add = [&](double value) {
    if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.at.push_back(value);
  };
  for (double apart = std::max(1.0, std::ceil((decades + 1) / room)); apart >= 1 && ticks.at.size() < 2;
       --apart) {
    ticks.at.clear();
    for (double decade = std::floor(from); decade <= std::ceil(to); ++decade) {
      if (std::fmod(decade, apart) != 0) continue;
      const double unit = std::pow(10, decade);
      add(unit);
      if (decades * 3 + 1 <= room) add(2 * unit), add(5 * unit);
    }
  }
  if (ticks.at.size() < 2) return linear_ticks(low, high, most, false);  // within a decade
  for (const double value : ticks.at)
    ticks.texts.push_back(value < 0.99e-3 || value > 999.5 ? number_text(value, 3)
                                                           : fmt::format("{:g}", value));
  return ticks;
}

Ticks ticks_of(const Axis& axis, double low, double high, std::size_t most, bool loose) {
  if (!std::isnan(axis.low)) low = axis.low;
  if (!std::isnan(axis.high)) high = axis.high;
  if (axis.is_logarithmic) return logarithmic_ticks(low, high, most);
  const bool is_set = !std::isnan(axis.low) && !std::isnan(axis.high);
  return linear_ticks(low, high, most, loose && !is_set, axis.is_whole ? 1 : 0);
}

Ticks ticks_across(const Axis& axis, const Extent& extent, std::size_t columns_across) {
  for (std::size_t most = std::max<std::size_t>(columns_across / (axis.is_logarithmic ? 6 : 9), 2);; --most) {
    Ticks ticks = ticks_of(axis, extent.low, extent.high, most, false);
    std::size_t widest = 0;
    for (const std::string& text : ticks.texts) widest = std::max(widest, columns(text));
    if (most == 2 || ticks.texts.size() * (widest + 2) <= columns_across + 2) return ticks;
  }
}

AxisScale::AxisScale(const Axis& axis, const Ticks& ticks)
    : is_logarithmic_(axis.is_logarithmic), low_(on_axis(ticks.low)), high_(on_axis(ticks.high)) {}

double AxisScale::on_axis(double value) const {
  if (!is_logarithmic_) return value;
  return value <= 0 ? -INFINITY : std::log10(value);
}

/// By halves, as ends may be so far apart that their distance is no number.
double AxisScale::operator()(double value) const {
  return (on_axis(value) / 2 - low_ / 2) / (high_ / 2 - low_ / 2);
}

void Extent::see(double value) {
  if (!std::isfinite(value) || (is_logarithmic && value <= 0)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

Extents extents_of(const Figure& figure) {
  Extents all{{.is_logarithmic = figure.x.is_logarithmic}, {.is_logarithmic = figure.y.is_logarithmic}};
  for (const Curve& curve : figure.curves) {
    for (std::size_t k = 0; k < curve.x.size(); ++k) {
      const bool has_y = k < curve.y.size(), has_range = k < curve.low.size();
      const bool is_there = has_y ? std::isfinite(curve.y[k]) : has_range && std::isfinite(curve.low[k]);
      if (!is_there) continue;
      all.x.see(curve.x[k]);
      if (k < curve.x_end.size()) all.x.see(curve.x_end[k]);
      if (has_y) all.y.see(curve.y[k]);
      if (has_range) all.y.see(curve.low[k]), all.y.see(curve.high[k]);
    }
    if (curve.kind != Curve::Kind::bars) continue;
    all.y.see(0);
    if (figure.y.is_logarithmic)
      for (const double y : curve.y) all.y.see(y / 2);  // the lowest is seen too
  }
  return all;
}

}  // namespace mc::console
