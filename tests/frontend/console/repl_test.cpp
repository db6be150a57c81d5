// `moment repl` from a text, as a table, and at a terminal, as a person would use it.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "tests/frontend/console/process.hpp"
#include "tests/frontend/console/pseudo_terminal.hpp"

namespace mc::console_test {
namespace {

using namespace std::chrono_literals;

// ---- texts

class ReplRows : public testing::TestWithParam<Row> {};
TEST_P(ReplRows, DoAsTheySay) { check(GetParam()); }

Start text(std::string input) { return {{"repl"}, std::move(input)}; }

const Row kRows[] = {
    {"nothing", text(""), 0},
    {"comments_only", text("# one\n\n   # two\n"), 0},
    {"kept_between_lines", text("x ~ uniform(0,1)^10\nE[sum(x_i^2)]\n"), 0,
     R"(^E\[sum\(x_i\^2\)\] = 3\.33312\(94\))"},
    {"a_definition_sees_what_is_defined_anew",
     text("x ~ uniform(0,1)\ny = 2*x\nE[y]\nx ~ uniform(2,3)\nE[y]\n"), 0,
     R"(E\[y\] = (1\.00|0\.999)[\s\S]*E\[y\] = (5\.00|4\.999))"},
    {"in_an_order_that_works", text("a = 1\nb = 2\na = b + 1\nE[a]\n"), 0, R"(E\[a\] = 3\(0\))"},
    {"answer", text("E[3]\nE[ans + 1]\nE[ans + 1]\n"), 0,
     R"(E\[ans \+ 1\] = 4\(0\)[\s\S]*E\[ans \+ 1\] = 5\(0\))"},
    {"several_lines", text("E[max(1,\n      2)]\n"), 0, R"(= 2\(0\))"},
    {"where_on_the_next_line", text("f(u) = sqrt(u)\n  where u >= 0\nE[f(4)]\n"), 0, R"(= 2\(0\))"},
    {"no_line_end", text("E[7]"), 0, R"(= 7\(0\))"},
    {"windows_line_ends", text("a = 3\r\nE[a]\r\n"), 0, R"(= 3\(0\))"},
    {"undo", text("a = 1\na = 2\n:undo\nE[a]\n"), 0, R"(= 1\(0\))"},
    {"undo_nothing", text(":undo\n"), 2, "", "standard input:1: error: there is nothing to undo"},
    {"clear", text("a = 1\n:clear\nE[a]\n"), 2, "", "standard input:3: error: a is free"},
    {"settings", text(":set samples 1e4\n:se seed 7\nx ~ uniform(0,1)\nE[x]\n:set samples\n"), 0,
     R"(1e4 samples[\s\S]*samples    1e4)"},
    {"time_off", text(":time off\nE[1]\n"), 0, R"(^E\[1\] = 1\(0\)\n$)"},
    {"target", text(":time off\n:set target 0.01\nx ~ normal(0,1)\nE[x]\n"), 0, R"(E\[x\] = )"},
    {"vars", text("a = 1\nx ~ normal(0, a)\nf(u) = u\n:vars\n"), 0,
     R"(definition +a = 1\nrandom variable +x ~ normal\(0, a\)\nfunction +f\(u\) = u)"},
    {"show", text("a = 1\nE[a]\n:show\n"), 0, R"(a = 1\nE\[a\]\n)"},
    {"help", text(":help\n"), 0, ":undo .*takes the last definition back"},
    {"help_about_a_distribution", text(":help beta\n"), 0, R"(beta\(a, b\)[\s\S]*beta\.pdf\(x, a, b\))"},
    {"help_about_nothing", text(":help zzz\n"), 2, "", "there is no help about 'zzz'"},
    {"dump", text("x ~ uniform(0,1)\n:dump ir E[x]\n"), 0, "kernel"},
    {"dump_what", text(":dump ir\n"), 2, "", "write :dump ir E"},
    {"more", text("x ~ uniform(0,1)\n:time off\nE[x]\n:more\n:set samples 2e6\nE[x]\n"), 0,
     R"(E\[x\] = (\S+)\nE\[x\] = (\S+)\nE\[x\] = \2\n)"},
    {"more_than_there_are", text(":set samples 10\nE[1]\n:more 18446744073709551615\n"), 2, "10 samples",
     ":more"},
    {"load_ends_where_it_quits", text(":load /dev/null\n:quit\nE[2]\n"), 0},
    {"more_of_nothing", text(":more\n"), 2, "", "nothing was asked yet"},
    {"ends_there", text("E[1]\n:quit\nE[2]\n"), 0, R"(^E\[1\][^\n]*\n$)"},
    {"ambiguous_command", text(":s\n"), 2, "", ":s may be :set or :show or :save"},
    {"no_such_command", text(":fly\n"), 2, "", "there is no command :'fly'; :help lists them"},
    {"no_such_setting", text(":set colour red\n"), 2, "",
     "there is no setting 'colour'; there are samples, target"},
    {"bad_setting", text(":set samples many\n"), 2, "", "samples: 'many'"},
    {"goes_on_after_an_error", text("E[\n1 +)]\nE[5]\n"), 2, R"(= 5\(0\))", "standard input:1: error"},
    {"error_in_a_definition", text("x ~ norml(0, 1)\n"), 2, "",
     R"(error: unknown distribution norml\n  1 \| x ~ norml\(0, 1\)\n    \|     \^~~~~  did you mean normal\?)"},
    {"error_under_definitions", text("x ~ uniform(0,1)^3\ny = max(x)\nE[y*z_4]\n"), 2, "",
     R"(standard input:3: error: [\s\S]*  1 \| E\[y\*z_4\])"},
    {"a_wrong_line_changes_nothing", text("a = 1\na = 2; b = c )\nE[a]\n"), 2, R"(= 1\(0\))",
     "standard input:2: error"},
    {"circle", text("x ~ uniform(0,1)\ny = x\nx = y\n"), 2, "", "x would depend on itself: y uses it"},
    {"itself", text("x = x + 1\nE[x]\n"), 2, "", "x"},
    {"bad_argument_at_the_run", text("x ~ gamma(-1, 2)\nE[x]\n"), 2, "", R"(shape must be positive, is -1)"},
    {"ends_amid_a_statement", text("E[sum(1, 2"), 2, "", R"(missing '\)')"},
    {"cuda",
     {{"repl"}, ":set backend cuda\nE[1]\n", {"MC_CUDA_DRIVER=/nowhere"}},
     3,
     "",
     "driver is not there"},
    {"no_such_file", {{"repl", "-f", "/nowhere.mc"}}, 2, "", "/nowhere.mc"},
    {"load_what", text(":load\n"), 2, "", "write :load FILE"},
    {"load_from_nowhere", text(":load /nowhere.mc\n"), 2, "", "'/nowhere.mc': No such file"},
};
INSTANTIATE_TEST_SUITE_P(Texts, ReplRows, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(Repl, PrintsOneObjectAnAnswer) {
  const Ended ended = moment(Start{{"repl", "--json"}, "x ~ uniform(0,1)\nE[x]\nVar[x]\n"});
  ASSERT_EQ(ended.exit, 0) << ended.err;
  const std::size_t end = ended.out.find('\n');
  EXPECT_EQ(nlohmann::json::parse(ended.out.substr(0, end))["results"][0]["query"], "E[x]");
  EXPECT_EQ(nlohmann::json::parse(ended.out.substr(end + 1))["results"][0]["query"], "Var[x]");
}

/// What :more gives is what one run of all samples gives, bit for bit.
TEST(Repl, MoreIsOneRun) {
  const auto hex = [](const std::string& input) {
    const Ended ended = moment(Start{{"repl", "--json"}, "x ~ normal(0,1)^3\n" + input});
    const std::string last = ended.out.substr(ended.out.rfind('\n', ended.out.size() - 2) + 1);
    return nlohmann::json::parse(last)["results"][0]["value_hex"].get<std::string>();
  };
  EXPECT_EQ(hex(":set samples 12345\nE[max(x)]\n:more 54321\n"), hex(":set samples 66666\nE[max(x)]\n"));
}

TEST(Repl, SavesWhatEvalRunsAndLoads) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("moment-repl-" + std::to_string(getpid()) + ".mc");
  const std::string name = file.string();
  const Ended saved = moment(Start{{"repl"}, "b = 1\na = 2\nb = a\n:time off\nE[b]\n:save " + name + "\n"});
  EXPECT_EQ(saved.out, "E[b] = 2(0)\n") << saved.err;
  const Ended run = moment({"eval", "-f", name});
  EXPECT_TRUE(run.out.starts_with("E[b] = 2(0)")) << run.err;
  const Ended loaded = moment(Start{{"repl"}, ":time off\n:load " + name + "\nE[a + b]\n"});
  EXPECT_EQ(loaded.out, "E[b] = 2(0)\nE[a + b] = 4(0)\n") << loaded.err;
  std::ofstream(file) << ":load " << name << "\n";
  EXPECT_EQ(moment(Start{{"repl"}, ":load " + name + "\n"}).exit, 2);
  std::filesystem::remove(file);
}

// ---- a terminal

/// With a home of its own, so that its history is.
class AtATerminal : public testing::Test {
 protected:
  AtATerminal()
      : home_(std::filesystem::temp_directory_path() / ("moment-home-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(home_);
  }
  ~AtATerminal() override { std::filesystem::remove_all(home_); }

  std::vector<std::string> environment(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"HOME=" + home_.string(), "XDG_STATE_HOME=", "NO_COLOR=1"});
    if (more.size() == 3) more.push_back("LC_ALL=C.UTF-8");
    return more;
  }
  std::filesystem::path home_;
};

TEST_F(AtATerminal, AnswersAndGoesOnAfterAMistake) {
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
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
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("longname = 4\r");
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("E[longn\t + 1]\r");
  EXPECT_TRUE(terminal.shows("= 5(0)")) << terminal.written();
  terminal.type("x ~ unif\t0,1)\r:se\tsam\t1e4\rE[x]\r");
  EXPECT_TRUE(terminal.shows("1e4 samples")) << terminal.written();
  terminal.type("E[norm\t\t");
  EXPECT_TRUE(terminal.shows("normal(mu, sigma)")) << terminal.written();
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("^C"));  // the kernel drops keys that come with it
  terminal.type(":q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

TEST_F(AtATerminal, RemembersLines) {
  {
    PseudoTerminal terminal({"repl"}, 100, environment());
    ASSERT_TRUE(terminal.shows("mc> "));
    terminal.type("E[41 + 1]\r");
    ASSERT_TRUE(terminal.shows("= 42(0)"));
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait(), 0);
  }
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("\x1b[A\r");  // the line before
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
  const auto file = home_ / ".local/state/moment/history";
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// Keys are heard while a run goes on; Ctrl-C ends it and keeps what it has.
TEST_F(AtATerminal, RefinesALongRunUntilItIsStopped) {
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("x ~ uniform(0,1)^10\r:set samples 1e15\rE[sum(x_i^2)]\r");
  ASSERT_TRUE(terminal.shows("Ctrl-C stops")) << terminal.written();
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
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows("Ctrl-C stops\r\nmc> "));
  terminal.type("\x04");
  EXPECT_EQ(terminal.wait(), 0) << terminal.written();
  EXPECT_NE(terminal.written().find("of 1e15 samples"), std::string::npos);
}

TEST_F(AtATerminal, EndsAtASignalEvenWhileALineWaitsForARun) {
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
  ASSERT_TRUE(terminal.shows("Ctrl-C stops\r\nmc> "));
  terminal.type("E[x^2]\r");  // waits
  terminal.watch(300ms);
  terminal.signal(SIGTERM);
  EXPECT_EQ(terminal.wait(), 143) << terminal.written();
  EXPECT_NE(terminal.written().find("of 1e15 samples"), std::string::npos);
}

TEST_F(AtATerminal, GivesALineUpAtCtrlC) {
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("E[nonsense");
  ASSERT_TRUE(terminal.shows("nonsense"));
  terminal.type("\x03");
  ASSERT_TRUE(terminal.shows("^C"));
  terminal.type("E[6*7]\r");
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
}

TEST_F(AtATerminal, EndsAmidAStatement) {
  PseudoTerminal terminal({"repl"}, 100, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("E[max(1,\r");
  ASSERT_TRUE(terminal.shows("  > "));
  terminal.type("\x04");
  EXPECT_TRUE(terminal.shows("error: ")) << terminal.written();
  EXPECT_EQ(terminal.wait(), 0);
}

/// No line that is drawn again is wider than the terminal, whatever its width.
TEST_F(AtATerminal, FitsNarrowTerminals) {
  PseudoTerminal terminal({"repl"}, 20, environment());
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("x ~ uniform(0,1)^9\r:set samples 1e15\rE[sum(x_i^2)]\r");
  ASSERT_TRUE(terminal.shows("\x1b[J")) << terminal.written();
  ASSERT_TRUE(terminal.shows("E[sum(x_i^2)] = 2.9")) << terminal.written();  // cut after 19 columns
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows(":more goes on")) << terminal.written();
}

TEST_F(AtATerminal, WritesAsciiWhereThereIsNoUtf8) {
  PseudoTerminal terminal({"repl"}, 100, environment({"LC_ALL=C"}));
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("E[1]\r");
  ASSERT_TRUE(terminal.shows("= 1(0)"));
  terminal.type(":quit\r");
  EXPECT_EQ(terminal.wait(), 0);
  for (const char c : terminal.written()) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
}

TEST_F(AtATerminal, WaitsWhereNothingCanBeDrawnAgain) {
  PseudoTerminal terminal({"repl"}, 100, environment({"TERM=dumb", "LC_ALL=C.UTF-8"}));
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("x ~ uniform(0,1)^10\rE[sum(x_i^2)]\r");
  EXPECT_TRUE(terminal.shows("E[sum(x_i^2)] = 3.33312(94)")) << terminal.written();
  terminal.type(":quit\r");
  EXPECT_EQ(terminal.wait(), 0);
  EXPECT_EQ(terminal.written().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace mc::console_test
