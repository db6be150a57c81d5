// The demo's picture, as a script for gnuplot: above, the latency of each call; below, what the first one is
// made of. Colours: Okabe and Ito, "Color Universal Design" (2008), for the lines; Tableau 10 for the stages.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "frontend/console/demo_warmup.hpp"
#include "frontend/console/gnuplot.hpp"
#include "frontend/console/numbers.hpp"

namespace mc::console::warmup {
namespace {

// ---- latencies

struct Style {
  std::string_view column, line;
};

constexpr std::array<Style, 7> kStyles{{
    {"auto", "lw 3.5 lc rgb '#0072b2'"},
    {"auto_disk", "lw 2 lc rgb '#56b4e9'"},
    {"auto_memory", "lw 2 lc rgb '#009e73'"},
    {"interpreter", "lw 2 lc rgb '#777777' dt (6,4)"},
    {"llvm", "lw 2 lc rgb '#d55e00'"},
    {"numba", "lw 2 lc rgb '#cc79a7'"},
    {"numba_disk", "lw 2 lc rgb '#cc79a7' dt (6,4)"},
}};

std::string_view style_of(const Measured& column) {
  return std::ranges::find(kStyles, column.column->name, &Style::column)->line;
}

/// The median of the calls around the k-th, within a twentieth: of the first nineteen only itself.
double around(const Measured& column, std::size_t k) {
  const auto& all = column.calls.microseconds;
  const std::size_t reach = k / 20, first = k - reach, last = std::min(k + reach, all.size());
  std::vector<double> near(all.begin() + static_cast<std::ptrdiff_t>(first - 1),
                           all.begin() + static_cast<std::ptrdiff_t>(last));
  const auto middle = near.begin() + static_cast<std::ptrdiff_t>(near.size() / 2);
  std::ranges::nth_element(near, middle);
  return *middle;
}

/// Points a twenty-fifth apart.
std::string points(const Measured& column) {
  std::string text = fmt::format("${} << END\n", column.column->name);
  for (double next = 1; next < kCalls * 1.02;) {
    const std::size_t k = std::min<std::size_t>(static_cast<std::size_t>(std::lround(next)), kCalls);
    text += fmt::format("{} {:.4g}\n", k, around(column, k));
    next = std::max(next * 1.04, static_cast<double>(k) + 1);
  }
  return text + "END\n";
}

/// The latencies' axis: up to a power of ten, and down to where a mark has room below the fastest call.
struct Axis {
  double least = INFINITY, most = 0;
  explicit Axis(const Result& result) {
    for (const Measured& column : result.columns) {
      least = std::min(least, column.fastest() / 4);
      most = std::max(most, column.slowest());
    }
    most = std::pow(10, std::ceil(std::log10(most)));
  }
  std::string tics() const {
    constexpr std::array<const char*, 3> units{"µs", "ms", "s"};
    std::string text;
    const int last = static_cast<int>(std::lround(std::log10(most)));
    for (int decade = static_cast<int>(std::ceil(std::log10(least))); decade <= last; ++decade) {
      const int unit = decade < 0 ? 0 : std::min(decade / 3, 2);
      text += fmt::format("{}'{:g} {}' {:g}", text.empty() ? "" : ", ", std::pow(10, decade - 3 * unit),
                          units[static_cast<std::size_t>(unit)], std::pow(10, decade));
    }
    return text;
  }
};

/// Where machine code took over: above the curve, or below it.
std::string mark(const Measured& column, bool above, const Axis& axis) {
  const std::size_t k = column.calls.code_from;
  if (k <= 1) return "";
  // A factor that is this part of the axis.
  const auto apart = [&](double part) { return std::pow(axis.most / axis.least, part); };
  const double before = column.calls.microseconds[k - 2];
  const double after = *std::ranges::min_element(column.calls.microseconds);
  const double from = above ? before * apart(0.063) : after / apart(0.055),
               to = above ? before * apart(0.012) : after / apart(0.008);
  return fmt::format(
      "set arrow from {0},{1:g} to {0},{2:g} head filled size screen 0.008,20 lw 1.2 lc rgb '#444444'\n"
      "set label {3} at {0},{4:g} {5} tc rgb '#444444' font ',12'\n",
      k, from, to, gnuplot_text(fmt::format("{}: machine code from call {} on", column.column->label, k)),
      above ? from * apart(0.02) : from / apart(0.02), k > 40 ? "right offset 3,0" : "left offset -3,0");
}

std::string latencies(const Result& result) {
  const Axis axis(result);
  std::string text, lines;
  for (const Measured& column : result.columns) {
    text += points(column);
    lines += fmt::format("{}${} using 1:2 with lines {} title {}", lines.empty() ? "plot " : ", ",
                         column.column->name, style_of(column), gnuplot_text(column.column->label));
  }
  text += fmt::format(
      "set lmargin at screen 0.09\nset rmargin at screen 0.815\nset tmargin at screen 0.9\nset bmargin at "
      "screen 0.385\n"
      "set label 1 {} at screen 0.03,0.965 left font ',17'\n"
      "set label 2 {} at screen 0.03,0.928 left tc rgb '#444444'\n"
      "set logscale xy\nset xrange [1:{}]\nset yrange [{:g}:{:g}]\n"
      "set xtics (1, 2, 3, 10, 30, 100, 300, 1000) nomirror\nset ytics ({}) nomirror\nset mytics 10\n"
      "set grid ytics lt 1 lw 1 lc rgb '#e4e4e4'\nset border 3 lc rgb '#888888'\n"
      "set xlabel 'call' offset 0,0.4\n"
      "set key at screen 0.985,0.88 top right Left reverse samplen 2.5 spacing 1.25\n",
      gnuplot_text("How long each call takes"),
      gnuplot_text(fmt::format("{}, {} samples a call, one thread, {}", kProgram,
                               count_text(result.settings.samples), rounds_text(result))),
      kCalls, axis.least, axis.most, axis.tics());
  return text + mark(*result.find("auto"), true, axis) + mark(*result.find("auto_disk"), false, axis) +
         lines + "\nunset label\nunset arrow\nunset logscale\nunset grid\nunset key\nunset mytics\n";
}

// ---- stages

constexpr std::array<const char*, 10> kHues{"#4e79a7", "#f28e2b", "#76b7b2", "#e15759", "#59a14f",
                                            "#edc948", "#b07aa1", "#9c755f", "#ff9da7", "#bab0ac"};

/// A stacked bar with a title above and its stages named below, in a panel of its own.
class Bar {
 public:
  Bar(std::string title, Stages stages, double left, double right)
      : title_(std::move(title)), stages_(std::move(stages)), left_(left), right_(right) {}

