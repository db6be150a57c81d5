// Colours: Okabe and Ito, "Color Universal Design" (2008).
#include "frontend/console/pictures/gnuplot_picture.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ranges>

#include <fmt/format.h>

#include "frontend/console/gnuplot.hpp"
#include "frontend/console/pictures/text_picture.hpp"
#include "frontend/console/pictures/ticks.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

constexpr std::array kHues{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"};
/// The same, such as stand out on white and on black.
constexpr std::array kPageHues{"#2a8bc7", "#e0762f", "#1f9f78", "#cc79a7", "#56b4e9", "#d39a1c"};

/// Text: a colour that nothing else has, which inline_svg() makes the page's own.
constexpr std::string_view kInk = "#010203", kInkInSvg[] = {"rgb(  1,   2,   3)", "rgb(1,2,3)"},
                           kGrey = "#808080";

const char* hue_of(std::size_t hue, Format format) {
  return format == Format::page ? kPageHues[hue % kPageHues.size()] : kHues[hue % kHues.size()];
}

/// A fifth of the way to white, and opaque: of transparent bars the edges, which lie upon each other, are
/// seen.
std::string bar_colour(std::size_t hue, Format format) {
  const auto colour = static_cast<unsigned>(std::strtoul(hue_of(hue, format) + 1, nullptr, 16));
  const auto paler = [&](unsigned shift) { return (4 * (colour >> shift & 0xFF) + 0xFF) / 5; };
  return fmt::format("#{:02x}{:02x}{:02x}", paler(16), paler(8), paler(0));
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.9g}", value) : "NaN"; }

// ---- the sheet: all in units of an SVG, from its top left; a PNG has two dots a unit, and points of print
// for fonts

constexpr double kEdge = 24, kTitle = 26, kUnit = 28, kKey = 23, kNote = 19, kTickTexts = 40, kAxisName = 22;

double width_of(Format format) { return format == Format::page ? 600 : format == Format::sixels ? 720 : 960; }

/// About as wide as text of that font is: letters of DejaVu Sans, the widest that is in use.
double width_of(std::string_view text, double font) {
  return 0.6 * font * static_cast<double>(columns(text));
}
std::size_t columns_in(double width, double font) { return static_cast<std::size_t>(width / (0.6 * font)); }

std::vector<std::string> lines_of(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  const std::string broken = wrapped(text, {.width = width});
  for (const auto line : std::views::split(broken, '\n')) lines.emplace_back(trimmed(std::string_view(line)));
  return lines;
}

/// No longer than the picture is wide, and three at most.
std::vector<std::string> title_lines(const std::string& title, Format format) {
  if (format == Format::page || title.empty()) return {};  // a page says it itself
  const std::size_t width = columns_in(width_of(format) - 2 * kEdge, 17);
  std::vector<std::string> lines = lines_of(title, width);
  if (lines.size() <= 3) return lines;
  lines.resize(3);
  lines[2] = shortened(lines[2] + " …", width, false);
  return lines;
}

std::vector<std::string> note_lines(const std::vector<std::string>& notes, Format format) {
  std::vector<std::string> all;
  if (format == Format::page) return all;
  for (const std::string& note : notes)
    for (std::string& line : lines_of(note, columns_in(width_of(format) - 2 * kEdge, 11)))
      all.push_back(std::move(line));
  return all;
}

double count_of(const auto& list) { return static_cast<double>(list.size()); }

/// Of a given height; what is written on it stands in its script.
class Sheet {
 public:
  Sheet(Format format, double height) : format_(format), width_(width_of(format)), height_(height) {
    const std::string font = "font 'sans-serif,14'";
    if (format == Format::sixels)
      script_ = fmt::format(
          "set terminal sixelgd truecolor size {:.0f},{:.0f} {} fontscale 0.75 background 'white' "
          "noenhanced\n",
          width_, height_, font);
    else if (format == Format::pixels)
      script_ = fmt::format(
          "set terminal pngcairo size {:.0f},{:.0f} {} fontscale 1.5 pointscale 1.5 linewidth 2 background "
          "'white' "
          "noenhanced\n",
          2 * width_, 2 * height_, font);
    else
      script_ = fmt::format("set terminal svg size {:.0f},{:.0f} dynamic {}{} noenhanced\n", width_, height_,
                            font, format == Format::svg ? " background 'white'" : "");
    script_ += fmt::format(
        "set encoding utf8\nset border 3 lc rgb '{1}'\nset tics nomirror out scale 0.5 tc rgb '{0}'\n"
        "set grid ytics lt 1 lw 0.7 lc rgb '#c0808080'\nset clip two\nunset key\nset multiplot\n",
        kInk, kGrey);
  }

  Format format() const { return format_; }
  double width() const { return width_; }
  double down(double y) const { return 1 - y / height_; }
  double across(double x) const { return x / width_; }

  void add(std::string_view text) { script_ += text; }
  void label(std::string_view text, double x, double y, int font, std::string_view colour,
             std::string_view where = "left") {
    add(fmt::format("set label {} at screen {:.4f},{:.4f} {} font ',{}' tc rgb '{}'\n", gnuplot_text(text),
                    across(x), down(y), where, font, colour));
  }
  /// One below the other, from y on; where they end.
  double labels(const std::vector<std::string>& lines, double y, double apart, int font,
                std::string_view colour) {
    for (const std::string& line : lines) {
      label(line, kEdge, y + apart / 2, font, colour);
      y += apart;
    }
    return y;
  }
  /// Axes between these places; what was written so far is on the sheet once something is plotted.
  void axes(double left, double right, double top, double bottom) {
    add(
        fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\nset tmargin at screen "
                    "{:.4f}\nset bmargin at screen {:.4f}\n",
                    across(left), across(right), down(top), down(bottom)));
  }
  void plot(std::string_view layers) {
    add(fmt::format("plot {}\nunset label\nunset arrow\nunset object\n", layers));
  }
  std::string script() && { return std::move(script_) + "unset multiplot\n"; }

 private:
  Format format_;
  double width_, height_;
  std::string script_;
};

