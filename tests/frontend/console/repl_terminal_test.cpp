// `moment repl` at a terminal, as a person would use it.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/frontend/console/at_a_terminal.hpp"

namespace mc::console_test {
namespace {

using namespace std::chrono_literals;

TEST_F(AtATerminal, AnswersAndGoesOnAfterAMistake) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)^10\rE[sum(x_i^2)]\r");
  EXPECT_TRUE(terminal.shows("E[sum(x_i^2)] = 3.33312(94)")) << terminal.written();
  terminal.type("E[summ(x)]\r");
  EXPECT_TRUE(terminal.shows("did you mean sum?")) << terminal.written();
  terminal.type("E[max(1,\r");
  EXPECT_TRUE(terminal.shows("  > ")) << terminal.written();
  terminal.type("2)]\r");
  EXPECT_TRUE(terminal.shows("= 2(0)")) << terminal.written();
  terminal.type(":quit\r");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(AtATerminal, Completes) {
  PseudoTerminal& terminal = open();
  terminal.type("longname = 4\rE[longname]\r");
  ASSERT_TRUE(terminal.shows("= 4(0)")) << terminal.written();
  terminal.type("E[longn\t + 1]\r");
  EXPECT_TRUE(terminal.shows("= 5(0)")) << terminal.written();
  terminal.type("x ~ unif\t0,1)\r:se\tsam\t1e4\rE[x]\r");
  EXPECT_TRUE(terminal.shows("1e4 samples")) << terminal.written();
  terminal.type("E[norm\t\t");
  EXPECT_TRUE(terminal.shows("normal(mu, sigma)")) << terminal.written();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("^C"));
  terminal.type(":q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(AtATerminal, RemembersLines) {
  {
    PseudoTerminal& terminal = open();
    terminal.type("E[41 + 1]\r");
    ASSERT_TRUE(terminal.shows("= 42(0)"));
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait(), 0);
  }
  PseudoTerminal& terminal = open();
  terminal.type("\x1b[A\r");  // the line before
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
  const auto file = home_ / ".local/state/moment/history";
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// Two prompts at once: each line is in the history of the next one, whoever ended last.
TEST_F(AtATerminal, SharesItsHistory) {
  const auto first = start(), second = start();
  for (const auto& [terminal, sum] :
       {std::pair(first.get(), "E[20 + 1]"), std::pair(second.get(), "E[30 + 1]"),
        std::pair(first.get(), "E[40 + 1]")}) {
    terminal->type(std::string(sum) + "\r");
    ASSERT_TRUE(terminal->shows("1(0)"));
  }
  for (const auto& terminal : {first.get(), second.get()}) {
    terminal->type("\x04");
    EXPECT_EQ(terminal->wait(), 0);
  }
  const std::string lines = testing::read_file(home_ / ".local/state/moment/history");
  // As editline writes it: a first line of its own, blanks as \040.
  EXPECT_EQ(lines.substr(lines.find('\n') + 1), "E[20\\040+\\0401]\nE[30\\040+\\0401]\nE[40\\040+\\0401]\n")
      << "each line once, in their order";
  PseudoTerminal& third = open();
  third.type(
      "\x12"
      "30");  // searched for, among all of them
  EXPECT_TRUE(third.shows("E[30 + 1]")) << third.written();
}

/// A search goes through each of them from every place on: of a line of 20 KB for seconds, which no key ends.
TEST_F(AtATerminal, DoesNotRememberVeryLongLines) {
  std::string sum = "E[1";
  while (sum.size() < 5000) sum += "+1";
  const auto file = home_ / ".local/state/moment/history";
  {
    PseudoTerminal& terminal = open();
    terminal.type("E[41 + 1]\r\x1b[200~" + sum + "]\x1b[201~\r");
    ASSERT_TRUE(terminal.shows("(0)")) << terminal.written();
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait(), 0);
    EXPECT_LT(testing::read_file(file).size(), 100U);
  }
  std::ofstream(file, std::ios::app) << sum << "]\nE[6*7]\n";  // as earlier versions did
  PseudoTerminal& terminal = open();
  terminal.type("\x1b[A\x1b[A\r");
  EXPECT_TRUE(terminal.shows("E[41 + 1] = 42(0)")) << terminal.written();
}

