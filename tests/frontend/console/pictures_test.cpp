// Pictures at the prompt: what is drawn, what is refused and where, files, the page of a session, terminals.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "frontend/console/subprocess.hpp"
#include "tests/frontend/console/process.hpp"
#include "tests/frontend/console/pseudo_terminal.hpp"

namespace mc::console_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

Start text(std::string input, std::vector<std::string> environment = {}) {
  return {{"repl"}, std::move(input), std::move(environment)};
}

/// With a random variable, a function and fewer samples.
Start drawing(const std::string& input) {
  return text(":set samples 1e4\nz ~ normal(0,1)\nv ~ uniform(0,1)^10\nf(u) = u^2\nb = 2\n" + input + "\n");
}

class PictureRows : public testing::TestWithParam<Row> {};
TEST_P(PictureRows, DoAsTheySay) { check(GetParam()); }

const Row kRows[] = {
    {"plot", drawing("plot sin(x), x = 0..3"), 0,
     R"(^   sin\(x\)\n1\.0 ┤[^]*└┬[^]*0\.0 +0\.5 [^]*3\.0\n +x\n$)"},
    {"plot_a_function", drawing("plot f, x = 0..3"), 0, R"(^   f\(x\)\n)"},
    {"plot_of_the_library", drawing("plot sin, cos(x), x = -pi..pi"), 0, R"(1 sin\(x\)   2 cos\(x\))"},
    {"plot_with_definitions", drawing("plot b*t, t = 0..b"), 0, R"(^   b\*t\n4)"},
    {"plot_over_what_is_random_else", drawing("y = z^2\nplot y, z = 0..2"), 0, R"(^   y\n4[^]* z\n$)"},
    {"plot_a_constant", drawing("plot 5, x = 0..1"), 0, R"(\n5\.0 ┤⠤⠤⠤)"},
    {"plot_a_moment", drawing("plot E[max(z, a)], a = 0..3"), 0,
     R"(E\[max\(z, a\)\]\n[^]*65 points of 1e4 samples, the band is ±2 errors wide\n$)"},
    {"plot_an_expectation", drawing("plot max(z, a), a = 0..3"), 0, R"(65 points of 1e4 samples)"},
    {"plot_with_a_file", drawing("A = @" MC_EXAMPLES "/returns.csv:north\nplot A_1*u, u = 0..1"), 0,
     R"(^   A_1\*u\n[^]*\n +u\n$)"},
    {"plot_with_a_files_mean",
     drawing("A = @" MC_EXAMPLES "/returns.csv:north\ny = mean(A)\nplot y*u, u = 0..1"), 0,
     R"(^   y\*u\n0\.6 ┤)"},
    {"plot_a_files_mean", drawing("A = @" MC_EXAMPLES "/returns.csv:north\nplot mean(A), u = 0..1"), 0,
     R"(^   mean\(A\)\n0\.6)"},
    {"plot_up_to_a_files_mean", drawing("A = @" MC_EXAMPLES "/returns.csv:north\nplot u, u = 0..10*mean(A)"),
     0, R"(^  u\n6 ┤)"},
    {"plot_with_gaps", drawing("plot sqrt(x), x = -1..1"), 0, R"(400 of 801 points are not finite\n$)"},
    {"plot_with_a_comment", drawing("plot x, x = 0..1  # > no.svg"), 0, R"(^   x\n)"},
    {"several_lines", drawing("plot max(x,\n  0.5), x = 0..1"), 0, R"(┤)"},
    {"hist", drawing("hist z"), 0,
     R"(^   z\ndensity\n[^]*1e4 samples, mean \S+\(\S+\), standard deviation 1\.0[^]*Freedman–Diaconis[^]*tail index)"},
    {"hist_of_whole_numbers", drawing("k ~ poisson(4)\nhist k"), 0,
     R"(probability\n[^]*bins of 1 \(whole numbers\))"},
    {"hist_of_a_heavy_tail", drawing("c ~ cauchy(0, 1)\nhist c"), 0,
     R"( below\s+-\S+;\s+\d+\s+above\s[^]*warning: below \d\s+there\s+is\s+no)"},
    {"hist_of_one_number", drawing("hist 3"), 0, R"(\n +3\n1e4 samples, mean 3\(0\))"},
    {"hist_of_whole_numbers_has_gaps", drawing("hist z > 0.5"), 0,
     R"(\n0\.0 ┤(█)+ (█)+\n +└(─)+┬(─)+┬(─)+\n +0 +1\n)"},
    {"hist_of_a_variance", drawing("hist Var[z]"), 0, R"(^   z\ndensity\n)"},
    {"hist_of_one_sample", drawing(":set samples 1\nhist z"), 0, R"(\n1 sample, mean [^]*\n1 bin of )"},
    {"converge_with_one_sample", drawing(":set samples 1\nconverge E[z]"), 0, R"( after 1 sample\n)"},
    {"plot_with_one_sample", drawing(":set samples 1\nplot E[z*a], a = 0..1"), 0,
     R"(: 65 points of 1 sample, the band)"},
    {"hist_under_a_condition", drawing("hist z | z > 1"), 0,
     R"(^   z \| z > 1\n[^]*1\d\d\d samples, mean 1\.)"},
    {"hist_of_a_density", drawing("x ~ density(2*x, 0, 1)\nhist x"), 0,
     R"(1e4 samples, mean 0\.6\d+\(\d+\), standard)"},
    {"hist_of_an_event", drawing("hist z > 0.5"), 0, R"(^   z > 0\.5\n[^]*2 bins of 1 )"},
    {"hist_that_is_not_finite", drawing("hist sqrt(z)"), 0, R"(4\d\d\d samples are not finite)"},
    {"converge", drawing("converge E[exp(z)]"), 0,
     R"(about the last estimate[^]*standard error, and the line 1/√M through the last\n[^]*samples M\n[^]*after 1e4 samples; the error goes with M\^-0\.)"},
    {"converge_a_probability", drawing("converge P[z > 3]"), 0, R"(^   P\[z > 3\]\n0\.0\d+ ┤[^]*\n0\.0+ ┤)"},
    {"converge_a_number", drawing("converge E[b]"), 0, R"(samples M\n[^]*2\(0\) after 1e4 samples\n$)"},
    {"clipped_at_poles", drawing("plot tan(x), x = 0..10"), 0,
     R"(^   tan\(x\)\n +10 ┤[^]*\n47 of 801 points lie outside of -10\.\.10 and are not shown\n$)"},
    {"not_clipped_at_a_peak", drawing("plot normal.pdf(x, 0, 0.02), x = -1..1"), 0, R"(\n +x\n$)"},
    {"logarithmic_axis", drawing("plot exp(x), x = 0..700, logy"), 0, R"(1e273 ┤[^]*\n +1 ┤)"},
    {"logarithmic_axes", drawing("plot x^2, x = 1..1e6, loglog"), 0, R"(1e12 ┤[^]* 1e6\n +x\n$)"},
    {"logarithm_of_part", drawing("plot x, x = -1..1, logy"), 0,
     R"(401 of 801 points are not above 0, and have no place)"},
    {"hist_on_a_logarithmic_axis", drawing("hist exp(3*z), logx"), 0,
     R"(probability of a bin\n[^]* 0\.01 +1 +100 [^]*bins of a factor of \d\.)"},
    {"hist_that_leaves_much_out", drawing("hist exp(3*z)"), 0,
     R"(\d+ above\s+\S+ logx\s+makes\s+room\s+for)"},
    {"hist_as_the_engine", drawing(":set samples 10\nhist z\nE[z], Std[z]"), 0,
     R"(mean (\S+), standard deviation (\S+)\n[^]*E\[z\]   = \1\nStd\[z\] = \2 )", "known to 27% only"},
    {"hist_that_cannot_be_squared", drawing("hist 1e-200*z"), 0,
     R"(mean \S+ \(its error is not known\),\s+standard\s+deviation\s+not\s+known\n)"},
    {"hist_far_from_zero", drawing("c ~ cauchy(0, 1)\nhist 1e6 + c"), 0,
     R"(below\s+99999\d\.\d+;\s+\d+\s+above\s+100000\d\.\d+)"},
    {"many_moments", drawing("plot E[z^1*a], E[z^2*a], E[z^3*a], E[z^4*a], a = 0..1"), 0,
     R"(\nthe 4 moments: 65 points of 1e4 samples, bands are ±2 errors wide\n$)"},
    {"converge_until_a_target", drawing(":set target 0.1\nconverge E[z]"), 0, R"(after 147 samples)"},
    {"compare", drawing("compare E[sum(v_i^2)]"), 0,
     R"(interpreter ┤ ((■)+ )?\S+( .)?/s, \S+( .)?/s\n +llvm ┤ ((■)+ )?[^]*by all, the same bits: 0x1\.)"},
    {"a_variable_like_an_axis", drawing("plot log^2, log = 0..1"), 0, R"(^   log\^2\n)"},
    {"names_like_any_other", drawing("plot = 3\nhist = plot\nE[hist]"), 0, R"(E\[hist\] = 3\(0\))"},
    {"show",
     text("z ~ normal(0,1)\n:set seed 9\nhist z > /dev/null/a.html\nplot b*t, b = 0..1\nt = 2\n:show\n"), 2,
     R"(^z ~ normal\(0,1\)\nt = 2\n$)", "Not a directory[^]*t is free"},
    {"undo", text("plot x, x = 0..1  # a line\n:undo\n:show\n"), 0,
     R"(took back: plot x, x = 0\.\.1  # a line\n$)"},
    {"help", text(":help\n:help hist\n"), 0, R"(plot F, G, x = A\.\.B[^]*hist EXPR\n)"},

    {"range_missing", drawing("plot sin(x)"), 2, "",
     R"(error: a plot ends with the range of its variable\n  6 \| plot sin\(x\)\n    \|      \^~~~~~)"},
    {"nothing_to_plot", drawing("plot x = 0..1"), 2, "", "there is nothing to plot"},
    {"nothing_before_a_comma", drawing("plot , x = 0..1"), 2, "", "there is nothing to draw"},
    {"nothing_to_draw", drawing("hist"), 2, "", R"(there is nothing to draw\n[^]*write hist EXPR)"},
    {"range_empty", drawing("plot x, x = 3..0"), 2, "",
     R"(the range 3\.\.0 is empty\n  6 \| plot x, x = 3\.\.0\n    \|             \^~~~)"},
    {"range_infinite", drawing("plot x, x = 0..inf"), 2, "", R"(has to be finite\n[^]*\n    \| {16}\^~~)"},
    {"range_random", drawing("plot x, x = 0..z"), 2, "",
     "a program with random variables has no value at a point"},
    {"range_unknown", drawing("plot x, x = 0..q"), 2, "", "q is free: it has no value"},
    {"range_without_a_name", drawing("plot x, 3 = 0..1"), 2, "", "a variable's name stands before ="},
    {"range_without_an_end", drawing("plot x, x = 0.."), 2, "", "a range has two ends"},
    {"unknown_function", drawing("plot sinn(x), x = 0..1"), 2, "",
     R"(unknown function sinn\n  6 \| plot sinn\(x\), x = 0\.\.1\n    \|      \^~~~  did you mean sin\?)"},
    {"unknown_in_the_second", drawing("plot x, y + w, x = 0..1"), 2, "",
     R"(\n    \|         \^~~~~  define it first)"},
    {"unknown_variable", drawing("hist y"), 2, "", R"(y is free[^]*    \|      \^)"},
    {"not_finite_anywhere", drawing("plot sqrt(-1 - x), x = 0..1"), 2, "",
     "it is not finite anywhere on 0..1"},
    {"none_finite", drawing("hist sqrt(-1 - z^2)"), 2, "", "none of its samples is finite"},
    {"none_fulfils", drawing("hist z | z > 100"), 2, "", "no sample fulfils the condition"},
    {"no_estimate_finite", drawing("converge E[0/0*z]"), 2, "", "no estimate of it is finite"},
    {"two_values", drawing("hist Cov[z, v_1]"), 2, "",
     R"(its samples have two values\n[^\n]*\n    \|      \^~~~~~~~~~~  write a line for each)"},
    {"a_file_without_an_ending", drawing("hist z > kk"), 2, "",
     R"(unknown name kk\n[^\n]*\n    \|          \^~  a picture's name ends with \.svg, \.png or \.html)"},
    {"a_vector", drawing("hist v"), 2, "", R"(v is a vector of 10\n[^]*\n    \|      \^)"},
    {"a_definition", drawing("converge q = 3"), 2, "", "converge takes an expression or a question here"},
    {"two_questions", drawing("converge E[z], Var[z]"), 2, "",
     R"(converge takes one question\n[^\n]*\n    \|              \^[~ ]*  write a line for each: converge Var\[z\])"},
    {"two_expressions", drawing("hist z, z^2"), 2, "",
     R"(hist takes one expression\n[^\n]*\n    \|       \^[~ ]*  write a line for each: hist z\^2)"},
    {"logarithm_below_zero", drawing("plot x, x = -1..1, logx"), 2, "",
     R"(a logarithmic axis begins above 0\n[^\n]*\n    \|             \^~)"},
    {"no_logarithm", drawing("plot -x^2, x = 0..1, logy"), 2, "", "it is nowhere above 0"},
    {"hist_without_logarithms", drawing("hist -z^2, logx"), 2, "", "no sample is above 0"},
    {"axes_misspelt", drawing("hist z, log y"), 2, "",
     R"(logarithmic axes are written logx, logy or loglog\n[^\n]*\n    \|         \^~~~~)"},
    {"axes_of_others", drawing("converge E[z], logy"), 2, "", "converge has its own axes"},
    {"wrong_parameter", drawing("plot E[normal.pdf(z, 0, s)], s = -1..1"), 2, "",
     "sigma must be positive, is -1"},
    {"wrong_ending", drawing("plot x, x = 0..1 > a.pdf"), 2, "",
     R"(a picture's name ends with \.svg, \.png or \.html\n[^]*    \|                    \^~~~~)"},
    {"no_ending", drawing("plot x, x = 0..1 > a"), 2, "", "a picture's name ends with"},
    {"unwritable", drawing("plot x, x = 0..1 > /nowhere/a.html"), 2, "", "'/nowhere/a.html': No such file"},
    {"json",
     {{"repl", "--json"}, "plot x, x = 0..1\n"},
     2,
     R"(^\{"error":"standard input:1: error: plot: where answers)",
     "where answers are JSON a picture goes to a file"},
    {"cuda", text(":set backend cuda\nz ~ normal(0,1)\nhist z\n", {"MC_CUDA_DRIVER=/nowhere"}), 3, "",
     "CUDA"},
    {"report_where", text(":report\n"), 2, "", "write :report FILE.html"},
    {"report_of_another_kind", text(":report r.txt\n"), 2, "",
     "'r.txt': a report is a page, and its name ends with .html"},
    {"report_unwritable", text(":report /nowhere/a.html\n"), 2, "", "'/nowhere/a.html': No such file"},
};
INSTANTIATE_TEST_SUITE_P(Lines, PictureRows, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

// ---- files

/// A folder of its own, and a home without a history.
class Pictures : public testing::Test {
 protected:
  Pictures() : folder_(fs::temp_directory_path() / ("moment-pictures-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~Pictures() override { fs::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::string written(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  std::vector<std::string> environment(std::vector<std::string> more) const {
    more.insert(more.end(), {"HOME=" + folder_.string(), "XDG_STATE_HOME="});
    return more;
  }

  fs::path folder_;
};

bool has_gnuplot() { return console::run({.words = {"gnuplot", "--version"}}).is_good(); }

void expect_well_formed(const std::string& page) {
  const console::Finished parsed = console::run(
      {.words = {"python3", "-c",
                 "import sys, xml.etree.ElementTree as t; t.fromstring(sys.stdin.buffer.read())"},
       .input = page});
  if (parsed.started) {
    EXPECT_EQ(parsed.exit, 0) << parsed.err << page.substr(0, 3000);
  }
}

TEST_F(Pictures, GoToFiles) {
  if (!has_gnuplot()) GTEST_SKIP() << "there is no gnuplot";
  for (const auto& [name, begin] : std::vector<std::pair<std::string, std::string>>{
           {"an a.svg", "<?xml"}, {"a.png", "\x89PNG"}, {"a.html", "<!DOCTYPE html>"}}) {
    const Ended ended = moment(drawing("hist z > " + file(name)));  // and a blank is part of a name
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(ended.err, file(name) + " is drawn\n");
    EXPECT_TRUE(written(name).starts_with(begin)) << name;
  }
  expect_well_formed(written("a.html"));
  EXPECT_EQ(files(), 3u);  // and none that was written meanwhile
}

TEST_F(Pictures, LeaveFilesAloneWhereNothingIsDrawn) {
  std::ofstream(file("kept.html")) << "kept";
  EXPECT_EQ(moment(drawing("plot sqrt(-1 - x), x = 0..1 > " + file("kept.html"))).exit, 2);
  EXPECT_EQ(written("kept.html"), "kept");
  EXPECT_EQ(files(), 1u);
}

TEST_F(Pictures, AreTextWithoutGnuplot) {
  Start start = drawing("plot x, x = 0..1 > " + file("a.svg") + "\nplot x, x = 0..1 > " + file("a.html"));
  start.environment = {"PATH=/nowhere"};
  const Ended ended = moment(start);
  EXPECT_EQ(ended.exit, 0);
  EXPECT_NE(ended.out.find("   x\n"), std::string::npos) << ended.out;
  EXPECT_NE(ended.err.find("note: there is no gnuplot, so " + file("a.svg") +
                           " is not written; on Debian: apt-get install gnuplot-nox\n"),
            std::string::npos)
      << ended.err;
  EXPECT_NE(ended.err.find("note: there is no gnuplot, so pictures on the page are text;"), std::string::npos)
      << ended.err;
  EXPECT_FALSE(fs::exists(file("a.svg")));
  EXPECT_NE(written("a.html").find("└┬"), std::string::npos);
}

/// Each with the settings and definitions that it was drawn with; what is loaded draws the same again.
TEST_F(Pictures, AreSavedWithTheSession) {
  const Ended drawn = moment(
      text(":set samples 1e4\ny ~ normal(0,1)\n:set seed 9\nhist y\ny ~ uniform(0,1)\n:set seed 5\nE[y]\n"
           "plot E[y^a*ans], a = 1..2\nconverge E[y]\n:set seed 9\n:save " +
           file("s.mc") + "\n"));
  ASSERT_EQ(drawn.exit, 0) << drawn.err;
  EXPECT_TRUE(std::regex_search(
      written("s.mc"),
      std::regex(
          R"(^#!/usr/bin/env -S moment repl -f\n:set samples 1e4\n:set seed 9\ny ~ normal\(0,1\)\nhist y\n)"
          R"(:set seed 5\ny ~ uniform\(0,1\)\nE\[y\]\nans = 0\.\d+\n)"
          R"(plot E\[y\^a\*ans\], a = 1\.\.2\nconverge E\[y\]\n$)")))
      << written("s.mc");
  const auto without_timing = [](const std::string& out) {
    return std::regex_replace(out, std::regex(R"( +\S+ samples · .*)"), "");
  };
  const Ended again = moment({"repl", "-f", file("s.mc")});
  EXPECT_EQ(without_timing(again.out), without_timing(drawn.out));
}

/// Whatever was typed is text on the page, and what it says how to have again gives the same again.
TEST_F(Pictures, ReportTheSession) {
  const Ended ended =
      moment(drawing("E[z^2 | z < 1], P[z > 0 and z < 3]\n:set generator philox4x32-10\nVar[z]\n"
                     "plot x < 0.5, x = 0..1\nhist z\nz ~ uniform(0,1)\n:set seed 7\nplot E[z^a], a = 1..2\n"
                     "c ~ cauchy(0,1)\n:set samples 1e5\nE[c]\n:report " +
                     file("r.html")));
  ASSERT_EQ(ended.exit, 0) << ended.err;
  const std::string page = written("r.html");
  expect_well_formed(page);
  for (const char* part : {"f(u) = u^2", "z &lt; 1", "95% in", "<code>plot x &lt; 0.5, x = 0..1</code>",
                           "Processor", "contract 1", "<dd>1, 7</dd>", "warning: a few samples carry",
                           "--generator philox4x32-10", "hist z\n"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  for (const char* foreign : {"<script", "src=", "@import", "url(http", ":set threads", ":set precision"})
    EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
  // The first line to have it again, as a shell takes it.
  const auto run_again = [&](const std::string& begin, const std::string& end) {
    const std::size_t from = page.find(begin), to = page.find(end, from);
    EXPECT_NE(to, std::string::npos) << begin;
    std::string lines = page.substr(from + 7, to + end.size() - from - 7);
    for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
             {"&#39;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}})
      lines = std::regex_replace(lines, std::regex(what), with);
    const console::Finished again =
        console::run({.words = {"sh", "-c", std::string(MC_MOMENT) + " " + lines}});
    EXPECT_EQ(again.exit, 0) << again.err << lines;
    return again.out;
  };
  const std::string alone = run_again("moment eval ", "]&#39;\n");
  const std::string value = alone.substr(0, alone.find('\n'));
  EXPECT_NE(ended.out.find(value), std::string::npos) << value << ended.out;
  const std::regex timing(R"( +\S+ samples · .*)");
  EXPECT_EQ(std::regex_replace(run_again("moment repl ", "\nEND\n"), timing, ""),
            std::regex_replace(ended.out, timing, ""));
}

/// Not more and not less than the prompt said; what took no samples is had again as a part of the session.
TEST_F(Pictures, ReportWhatThePromptSaid) {
  const Ended ended =
      moment(text(":set samples 1e4\n:digits 5\nx ~ unnormalized(exp(-x^2), -9, 9)\nE[x^2]\n1 + 2\n:report " +
                  file("r.html") + "\n"));
  ASSERT_EQ(ended.exit, 0) << ended.err;
  const std::string page = written("r.html");
  std::smatch estimate;
  ASSERT_TRUE(std::regex_search(ended.out, estimate, std::regex(R"(E\[x\^2\] += (\S+\(\d{5}\)))")))
      << ended.out;
  EXPECT_NE(page.find(estimate[1]), page.npos) << estimate[1];
  EXPECT_NE(page.find("∫ of x&#39;s density"), page.npos);
  EXPECT_NE(page.find("moment eval --samples 1e4"), page.npos);
  EXPECT_EQ(page.find("--samples 0"), page.npos);
}

/// Of a session that only draws too there is all that decides what it draws.
TEST_F(Pictures, ReportWithoutAnswers) {
  Start start = drawing(":set seed 9\nhist z\n:report " + file("r.html"));
  start.environment = {"PATH=/nowhere"};
  const Ended ended = moment(start);
  EXPECT_NE(ended.err.find("note: there is no gnuplot, so pictures on the page are text;"), std::string::npos)
      << ended.err;
  const std::string page = written("r.html");
  for (const char* part :
       {"<dt>Threads</dt>", "<dt>Seed</dt><dd>9</dd>", "<dt>Generator</dt>", "<pre class=\"drawn\">"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("An answer alone"), std::string::npos);
}

/// A gnuplot that hangs is ended with the session, and leaves no file.
TEST_F(Pictures, EndWhileGnuplotHangs) {
  const fs::path bin = folder_ / "bin";
  fs::create_directories(bin);
  std::ofstream(bin / "gnuplot") << "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\necho $$ > " << file("runs")
                                 << "\nexec sleep 60\n";
  fs::permissions(bin / "gnuplot", fs::perms::owner_all);
  Start start = drawing("plot x, x = 0..1 > " + file("a.svg"));
  start.environment = {"PATH=" + bin.string() + ":" + std::getenv("PATH")};
  Process process(start);
  for (int k = 0; k < 1000 && written("runs").empty(); ++k) std::this_thread::sleep_for(10ms);
  ASSERT_NE(written("runs"), "");
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait().exit, 143);
  EXPECT_EQ(files(), 2u);  // bin and runs
  EXPECT_NE(kill(std::stoi(written("runs")), 0), 0);
}

// ---- terminals

TEST_F(Pictures, FitATerminalOf20Columns) {
  PseudoTerminal terminal({"repl"}, 20, environment({"LC_ALL=C.UTF-8", "NO_COLOR=1"}));
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("plot x, x=0..1\r");
  ASSERT_TRUE(terminal.shows("└┬")) << terminal.written();
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type(":q\r");
  EXPECT_EQ(terminal.wait(), 0);
  for (const std::string& line : terminal.screen()) {
    const bool is_typed = line.find("mc>") != std::string::npos || line.find("moment") != std::string::npos ||
                          line.find(':') != std::string::npos;
    EXPECT_TRUE(is_typed || columns_of(line) <= 20u) << line;
  }
}

TEST_F(Pictures, AreAsciiWhereThereIsNoUtf8) {
  PseudoTerminal terminal({"repl"}, 60, environment({"LC_ALL=C", "NO_COLOR=1"}));
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("z ~ normal(0,1)\rplot E[max(z,a)], a = 0..1\rconverge E[z]\rhist z\r");
  ASSERT_TRUE(terminal.shows("tail index")) << terminal.written();
  terminal.type(":q\r");
  EXPECT_EQ(terminal.wait(), 0);
  for (const char c : terminal.written())
    ASSERT_LT(static_cast<unsigned char>(c), 0x80) << terminal.written();
  EXPECT_NE(terminal.written().find("+-2"), std::string::npos);
}

TEST_F(Pictures, AreColouredAtATerminalOnly) {
  for (const bool no_colour : {false, true}) {
    PseudoTerminal terminal({"repl"}, 60,
                            environment({"LC_ALL=C.UTF-8", no_colour ? "NO_COLOR=1" : "NO_COLOR="}));
    ASSERT_TRUE(terminal.shows("mc> "));
    terminal.type("plot x, x = 0..1\r");
    ASSERT_TRUE(terminal.shows("└")) << terminal.written();
    EXPECT_EQ(terminal.written().find("\x1b[34m") != std::string::npos, !no_colour);
    terminal.type(":q\r");
    EXPECT_EQ(terminal.wait(), 0);
  }
}

/// Terminals that are known to show them, or are said to, get gnuplot's sixels; without gnuplot all get text.
TEST_F(Pictures, AreSixelsWhereTheTerminalShowsThem) {
  const auto written = [&](std::vector<std::string> variables) {
    variables.insert(variables.end(), {"LC_ALL=C.UTF-8", "NO_COLOR=1"});
    PseudoTerminal terminal({"repl"}, 60, environment(std::move(variables)));
    EXPECT_TRUE(terminal.shows("mc> "));
    terminal.type("plot x, x = 0..1\rE[6*7]\r:q\r");
    EXPECT_EQ(terminal.wait(), 0);
    return terminal.written();
  };
  const std::string kSixels = "\x1bPq", kText = "└┬";
  if (has_gnuplot())
    for (const char* variable : {"MC_SIXEL=1", "TERM_PROGRAM=WezTerm"}) {
      const std::string all = written({variable});
      EXPECT_NE(all.find(kSixels), std::string::npos) << variable;
      EXPECT_EQ(all.find(kText), std::string::npos) << variable;
      EXPECT_NE(all.find("= 42(0)"), std::string::npos);
    }
  for (const std::vector<std::string>& variables : {std::vector<std::string>{"MC_SIXEL="},
                                                    {"MC_SIXEL=0", "TERM_PROGRAM=WezTerm"},
                                                    {"MC_SIXEL=1", "PATH=/nowhere"}}) {
    const std::string all = written(variables);
    EXPECT_EQ(all.find(kSixels), std::string::npos) << variables[0];
    EXPECT_NE(all.find(kText), std::string::npos) << variables[0];
    EXPECT_EQ(all.find("there is no gnuplot") != std::string::npos, variables.back() == "PATH=/nowhere");
  }
}

TEST_F(Pictures, AreCompleted) {
  PseudoTerminal terminal({"repl"}, 80, environment({"LC_ALL=C.UTF-8", "NO_COLOR=1"}));
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("plo\tsi\t\t");
  EXPECT_TRUE(terminal.shows("sign(")) << terminal.written();
  terminal.type("\x15");
  terminal.type("conv\tE[2]\r");
  EXPECT_TRUE(terminal.shows("samples M")) << terminal.written();
  terminal.type(":rep\t\x15:q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

/// Ctrl-C ends the work within moments; what there is is drawn, and the prompt goes on.
TEST_F(Pictures, StopAtCtrlC) {
  PseudoTerminal terminal({"repl"}, 80, environment({"LC_ALL=C.UTF-8", "NO_COLOR=1"}));
  ASSERT_TRUE(terminal.shows("mc> "));
  terminal.type("x ~ uniform(0,1)^10\r:set samples 1e15\rconverge E[sum(x_i^2)]\r");
  ASSERT_TRUE(terminal.shows("% · "));
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows("stopped before the last")) << terminal.written();
  terminal.type(":show\r");
  EXPECT_TRUE(terminal.shows("# was stopped: converge E[sum(x_i^2)]")) << terminal.written();
  terminal.type("plot E[sum(x_i^2)], a = 0..1\r");
  ASSERT_TRUE(terminal.shows("Ctrl-C stops"));
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows("stopped before there was anything to draw")) << terminal.written();
  terminal.type("y ~ normal(0,1)^200\r:set samples 1e7\rhist sum(sin(y))\r");
  EXPECT_TRUE(terminal.shows("% · ")) << "of a histogram too" << terminal.written();
  terminal.type("\x03");
  EXPECT_TRUE(terminal.shows(" samples; stopped before the last")) << terminal.written();
  terminal.type("E[6*7]\x15:set samples 10\rE[6*7]\r");
  EXPECT_TRUE(terminal.shows("= 42(0)")) << terminal.written();
  terminal.type(":q\r");
  EXPECT_EQ(terminal.wait(), 0);
}

}  // namespace
}  // namespace mc::console_test
