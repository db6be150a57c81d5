// Where an axis has its numbers, and how they read.
#pragma once

#include <string>
#include <vector>

#include "frontend/console/pictures/figure.hpp"

namespace mc::console {

struct Ticks {
  double low = 0, high = 1;  ///< the axis' ends
  std::vector<double> at;    ///< from low to high
  std::vector<std::string> texts;
};

/// About `most` ticks at 1, 2 or 5 times a power of ten (P. Heckbert, "Nice Numbers for Graph Labels",
/// Graphics Gems, 1990). A `loose` axis is made longer, to a tick at each end, unless it goes hardly beyond
/// one. low and high are finite, and low ≤ high. Ticks are `least` apart or more, even if that leaves one.
Ticks linear_ticks(double low, double high, std::size_t most, bool loose, double least = 0);

/// Powers of ten, each, or every second, fifth, …; within a decade or two 1, 2, 5 times those. 0 < low ≤
/// high.
Ticks logarithmic_ticks(double low, double high, std::size_t most);

/// The axis with what of it is not set taken from low and high, which are what the curves need; one with both
/// ends set is not made longer.
Ticks ticks_of(const Axis& axis, double low, double high, std::size_t most, bool loose);

/// As far as the curves' finite points go, error bars and bands among them; low > high: there are none. On a
/// logarithmic axis what is not above 0 has no place.
struct Extent {
  bool is_logarithmic = false;
  double low = INFINITY, high = -INFINITY;
  void see(double value);
};
struct Extents {
  Extent x, y;
};
Extents extents_of(const Figure& figure);

/// As many ticks of an axis as their texts have room for beside each other, on that many columns.
Ticks ticks_across(const Axis& axis, const Extent& extent, std::size_t columns);

/// From an axis' numbers to places on it: 0 at its low end, 1 at the high one. What is not above 0 is
/// infinitely low on a logarithmic axis.
class AxisScale {
 public:
  AxisScale(const Axis& axis, const Ticks& ticks);
  double operator()(double value) const;

 private:
  double on_axis(double value) const;
  bool is_logarithmic_;
  double low_, high_;
};

/// 0.25, -3, 1.5e6, 2e-9: at most so many figures.
std::string number_text(double value, int figures = 6);

/// With as many figures as tell it from what is `step` away.
std::string number_text_near(double value, double step);

}  // namespace mc::console
