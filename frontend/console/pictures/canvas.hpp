// Dots and fillings of character cells: Braille patterns with 2 × 4 dots a cell or, where the terminal shows
// no UTF-8, marks with 1 × 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "frontend/console/terminal.hpp"

namespace mc::console {

/// `text` in the hue's colour, or `faint`, where there are colours.
std::string coloured(const Look& look, std::size_t hue, bool faint, std::string_view text);

class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows, const Look& look);

  /// Dots in all, of which (0, 0) is at the bottom left.
  std::size_t dots_across() const { return columns_ * (look_.is_ascii ? 1 : 2); }
  std::size_t dots_up() const { return rows_ * (look_.is_ascii ? 2 : 4); }

  /// What lies outside is left out.
  void dot(double x, double y, std::size_t hue, bool faint = false);
  void line(double x0, double y0, double x1, double y1, std::size_t hue, bool faint = false);
  /// The cells of the column of dots x whose middles lie between low and high, behind everything else.
  void shade(double x, double low, double high, std::size_t hue);
  /// A bar over the whole cell column, from the bottom up to that many dots.
  void bar(std::size_t column, double height, std::size_t hue);

  std::string row(std::size_t from_top) const;

 private:
  struct Cell {
    std::uint8_t dots = 0, eighths = 0;
    bool shaded = false, faint = true;
    std::size_t hue = 0;
  };
  Cell& at(std::size_t column, std::size_t from_bottom) { return cells_[from_bottom * columns_ + column]; }
  std::string glyph(const Cell& cell) const;

  std::size_t columns_, rows_;
  Look look_;
  std::vector<Cell> cells_;
};

}  // namespace mc::console
