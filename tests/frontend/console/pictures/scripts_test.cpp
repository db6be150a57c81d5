// Pictures by gnuplot and pages: whatever users write, it is text there, and what comes out is well-formed.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <set>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/console/gnuplot.hpp"
#include "frontend/console/pictures/gnuplot_picture.hpp"
#include "frontend/console/pictures/page.hpp"
#include "frontend/console/subprocess.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

/// What would end a string, begin a command, a tag or an entity, were it not text.
const char kNasty[] =
    "a'b\"c`date`\\ @x $y <script>alert(1)</script> & é π \n'; system('touch /tmp/owned'); plot ^_{}\x01";

std::vector<Picture> nasty_pictures() {
  const Curve line{.kind = Curve::Kind::line, .name = kNasty, .x = {0, 1, 2}, .y = {1, NAN, 1e300}};
  Figure figure{.title = kNasty,
                .x = {.name = kNasty},
                .y = {.name = kNasty},
                .curves = {line, line},
                .notes = {kNasty, kNasty}};
  figure.curves.push_back({.kind = Curve::Kind::band, .x = {0, 2}, .low = {0, 1}, .high = {1, 2}});
  Figure points{
      .title = kNasty,
      .x = {.name = kNasty, .is_logarithmic = true},
      .y = {},
      .curves = {
          {.kind = Curve::Kind::points,
           .name = kNasty,
           .x = {1, 10},
           .y = {1, 2},
           .low = {0, 1},
           .high = {2, 3}},
          {.kind = Curve::Kind::line, .name = kNasty, .x = {1, 10}, .y = {1, 1}, .is_reference = true}}};
  Figure bars{.title = kNasty,
              .x = {},
              .y = {},
              .curves = {{.kind = Curve::Kind::bars, .x = {0, 1}, .y = {3, 4}, .x_end = {1, 2}}}};
  Chart chart{
      .title = kNasty, .unit = kNasty, .bars = {{kNasty, 3, kNasty}, {"b", NAN, ""}}, .notes = {kNasty}};
  return {std::move(figure), std::move(points), std::move(bars), std::move(chart)};
}

/// By Python's parser of XML, which reads what pages and pictures are.
void expect_well_formed(const std::string& text) {
  const Finished parsed =
      run({.words = {"python3", "-c",
                     "import sys, xml.etree.ElementTree as t; t.fromstring(sys.stdin.buffer.read())"},
           .input = text});
  if (!parsed.started) GTEST_SKIP() << "there is no Python to read XML";
  EXPECT_EQ(parsed.exit, 0) << parsed.err << text.substr(0, 2000);
}

TEST(Scripts, QuoteWhatUsersWrite) {
  EXPECT_EQ(gnuplot_text("it's\n\x7f"), "'it’s  '");
  for (const Picture& picture : nasty_pictures()) {
    const std::string script = gnuplot_script(picture, Format::svg);
    // Outside of its strings there is nothing of the text.
    bool is_inside = false;
    std::string outside;
    for (const char c : script) {
      if (c == '\'') is_inside = !is_inside;
      if (!is_inside) outside += c;
      if (is_inside) {
        EXPECT_NE(c, '\n');
      }
    }
    EXPECT_EQ(outside.find("system"), std::string::npos);
    EXPECT_EQ(outside.find('`'), std::string::npos);
    EXPECT_NE(script.find("noenhanced"), std::string::npos);
  }
}

TEST(Scripts, AreDrawn) {
  if (!has_gnuplot()) GTEST_SKIP() << "there is no gnuplot";
  for (const Picture& picture : nasty_pictures()) {
    const std::string svg = gnuplot(gnuplot_script(picture, Format::svg));
    EXPECT_NE(svg.find("</svg>"), std::string::npos);
    EXPECT_EQ(svg.find("<script"), std::string::npos);
    expect_well_formed(svg);
    EXPECT_TRUE(gnuplot(gnuplot_script(picture, Format::pixels)).starts_with("\x89PNG"));
  }
}

// ---- what is where

/// The numbers behind `before` in each line that has it.
std::vector<std::vector<double>> numbers_after(const std::string& script, const std::string& before) {
  std::vector<std::vector<double>> all;
  for (std::size_t at = 0; (at = script.find(before, at)) != std::string::npos;) {
    at += before.size();
    std::string line = script.substr(at, script.find('\n', at) - at);
    std::ranges::replace(line, ',', ' ');
    std::istringstream in(line);
    all.emplace_back();
    for (double each; in >> each;) all.back().push_back(each);
  }
  return all;
}

/// Places of the first curve's points: x and y.
std::vector<std::pair<double, double>> places(const Picture& picture) {
  const std::string script = gnuplot_script(picture, Format::svg);
  const std::size_t begin = script.find("$curve0 << END\n") + 15;
  std::istringstream lines(script.substr(begin, script.find("END\n", begin) - begin));
  std::vector<std::pair<double, double>> all;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    double x = NAN, y = NAN;
    in >> x >> y;
    all.emplace_back(x, y);
  }
  return all;
}

