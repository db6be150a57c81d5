// An axis on the left, one below, the canvas between them, names and notes around.
#include "frontend/console/pictures/text_picture.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "frontend/console/pictures/ticks.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

constexpr std::size_t kWidest = 100;  // beyond, a curve is no easier to read

std::string blanks(std::size_t count) { return std::string(count, ' '); }

std::string without_blanks_behind(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// The place of an axis' number among its dots: the ends are in the middles of the outermost ones.
struct Dots {
  AxisScale scale;
  double count;
  double operator()(double value) const { return scale(value) * (count - 1) + 0.5; }
};

/// Axes with what lies between them; several below each other have their left axes in one line.
class Drawing {
 public:
  Drawing(const Figure& figure, const Look& look, std::size_t about_rows, std::size_t least_left)
      : figure_(figure),
        look_(look),
        extents_(extents_of(figure)),
        y_(ticks_of(figure.y, extents_.y.low, extents_.y.high, about_rows / 2, true)),
        rows_(rows_for(y_.at.size(), about_rows)),
        left_(std::max(widest(y_.texts) + 1, least_left)),
        right_(lines() < 2    ? 0
               : lines() < 10 ? 2
                              : 3),
        columns_(look.width - left_ - 1 - right_),
        x_(ticks_across(figure.x, extents_.x, columns_)),
        canvas_(columns_, rows_, look),
        to_x_{AxisScale(figure.x, x_), static_cast<double>(canvas_.dots_across())},
        to_y_{AxisScale(figure.y, y_), static_cast<double>(canvas_.dots_up())} {}

  std::string text() {
    for (const Curve& curve : figure_.curves) draw(curve);
    return heading() + body() + axis() + legend();
  }

  std::size_t left() const { return left_; }

 private:
  static std::size_t widest(const std::vector<std::string>& texts) {
    std::size_t most = 0;
    for (const std::string& text : texts) most = std::max(most, columns(text));
    return most;
  }
  /// As many between any two ticks.
  static std::size_t rows_for(std::size_t ticks, std::size_t about) {
    if (ticks < 2) return about;
    return (ticks - 1) * std::max<std::size_t>((about + ticks / 2) / (ticks - 1), 1) + 1;
  }

  static bool is_named_line(const Curve& curve) {
    return curve.kind == Curve::Kind::line && !curve.name.empty();
  }
  /// Where colours may not tell lines apart, numbers at their ends do.
  std::ptrdiff_t lines() const { return std::ranges::count_if(figure_.curves, is_named_line); }

  void draw(const Curve& curve) {
    switch (curve.kind) {
      case Curve::Kind::line:
        return line(curve, curve.y);
      case Curve::Kind::points:
        return points(curve);
      case Curve::Kind::band:
        return band(curve);
      case Curve::Kind::bars:
        return bars(curve);
    }
  }

  void line(const Curve& curve, const std::vector<double>& y) {
    for (std::size_t k = 0; k < y.size(); ++k) {
      const double x = to_x_(curve.x[k]), top = to_y_(y[k]);
      if (!std::isfinite(top)) continue;
      if (k > 0 && std::isfinite(to_y_(y[k - 1])))
        canvas_.line(to_x_(curve.x[k - 1]), to_y_(y[k - 1]), x, top, curve.hue, curve.is_reference);
      else
        canvas_.dot(x, top, curve.hue, curve.is_reference);
    }
  }

  void points(const Curve& curve) {
    for (std::size_t k = 0; k < curve.x.size(); ++k) {
      if (!std::isfinite(curve.y[k])) continue;
      const double x = to_x_(curve.x[k]);
      canvas_.dot(x, to_y_(curve.y[k]), curve.hue);
      if (k < curve.low.size() && std::isfinite(curve.low[k]) && std::isfinite(curve.high[k]))
        canvas_.line(x, std::max(to_y_(curve.low[k]), 0.0), x, to_y_(curve.high[k]), curve.hue);
    }
  }

  void band(const Curve& curve) {
    for (std::size_t k = 1; k < curve.x.size(); ++k) {
      const double from = to_x_(curve.x[k - 1]), to = to_x_(curve.x[k]);
      for (double x = std::floor(from); x <= to; ++x) {
        const double part = to > from ? std::clamp((x - from) / (to - from), 0.0, 1.0) : 1;
        const auto between = [&](const std::vector<double>& ends) {
          const double above = to_y_.count + 1;
          const double a = std::clamp(to_y_(ends[k - 1]), -1.0, above),
                       b = std::clamp(to_y_(ends[k]), -1.0, above);
          return a + (b - a) * part;
        };
        canvas_.shade(x, between(curve.low), between(curve.high), curve.hue);
      }
    }
  }

  /// A cell's column is as high as the bar in its middle. Bars that stand apart leave out their last column,
  /// where they have some.
  void bars(const Curve& curve) {
    const std::size_t across = canvas_.dots_across() / columns_;
    std::size_t k = 0;
    for (std::size_t column = 0; column < columns_; ++column) {
      const double middle = (static_cast<double>(column) + 0.5) * static_cast<double>(across);
      while (k < curve.x.size() && to_x_(curve.x_end[k]) < middle) ++k;
      if (k == curve.x.size()) return;
      if (to_x_(curve.x[k]) > middle || !(curve.y[k] > 0)) continue;
      constexpr double kWide = 3;
      const double end = to_x_(curve.x_end[k]),
                   wide = (end - to_x_(curve.x[k])) / static_cast<double>(across);
      if (curve.is_parted && wide > kWide && middle + static_cast<double>(across) > end) continue;
      canvas_.bar(column, to_y_(curve.y[k]) - 0.5, curve.hue);
    }
  }

  std::string heading() const {
    const std::size_t in = std::min<std::size_t>(left_, 3);
    std::string text;
    if (!figure_.title.empty())
      text = blanks(in) + shortened(figure_.title, look_.width - in, look_.is_ascii) + "\n";
    if (!figure_.y.name.empty()) text += shortened(figure_.y.name, look_.width, look_.is_ascii) + "\n";
    return text;
  }

  std::size_t row_of(double y) const {
    const auto dots = static_cast<double>(canvas_.dots_up());
    const double at = std::clamp(to_y_(y), 0.0, dots - 1);
    return rows_ - 1 - static_cast<std::size_t>(at) / (canvas_.dots_up() / rows_);
  }

  std::string body() const {
    std::vector<std::string> numbers(rows_), ends(rows_);
    for (std::size_t k = 0; k < y_.at.size(); ++k) numbers[row_of(y_.at[k])] = y_.texts[k];
    if (right_ > 0) label_ends(ends);
    std::string text;
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::string& number = numbers[row];
      const char* edge = look_.is_ascii ? number.empty() ? "|" : "+" : number.empty() ? "│" : "┤";
      text += without_blanks_behind(blanks(left_ - 1 - columns(number)) + number + " " + edge +
                                    canvas_.row(row) + ends[row]) +
              "\n";
    }
    return text;
  }

  /// A curve's number beside its last point, or where there is room next to that.
  void label_ends(std::vector<std::string>& ends) const {
    std::size_t number = 0;
    for (const Curve& curve : figure_.curves) {
      if (!is_named_line(curve)) continue;
      ++number;
      const auto last =
          std::ranges::find_if(std::views::reverse(curve.y), [](double y) { return std::isfinite(y); });
      if (last == std::views::reverse(curve.y).end()) continue;
      const std::size_t wanted = row_of(*last);
      for (std::size_t away = 0; away < 2 * rows_; ++away) {
        const std::size_t row = away % 2 == 1 ? wanted + (away + 1) / 2 : wanted - away / 2;
        if (row >= rows_ || !ends[row].empty()) continue;
        ends[row] = " " + coloured(look_, curve.hue, false, fmt::format("{}", number));
        break;
      }
    }
  }

  std::string axis() const {
    const std::size_t across = canvas_.dots_across() / columns_;
    std::vector<bool> marks(columns_);
    std::string numbers;
    for (std::size_t k = 0; k < x_.at.size(); ++k) {
      const double dot = to_x_(x_.at[k]);
      const std::size_t column =
          std::min(static_cast<std::size_t>(std::max(dot, 0.0)) / across, columns_ - 1);
      marks[column] = true;
      // Centred below its mark, but not beyond the line's end.
      const std::size_t width = columns(x_.texts[k]), place = left_ + 1 + column;
      const std::size_t begin =
          std::min(place - std::min(place, width / 2), look_.width - std::min(look_.width, width));
      if (!numbers.empty() && begin < columns(numbers) + 1) continue;
      numbers += blanks(begin - columns(numbers)) + x_.texts[k];
    }
    std::string line = blanks(left_) + (look_.is_ascii ? "+" : "└");
    for (const bool mark : marks) line += look_.is_ascii ? mark ? "+" : "-" : mark ? "┬" : "─";
    const std::string name = shortened(figure_.x.name, columns_, look_.is_ascii);
    const std::string named =
        name.empty() ? "" : blanks(left_ + 1 + (columns_ - columns(name)) / 2) + name + "\n";
    return line + "\n" + numbers + "\n" + named;
  }

  /// What stands for the curve in the legend.
  std::string sign(const Curve& curve, std::size_t& number) const {
    if (curve.kind == Curve::Kind::band) return look_.is_ascii ? "-" : "░";
    if (curve.kind == Curve::Kind::points) return look_.is_ascii ? ":" : "⡇";
    return fmt::format("{}", ++number);
  }

  std::string legend() const {
    const auto named = std::ranges::count_if(figure_.curves, [](const Curve& c) { return !c.name.empty(); });
    if (named < 2) return {};
    std::string text, line;
    std::size_t number = 0, used = 0;
    for (const Curve& curve : figure_.curves) {
      if (curve.name.empty()) continue;
      const std::string entry =
          shortened(fmt::format("{} {}", sign(curve, number), curve.name), look_.width - 2, look_.is_ascii);
      if (used > 0 && used + 3 + columns(entry) > look_.width) {
        text += line + "\n";
        line.clear();
        used = 0;
      }
      line += (used > 0 ? "   " : "  ") + coloured(look_, curve.hue, curve.is_reference, entry);
      used += (used > 0 ? 3 : 2) + columns(entry);
    }
    return text + line + "\n";
  }

  const Figure& figure_;
  const Look& look_;
  Extents extents_;
  Ticks y_;
  std::size_t rows_;
  std::size_t left_, right_, columns_;
  Ticks x_;
  Canvas canvas_;
  Dots to_x_, to_y_;
};

