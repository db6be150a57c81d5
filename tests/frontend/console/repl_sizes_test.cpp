// `moment repl` at terminals of few columns or rows, and of a size that changes.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/console/at_a_terminal.hpp"

namespace mc::console_test {
namespace {

using namespace std::chrono_literals;

/// No line that is drawn again is wider than the terminal, whatever its width: else it could not be. What is
/// cut is the name, and not the number. Carets stand under what they mark, with and without UTF-8.
TEST_F(AtATerminal, FitsNarrowTerminals) {
  for (const bool is_utf8 : {true, false}) {
    SCOPED_TRACE(is_utf8);
    PseudoTerminal& terminal = open(20, {is_utf8 ? "LC_ALL=C.UTF-8" : "LC_ALL=C"});
    const std::string cut = is_utf8 ? "…" : "...", mark = is_utf8 ? "…" : "~";
    terminal.type("x ~ uniform(0,1)^10\r:set samples 1e15\rE[sum(x_i^2)]\r");
    for (int k = 0; k < 3; ++k) ASSERT_TRUE(terminal.shows(cut + " = 3.")) << terminal.written();
    const std::string text = terminal.written();
    std::size_t drawn = 0;
    for (std::size_t at = 0; (at = text.find(cut + " = ", at)) != std::string::npos; ++at, ++drawn) {
      const std::size_t begin = text.rfind('E', at), end = text.find_first_of("\r\n", at);
      if (end == std::string::npos) break;
      EXPECT_LE(columns_of(text.substr(begin, end - begin)), 19u);
      EXPECT_NE(text.substr(begin, end - begin).find(')'), std::string::npos) << "with its error";
    }
    EXPECT_GE(drawn, 2u) << text;
    terminal.type("\x03");
    EXPECT_TRUE(terminal.shows(":more")) << terminal.written();
    terminal.type("E[summmmmm(x) + sum(x) + max(x) + min(x)]\r");
    EXPECT_TRUE(terminal.shows("error: unknown\r\n  function summmmmm\r\n")) << terminal.written();
    EXPECT_TRUE(terminal.shows("    |   ^~~")) << terminal.written();
    terminal.type("E[sum(x) + max(x) + fooo(x)]\r");
    EXPECT_TRUE(terminal.shows("  1 | " + mark)) << terminal.written();
    EXPECT_TRUE(terminal.shows("fooo")) << terminal.written();
    EXPECT_TRUE(terminal.shows("^~~~")) << terminal.written();
    const std::string all = terminal.written();
    const std::size_t caret = all.rfind("^~~~"), name = all.rfind("fooo", caret);
    const auto column = [&](std::size_t at) {
      const std::size_t begin = all.rfind('\n', at) + 1;
      return columns_of(all.substr(begin, at - begin));
    };
    EXPECT_EQ(column(caret), column(name)) << all.substr(name > 40 ? name - 40 : 0);
    if (is_utf8) continue;
    for (const char c : all) ASSERT_LT(static_cast<unsigned char>(c), 0x80) << all;
  }
}

/// A line that is being typed stands in fewer columns, or more, and is gone on with: editline's own display
/// would be written beside.
TEST_F(AtATerminal, GoesOnInATerminalOfAnotherSize) {
  PseudoTerminal& terminal = open();
  terminal.type("E[(1" + std::string(60, ' ') + "+ 2");
  ASSERT_TRUE(terminal.shows("+ 2"));
  for (const auto& [columns, rows] : std::vector<std::pair<unsigned short, unsigned short>>{
           {20, 24}, {7, 3}, {1, 1}, {150, 50}, {30, 10}}) {
    terminal.resize(columns, rows);
    terminal.watch(100ms);
    terminal.type(" + 3");
    terminal.watch(100ms);
  }
  terminal.resize(100);
  terminal.type(")*2]\r");
  EXPECT_TRUE(terminal.shows("= 36(0)")) << terminal.written();
  terminal.type(":quit\r");
  EXPECT_EQ(terminal.wait(), 0);
}

/// So is a run's figure: nothing of it is left where it stood, in fewer columns.
TEST_F(AtATerminal, RefinesInATerminalOfAnotherSize) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)^10\r:set samples 1e15\rE[sum(x_i^2) + sum(x_i^3) + sum(x_i^4) + max(x)]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops\r\nmc> ")) << terminal.written();
  terminal.resize(45);
  // Three rows are two lines of the figure, one of which now takes two, and the cursor's.
  EXPECT_TRUE(terminal.shows("\x1b[3A\x1b[J")) << terminal.written();
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows(":more")) << terminal.written();
}

/// What is written over is never taller than the terminal: each drawing would leave a copy behind.
TEST_F(AtATerminal, FitsLowTerminals) {
  PseudoTerminal& terminal = open(60, {"LC_ALL=C.UTF-8"}, 10);
  std::string questions = "E[x]";
  for (int k = 2; k <= 30; ++k) questions += ", E[x^" + std::to_string(k) + "]";
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\r" + questions + "\r");
  ASSERT_TRUE(terminal.shows("… 24 more")) << terminal.written();
  ASSERT_TRUE(terminal.shows("Ctrl-C stops\r\nmc> ")) << terminal.written();
  std::string lines;
  for (int k = 1; k <= 25; ++k) lines += "a" + std::to_string(k) + " = 1\r";
  terminal.type(lines);
  ASSERT_TRUE(terminal.shows("… 22 more lines\r\nmc> a23 = 1\r\nmc> a24 = 1\r\nmc> a25 = 1\r\nmc> "))
      << terminal.written();
  const std::size_t settled = terminal.written().size();
  const auto drawn = [&] {
    std::size_t times = 0;
    for (std::size_t at = settled; (at = terminal.written().find("\x1b[J", at)) != std::string::npos; ++at)
      ++times;
    return times;
  };
  for (int k = 0; k < 60 && drawn() < 3; ++k) terminal.watch(500ms);
  const std::string text = terminal.written().substr(settled);
  std::size_t drawings = 0;
  for (std::size_t at = 0; (at = text.find("\x1b[J", at)) != std::string::npos; ++drawings) {
    const std::size_t next = text.find("\x1b[J", ++at);
    if (next == std::string::npos) break;
    EXPECT_LT(std::ranges::count(text.substr(at, next - at), '\n'), 9) << text.substr(at, next - at);
    const std::size_t up = text.rfind("\x1b[", next - 1);
    EXPECT_LT(std::stoi(text.substr(up + 2)), 10);
  }
  EXPECT_GE(drawings, 2u) << text;
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("E[x^30] = ")) << "all of them, once it is over" << terminal.written();
  ASSERT_TRUE(terminal.shows("mc> a1 = 1")) << "and each line that waited" << terminal.written();
  terminal.type(":time off\ra25 + 1\r");
  EXPECT_TRUE(terminal.shows("a25 + 1 = 2")) << terminal.written();
}

/// A sign of two columns takes two: a figure below a line that seems to be short enough would be left behind.
TEST_F(AtATerminal, CountsColumnsOfWideSigns) {
  PseudoTerminal& terminal = open(30);
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows("Ctrl-C stops\r\nmc> "));
  terminal.type("a = 1 # 日本日本日本日本日本\r");  // 4 + 8 + 20 columns, and so two rows
  ASSERT_TRUE(terminal.shows("\x1b[4A\x1b[J")) << terminal.written();
}

}  // namespace
}  // namespace mc::console_test
