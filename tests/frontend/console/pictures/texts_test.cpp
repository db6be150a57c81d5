// What pictures look like as text: letter by letter, on narrow and wide terminals, with and without Unicode.
#include <algorithm>
#include <clocale>
#include <cmath>
#include <numbers>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/console/pictures/text_picture.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

Curve line(std::string name, std::vector<double> x, std::vector<double> y, std::size_t hue = 0) {
  return {
      .kind = Curve::Kind::line, .name = std::move(name), .hue = hue, .x = std::move(x), .y = std::move(y)};
}

Figure diagonals() {
  return {.title = "two lines",
          .x = {.name = "x"},
          .y = {.name = "value"},
          .curves = {line("up", {0, 10}, {0, 1}), line("down", {0, 10}, {1, 0}, 1)},
          .notes = {"a note that is longer than some terminals are wide"}};
}

Figure bars() {
  return {.title = "k",
          .x = {.low = -0.5, .high = 3.5},
          .y = {.name = "share"},
          .curves = {{.kind = Curve::Kind::bars,
                      .x = {-0.5, 0.5, 1.5, 2.5},
                      .y = {0.1, 0.4, 0.3, 0.001},
                      .x_end = {0.5, 1.5, 2.5, 3.5}}}};
}

/// Of whole numbers.
Figure parted_bars() {
  Figure figure = bars();
  figure.x.is_whole = figure.curves[0].is_parted = true;
  return figure;
}

Figure convergence() {
  return {
      .title = "E[x]",
      .x = {.name = "samples", .is_logarithmic = true},
      .y = {},
      .curves = {
          {.kind = Curve::Kind::band, .name = "expected", .x = {10, 1000}, .low = {0, 0.9}, .high = {2, 1.1}},
          {.kind = Curve::Kind::points,
           .name = "estimate",
           .x = {10, 100, 1000},
           .y = {1.5, 0.8, 1},
           .low = {0.5, 0.5, 0.9},
           .high = {2.5, 1.1, 1.1}}}};
}

Chart rates() {
  return {.title = "E[x]",
          .unit = "samples/s",
          .bars = {{"interpreter", 50, "50 M/s"}, {"llvm", 100, "100 M/s"}, {"none", NAN, "?"}},
          .notes = {"the same bits"}};
}

struct Golden {
  const char* name;
  Picture picture;
  Look look;
  const char* text;
};

std::ostream& operator<<(std::ostream& out, const Golden& golden) { return out << golden.name; }

const Golden kGolden[] = {
#include "tests/frontend/console/pictures/golden.inc"
};

class Texts : public testing::TestWithParam<Golden> {};
TEST_P(Texts, ReadAsTheyDid) {
  const Golden& golden = GetParam();
  EXPECT_EQ("\n" + drawn(golden.picture, golden.look), golden.text) << "\n"
                                                                    << drawn(golden.picture, golden.look);
}
INSTANTIATE_TEST_SUITE_P(Pictures, Texts, testing::ValuesIn(kGolden),
                         [](const auto& info) { return std::string(info.param.name); });

/// Whatever is drawn, however narrow the terminal: no line is wider, none of it is a control character, and
/// without UTF-8 all of it is ASCII.
TEST(Text, FitsTheTerminal) {
  std::vector<Picture> pictures{diagonals(), bars(), convergence(), rates()};
  Figure large = diagonals();
  large.curves = {
      line("a name that is much too long for a narrow terminal", {-1e300, 1e300}, {-1e300, 1e300}),
      line("two", {-1e300, 1e300}, {1e-300, 1e300}, 1)};
  large.title = "a title that is much too long for a narrow terminal";
  pictures.emplace_back(large);
  Figure tiny = diagonals();
  tiny.curves = {line("", {1, 1 + 1e-9}, {1e-300, 2e-300})};
  pictures.emplace_back(tiny);
  for (std::size_t k = 0; k < pictures.size(); ++k)
    for (const std::size_t width : {1u, 20u, 21u, 33u, 80u, 500u})
      for (const bool is_ascii : {false, true}) {
        SCOPED_TRACE(std::to_string(k) + " at " + std::to_string(width));
        std::istringstream text(drawn(pictures[k], {.width = width, .is_ascii = is_ascii}));
        for (std::string each; std::getline(text, each);) {
          EXPECT_LE(columns(each), std::clamp<std::size_t>(width, 20, 100)) << each;
          EXPECT_FALSE(each.ends_with(' ')) << each;
          for (const char c : each) {
            EXPECT_GE(static_cast<unsigned char>(c), 0x20);
            if (is_ascii) {
              EXPECT_LT(static_cast<unsigned char>(c), 0x80) << each;
            }
          }
        }
      }
}

