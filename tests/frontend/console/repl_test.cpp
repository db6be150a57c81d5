// `moment repl` from a text.
#include <filesystem>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/frontend/console/process.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {
namespace {

// ---- texts

class ReplRows : public ::testing::TestWithParam<Row> {};
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
    {"clear", text("a = 1\nE[a]\n:clear\nE[a]\n"), 2, "forgot 1 definition and 1 question; :undo brings",
     "standard input:4: error: a is free"},
    {"clear_is_taken_back", text("a = 1\nE[a]\n:c\n:show\n:undo\n:show\nE[ans + 2]\n"), 0,
     R"(them back\ntook back: :clear\na = 1\nE\[a\]\nE\[ans \+ 2\] = 3\(0\))"},
    {"more_of_what_was_taken_back", text("E[3]\n:undo\n:more\nE[4]\n:clear\n:more\n:undo\n:more\n"), 2,
     R"(E\[4\] = 4\(0\) +2e6 samples)",
     R"(:3: error: nothing was asked yet[\s\S]*:6: error: nothing was asked yet\n$)"},
    {"what_fails_is_not_kept",
     text("x ~ normal(0,1)\ny = 2; E[x*nosuch]\n:set backend cuda\nE[x]\n:set backend auto\n:show\n:vars\n"
          ":undo\n"),
     3, R"(^x ~ normal\(0,1\)\nrandom variable  x ~ normal\(0,1\)\ntook back: x ~ normal\(0,1\)\n$)",
     R"(input:2: error: unknown name nosuch[\s\S]*input:4: error: [\s\S]*:set backend auto\n$)"},
    {"a_line_with_an_answer_in_it", text("E[3]\nE[ans*2]; z = ans; E[z], E[ans + z]\n:undo\nE[ans]\n"), 0,
     R"(E\[ans\*2\] = 6\(0\)[\s\S]*E\[z\] = 6\(0\)[\s\S]*E\[ans \+ z\] = 12\(0\)[\s\S]*E\[ans\] = 3)"},
    {"what_was_answered_before_a_mistake_stays", text("E[3]; y = ans; E[y]; E[ans*nosuch]\nE[y + ans]\n"), 2,
     R"(E\[3\] = [\s\S]*E\[y \+ ans\] = 6\(0\))", R"(input:1: error[\s\S]*\n    \| {28}\^~~~~~)"},
    {"what_is_wrong_is_said_before_anything_is_run", text("E[3]; y = 1; E[summ(y)]; E[4]\n"), 2, "",
     "input:1: error: unknown function summ"},
    {"numbers", text("1 + 2\nans\n1/4, 2^10\nE[1]\n:show\n"), 0,
     R"(^1 \+ 2 = 3\nans = 3\n1/4  = 0\.25\n2\^10 = 1024\nE\[1\] = 1\(0\) +1e6 samples[\s\S]*\n1 \+ 2\nans = 3)"},
    {"no_more_of_a_number", text("1 + 2\n:more\n"), 2, "^1 \\+ 2 = 3\n$",
     "there is no more: nothing was sampled"},
    {"arrays_are_looked_at",
     text("it = [1, 2]\nit\n2*it + 0.5\nM = [[1, 2, 3], [4, 5, 6]]\nM\nx ~ normal(0, 1)^20\nx\n"), 2,
     R"(^it = \[1, 2\]\n2\*it \+ 0\.5 = \[2\.5, 4\.5\]\nM = \[\[1, 2, 3\], \[4, 5, 6\]\]\n$)",
     "x is a vector of 20"},
    {"a_table_is_looked_at", text("A = @" MC_EXAMPLES "/returns.csv:north,south\nA\n"), 0, R"(^A = \[\[)"},
    {"comments_behind_commands", text(":set samples 1e4 # few\n:vars # all\nx ~ normal(0,1)\nE[x] # it\n"), 0,
     "nothing is defined yet[\\s\\S]*1e4 samples"},
    {"settings_cut_short",
     text(":se sam 1e4\n:set see=7\n:set precision = f32\n:set s\n:set sam\n:set seed\n:set p\n"), 2,
     R"(samples    1e4 [\s\S]*seed       7 [\s\S]*precision  f32 )",
     "the setting 's' may be samples or seed"},
    {"too_many_samples", text(":set samples 1e30\n:set samples 1e17\n"), 2, "",
     R"('1e30' is too large: at most[\s\S]*'1e17' is too large to be read exactly: write its digits out)"},
    {"one_sample", text(":set samples 1\nE[1]\n"), 0, " 1 sample · "},
    {"words_of_the_prompt", text("x ~ normal(0,1)\nE[x*K]\n"), 2, "", "K = 1"},
    {"lines_of_the_file", text("x ~ uniform(0,1)\n\nE[\n  x\n  + foo*x]\n"), 2, "",
     R"(^standard input:5: error: [\s\S]*\n  5 \|   \+ foo\*x\]\n)"},
    {"a_place_in_a_command", text("\n:explain E[summ(1)]\n"), 2, "",
     R"(:2: error: unknown function summ\n  2 \| :explain E\[summ\(1\)\]\n    \|            \^~~~)"},
    {"a_warning_has_its_line", text("x ~ uniform(0,1)\n:set samples 1e4\n\nE[1/x^3]\n"), 0, "E",
     "standard input:4: warning: "},
    {"plain_words", text("?beta\nhelp\nhelp = 3\nhelp\nquit\nE[1]\n"), 0,
     R"(beta\(a, b\)[\s\S]*:undo [\s\S]*\nhelp = 3\n$)"},
    {"help_about_a_setting", text(":help samples\n"), 0, ":set samples 1e6\n  how many a run takes"},
    {"help_about_a_law_and_a_function", text(":help gamma\n"), 0, R"(gamma\(x\)[\s\S]*gamma\(shape, rate\))"},
    {"settings", text(":set samples 1e4\n:se seed 7\nx ~ uniform(0,1)\nE[x]\n:set samples\n"), 0,
     R"(1e4 samples[\s\S]*samples    1e4)"},
    {"digits", text("x ~ uniform(0,1)\n:digits 4\nE[x]\n:digits 1\nE[x]\n"), 0,
     R"(= 0\.\d{7}\(\d{4}\) [\s\S]*= 0\.\d{4}\(\d\) )"},
    {"digits_of_what", text(":digits\n:digits 0\n:digits 18\n"), 2, "",
     "from 1 to 17[\\s\\S]*:2: error: digits: '0'[\\s\\S]*:3: error: digits"},
    {"explain", text("x ~ uniform(0,1)^10\n:explain E[sum(x_i^2)], E[max(x)]\n"), 0,
     R"(loop of 10: draws x; sum\(x_i\^2\), max\(x\)\n  a sample: 10 draws, \d+ operations \(\d+ floating-point\), nothing stored[\s\S]*the interpreter (computes all|begins, llvm goes on): 1e6 samples take[\s\S]*measured: \S+ ns a sample, llvm on one thread\n  limit: drawing 10 uniform numbers)"},
    {"explain_what_is_stored",
     text("x ~ normal(0,1)^10\nz ~ gamma(2, 1)\n:set backend interpreter\n:explain Var[sum(z*(x - "
          "mean(x))^2)]\n"),
     0,
     R"(at least \d+ draws[\s\S]* 10 numbers stored[\s\S]*interpreter computes 1e6 samples, as :set backend says[\s\S]*interpreter on one thread)"},
    {"explain_what", text(":explain\n:explain x ~\n"), 2, "", "write :explain E[\\s\\S]*:2: error"},
    {"an_index_hides_no_definition", text("i = 5\nE[sum(i, i = 1..3) + i]\n"), 0, R"(= 11\(0\))"},
    {"undo_takes_the_answer_back", text("E[3]\nE[4]\n:undo\nE[ans]\n"), 0,
     R"(took back: E\[4\]\nE\[ans\] = 3\(0\))"},
    {"undo_a_definition_and_what_was_asked", text("a = 1\nE[a]\n:undo\n:undo\n:show\n:vars\n"), 0,
     "took back: a = 1\nnothing is defined yet"},
    {"a_definition_keeps_the_answer_it_was_made_with", text("E[-3]\ny = ans^2\nE[5]\nE[y]\n:vars\n"), 0,
     R"(E\[y\] = 9\(0\)[\s\S]*y = \(-3\)\^2)"},
    {"a_parameter_called_ans", text("E[-3]\nf(ans) = ans + 1\nE[f(1)]\n"), 0, R"(E\[f\(1\)\] = 2\(0\))"},
    {"rows_of_a_file",
     text("A = @" MC_EXAMPLES "/returns.csv:north  # monthly\nx ~ rows(A)\nE[x]\n:dump ir E[x]\n:vars\n"), 0,
     R"(E\[x\] = 0\.59\(50\) +12 samples[\s\S]*kernel[\s\S]*data +A = @)"},
    {"numbers_of_files",
     text("a = @" MC_EXAMPLES "/returns.csv:north\nb = @" MC_EXAMPLES
          "/returns.csv:2\nCorr(a, b), max(abs(a - b))\nE[2*ans]\n"),
     0, R"(Corr\(a, b\) += \S+\nmax\(abs\(a - b\)\) = \S+ +12 numbers)"},
    {"no_more_of_a_file",
     text("a = @" MC_EXAMPLES "/returns.csv:north\nmean(a)\n:more\n:explain mean(a)\nE[10*ans]\n"), 2,
     R"(mean\(a\) = 0\.5916666666666668 [\s\S]*E\[10\*ans\] = 5\.91)", "there is no more[\\s\\S]*once"},
    {"a_table_as_numbers", text("a = @" MC_EXAMPLES "/returns.csv:north,south\nmean(a)\n"), 2, "",
     "it has 2 columns"},
    {"no_such_array", text("a = @/nowhere.npy\na = @\n1 = @x\nE[a]\n"), 2, "",
     ":1: error: [^\n]*nowhere.npy[\\s\\S]*:2: error: [\\s\\S]*:3: error: '1' is no name[\\s\\S]*:4: error: "
     "a is free"},
    {"time_off", text(":time off\nE[1]\n"), 0, R"(^E\[1\] = 1\(0\)\n$)"},
    {"target", text(":time off\n:set target 0.01\nx ~ normal(0,1)\nE[x]\n"), 0, R"(E\[x\] = )"},
    {"vars", text("a = 1\nx ~ normal(0, a)\nf(u) = u\n:vars\n"), 0,
     R"(definition +a = 1\nrandom variable +x ~ normal\(0, a\)\nfunction +f\(u\) = u)"},
    {"show", text("a = 1\nE[a]\n:show\n"), 0, R"(a = 1\nE\[a\]\n)"},
    {"help", text(":help\n"), 0, ":undo .*takes the last statement, question or picture back"},
    {"help_at_a_line_end", text("?~\n:set seed 7\n:set seed\n"), 0, R"(^NAME ~ LAW: [\s\S]*\nseed       7 )"},
    {"a_command_ends_an_open_statement", text("E[max(1, 2\n:set seed 7\n\n:set seed\n"), 2, "seed       7",
     R"(^standard input:1: error: missing '\)')"},
    {"undo_takes_no_setting_back", text("y = 7\n:set seed 4\n:undo\n:set seed\n"), 0,
     "^took back: y = 7\nseed       4"},
    {"samples_as_they_were",
     text(":set samples 10\n:set samples default\n:set samples\n:set target 0.1\n"
          ":set samples\n:show\n"),
     0, R"(samples    1e6 [\s\S]*samples    1e10 )"},
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
    {"no_such_command", text(":fly\n"), 2, "", "there is no command ':fly'; :help lists them"},
    {"no_such_setting", text(":set colour red\n"), 2, "",
     "there is no setting 'colour'; there are samples, target"},
    {"bad_setting", text(":set samples many\n"), 2, "", "samples: 'many'"},
    {"goes_on_after_an_error", text("E[\n1 +)]\nE[5]\n"), 2, R"(= 5\(0\))",
     R"(standard input:2: error: [\s\S]*\n  2 \| 1 \+\))"},
    {"error_in_a_definition", text("x ~ norml(0, 1)\n"), 2, "",
     R"(error: unknown distribution norml\n  1 \| x ~ norml\(0, 1\)\n    \|     \^~~~~  did you mean normal\?)"},
    {"error_under_definitions", text("x ~ uniform(0,1)^3\ny = max(x)\nE[y*z_4]\n"), 2, "",
     R"(standard input:3: error: [\s\S]*  3 \| E\[y\*z_4\])"},
    {"a_wrong_line_changes_nothing", text("a = 1\na = 2; b = c )\nE[a]\n"), 2, R"(= 1\(0\))",
     "standard input:2: error"},
    {"circle", text("x ~ uniform(0,1)\ny = x\nx = y\n"), 2, "", "x would depend on itself: y uses it"},
    {"itself", text("x = 1\nx = x + 1\nE[x]\n"), 2, R"(E\[x\] = 1\(0\))",
     ":2: error: x would depend on itself"},
    {"bad_argument_at_the_run", text("x ~ gamma(-1, 2)\nE[x]\n"), 2, "", R"(shape must be positive, is -1)"},
    {"ends_amid_a_statement", text("E[sum(1, 2"), 2, "", R"(missing '\)')"},
    {"cuda",
     {{"repl"}, ":set backend cuda\nE[1]\n", {"MC_CUDA_DRIVER=/nowhere"}},
     3,
     "",
     "driver is not there"},
    {"no_such_file", {{"repl", "-f", "/nowhere.mc"}}, 2, "", "/nowhere.mc"},
    {"flags",
     {{"repl", "--samples", "1e4", "--seed=7", "-D", "K=3", "-D", "v=[1,2]"},
      "x ~ normal(0,1)\nE[K + x], E[sum(v)*x]\n:set seed\n"},
     0,
     R"(= (2\.9|3\.0)\d+\(\d+\)\nE\[sum\(v\)\*x\] = .* 1e4 samples[\s\S]*seed       7)"},
    {"bad_flags", {{"repl", "--backend", "abacus"}}, 2, "", "backend: 'abacus' is none of auto"},
    {"bad_parameter", {{"repl", "-D", "K=("}, "E[1]\n"}, 2, "= 1", "^-D: error: "},
    {"a_file_without_its_flag", {{"repl", "foo.mc"}}, 2, "", "write moment repl -f foo.mc"},
    {"a_program_as_an_argument",
     {{"repl", "E[1]"}},
     2,
     "",
     "no argument of repl; write moment eval 'E\\[1\\]'\n$"},
    {"unknown_flag", {{"repl", "--colour"}}, 2, "", "--colour[^]*moment repl --help lists the flags\n$"},
    {"load_what", text(":load\n"), 2, "", "write :load FILE"},
    {"load_what_never_ends", text(":load /dev/zero\n"), 2, "", "more than 16 MiB; that is no program"},
    {"load_from_nowhere", text(":load /nowhere.mc\n"), 2, "", "'/nowhere.mc': No such file"},
};
INSTANTIATE_TEST_SUITE_P(Texts, ReplRows, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(Repl, PrintsOneObjectAnAnswer) {
  const Ended ended = moment(Start{{"repl", "--json"}, "x ~ uniform(0,1)\nE[x]\nVar[x]\n"});
  ASSERT_EQ(ended.exit, 0) << ended.err;
  const std::size_t end = ended.out.find('\n');
  EXPECT_EQ(nlohmann::json::parse(ended.out.substr(0, end))["results"][0]["query"], "E[x]");
  EXPECT_EQ(nlohmann::json::parse(ended.out.substr(end + 1))["results"][0]["query"], "Var[x]");
}

/// All lines of it: answers, and what is wrong with its line's number; words go elsewhere.
TEST(Repl, PrintsNothingButObjects) {
  const Ended ended =
      moment(Start{{"repl", "--json"}, ":vars\nE[1]\n:set\n:help sin\nE[\n2 +]\n1 + 2\n:frob\n"});
  EXPECT_EQ(ended.exit, 2);
  std::vector<nlohmann::json> objects;
  std::stringstream lines(ended.out);
  for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(objects.size(), 4u) << ended.out;
  EXPECT_EQ(objects[0]["results"][0]["value"], 1);
  EXPECT_EQ(objects[1]["line"], 6) << "where its text says, amid a statement of two lines";
  EXPECT_EQ(objects[1]["column"], 4);
  EXPECT_EQ(objects[1]["file"], "standard input");
  EXPECT_NE(objects[1]["error"].get<std::string>().find("input:6: error: "), std::string::npos);
  EXPECT_EQ(objects[2]["results"][0]["value"], 3);
  EXPECT_EQ(objects[3]["line"], 8);
  EXPECT_FALSE(objects[3].contains("column"));
  for (const char* word : {"nothing is defined yet", "samples    1e6", "sin(x)"})
    EXPECT_NE(ended.err.find(word), std::string::npos) << ended.err;
}

/// A limit that is above itself would be none.
TEST(Repl, ExplainsAHeavyProgramAndAnIdleOne) {
  const Ended ended = moment(Start{{"repl"},
                                   "x ~ uniform(0,1)^10\n:explain E[x_1]\ny ~ normal(0,1)^4000\n:explain "
                                   "E[sum(sin(y_i)*sum(cos(y_j)))]\n"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  static const std::regex share(R"(this is (\d+)% as fast)");
  int found = 0;
  for (std::sregex_iterator at(ended.out.begin(), ended.out.end(), share), end; at != end; ++at, ++found)
    EXPECT_LE(std::stoi((*at)[1]), 100) << ended.out;
  EXPECT_EQ(found, 2) << ended.out;
}

/// What is taken back is not in the report.
TEST(Repl, ReportsWhatStands) {
  const testing::TemporaryFolder folder;
  const std::string file = folder / "r.html";
  moment(Start{{"repl"}, "E[41]\n:clear\nE[42]\nE[43]\n:undo\n:report " + file + "\n"});
  const std::string html = testing::read_file(file);
  EXPECT_EQ(html.find("E[41]"), std::string::npos);
  EXPECT_NE(html.find("E[42]"), std::string::npos);
  EXPECT_EQ(html.find("E[43]"), std::string::npos);
}

/// A file is there whole, as the old one or the new one; links lead to it, and what is no file stays.
TEST(Repl, SavesWithCare) {
  const testing::TemporaryFolder folder;
  const std::string file = folder / "a.mc", link = folder / "link.mc", pipe = folder / "pipe.mc";
  testing::write_file(file, "old");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  std::filesystem::create_symlink("a.mc", link);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const Ended ended = moment(Start{
      {"repl"}, "a = 1\n:save " + link + " # a comment\n:save " + pipe + "\n:save " + folder.path() + "\n"});
  EXPECT_TRUE(ended.err.starts_with(link + " was there, and is replaced\n")) << ended.err;
  EXPECT_EQ(testing::read_file(file), "#!/usr/bin/env -S moment repl -f\na = 1\n");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms::owner_read);
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_NE(ended.err.find(":3: error: '" + pipe + "': it is no regular file"), std::string::npos)
      << ended.err;
  EXPECT_NE(ended.err.find(":4: error: '" + folder.path() + "': Is a directory"), std::string::npos)
      << ended.err;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 3);
}

/// As on the command line of a shell.
TEST(Repl, KnowsTheHomeFolder) {
  const testing::TemporaryFolder home;
  const Ended ended =
      moment(Start{{"repl"}, ":time off\nE[6]\n:save ~/s.mc\n:load ~/s.mc\n", {"HOME=" + home.path()}});
  EXPECT_EQ(ended.out, "E[6] = 6(0)\nE[6] = 6(0)\n");
  EXPECT_EQ(ended.err, "~/s.mc is written\n");
  EXPECT_TRUE(std::filesystem::exists(home / "s.mc"));
}

/// What :more gives is what one run of all samples gives, bit for bit, and whole tiles are not computed
/// again.
TEST(Repl, MoreIsOneRun) {
  const auto last = [](const std::string& input) {
    const Ended ended = moment(Start{{"repl", "--json"}, "x ~ normal(0,1)^3\n" + input});
    return nlohmann::json::parse(ended.out.substr(ended.out.rfind('\n', ended.out.size() - 2) + 1));
  };
  const auto tiles = [](const nlohmann::json& answer) {
    return answer["tiles"]["interpreter"].get<int>() + answer["tiles"]["llvm"].get<int>();
  };
  const auto more = last(":set samples 42345\nE[max(x)]\n:more 4321\n:more 20000\n");
  const auto whole = last(":set samples 66666\nE[max(x)]\n");
  EXPECT_EQ(more["results"][0]["value_hex"], whole["results"][0]["value_hex"]);
  EXPECT_EQ(more["samples"], whole["samples"]);
  EXPECT_EQ(tiles(whole), 9);
  EXPECT_EQ(tiles(more), 4) << "5 whole ones are there";
}

/// A loaded file's error has its place, after that of the line that loads it; what it did before stays.
TEST(Repl, SaysWhereALoadedLineWentWrong) {
  const testing::TemporaryFolder folder;
  const std::string outer = folder / "outer.mc", inner = folder / "inner.mc";
  testing::write_file(outer, "a = 4\n\n:load " + inner + "\nE[5]\n");
  testing::write_file(inner, "E[a]\nE[\n  a +]\n");
  const Ended ended = moment(Start{{"repl"}, ":time off\n:load " + outer + "\nE[a + 1]\n"});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_EQ(ended.out, "E[a] = 4(0)\nE[a + 1] = 5(0)\n");
  EXPECT_TRUE(ended.err.starts_with("standard input:2: " + outer + ":3: " + inner + ":3: error: "))
      << ended.err;
  const Ended json = moment(Start{{"repl", "--json"}, ":load " + outer + "\n"});
  const auto error = nlohmann::json::parse(json.out.substr(json.out.find('\n') + 1));
  EXPECT_EQ(error["file"], inner);
  EXPECT_EQ(error["line"], 3);
  EXPECT_EQ(error["column"], 6) << "behind two blanks";
}

/// As little memory as the command runs in; its like comes from any library.
TEST(Repl, SurvivesWhatIsNoErrorOfOurs) {
  if (testing::kIsSanitized) GTEST_SKIP() << "a sanitizer takes terabytes of address space";
  const testing::TemporaryFolder folder;
  const std::string file = folder / "long.csv";
  std::string numbers(24'000'000, '1');
  for (std::size_t k = 1; k < numbers.size(); k += 2) numbers[k] = '\n';
  testing::write_file(file, numbers);
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  const rlimit little{std::size_t{170} << 20, before.rlim_max};
  setrlimit(RLIMIT_AS, &little);
  Process process(Start{{"repl"}, ":time off\nA = @" + file + "\nE[2]\n"});
  setrlimit(RLIMIT_AS, &before);
  const Ended ended = process.wait();
  EXPECT_EQ(ended.out, "E[2] = 2(0)\n");
  EXPECT_EQ(ended.err, "standard input:2: error: there is not enough memory\n");
  EXPECT_EQ(ended.exit, 1);
}

/// Each answer is there before the next line is.
TEST(Repl, AnswersAsLinesCome) {
  int in[2], out[2];
  ASSERT_EQ(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
  Start start{.arguments = {"repl"}, .out = out[1]};
  start.in = in[0];
  Process process(start);
  const auto asks = [&](const std::string& lines) {
    EXPECT_EQ(write(in[1], lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
    std::string text(4096, ' ');
    pollfd there{out[0], POLLIN, 0};
    if (poll(&there, 1, 60'000) <= 0) return std::string("nothing");
    return text.substr(0, static_cast<std::size_t>(read(out[0], text.data(), text.size())));
  };
  EXPECT_TRUE(asks(":time off\nE[3]\n").starts_with("E[3] = 3(0)"));
  EXPECT_TRUE(asks("f(u) = u^2\n  where u > 0\nE[f(\n3)]\n").ends_with("= 9(0)\n"));
  close(in[1]);
  EXPECT_EQ(process.wait().exit, 0);
}

/// A saved file gives the answers again, bit for bit, whatever was defined anew, set or taken from an answer
/// meanwhile.
TEST(Repl, SavesWhatGivesTheSameAnswers) {
  const testing::TemporaryFolder folder;
  const std::string file = folder / "saved.mc";
  const std::string session =
      "x ~ uniform(0,1)^3\nf(u) = u^2\n  where u >= 0\nE[sum(x)]\n:set samples 12345\n:set seed 7\n"
      "y = ans*x_1\nE[y], Var[y]\n:more 77777\nx ~ normal(0,1)^2\nE[f(abs(x_1))*ans]\n:set precision "
      "f32\nE[max(x)]\n"
      "z = max(x)\nx ~ uniform(0, 1)\nA = @" MC_EXAMPLES "/returns.csv:north\nmean(A)\nE[x]\n:undo\n";
  const auto answers = [&](const std::string& input) {
    const Ended ended = moment(Start{{"repl", "--json"}, input});
    EXPECT_EQ(ended.err,
              input.find(":undo") != input.npos ? "took back: E[x]\n" + file + " is written\n" : "");
    std::vector<std::string> found;
    std::stringstream lines(ended.out);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with('{')) continue;
      const auto object = nlohmann::json::parse(line);
      for (const auto& result : object["results"])
        found.push_back(result["query"].get<std::string>() + " " + result["value_hex"].get<std::string>());
    }
    return found;
  };
  std::vector<std::string> first = answers(session + ":save " + file + "\n");
  ASSERT_EQ(first.size(), 9u);
  first.pop_back();                                   // taken back
  first.erase(first.begin() + 1, first.begin() + 3);  // and these were gone on with
  EXPECT_EQ(answers(":load " + file + "\n"), first) << testing::read_file(file);
}

/// What nobody set is not in it, and is not set once it is loaded.
TEST(Repl, SavesATargetWithoutSamples) {
  const testing::TemporaryFolder folder;
  const std::string file = folder / "saved.mc";
  moment(Start{{"repl"},
               "x ~ normal(0,1)\n:set target 1e-2\nE[x]\n:set target off\nVar[x]\n:set samples 100\nE[x^2]\n"
               ":set samples default\n:set target 0.1\nE[x^3]\n:save " +
                   file + "\n"});
  EXPECT_EQ(
      testing::read_file(file),
      "#!/usr/bin/env -S moment repl -f\n:set target 0.01\nx ~ normal(0,1)\nE[x]\n:set target off\nVar[x]\n"
      ":set samples 100\nE[x^2]\n:set samples default\n:set target 0.1\nE[x^3]\n");
  const Ended loaded = moment(Start{{"repl"}, ":load " + file + "\n:set target off\n:set samples\n"});
  EXPECT_NE(loaded.out.find("samples    1e6"), std::string::npos) << loaded.out;
}

/// Saved, and as one writes it oneself: the kernel gives the flags as one argument.
TEST(Repl, IsTheInterpreterOfScripts) {
  const testing::TemporaryFolder folder;
  const std::string saved = folder / "saved.mc", own = folder / "own.mc";
  moment(Start{{"repl"}, ":set samples 10\nE[6*7]\n:save " + saved + "\n"});
  testing::write_file(own, "#!" MC_MOMENT " repl --samples 10 -f\nE[6*7]\n");
  const std::string path =
      "PATH=" + std::filesystem::path(MC_MOMENT).parent_path().string() + ":/usr/bin:/bin";
  for (const std::string& script : {saved, own}) {
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    const console::Finished ran = console::run({.words = {"env", path, script, "--seed", "3"}});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    EXPECT_TRUE(ran.out.starts_with("E[6*7] = 42(0)         10 samples")) << ran.out << ran.err;
  }
}

TEST(Repl, SavesWhatEvalRunsAndLoads) {
  const testing::TemporaryFolder folder;
  const std::string name = folder / "saved.mc";
  const Ended saved = moment(Start{{"repl"}, "b = 1\na = 2\nb = a\n:time off\nE[b]\n:save " + name + "\n"});
  EXPECT_EQ(saved.out, "E[b] = 2(0)\n") << saved.err;
  EXPECT_EQ(saved.err, name + " is written\n");
  const Ended run = moment({"eval", "-f", name});
  EXPECT_TRUE(run.out.starts_with("E[b] = 2(0)")) << run.err;
  const Ended loaded = moment(Start{{"repl"}, ":time off\n:load " + name + "\nE[a + b]\n"});
  EXPECT_EQ(loaded.out, "E[b] = 2(0)\nE[a + b] = 4(0)\n") << loaded.err;
  testing::write_file(name, ":load " + name + "\n");
  EXPECT_EQ(moment(Start{{"repl"}, ":load " + name + "\n"}).exit, 2);
}

}  // namespace
}  // namespace mc::console_test
