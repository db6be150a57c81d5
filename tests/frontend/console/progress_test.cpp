// What a person sees of a long run: on terminals of several widths, and that nothing is drawn anywhere else.
#include <chrono>
#include <cmath>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/console/process.hpp"
#include "tests/frontend/console/pseudo_terminal.hpp"

namespace mc::console_test {
namespace {

using namespace std::chrono_literals;

/// Would take a day.
std::vector<std::string> endless(std::vector<std::string> flags) {
  std::vector<std::string> all{"eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--samples", "1e15"};
  all.insert(all.end(), flags.begin(), flags.end());
  return all;
}

void press_ctrl_c(PseudoTerminal& terminal) {
  terminal.type("\x03");
  EXPECT_EQ(terminal.wait(), 130) << terminal.written();
}

TEST(Progress, IsOneLineThatIsRedrawnAndWiped) {
  PseudoTerminal terminal(endless({"--progress"}), 100);
  ASSERT_TRUE(terminal.shows(" · 3.33"));
  for (int k = 0; k < 3; ++k) ASSERT_TRUE(terminal.shows(" left"));
  press_ctrl_c(terminal);
  const std::vector<std::string> drawings = terminal.drawings();
  EXPECT_GE(drawings.size(), 3u);
  for (const char* part : {"0% · ", " of 1e15 samples · ", " · 3.33", "e", "/s · ", " d ", " left"})
    EXPECT_NE(drawings.back().find(part), std::string::npos) << part << " is not in " << drawings.back();
  const std::vector<std::string> screen = terminal.screen();
  ASSERT_EQ(screen.size(), 2u) << terminal.written();
  EXPECT_TRUE(screen[0].starts_with("E[sum(x_i^2)] = 3.33")) << screen[0];
  EXPECT_TRUE(screen[1].starts_with("interrupted after ")) << screen[1];
}

/// With room for "^C", and the last column stays free: some terminals wrap there.
TEST(Progress, FitsTheTerminal) {
  for (const unsigned short width : {8, 16, 24, 40, 60, 80, 200}) {
    PseudoTerminal terminal(endless({"--progress"}), width);
    ASSERT_TRUE(terminal.shows("%"));
    terminal.watch(350ms);
    press_ctrl_c(terminal);
    for (const std::string& each : terminal.drawings()) EXPECT_LE(columns_of(each) + 3, width) << each;
  }
}

TEST(Progress, ComesByItselfWhereARunTakesLong) {
  const auto start = std::chrono::steady_clock::now();
  PseudoTerminal terminal(endless({}), 100);
  ASSERT_TRUE(terminal.shows(" left"));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s);
  press_ctrl_c(terminal);
  EXPECT_EQ(terminal.screen().size(), 2u) << terminal.written();
}

/// What the text or the JSON says of how long all took.
double told_ms(const std::string& written) {
  std::smatch found;
  if (!std::regex_search(written, found, std::regex(R"((?:"total_ms":| samples · )(\d+(?:\.\d+)?)( s)?)")))
    return INFINITY;
  return std::stod(found[1]) * (found[2].matched ? 1000 : 1);
}

/// Less than a tenth of a second, which one of some runs takes on a busy machine too.
TEST(Progress, DoesNotDisturbShortRuns) {
  for (const char* flag : {"--json", "--progress"}) {
    bool is_short = false;
    for (int k = 0; k < 20 && !is_short; ++k) {
      PseudoTerminal terminal({"eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--samples", "1e4", flag}, 100);
      EXPECT_EQ(terminal.wait(), 0);
      is_short = told_ms(terminal.written()) < 80;
      EXPECT_TRUE(!is_short || terminal.drawings().empty()) << terminal.written();
      EXPECT_EQ(terminal.screen().size(), 1u) << terminal.written();
    }
    if (!is_short) GTEST_SKIP() << "no run is short here";
  }
}

TEST(Progress, IsNotDrawnWhereItIsNotWanted) {
  const struct {
    const char *flag, *environment;
  } rows[] = {{"--no-progress", "A=b"}, {"--progress", "TERM=dumb"}, {"--progress", "TERM="}};
  for (const auto& [flag, environment] : rows) {
    PseudoTerminal terminal(endless({flag}), 100, {environment, "MC_LOG=debug"});
    const std::string begun = "running; Ctrl-C gives the estimate so far\r\n";
    ASSERT_TRUE(terminal.shows(begun));
    terminal.watch(1500ms);
    EXPECT_EQ(terminal.written(), begun) << flag << " " << environment;
    press_ctrl_c(terminal);
  }
}

TEST(Progress, IsNotDrawnIntoFiles) {
  Process process({endless({"--progress", "--json"}), {}, {"MC_LOG=debug", "TERM=xterm"}});
  EXPECT_TRUE(process.says("running"));
  std::this_thread::sleep_for(1300ms);
  process.signal(SIGINT);
  const Ended ended = process.wait();
  EXPECT_EQ(ended.exit, 130);
  EXPECT_EQ(ended.err.find('%'), std::string::npos) << ended.err;
  EXPECT_EQ(ended.err.find('\r'), std::string::npos) << ended.err;
}

TEST(Progress, TellsWhatIsAimedAt) {
  const struct {
    const char *flag, *target, *text;
  } rows[] = {{"--target-error", "1e-9", "· error "}, {"--target-relative", "1e-9", "· relative error "}};
  for (const auto& [flag, target, text] : rows) {
    PseudoTerminal terminal(endless({"--progress", flag, target}), 150);
    ASSERT_TRUE(terminal.shows(", aimed at 1e-09 · ")) << terminal.written();
    EXPECT_TRUE(terminal.shows(text)) << terminal.written();
    EXPECT_TRUE(terminal.shows(" of about ")) << terminal.written();
    press_ctrl_c(terminal);
  }
}

/// The line's thread draws while the only tile, which takes minutes, is being computed.
TEST(Progress, MovesAmidALongTile) {
  PseudoTerminal terminal({"eval", "x ~ uniform(0,1)^3000; E[sum(x_i*x_j)], P[sum(x_i*x_j) > 0]", "--samples",
                           "1e9", "--progress"},
                          100);
  const std::string nothing = "0% · 0 of 1e9 samples · ";
  std::set<std::string> seen;
  for (int k = 0; k < 600 && seen.size() < 2; ++k) {
    terminal.watch(100ms);
    for (const std::string& each : terminal.drawings())
      if (each.starts_with(nothing)) seen.insert(each);
  }
  EXPECT_GE(seen.size(), 2u) << terminal.written();
  press_ctrl_c(terminal);
}

}  // namespace
}  // namespace mc::console_test