/// A line of a program and what stands below it stay below each other.
TEST(Text, KeepsCaretsUnderLines) {
  const std::string excerpt = "error: this is wrong\n  1 | … sin(²) …\n    |       ^\n";
  EXPECT_EQ(wrapped(excerpt, {.width = 8, .is_ascii = true}),
            "error:\n  this\n  is\n  wrong\n  1 | ~ sin(?) ~\n    |       ^\n");
}

/// As terminals show it: marks upon a letter take no column, signs of East Asia two.
TEST(Text, CountsColumns) {
  const std::string before = std::setlocale(LC_CTYPE, nullptr);
  ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr);
  EXPECT_EQ(columns("a日本é\u0301±"), 7u);
  EXPECT_EQ(first_columns("a日本", 4), "a日");
  EXPECT_EQ(in_ascii("日±", true), "???");
  EXPECT_EQ(in_ascii("日±"), "?+-");
  for (const auto& [line, width, rows, rest] :
       std::vector<std::tuple<std::string, std::size_t, std::size_t, std::size_t>>{
           {"", 5, 0, 0}, {"abcd", 5, 0, 4}, {"abcde", 5, 1, 0}, {"abcdef", 5, 1, 1}, {"abcd日x", 5, 1, 3}}) {
    const Filled filled = filled_rows(line, width);
    EXPECT_EQ(std::pair(filled.rows, filled.columns), std::pair(rows, rest)) << line;
  }
  std::setlocale(LC_CTYPE, before.c_str());
}

/// Colours are beside the text: without them it is the same.
TEST(Text, IsColouredOnlyWhereThatIsWanted) {
  const std::string plain = drawn(diagonals(), {.width = 40}),
                    colour = drawn(diagonals(), {.width = 40, .colour = true});
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  std::string without;
  for (std::size_t at = 0; at < colour.size(); ++at)
    if (colour[at] == '\x1b')
      at = colour.find('m', at);
    else
      without += colour[at];
  EXPECT_NE(colour, plain);
  EXPECT_EQ(without, plain);
}

/// Each curve has a number of its own at its end.
TEST(Text, NumbersManyCurves) {
  Figure figure{.title = "", .x = {}, .y = {}, .curves = {}};
  for (std::size_t k = 0; k < 12; ++k)
    figure.curves.push_back(line("y" + std::to_string(k), {0, 1}, {0, static_cast<double>(k)}, k));
  const std::string text = drawn(figure, {.width = 80});
  for (std::size_t k = 1; k <= 12; ++k)
    EXPECT_NE(text.find(" " + std::to_string(k) + "\n"), std::string::npos) << k << "\n" << text;
}

/// Panels below each other: their left axes are in one line.
TEST(Text, LinesPanelsUp) {
  Figure figure = convergence();
  figure.below = {{.title = "",
                   .x = {.name = "M", .is_logarithmic = true},
                   .y = {.name = "error", .is_logarithmic = true},
                   .curves = {line("", {10, 1000}, {1e-10, 1e-12})}}};
  std::istringstream text(drawn(figure, {.width = 60, .is_ascii = true}));
  std::set<std::size_t> axes;
  std::size_t corners = 0;
  for (std::string each; std::getline(text, each);) {
    const std::size_t at = each.find_first_of("+|");
    if (at == std::string::npos || each.starts_with("  -")) continue;
    axes.insert(at);
    corners += each.find("+-") == at && each.ends_with('-');
  }
  EXPECT_EQ(axes.size(), 1u);
  EXPECT_GE(corners, 1u);
}

/// A gap in the numbers is one in the line.
TEST(Text, LeavesGapsWhereThereIsNoNumber) {
  const Figure figure{.title = "", .x = {}, .y = {}, .curves = {line("", {0, 1, 2, 3}, {1, 1, NAN, 1})}};
  const std::string text = drawn(figure, {.width = 40, .is_ascii = true});
  const std::size_t begin = text.find(".....");
  ASSERT_NE(begin, std::string::npos) << text;
  const std::string row = text.substr(begin, text.find('\n', begin) - begin);
  EXPECT_NE(row.find("     "), std::string::npos) << text;
}

TEST(Text, WrapsAndShortens) {
  EXPECT_EQ(wrapped("one two three", {.width = 7}), "one two\n  three");
  EXPECT_EQ(wrapped("", {.width = 7}), "");
  EXPECT_EQ(wrapped("abcdefghij kl", {.width = 6}), "abcdef\n  ghij\n  kl");
  EXPECT_EQ(wrapped("as it is, however long", {.width = 0}), "as it is, however long");
  EXPECT_EQ(wrapped("1…2 3·4", {.width = 5, .is_ascii = true}), "1...2\n  3-4") << "signs first, then lines";
  EXPECT_EQ(shortened("abc", 3, false), "abc");
  EXPECT_EQ(shortened("abcd", 3, false), "ab…");
  EXPECT_EQ(shortened("abcdef", 5, true), "ab...");
}

}  // namespace
}  // namespace mc::console