// ---- curves

/// Curves of one colour differ in their dashes.
std::string line_of(const Curve& curve, Format format) {
  constexpr std::array kDashes{"solid", "(9,4)", "(2,3)", "(9,3,2,3)"};
  const std::size_t round = curve.hue / kHues.size();
  if (curve.is_reference) return fmt::format("lw 1.5 dt (7,5) lc rgb '{}'", hue_of(curve.hue, format));
  return fmt::format("lw 2.5 dt {} lc rgb '{}'", kDashes[round % kDashes.size()], hue_of(curve.hue, format));
}

/// Its points as places on the axes, so that gnuplot sees numbers between 0 and 1 whatever they are.
std::string data(const Curve& curve, std::size_t number_of_it, const AxisScale& x, const AxisScale& y) {
  std::string text = fmt::format("$curve{} << END\n", number_of_it);
  const auto column = [](const std::vector<double>& numbers, std::size_t k, const auto& place) {
    return k < numbers.size() ? " " + number(place(numbers[k])) : " NaN";
  };
  const auto inside = [&](double value) { return std::clamp(y(value), 0.0, 1.0); };
  // A line to what is far outside goes there as steeply as a picture shows.
  const auto near = [&](double value) {
    const double place = y(value);
    return std::isinf(place) ? NAN : std::clamp(place, -100.0, 100.0);
  };
  for (std::size_t k = 0; k < curve.x.size(); ++k)
    text += number(x(curve.x[k])) + column(curve.y, k, near) + column(curve.low, k, inside) +
            column(curve.high, k, inside) + column(curve.x_end, k, x) + "\n";
  return text + "END\n";
}

std::string layer(const Curve& curve, std::size_t number_of_it, Format format) {
  const char* const hue = hue_of(curve.hue, format);
  const std::string name = fmt::format("$curve{}", number_of_it);
  switch (curve.kind) {
    case Curve::Kind::line:
      return fmt::format("{} using 1:2 with lines {}", name, line_of(curve, format));
    case Curve::Kind::points:  // yerrorbars would put white around each point
      return fmt::format(
          "{0} using 1:3:(0):($4-$3) with vectors nohead lw 1.5 lc rgb '{1}', {0} using 1:2 with points pt 7 "
          "ps "
          "0.5 lc rgb '{1}'",
          name, hue);
    case Curve::Kind::band:
      return fmt::format("{} using 1:3:4 with filledcurves lc rgb '{}' fs transparent solid 0.22 noborder",
                         name, hue);
    case Curve::Kind::bars:
      return fmt::format(
          "{0} using (($1+$5)/2):(0):($1+{2}*($5-$1)):($5-{2}*($5-$1)):(0):2 with boxxyerror lc rgb '{1}' fs "
          "solid 1 noborder",
          name, bar_colour(curve.hue, format), curve.is_parted ? 0.05 : 0.0);
  }
  return {};
}

// ---- the key: names in rows below the axes, each behind a piece of its curve

struct Entry {
  const Curve* curve;
  std::string name;
  double x;
  std::size_t row;
};

constexpr double kSample = 30, kBeside = 8, kApart = 26;