/// Characters of six bytes, as UTF-8 once had, are beyond what editline can write down.
TEST_F(AtATerminal, TakesAnyBytes) {
  for (const char* bytes : {"\xfd\xbf\xbf\xbf\xbf\xbf", "\xfc\x84\x80\x80\x80\x80", "\xf8\x88\x80\x80\x80",
                            "\xf4\x90\x80\x80", "\xe9"}) {
    PseudoTerminal& terminal = open();
    terminal.type(std::string(bytes) + "\rE[6*7]\r");
    ASSERT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
  }
}

/// A number of no samples may take as long as any.
TEST_F(AtATerminal, StopsANumber) {
  PseudoTerminal& terminal = open();
  terminal.type("iterate(y = 1, sin(y) + cos(2*y) + sin(3*y) + cos(4*y), 10000000)\r");
  ASSERT_TRUE(terminal.shows("Ctrl-C stops")) << terminal.written();
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows("stopped")) << terminal.written();
  terminal.type("E[6*7]\r");
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
}

TEST_F(AtATerminal, CompletesWhatASettingMayBe) {
  PseudoTerminal& terminal = open();
  terminal.type(":time \t\t");
  EXPECT_TRUE(terminal.shows("on   off")) << terminal.written();
  terminal.type("f\t\rE[1]\r");
  EXPECT_TRUE(terminal.shows("E[1] = 1(0)\r\n")) << terminal.written();
  terminal.type(":set backend inter\t\r:set backend\r");
  EXPECT_TRUE(terminal.shows("backend    interpreter")) << terminal.written();
  terminal.type(":dump as\tE[1]\r");
  EXPECT_TRUE(terminal.shows("ret")) << terminal.written();
}

/// Of so few samples no run makes machine code itself.
TEST_F(AtATerminal, MakesMachineCodeForTheLineThatIsTyped) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)^10\r:set samples 1e4\r");
  const auto is_made = [&] { return terminal.written().find("· llvm ") != std::string::npos; };
  for (int k = 0; k < 300 && !is_made(); ++k) {
    terminal.type("E[sum(x_i^2)]");
    terminal.watch(200ms);
    terminal.type("\r");
    ASSERT_TRUE(terminal.shows(" threads"));
  }
  EXPECT_TRUE(is_made()) << terminal.written();
}

/// Bits are looked at elsewhere; here, that it begins where it was stopped.
TEST_F(AtATerminal, GoesOnWithAStoppedRun) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)^10\r:set samples 1e15\rE[sum(x_i^2)]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops"));
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("of 1e15 samples; :more goes on"));
  const std::string text = terminal.written();
  const std::size_t at = text.rfind("stopped after ") + 14;
  // May be written as 5.12e6.
  const auto stopped = static_cast<std::uint64_t>(std::stod(text.substr(at, text.find(' ', at) - at)));
  EXPECT_EQ(stopped % 8192, 0u);
  terminal.type(":more 8193\r");
  EXPECT_TRUE(terminal.shows("         " + std::to_string(stopped + 8193) + " samples"))
      << terminal.written();
}

TEST_F(AtATerminal, SaysWhereALoadedLineWentWrong) {
  const std::string file = home_ / "wrong.mc";
  testing::write_file(file, "x ~ uniform(0,1)\n\nE[nothing*x]\n");
  PseudoTerminal& terminal = open(200);
  terminal.type(":load " + file + "\r");
  EXPECT_TRUE(terminal.shows(file + ":3: error: ")) << terminal.written();
  testing::write_file(file, ":set target 1\nA = @" MC_EXAMPLES "/returns.csv:north\nx ~ rows(A)\nE[x]\n");
  terminal.type(":load " + file + "\r");
  EXPECT_TRUE(terminal.shows(file + ":4: error: a target is set"))
      << "which only the run finds out" << terminal.written();
}

