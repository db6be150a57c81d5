#include "frontend/console/pictures/canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace mc::console {
namespace {

/// UTF-8 of a character below U+10000 that takes three bytes.
std::string utf8(unsigned code) {
  return {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

/// The bit of a dot in a Braille pattern (Unicode, "Braille Patterns"), from the cell's bottom left.
constexpr std::uint8_t kBraille[4][2] = {{0x40, 0x80}, {0x04, 0x20}, {0x02, 0x10}, {0x01, 0x08}};

/// Blue, yellow, green, magenta, cyan, red: apart for most eyes, on light and on dark.
constexpr std::array kColours{34, 33, 32, 35, 36, 31};

}  // namespace

std::string coloured(const Look& look, std::size_t hue, bool faint, std::string_view text) {
  if (!look.colour) return std::string(text);
  return fmt::format("\033[{}{}m{}\033[0m", faint ? "2;" : "", kColours[hue % kColours.size()], text);
}

Canvas::Canvas(std::size_t columns, std::size_t rows, const Look& look)
    : columns_(columns), rows_(rows), look_(look), cells_(columns * rows) {}

void Canvas::dot(double x, double y, std::size_t hue, bool faint) {
  if (!(x >= 0 && y >= 0)) return;
  const std::size_t across = look_.is_ascii ? 1 : 2, up = look_.is_ascii ? 2 : 4;
  const auto column = static_cast<std::size_t>(x), row = static_cast<std::size_t>(y);
  if (column >= dots_across() || row >= dots_up()) return;
  Cell& cell = at(column / across, row / up);
  cell.dots |=
      look_.is_ascii ? static_cast<std::uint8_t>(1 << row % up) : kBraille[row % up][column % across];
  if (faint && !cell.faint) return;
  cell.hue = hue;
  cell.faint = faint;
}

/// A dot in each step of the longer side. Ends far outside are cut off first, so that no line takes forever.
void Canvas::line(double x0, double y0, double x1, double y1, std::size_t hue, bool faint) {
  const auto height = static_cast<double>(dots_up());
  if (std::max(y0, y1) < 0 || std::min(y0, y1) >= height) return;
  const auto cut = [&](double& x, double& y, double edge) {
    x = x0 + (x1 - x0) * (edge - y0) / (y1 - y0);
    y = edge;
  };
  double ax = x0, ay = y0, bx = x1, by = y1;
  if (ay < 0) cut(ax, ay, 0);
  if (ay > height) cut(ax, ay, height);
  if (by < 0) cut(bx, by, 0);
  if (by > height) cut(bx, by, height);
  const double length =
      std::max({std::abs(std::floor(bx) - std::floor(ax)), std::abs(std::floor(by) - std::floor(ay)), 1.0});
  for (double k = 0; k <= length; ++k)
    dot(ax + (bx - ax) * k / length, ay + (by - ay) * k / length, hue, faint);
}

void Canvas::shade(double x, double low, double high, std::size_t hue) {
  const std::size_t across = look_.is_ascii ? 1 : 2;
  const double up = look_.is_ascii ? 2 : 4;
  if (!(x >= 0) || static_cast<std::size_t>(x) >= dots_across()) return;
  for (std::size_t row = 0; row < rows_; ++row) {
    const double middle = (static_cast<double>(row) + 0.5) * up;
    if (middle < low || middle > high) continue;
    Cell& cell = at(static_cast<std::size_t>(x) / across, row);
    if (cell.dots != 0) continue;
    cell.shaded = true;
    cell.hue = hue;
  }
}

void Canvas::bar(std::size_t column, double height, std::size_t hue) {
  const double up = look_.is_ascii ? 2 : 4;
  for (std::size_t row = 0; row < rows_; ++row) {
    const double part = std::clamp(height / up - static_cast<double>(row), 0.0, 1.0);
    Cell& cell = at(column, row);
    cell.eighths = static_cast<std::uint8_t>(std::lround(part * 8));
    // What is there at all is seen.
    if (row == 0 && height > 0) cell.eighths = std::max<std::uint8_t>(cell.eighths, 1);
    cell.hue = hue;
    cell.faint = false;
  }
}

std::string Canvas::glyph(const Cell& cell) const {
  constexpr std::array kMarks{" ", ".", "'", ":"};
  if (cell.eighths > 0) {
    if (!look_.is_ascii) return utf8(0x2580 + cell.eighths);
    return cell.eighths >= 6 ? "#" : cell.eighths >= 3 ? "=" : "_";
  }
  if (cell.dots != 0) return look_.is_ascii ? kMarks[cell.dots] : utf8(0x2800 + cell.dots);
  return cell.shaded ? look_.is_ascii ? "-" : "░" : " ";
}

std::string Canvas::row(std::size_t from_top) const {
  std::string text;
  for (std::size_t column = 0; column < columns_; ++column) {
    const Cell& cell = cells_[(rows_ - 1 - from_top) * columns_ + column];
    const std::string shown = glyph(cell);
    text += shown == " " ? shown : coloured(look_, cell.hue, cell.faint, shown);
  }
  return text;
}

}  // namespace mc::console
