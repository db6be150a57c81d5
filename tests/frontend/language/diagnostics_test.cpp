// How diagnostics look, that nothing of a stranger's text reaches a terminal raw, and which name was probably
// meant.
#include "frontend/language/diagnostics.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace mc::language {
namespace {

std::string shown(std::string_view source, Span span, std::string hint = {}) {
  return render({Severity::error, Category::syntax, "wrong", span, std::move(hint)}, source);
}

TEST(Render, LooksAsTheLanguageSays) {
  const std::string_view source = "x ~ uniform(0, 1)^20; E[x_i^2]";
  const Diagnostic diagnostic{Severity::error,
                              Category::name,
                              "index i is free: nothing sums over it",
                              {24, 27},
                              "did you mean sum(x_i^2)?"};
  EXPECT_EQ(render(diagnostic, source),
            "error: index i is free: nothing sums over it\n"
            "  1 | x ~ uniform(0, 1)^20; E[x_i^2]\n"
            "    |                         ^~~  did you mean sum(x_i^2)?\n");
  EXPECT_TRUE(render(diagnostic, source, "moment.mc").starts_with("moment.mc:1:25: error: index i is free"));
}

struct Row {
  std::string_view source;
  Span span;
  std::string_view lines;
};

const Row rows[] = {
    // places: an empty span, the end of the text, an empty text, a span past the end
    {"a + b", {2, 2}, "  1 | a + b\n    |   ^\n"},
    {"a + b", {0, 5}, "  1 | a + b\n    | ^~~~~\n"},
    {"a +", {3, 3}, "  1 | a +\n    |    ^\n"},
    {"", {0, 0}, "  1 | \n    | ^\n"},
    {"a", {7, 9}, "  1 | a\n    |  ^\n"},
    // lines: the right one, its number right-aligned with the bar, several at once, all three ends of line
    {"a\nb + c\nd", {6, 7}, "  2 | b + c\n    |     ^\n"},
    {"a\r\nb + c\r\nd", {7, 8}, "  2 | b + c\n    |     ^\n"},
    {"a\rb + c", {2, 3}, "  2 | b + c\n    | ^\n"},
    {"a\nb\n", {4, 4}, "  3 | \n    | ^\n"},
    {"a\nb", {1, 1}, "  1 | a\n    |  ^\n"},
    {"a\r\nb", {2, 2}, "  1 | a\n    |  ^\n"},
    {"\n\n\n\n\n\n\n\n\n\nxy", {10, 12}, "  11 | xy\n     | ^~\n"},
    {"f(a,\n  b)", {1, 9}, "  1 | f(a,\n    |  ^~~\n"},
    // columns: Greek, combining marks, wide characters, tabs
    {"μ + σ", {5, 7}, "  1 | μ + σ\n    |     ^\n"},
    {"a\u0301 + b", {6, 7}, "  1 | a\u0301 + b\n    |     ^\n"},
    {"面积 + b", {9, 10}, "  1 | 面积 + b\n    |        ^\n"},
    {"面积", {0, 6}, "  1 | 面积\n    | ^~~~\n"},
    {"\ta\t+ b", {5, 6}, "  1 | \ta\t+ b\n    | \t \t  ^\n"},
    // what must not reach a terminal
    {"a\x1B[31m b", {7, 8}, "  1 | a\\x1b[31m b\n    |           ^\n"},
    {"a\xFF\xC3 b", {4, 5}, "  1 | a\\xff\\xc3 b\n    |           ^\n"},
    {"a\xFF\xC3 b", {1, 3}, "  1 | a\\xff\\xc3 b\n    |  ^~~~~~~~\n"},
    {"a\u202E b", {5, 6}, "  1 | a\\u{202E} b\n    |           ^\n"},
    {std::string_view("a\0b", 3), {2, 3}, "  1 | a\\x00b\n    |      ^\n"},
    {"a\xC2\x9B b", {4, 5}, "  1 | a\\u{009B} b\n    |           ^\n"},  // a one-byte CSI in disguise
    {"\xEF\xBB\xBF"
     "ab",
     {4, 5},
     "  1 | ab\n    |  ^\n"},  // a byte order mark shows nothing
};

TEST(Render, PutsTheCaretRight) {
  for (const Row& row : rows) {
    EXPECT_EQ(shown(row.source, row.span), "error: wrong\n" + std::string(row.lines));
  }
}

TEST(Render, EscapesMessagesHintsAndOrigins) {
  const Diagnostic diagnostic{Severity::error, Category::name, "no \x1B name", {0, 1}, "a\nb\x7F"};
  EXPECT_EQ(render(diagnostic, "x", "f\n\x1B"),
            "f\\x0a\\x1b:1:1: error: no \\x1b name\n  1 | x\n    | ^  a\\x0ab\\x7f\n");
}

TEST(Render, CutsLongLines) {
  const std::string source = std::string(5000, 'a') + "!" + std::string(5000, 'b');
  const std::string text = shown(source, {5000, 5001}, "here");
  EXPECT_EQ(text, "error: wrong\n  1 | …" + std::string(60, 'a') + "!" + std::string(39, 'b') + "…\n    | " +
                      std::string(61, ' ') + "^  here\n");
  const std::string start = shown(source, {0, 10000});
  EXPECT_EQ(start,
            "error: wrong\n  1 | " + std::string(100, 'a') + "…\n    | ^" + std::string(100, '~') + "\n");
  const std::string end = shown(source, {10001, 10001});
  EXPECT_EQ(end, "error: wrong\n  1 | …" + std::string(60, 'b') + "\n    | " + std::string(61, ' ') + "^\n");
}

TEST(Render, CutsBetweenCharacters) {
  std::string source;
  for (int k = 0; k < 3000; ++k) source += "μ";
  const std::string text = shown(source, {3000, 3002});
  EXPECT_EQ(text.find("\\x"), std::string::npos) << text;
}

TEST(Render, PrintsAllInOrder) {
  Diagnostics diagnostics;
  diagnostics.error(Category::syntax, {2, 3}, "missing ')'");
  diagnostics.note({0, 1}, "this '(' is not closed");
  EXPECT_EQ(render(diagnostics, "(a]"),
            "error: missing ')'\n  1 | (a]\n    |   ^\nnote: this '(' is not closed\n  1 | (a]\n    | ^\n");
}

TEST(Diagnostics, StopAtTheLimitAndSaySo) {
  Diagnostics diagnostics(2);
  for (int k = 0; k < 5; ++k) {
    diagnostics.error(Category::name, {}, "wrong");
    diagnostics.note({}, "because");
  }
  EXPECT_EQ(diagnostics.error_count(), 2u);
  EXPECT_TRUE(diagnostics.full());
  ASSERT_EQ(diagnostics.size(), 5u);
  EXPECT_EQ(diagnostics[4].severity, Severity::note);
  EXPECT_EQ(diagnostics[4].message, "there are more than 2 errors");
  EXPECT_EQ(diagnostics[4].hint, "the rest is left out; raise Limits::errors (--limit errors=N)");
}

TEST(Diagnostics, SortKeepsNotesWithTheirErrors) {
  Diagnostics diagnostics(2);
  diagnostics.error(Category::syntax, {9, 9}, "b");
  diagnostics.note({1, 1}, "of b");
  diagnostics.error(Category::syntax, {4, 4}, "a");
  diagnostics.error(Category::syntax, {0, 0}, "left out");
  diagnostics.sort();
  std::string order;
  for (const Diagnostic& entry : diagnostics) order += entry.message + "; ";
  EXPECT_EQ(order, "a; b; of b; there are more than 2 errors; ");
}

TEST(Nearest, FindsTheNameThatWasMeant) {
  constexpr std::string_view names[] = {"sum",       "prod",        "exp",      "uniform", "normal",
                                        "lognormal", "normcdf",     "normicdf", "E",       "Var",
                                        "Std",       "exponential", "max",      "min",     "x"};
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"nromal", "normal"},
      {"Normal", "normal"},
      {"unifrom", "uniform"},
      {"var", "Var"},
      {"SUM", "sum"},
      {"smu", "sum"},
      {"expo", "exp"},
      {"exponentail", "exponential"},
      {"noraml", "normal"},
      {"normdcf", "normcdf"},
      {"e", "E"},
      {"X", "x"},
      {"prodd", "prod"},
      {"produkt", ""},
      {"y", ""},
      {"", ""},
      {"cauchy", ""},
      {"ab", ""},
      {"Lognormal", "lognormal"},
  };
  for (const auto& [name, meant] : rows) EXPECT_EQ(nearest(name, names), meant) << name;
  EXPECT_EQ(nearest(std::string(100'000, 'a'), names), "");
  EXPECT_EQ(nearest("sum", {}), "");
}

TEST(Shortened, CutsNamesAndThenTheWhole) {
  const std::string most(40, 'n'), greek = [] {
    std::string text;
    for (int k = 0; k < 50; ++k) text += "λ";
    return text;
  }();
  EXPECT_EQ(shortened("unknown name " + most), "unknown name " + most);
  EXPECT_EQ(shortened(most + "n is free: " + most + "nn"), most + "… is free: " + most + "…");
  EXPECT_EQ(shortened(greek + "+x"), greek.substr(0, 80) + "…+x");
  EXPECT_EQ(shortened(shortened(greek)), shortened(greek));
  std::string chain = "x";
  for (int k = 0; k < 500; ++k) chain += " + x";
  EXPECT_EQ(shortened(chain), chain.substr(0, 400) + "…");
  EXPECT_EQ(shortened(shortened(chain)), shortened(chain));
  EXPECT_EQ(shortened(std::string(50, '\xff')), std::string(40, '\xff') + "…");
}

}  // namespace
}  // namespace mc::language
