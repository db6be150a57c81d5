// What a picture shows, whoever draws it: curves over an axis, or bars with names.
#pragma once

#include <cmath>
#include <string>
#include <variant>
#include <vector>

namespace mc::console {

/// One of a figure's layers; the first lies at the bottom. A point that is not finite is a gap.
struct Curve {
  enum class Kind {
    line,    ///< through (x, y)
    points,  ///< marks at (x, y), with error bars from low to high where these are given
    band,    ///< from low to high
    bars     ///< from x to x_end, of height y
  };
  Kind kind = Kind::line;
  std::string name = {};  ///< in the legend; empty: not there
  std::size_t hue = 0;    ///< curves that belong together share one
  std::vector<double> x = {}, y = {}, low = {}, high = {}, x_end = {};
  bool is_reference = false;  ///< what others are compared with: drawn lightly
  bool is_parted = false;     ///< bars stand apart: each is of whole numbers
};

struct Axis {
  std::string name = {};
  bool is_logarithmic = false;
  bool is_whole = false;         ///< it has no numbers between whole ones
  double low = NAN, high = NAN;  ///< NAN: as far as the curves go
};

struct Figure {
  std::string title;
  Axis x, y;
  std::vector<Curve> curves;
  std::vector<std::string> notes = {};  ///< below it, a sentence each
  std::vector<Figure> below = {};       ///< others under its axes, without title and notes of their own
};

/// Bars from 0, one below the other.
struct Chart {
  struct Bar {
    std::string name;
    double value;
    std::string text;  ///< what the value is, for people
  };
  std::string title, unit;
  std::vector<Bar> bars;
  std::vector<std::string> notes = {};
};

using Picture = std::variant<Figure, Chart>;

}  // namespace mc::console