/// Keys are heard while a run goes on; Ctrl-C ends it and keeps what it has.
TEST_F(AtATerminal, RefinesALongRunUntilItIsStopped) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)^10\r:set samples 1e15\rE[sum(x_i^2)]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops")) << terminal.written();
  ASSERT_TRUE(terminal.shows("= 3.33")) << terminal.written();
  terminal.type("E[40 + 2]");
  EXPECT_TRUE(terminal.shows("E[40 + 2]")) << terminal.written();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("of 1e15 samples; :more goes on")) << terminal.written();
  terminal.type("\x15:set samples 1000\rE[ans - ans + 2]\r");  // the line that was begun is still there
  EXPECT_TRUE(terminal.shows("= 2(0)")) << terminal.written();
  terminal.type(":quit\r");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(AtATerminal, StopsARunAtTheEnd) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops\r\nmc> "));
  terminal.type("\x04");
  EXPECT_EQ(terminal.wait(), 0) << terminal.written();
  EXPECT_NE(terminal.written().find("of 1e15 samples"), std::string::npos);
}

TEST_F(AtATerminal, EndsAtASignalEvenWhileALineWaitsForARun) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops\r\nmc> "));
  terminal.type("E[x^2]\r");  // waits
  terminal.watch(300ms);
  terminal.signal(SIGTERM);
  EXPECT_EQ(terminal.wait(), 143) << terminal.written();
  EXPECT_NE(terminal.written().find("of 1e15 samples"), std::string::npos);
}

TEST_F(AtATerminal, GivesALineUpAtCtrlC) {
  PseudoTerminal& terminal = open();
  terminal.type("E[nonsense");
  ASSERT_TRUE(terminal.shows("nonsense"));
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("^C"));
  terminal.type("E[6*7]\r");
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
}

TEST_F(AtATerminal, EndsAmidAStatement) {
  PseudoTerminal& terminal = open();
  terminal.type("E[max(1,\r");
  ASSERT_TRUE(terminal.shows("  > "));
  terminal.type("\x04");
  EXPECT_TRUE(terminal.shows("error: ")) << terminal.written();
  EXPECT_EQ(terminal.wait(), 0);
}

/// Lines wait for their turn while a run goes on, and the next one may be typed.
TEST_F(AtATerminal, LetsLinesWait) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops\r\nmc> "));
  terminal.type(":set samples 100\rE[6*7]\rE[5*7]\r");
  terminal.type("QQ");
  ASSERT_TRUE(terminal.shows("mc> QQ")) << terminal.written();
  ASSERT_TRUE(
      terminal.shows(" s; Ctrl-C stops\r\nmc> :set samples 100\r\nmc> E[6*7]\r\nmc> E[5*7]\r\nmc> QQ"))
      << "what waits stands below the run" << terminal.written();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("of 1e15 samples; :more goes on"));
  ASSERT_TRUE(terminal.shows("E[6*7] = 42(0)         100 samples")) << terminal.written();
  ASSERT_TRUE(terminal.shows("E[5*7] = 35(0)         100 samples")) << terminal.written();
  ASSERT_TRUE(terminal.shows("mc> QQ")) << "nothing that was typed is lost" << terminal.written();
}

TEST_F(AtATerminal, LooksWhileARunGoesOn) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops\r\nmc> "));
  terminal.type("E[9*9]\r:vars\r");
  // (The run's figure may be drawn anew while the line is typed.)
  ASSERT_TRUE(terminal.shows("random variable  x ~ uniform(0,1)\r\nE[x] ")) << terminal.written();
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops\r\nmc> E[9*9]\r\n"))
      << "which waits still" << terminal.written();
  terminal.type(":set samples\r");
  ASSERT_TRUE(terminal.shows("samples    1e15")) << terminal.written();
  terminal.type(":help beta\r:help nothing\r");
  ASSERT_TRUE(terminal.shows("beta(a, b)\r\n"));
  ASSERT_TRUE(terminal.shows("error: there is no help about 'nothing'"));
  terminal.type("\x04");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_NE(terminal.written().find("of 1e15 samples"), std::string::npos);
  EXPECT_EQ(terminal.written().find("= 81"), std::string::npos) << "nobody waits for that any more";
}

