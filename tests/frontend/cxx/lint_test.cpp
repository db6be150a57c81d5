// The lint: what is said of texts in all the ways they can be written down, what of them can be known, and
// machine code that is there before a program runs.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/lint.hpp>

#include "tests/frontend/console/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::cxx_test {
namespace {

namespace fs = std::filesystem;
using console_test::Ended;
using console_test::moment;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

const std::string kFolder = "tests/frontend/cxx/lint/";
const std::vector<std::string> kFlags = {"-std=c++23", "-Ifrontend/api/include"};

/// A source of the temporary folder, linted; what is said, with the file called source.cpp.
std::string said_of(const std::string& body) {
  const TemporaryFolder folder;
  const std::string file = folder / "source.cpp";
  write_file(file, "#include <mc/mc.hpp>\nvoid f() { " + body + " }\n");
  std::string said;
  for (const Diagnostic& each : cxx::lint({file}, {.flags = kFlags}).problems) said += each.rendered;
  for (std::size_t at = 0; (at = said.find(file, at)) != std::string::npos;)
    said.replace(at, file.size(), "source.cpp");
  return said;
}

// ---- places

TEST(Lint, ShowsTheErrorInsideTheLiteral) {
  const cxx::LintReport report = cxx::lint({kFolder + "wrong.cpp"}, {.flags = kFlags});
  std::string said;
  for (const Diagnostic& each : report.problems) said += each.rendered;
  // A line there is one of all that macros have made before, of <mc/mc.hpp> too.
  static const std::regex scratch("(<scratch space>):[0-9]+(.*\n) +[0-9]+ ");
  EXPECT_EQ(std::regex_replace(said, scratch, "$1:N$2  N "), read_file(kFolder + "wrong.txt"));
  EXPECT_EQ(report.unknown, 3u);
}

TEST(Lint, LinesOfRawStringsMayEndAsOnWindows) {
  EXPECT_EQ(said_of("mc::compile(R\"(x ~ normal(0, 1)\r\n# a \\\r\nE[sqr(x)])\");"),
            "source.cpp:4:3: error: unknown function sqr; did you mean sqrt?\n"
            "    4 | E[sqr(x)])\"); }\n"
            "      |   ^~~\n"
            "      |   sqrt\n");
}

// ---- counts

TEST(Lint, WhatAHeaderHoldsCountsOnce) {
  const TemporaryFolder folder;
  write_file(folder / "shared.hpp",
             "#pragma once\n#include <mc/mc.hpp>\ninline auto f() { return mc::compile(\"1 + \"); }\n");
  std::vector<std::string> files;
  for (const char* name : {"a.cpp", "b.cpp"}) {
    files.push_back(folder / name);
    write_file(files.back(), "#include \"shared.hpp\"\nauto g() { return mc::compile(\"x^2\"); }\n");
  }
  const cxx::LintReport report = cxx::lint(files, {.flags = kFlags});
  EXPECT_EQ(report.texts, 3u);
  EXPECT_EQ(report.problems.size(), 1u);
}

TEST(Lint, ASourceThatDoesNotCompileIsAProblem) {
  const std::string said = said_of("mc::compil(\"1\");");
  EXPECT_TRUE(said.starts_with("source.cpp:2:16: error: no member named 'compil' in namespace 'mc'")) << said;
}

TEST(Lint, FlagsOfOtherCompilersAreLeftOut) {
  const TemporaryFolder folder;
  write_file(folder / "a.cpp", "#include <mc/mc.hpp>\nauto f() { return mc::compile(\"x^2\"); }\n");
  write_file(
      folder / "compile_commands.json",
      "[{\"directory\": \"" + fs::current_path().string() + "\", \"file\": \"" + folder / "a.cpp" +
          "\", \"command\": \"/usr/bin/g++ -std=c++23 -fno-such-flag -Ifrontend/api/include -fmodules-ts "
          "-o a.o -c " +
          folder / "a.cpp" + "\"}]");
  const cxx::LintReport report = cxx::lint({folder / "a.cpp"}, {.build = folder.path()});
  EXPECT_TRUE(report.problems.empty()) << report.problems[0].rendered;
  EXPECT_EQ(report.texts, 1u);
}

// ---- the command

/// Files of a folder.
std::set<std::string> files_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

std::vector<std::string> examples() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator("examples"))
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  return files;
}

console_test::Start lint(std::vector<std::string> arguments, const std::string& cache = "/dev/null") {
  arguments.insert(arguments.begin(), "lint");
  arguments.insert(arguments.end(), {"-p", MC_BUILD});
  return {.arguments = std::move(arguments), .environment = {"MC_CACHE_DIR=" + cache}};
}

TEST(Lint, TheProjectsOwnExamplesAreRight) {
  ASSERT_GE(examples().size(), 5u);
  for (const std::string& example : examples()) {
    if (example.ends_with("errors.cpp")) continue;  // whose mistake is meant
    const Ended ended = moment(lint({example}));
    EXPECT_EQ(ended.exit, 0) << example;
    EXPECT_EQ(ended.err, "");
    EXPECT_TRUE(std::regex_match(ended.out, std::regex("([1-9]\\d* programs?, nothing is wrong(; .*)?|0 "
                                                       "programs, nothing is wrong; .* not known here)\n")))
        << example << ": " << ended.out;
  }
}