/// A curve is the same wherever it lies and however small it is beside that.
TEST(Scripts, ShowSmallRangesFarFromZero) {
  const auto wave = [](double x0, double y0, double height) {
    Curve curve{.kind = Curve::Kind::line};
    for (int k = 0; k <= 64; ++k) {
      curve.x.push_back(x0 + k * 0.125);
      curve.y.push_back(y0 + height * std::sin(k * 0.125));
    }
    return Figure{.title = "", .x = {}, .y = {}, .curves = {curve}};
  };
  const auto plain = places(wave(0, 0, 1));
  for (const Figure& figure : {wave(1e9, 0, 1), wave(0, 1, 1e-9), wave(0, -1e6, 1e-3), wave(0, 0, 1e-250)}) {
    const auto moved = places(figure);
    ASSERT_EQ(moved.size(), plain.size());
    for (std::size_t k = 0; k < plain.size(); ++k) {
      EXPECT_NEAR(moved[k].first, plain[k].first, 1e-6);
      EXPECT_NEAR(moved[k].second, plain[k].second, 1e-4);
    }
  }
}

Figure many(std::size_t count) {
  Figure figure{.title = "", .x = {.name = "x"}, .y = {}, .curves = {}, .notes = {}};
  for (std::size_t k = 0; k < count; ++k) {
    const std::string name = "E[max(z, a)^" + std::to_string(k) + "]";
    figure.title += (k > 0 ? ", " : "") + name;
    figure.notes.push_back(name + ": a note of some length, as they are");
    figure.curves.push_back(
        {.kind = Curve::Kind::line, .name = name, .hue = k, .x = {0, 1}, .y = {0, static_cast<double>(k)}});
  }
  return figure;
}

/// With many curves a figure grows: its axes stay as high, names and notes have room, no two curves look
/// alike.
TEST(Scripts, HaveRoomForManyCurves) {
  for (const Format format : {Format::svg, Format::page}) {
    double area = 0;
    for (const std::size_t count : {1u, 2u, 11u, 24u}) {
      SCOPED_TRACE(count);
      const std::string script = gnuplot_script(many(count), format);
      const auto size = numbers_after(script, "set terminal svg size ").front();
      const double top = numbers_after(script, "set tmargin at screen ").front().front(),
                   bottom = numbers_after(script, "set bmargin at screen ").front().front();
      if (area == 0) area = (top - bottom) * size[1];
      EXPECT_NEAR((top - bottom) * size[1], area, 1);
      std::set<std::string> looks;
      for (std::size_t at = 0; (at = script.find("using 1:2 with lines ", at)) != std::string::npos; ++at)
        looks.insert(script.substr(at, script.find("'", script.find("'", at) + 1) - at));
      EXPECT_EQ(looks.size(), count);
      // Every text is on the sheet and below or above the axes.
      for (std::size_t at = 0; (at = script.find("' at screen ", at)) != std::string::npos; ++at) {
        const std::size_t begin = script.rfind('\'', at - 1) + 1;
        const double letters = static_cast<double>(columns(script.substr(begin, at - begin)));
        double x = 0, y = 0;
        ASSERT_EQ(std::sscanf(script.c_str() + at, "' at screen %lf,%lf", &x, &y), 2);
        EXPECT_GT(y, 0);
        EXPECT_LT(y, 1);
        EXPECT_TRUE(y > top || y < bottom) << script.substr(begin, at - begin);
        EXPECT_LT(x * size[0] + 6 * letters, size[0]) << script.substr(begin, at - begin);
      }
    }
  }
}

/// What has not ended a second after it was asked to is ended.
TEST(Programs, EndWhenAskedTo) {
  std::stop_source stop;
  stop.request_stop();
  const Finished slept = run({.words = {"sleep", "60"}}, stop.get_token());
  EXPECT_EQ(slept.exit, -SIGKILL);
  const Finished quick = run({.words = {"echo", "here"}}, stop.get_token());
  EXPECT_EQ(quick.exit, 0);
  EXPECT_EQ(quick.out, "here\n");
}

TEST(Scripts, SayWhatGnuplotSays) {
  if (!has_gnuplot()) GTEST_SKIP() << "there is no gnuplot";
  try {
    gnuplot("nonsense\n");
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("gnuplot cannot draw the picture: "), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("nonsense"), std::string::npos);
  }
}

TEST(Pages, AreWellFormed) {
  EXPECT_EQ(escaped("<a href=\"b\">'&\x02"), "&lt;a href=&quot;b&quot;&gt;&#39;&amp; ");
  for (const Picture& picture : nasty_pictures()) {
    const std::string text = picture_page(picture, kNasty, {.is_gnuplot = has_gnuplot()});
    EXPECT_EQ(text.find("<script"), std::string::npos);
    EXPECT_EQ(text.find("http://", text.find("<body")) == std::string::npos ||
                  text.find("w3.org", text.find("<body")) != std::string::npos,
              true);
    expect_well_formed(text);
  }
}

/// Two pictures on a page do not share names, and take the page's colour.
TEST(Pages, TellPicturesApart) {
  const std::string svg =
      "<?xml version=\"1.0\"?>\n<svg id=\"a\"><g color=\"black\" fill=\"rgb(1,2,3)\"/>"
      "<path stroke='rgb(  1,   2,   3)'/><use xlink:href='#a'/></svg>";
  EXPECT_EQ(inline_svg(svg, 2),
            "<svg id=\"p2-a\"><g fill=\"currentColor\"/><path stroke='currentColor'/>"
            "<use xlink:href='#p2-a'/></svg>");
}

}  // namespace
}  // namespace mc::console