std::string notes_text(const std::vector<std::string>& notes, const Look& look) {
  std::string text;
  for (const std::string& note : notes) text += wrapped(note, look) + "\n";
  return text;
}

std::string drawn_figure(const Figure& figure, const Look& look) {
  const std::size_t rows = std::clamp<std::size_t>(look.width / 5, 6, 16);
  std::vector<std::pair<const Figure*, std::size_t>> all{{&figure, rows}};
  for (const Figure& each : figure.below) all.emplace_back(&each, std::max<std::size_t>(rows / 2, 6));
  std::size_t left = 0;
  for (const auto& [each, height] : all) left = std::max(left, Drawing(*each, look, height, 0).left());
  std::string text;
  for (const auto& [each, height] : all) text += Drawing(*each, look, height, left).text();
  return text + notes_text(figure.notes, look);
}

std::string drawn_chart(const Chart& chart, const Look& look) {
  std::size_t names = 0, texts = 0;
  double most = 0;
  for (const Chart::Bar& bar : chart.bars) {
    names = std::max(names, columns(bar.name));
    texts = std::max(texts, columns(bar.text));
    if (std::isfinite(bar.value)) most = std::max(most, bar.value);
  }
  const std::size_t room = look.width > names + texts + 5 ? look.width - names - texts - 5 : 0;
  std::string text = shortened(chart.title, look.width, look.is_ascii) + "\n";
  if (!chart.unit.empty()) text += shortened(chart.unit, look.width, look.is_ascii) + "\n";
  for (const Chart::Bar& bar : chart.bars) {
    const double part = most > 0 && bar.value > 0 ? bar.value / most : 0;
    const auto length = static_cast<std::size_t>(std::lround(part * static_cast<double>(room)));
    std::string line;
    for (std::size_t k = 0; k < length; ++k) line += look.is_ascii ? "#" : "■";
    const std::string name = blanks(names - columns(bar.name)) + bar.name + (look.is_ascii ? " | " : " ┤ ");
    // Without room for bars, numbers stand on lines of their own.
    if (room == 0)
      text += wrapped(bar.name + ": " + bar.text, look) + "\n";
    else
      text += name + coloured(look, 0, false, line) + (length > 0 ? " " : "") + bar.text + "\n";
  }
  return text + notes_text(chart.notes, look);
}

}  // namespace

std::string shortened(std::string_view text, std::size_t width, bool is_ascii) {
  if (columns(text) <= width) return std::string(text);
  const std::size_t dots = is_ascii ? 3 : 1;
  return std::string(first_columns(text, width - std::min(width, dots))) + (is_ascii ? "..." : "…");
}

std::string drawn(const Picture& picture, const Look& look) {
  Look used = look;
  used.width = std::clamp<std::size_t>(look.width, 20, kWidest);
  if (const auto* figure = std::get_if<Figure>(&picture)) return drawn_figure(*figure, used);
  return drawn_chart(std::get<Chart>(picture), used);
}

}  // namespace mc::console