/// An example with a mistake planted: where it stands in a macro, and where in a raw string.
TEST(Lint, ExamplesWithAMistakePlanted) {
  const TemporaryFolder folder;
  const auto planted = [&](const std::string& example, const std::string& right, const std::string& wrong) {
    std::string text = read_file("examples/" + example);
    const std::size_t at = text.find(right);
    EXPECT_NE(at, std::string::npos);
    text.replace(at, right.size(), wrong);
    write_file(folder / example, text);
    Ended ended = moment({"lint", folder / example, "--cxx-flag", "-Ifrontend/api/include"});
    EXPECT_EQ(ended.exit, 2);
    std::string& said = ended.err;
    const std::string path = folder.path() + "/";
    for (std::size_t k = 0; (k = said.find(path)) != std::string::npos;) said.erase(k, path.size());
    return said + ended.out;
  };
  EXPECT_EQ(
      planted("embed.cpp", "\"z ~ normal(0, 1); E[max(S0*exp(s*z - s^2/2) - K, 0)]\"",
              "\n#define PAYOFF \"max(S0*exq(s*z - s^2/2) - K, 0)\"\n\"z ~ normal(0, 1); E[\" PAYOFF \"]\""),
      "embed.cpp:11:24: error: unknown function exq; did you mean exp?\n"
      "   11 | \"z ~ normal(0, 1); E[\" PAYOFF \"]\");\n"
      "      |                        ^~~~~~\n"
      "embed.cpp:10:24: note: expanded from macro 'PAYOFF'\n"
      "   10 | #define PAYOFF \"max(S0*exq(s*z - s^2/2) - K, 0)\"\n"
      "      |                        ^~~\n"
      "2 programs, 1 error\n");
  EXPECT_EQ(planted("bootstrap.cpp", "a = mean(x_{i,1})", "a = maen(x_{i,1})"),
            "bootstrap.cpp:17:9: error: unknown function maen; did you mean mean?\n"
            "   17 |     a = maen(x_{i,1}); b = mean(x_{i,2})\n"
            "      |         ^~~~\n"
            "      |         mean\n"
            "2 programs, 1 error\n");
}

/// LLVM is not there: whatever had to be compiled would be an error.
TEST(Lint, WarmedProgramsNeverCompile) {
  const TemporaryFolder folder;
  const std::string cache = folder / "cache";
  const auto run = [&](bool has_llvm) {
    return std::system(("MC_CACHE_DIR=" + cache + (has_llvm ? "" : " MC_LLVM_MODULE=/nonexistent/module.so") +
                        " " MC_ASKED " >" + folder / "out" + " 2>" + folder / "err")
                           .c_str());
  };
  EXPECT_NE(run(false), 0) << "it has to be compiled";
  const Ended ended = moment(lint({kFolder + "asked.cpp", "--warm"}, cache));
  EXPECT_EQ(ended.exit, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.out, "12 programs, nothing is wrong; 14 kernels on disk\n");
  EXPECT_EQ(run(false), 0) << read_file(folder / "err");
  const std::string warm = read_file(folder / "out");
  const std::set<std::string> files = files_in(cache);
  EXPECT_EQ(run(true), 0);
  EXPECT_EQ(read_file(folder / "out"), warm);
  EXPECT_EQ(files_in(cache), files) << "nothing more was made";
}

/// The first example, as it stands.
TEST(Lint, AWarmedExampleFindsItsMachineCode) {
  const TemporaryFolder folder;
  const std::string cold = folder / "cold", warm = folder / "warm";
  const auto run = [&](const std::string& cache) {
    return std::system(("MC_CACHE_DIR=" + cache + " " MC_EMBED " >" + cache + ".out").c_str());
  };
  ASSERT_EQ(moment(lint({"examples/embed.cpp", "--warm"}, warm)).exit, 0);
  const std::set<std::string> files = files_in(warm);
  EXPECT_EQ(run(warm), 0);
  EXPECT_EQ(files_in(warm), files);
  EXPECT_EQ(run(cold), 0);
  EXPECT_EQ(read_file(warm + ".out"), read_file(cold + ".out"));
  EXPECT_TRUE(std::ranges::includes(files, files_in(cold))) << "as far as the runs were worth a compile";
}

const console_test::Row kRows[] = {
    {"no source", {{"lint"}}, 2, "", "say which C\\+\\+ sources"},
    {"an unknown flag", {{"lint", "--such"}}, 2, "", "--such\nmoment lint --help"},
    {"no such source", {{"lint", "no/such.cpp"}}, 2, "", "no/such.cpp: there is no such file"},
    {"no such build",
     {{"lint", "examples/embed.cpp", "-p", "no/such"}},
     2,
     "",
     "no/such: there is no compile_commands"},
    {"no module",
     {{"lint", "examples/embed.cpp"}, "", {"MC_CXX_MODULE=/nonexistent/module.so"}},
     3,
     "",
     "is not there"},
    {"another module",
     {{"lint", "examples/embed.cpp"}, "", {"MC_CXX_MODULE=libm.so.6"}},
     3,
     "",
     "another build"},
    {"no place to keep code",
     {{"lint", "examples/embed.cpp", "--warm", "-p", MC_BUILD}, "", {"MC_CACHE_DIR=/dev/null"}},
     2,
     "",
     "machine code cannot be kept"},
    {"not to be known",
     {{"lint", "examples/warmup.cpp", "-p", MC_BUILD}},
     0,
     "^3 programs, nothing is wrong\n$"},
};

TEST(Lint, EndsLikeTheOtherCommands) {
  for (const console_test::Row& row : kRows) check(row);
}

}  // namespace
}  // namespace mc::cxx_test