/// Ctrl-C in a file that is loaded ends all of it.
TEST_F(AtATerminal, StopsAFile) {
  const std::string file = home_ / "long.mc";
  testing::write_file(file, "x ~ uniform(0,1)\n:set samples 1e15\nE[x]\nE[x + 1]\n");
  PseudoTerminal& terminal = open();
  terminal.type(":load " + file + "\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops"));
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("of 1e15 samples")) << terminal.written();
  ASSERT_TRUE(terminal.shows(file + ":3: error: stopped: what follows in the file is not"))
      << terminal.written();
  terminal.type(":set samples 100\rE[6*7]\r");
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
}

TEST_F(AtATerminal, StopsAnExplanation) {
  PseudoTerminal& terminal = open();
  terminal.type("y ~ normal(0,1)^1000000\r:explain E[sum(sin(y_i)*cos(y_i)*exp(y_i))]\r");
  ASSERT_TRUE(terminal.shows("Ctrl-C stops"));
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows("error: stopped before all was measured")) << terminal.written();
}

TEST_F(AtATerminal, GoesOnWithADefinition) {
  PseudoTerminal& terminal = open();
  terminal.type("f(u) = sqrt(u)\r  where u >= 0\rE[f(4)]\r");
  EXPECT_TRUE(terminal.shows("E[f(4)] = 2(0)")) << terminal.written();
  terminal.type("E[f(-4)]\r");
  EXPECT_TRUE(terminal.shows("error: ")) << terminal.written();
  terminal.type("where nonsense)\r");
  EXPECT_TRUE(terminal.shows("error: ")) << terminal.written();
  terminal.type(":vars\r");
  EXPECT_TRUE(terminal.shows("f(u) = sqrt(u)\r\nwhere u >= 0\r\n")) << terminal.written();
}

/// A statement of several lines is one line of the history, and is found by how it begins.
TEST_F(AtATerminal, RemembersStatements) {
  {
    PseudoTerminal& terminal = open();
    terminal.type("E[max(41,\r42)]\rE[7]\r");
    ASSERT_TRUE(terminal.shows("E[7] = 7(0)")) << terminal.written();
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait(), 0);
  }
  PseudoTerminal& terminal = open();
  terminal.type("E[m\x1b[A\r");
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
  terminal.type("E[\x1b[A\x1b[A\x1b[B\x1b[B\x1b[A\x1b[A\r");  // there and back again
  EXPECT_TRUE(terminal.shows("E[7] = 7(0)")) << terminal.written();
}

/// As a terminal hands over what is pasted: a tab in it completes nothing, and lines are taken by Enter.
TEST_F(AtATerminal, TakesWhatIsPasted) {
  PseudoTerminal& terminal = open();
  EXPECT_NE(terminal.written().find("\x1b[?2004h"), std::string::npos);
  terminal.type("\x1b[200~a = 40\r:set samples 1e4\r\r\tE[a +\r\t2]\r\x1b[201~");
  terminal.watch(300ms);
  EXPECT_EQ(terminal.written().find("= 42"), std::string::npos);
  terminal.type("\r");
  EXPECT_TRUE(terminal.shows("= 42(0)         1e4 samples")) << terminal.written();
}