std::vector<Entry> key_of(const Figure& figure, Format format) {
  std::vector<Entry> key;
  if (std::ranges::count_if(figure.curves, [](const Curve& curve) { return !curve.name.empty(); }) < 2)
    return key;
  const double end = width_of(format) - kEdge;
  double x = kEdge;
  std::size_t row = 0;
  for (const Curve& curve : figure.curves) {
    if (curve.name.empty()) continue;
    std::string name = shortened(curve.name, columns_in(end - kEdge - kSample - kBeside, 14), false);
    const double width = kSample + kBeside + width_of(name, 14);
    if (x > kEdge && x + width > end) x = kEdge, ++row;
    key.push_back({&curve, std::move(name), x, row});
    x += width + kApart;
  }
  return key;
}

double key_height(const std::vector<Entry>& key) {
  return key.empty() ? 0 : static_cast<double>(key.back().row + 1) * kKey;
}

void write_key(Sheet& sheet, const std::vector<Entry>& key, double top) {
  for (const Entry& entry : key) {
    const double y = top + (static_cast<double>(entry.row) + 0.5) * kKey;
    const auto stroke = [&](double x0, double y0, double x1, double y1, std::string_view how) {
      sheet.add(fmt::format("set arrow from screen {:.4f},{:.4f} to screen {:.4f},{:.4f} nohead {}\n",
                            sheet.across(x0), sheet.down(y0), sheet.across(x1), sheet.down(y1), how));
    };
    const char* const hue = hue_of(entry.curve->hue, sheet.format());
    switch (entry.curve->kind) {
      case Curve::Kind::line:
        stroke(entry.x, y, entry.x + kSample, y, line_of(*entry.curve, sheet.format()));
        break;
      case Curve::Kind::points:
        stroke(entry.x + kSample / 2, y - 7, entry.x + kSample / 2, y + 7,
               fmt::format("lw 1.5 lc rgb '{}'", hue));
        sheet.add(fmt::format("set label '' at screen {:.4f},{:.4f} point pt 7 ps 0.5 lc rgb '{}'\n",
                              sheet.across(entry.x + kSample / 2), sheet.down(y), hue));
        break;
      case Curve::Kind::band:
      case Curve::Kind::bars:
        sheet.add(
            fmt::format("set object rectangle from screen {:.4f},{:.4f} to screen {:.4f},{:.4f} behind fc "
                        "rgb '{}' fs transparent solid {} noborder\n",
                        sheet.across(entry.x), sheet.down(y + 6), sheet.across(entry.x + kSample),
                        sheet.down(y - 6), hue, entry.curve->kind == Curve::Kind::band ? 0.22 : 0.8));
        break;
    }
    sheet.label(entry.name, entry.x + kSample + kBeside, y, 14, kInk);
  }
}

// ---- figures

/// One of a figure's pairs of axes.
struct Panel {
  const Figure& figure;
  double height;  ///< between its axes
  Ticks x, y;

  Panel(const Figure& of, double high, double wide)
      : figure(of),
        height(high),
        x(ticks_across(of.x, extents_of(of).x, columns_in(wide, 14))),
        y(ticks_of(of.y, extents_of(of).y.low, extents_of(of).y.high, static_cast<std::size_t>(high / 50),
                   true)) {}

  double above() const { return figure.y.name.empty() ? 8 : kUnit; }
  double below() const { return kTickTexts + (figure.x.name.empty() ? 0 : kAxisName); }

  double left() const {
    double widest = 0;
    for (const std::string& text : y.texts) widest = std::max(widest, width_of(text, 14));
    return kEdge + widest + 8;
  }
  double right() const { return std::max(28.0, x.texts.empty() ? 0 : width_of(x.texts.back(), 14) / 2 + 6); }
};

std::string tics(std::string_view which, const Ticks& ticks, const AxisScale& place) {
  std::string text;
  for (std::size_t k = 0; k < ticks.at.size(); ++k)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", gnuplot_text(ticks.texts[k]),
                        number(std::clamp(place(ticks.at[k]), 0.0, 1.0)));
  return fmt::format("set {0}tics ({1})\nset {0}range [0:1]\n", which, text);
}

/// Below y, between these sides; where it ends.
double write_panel(Sheet& sheet, const Panel& panel, double y, double left, double right) {
  const Figure& figure = panel.figure;
  const AxisScale to_x(figure.x, panel.x), to_y(figure.y, panel.y);
  if (!figure.y.name.empty()) sheet.label(figure.y.name, kEdge, y + 9, 13, kGrey);
  const double top = y + panel.above(), bottom = top + panel.height;
  sheet.axes(left, right, top, bottom);
  sheet.add(tics("x", panel.x, to_x) + tics("y", panel.y, to_y));
  if (!figure.x.name.empty())
    sheet.label(figure.x.name, (left + right) / 2, bottom + kTickTexts + kAxisName / 2 - 5, 14, kInk,
                "center");
  std::string layers;
  for (std::size_t k = 0; k < figure.curves.size(); ++k) {
    sheet.add(data(figure.curves[k], k, to_x, to_y));
    layers += (layers.empty() ? "" : ", ") + layer(figure.curves[k], k, sheet.format());
  }
  sheet.plot(layers);
  return bottom + panel.below();
}