  std::string script() const {
    return fmt::format(
               "set lmargin at screen {}\nset rmargin at screen {}\nset tmargin at screen 0.245\nset bmargin "
               "at screen 0.195\n"
               "set border 1\nset xrange [0:{:g}]\nset yrange [0:1]\nset xtics autofreq nomirror\nunset "
               "ytics\n"
               "set xlabel 'ms' offset 0,0.6\n"
               "set label {} at screen {},0.272 left\n",
               left_, right_, sum(stages_) * 1.0001, gnuplot_text(title_), left_) +
           segments() + "plot NaN notitle\nunset object\nunset label\n";
  }

 private:
  std::string segments() const {
    std::string text;
    double begin = 0;
    for (std::size_t k = 0; k < stages_.size(); ++k) {
      const double end = begin + stages_[k].second;
      text += fmt::format("set object rect from {:g},0.1 to {:g},1 fs solid border rgb 'white' fc rgb '{}'\n",
                          begin, end, hue(k)) +
              legend(k);
      begin = end;
    }
    return text;
  }

  /// Three in a row.
  std::string legend(std::size_t k) const {
    const double x = left_ + static_cast<double>(k % 3) * (right_ - left_) / 3;
    const double y = 0.105 - 0.032 * static_cast<double>(k / 3);
    const auto& [name, ms] = stages_[k];
    return fmt::format(
        "set object rect from screen {:g},{:g} to screen {:g},{:g} fs solid noborder fc rgb '{}'\n"
        "set label {} at screen {:g},{:g} left font ',12'\n",
        x, y - 0.009, x + 0.012, y + 0.009, hue(k),
        gnuplot_text(fmt::format("{} {}", name, duration_text(ms * 1000))), x + 0.017, y);
  }

  static const char* hue(std::size_t k) { return kHues[k % kHues.size()]; }

  std::string title_;
  Stages stages_;
  double left_, right_;
};

std::string bars(const Result& result) {
  const auto [first, compile] = split_stages(result, *result.find("llvm"));
  const Stages loaded = split_stages(result, *result.find("auto_disk")).second;
  std::string from_disk;
  if (!loaded.empty()) from_disk = fmt::format("; from the disk {}", duration_text(sum(loaded) * 1000));
  return Bar(fmt::format("Before the first sample: {}", duration_text(sum(first) * 1000)), first, 0.03, 0.48)
             .script() +
         Bar(fmt::format("Machine code: {}{}", duration_text(sum(compile) * 1000), from_disk), compile, 0.53,
             0.98)
             .script();
}

}  // namespace

std::string plot_script(const Result& result) {
  return "set terminal svg size 960,720 font 'sans-serif,13' background 'white' noenhanced\n"
         "set encoding utf8\nset multiplot\n" +
         latencies(result) + bars(result) + "unset multiplot\n";
}

}  // namespace mc::console::warmup