TEST_F(AtATerminal, CompletesFilesAndDistributions) {
  testing::write_file(home_ / "some thing.mc", "");
  testing::write_file(home_ / "session.mc", "E[6*7]\n");
  PseudoTerminal& terminal = open();
  terminal.type(":load ~/ses\t\r");
  EXPECT_TRUE(terminal.shows("= 42(0)         1e6 samples")) << terminal.written();
  terminal.type("x ~ gam\t2, 1)\rE[x - x + 3]\r");
  EXPECT_TRUE(terminal.shows("= 3(0)         1e6 samples")) << terminal.written();
  terminal.type("x ~ \t");
  EXPECT_TRUE(terminal.shows("gamma(shape, rate)")) << terminal.written();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("^C"));
  EXPECT_EQ(terminal.written().find("lgamma"), std::string::npos) << "no distribution" << terminal.written();
}

/// With colours, unless NO_COLOR is set.
TEST_F(AtATerminal, ColoursErrors) {
  PseudoTerminal& terminal = open(100, {"LC_ALL=C.UTF-8", "NO_COLOR="});
  terminal.type("E[summ(1)]\r");
  EXPECT_TRUE(terminal.shows("\x1b[1;31merror:\x1b[0m unknown")) << terminal.written();
  EXPECT_TRUE(terminal.shows("\x1b[1;31m^~~~\x1b[0m")) << terminal.written();
}

/// What another program wrote meanwhile is not written over.
TEST_F(AtATerminal, ComesBackFromTheBackground) {
  PseudoTerminal& terminal = open();
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows(" s; Ctrl-C stops\r\nmc> "));
  terminal.type("QQ");
  ASSERT_TRUE(terminal.shows("mc> QQ"));
  const std::size_t before = terminal.written().size();
  terminal.signal(SIGCONT);
  ASSERT_TRUE(terminal.shows("\x1b[?2004h")) << terminal.written();
  ASSERT_TRUE(terminal.shows("\x1b[J")) << terminal.written();
  const std::string text = terminal.written().substr(before);
  const std::size_t first = text.find("\x1b[J", text.find("\x1b[?2004h"));
  EXPECT_EQ(text.substr(first - 1, 1), "\r") << "nothing above it is gone over" << text;
}

/// A command ends what is open, which says what it lacks; nothing after it is swallowed.
TEST_F(AtATerminal, TakesACommandAmidAStatement) {
  PseudoTerminal& terminal = open();
  terminal.type("E[max(1, 2\r:set samples 10\rE[6*7]\r");
  EXPECT_TRUE(terminal.shows("missing ')'")) << terminal.written();
  EXPECT_TRUE(terminal.shows("= 42(0)         10 samples")) << terminal.written();
}

TEST_F(AtATerminal, WritesAsciiWhereThereIsNoUtf8) {
  PseudoTerminal& terminal = open(100, {"LC_ALL=C"});
  terminal.type("E[1]\r");
  ASSERT_TRUE(terminal.shows("= 1(0)"));
  terminal.type(":quit\r");
  EXPECT_EQ(terminal.wait(), 0);
  for (const char c : terminal.written()) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST_F(AtATerminal, WaitsWhereNothingCanBeDrawnAgain) {
  PseudoTerminal& terminal = open(100, {"TERM=dumb", "LC_ALL=C.UTF-8"});
  terminal.type("x ~ uniform(0,1)^10\rE[sum(x_i^2)]\r");
  EXPECT_TRUE(terminal.shows("E[sum(x_i^2)] = 3.33312(94)")) << terminal.written();
  terminal.type(":quit\r");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_EQ(terminal.written().find('\x1b'), std::string::npos);
}

/// There, keys wait unseen while a run goes on; Ctrl-C does not take them away.
TEST_F(AtATerminal, KeepsKeysWhereNothingCanBeDrawnAgain) {
  PseudoTerminal& terminal = open(100, {"TERM=dumb", "LC_ALL=C.UTF-8"});
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  terminal.watch(1500ms);
  terminal.type("6*7\r");
  terminal.watch(200ms);
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows("of 1e15 samples")) << terminal.written();
  EXPECT_TRUE(terminal.shows("6*7 = 42")) << terminal.written();
}

}  // namespace
}  // namespace mc::console_test