std::string script(const Figure& figure, Format format) {
  const double wide = width_of(format), high = format == Format::page ? 280 : 400;
  std::vector<Panel> panels{{figure, high, wide - 100}};
  for (const Figure& each : figure.below) panels.emplace_back(each, high / 2, wide - 100);
  const std::vector<std::string> title = title_lines(figure.title, format),
                                 notes = note_lines(figure.notes, format);
  const std::vector<Entry> key = key_of(figure, format);
  double left = 0, right = 0,
         height = 14 + count_of(title) * kTitle + key_height(key) + count_of(notes) * kNote + 10;
  for (const Panel& panel : panels) {
    left = std::max(left, panel.left());
    right = std::max(right, panel.right());
    height += panel.above() + panel.height + panel.below();
  }
  Sheet sheet(format, height);
  double y = sheet.labels(title, 12, kTitle, 17, kInk) + 2;
  // What stands below the axes is written with the first of them.
  const double below = height - 10 - count_of(notes) * kNote;
  write_key(sheet, key, below - key_height(key));
  sheet.labels(notes, below, kNote, 12, kGrey);
  for (const Panel& panel : panels) y = write_panel(sheet, panel, y, left, wide - right);
  return std::move(sheet).script();
}

// ---- charts

std::string script(const Chart& chart, Format format) {
  constexpr double kBar = 48;
  double most = 0, names = 0, texts = 0;
  for (const Chart::Bar& bar : chart.bars) {
    if (std::isfinite(bar.value)) most = std::max(most, bar.value);
    names = std::max(names, width_of(bar.name, 14));
    texts = std::max(texts, width_of(bar.text, 14));
  }
  if (most == 0) most = 1;
  const std::vector<std::string> title = title_lines(chart.title, format),
                                 notes = note_lines(chart.notes, format);
  const double bars = count_of(chart.bars), unit = chart.unit.empty() ? 0 : kUnit;
  const double height =
      14 + count_of(title) * kTitle + unit + bars * kBar + 14 + count_of(notes) * kNote + 10;
  Sheet sheet(format, height);
  double y = sheet.labels(title, 12, kTitle, 17, kInk) + 2;
  if (unit > 0) sheet.label(chart.unit, kEdge, y + 9, 13, kGrey);
  y += unit;
  sheet.labels(notes, height - 10 - count_of(notes) * kNote, kNote, 12, kGrey);
  const double left = kEdge + names + 8, right = sheet.width() - kEdge;
  sheet.axes(left, right, y, y + bars * kBar);
  // The longest bar leaves room for what stands behind it.
  const double room = right - left, part = std::max(room - texts - 16, 0.1 * room) / room;
  std::string data = "$bars << END\n", ticks;
  for (std::size_t k = 0; k < chart.bars.size(); ++k) {
    const Chart::Bar& bar = chart.bars[k];
    const double length = std::isfinite(bar.value) ? bar.value / most * part : 0,
                 place = -static_cast<double>(k);
    data += fmt::format("{} {}\n", place, number(length));
    ticks += fmt::format("{}{} {}", ticks.empty() ? "" : ", ", gnuplot_text(bar.name), place);
    sheet.add(fmt::format("set label {} at {},{} left offset 1,0 tc rgb '{}'\n", gnuplot_text(bar.text),
                          number(length), place, kInk));
  }
  sheet.add(
      fmt::format("set border 0\nunset grid\nunset xtics\nset xrange [0:1]\nset yrange [{}:0.5]\n"
                  "set ytics scale 0 ({})\n{}END\n",
                  0.5 - bars, ticks, data));
  sheet.plot(
      fmt::format("$bars using (0):1:(0):2:($1-0.3):($1+0.3) with boxxyerror lc rgb '{}' fs solid 1 "
                  "noborder",
                  bar_colour(0, format)));
  return std::move(sheet).script();
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
}

}  // namespace

std::string gnuplot_script(const Picture& picture, Format format) {
  return std::visit([&](const auto& each) { return script(each, format); }, picture);
}

std::string inline_svg(std::string svg, std::size_t number) {
  svg.erase(0, svg.find("<svg"));
  for (const std::string_view ink : kInkInSvg) replace_all(svg, ink, "currentColor");
  replace_all(svg, " color=\"black\"", "");
  const std::string own = fmt::format("p{}-", number);
  for (const char* name : {"id=\"", "id='", "href='#", "href=\"#", "url(#"})
    replace_all(svg, name, name + own);
  return svg;
}

}  // namespace mc::console
