// The disk cache as users of the command meet it: `moment cache`, --no-cache, several processes.
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/console/cached.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

TEST(Cache, TheNextProcessFindsIt) {
  const TemporaryFolder folder;
  const Answer first = answer_of(moment(compiled(folder / "cache"))),
               second = answer_of(moment(compiled(folder / "cache")));
  EXPECT_EQ(first.cache, "miss");
  EXPECT_EQ(second.cache, "disk");
  EXPECT_EQ(first.values, values_without_a_compiler(kProgram));
  EXPECT_EQ(second.values, first.values);
  EXPECT_EQ(fs::status(folder / "cache").permissions(), fs::perms::owner_all);
}

TEST(Cache, NoCacheLeavesTheFolderUntouched) {
  const TemporaryFolder folder;
  Start start = compiled(folder / "cache");
  start.arguments.emplace_back("--no-cache");
  EXPECT_EQ(answer_of(moment(start)).cache, "miss");
  EXPECT_FALSE(fs::exists(folder / "cache"));
  answer_of(moment(compiled(folder / "cache")));
  const auto times = [&] {
    std::vector<fs::file_time_type> all{fs::last_write_time(folder / "cache")};
    for (const auto& entry : fs::directory_iterator(folder / "cache")) all.push_back(entry.last_write_time());
    return all;
  };
  const auto before = times();
  EXPECT_EQ(answer_of(moment(start)).cache, "miss");
  EXPECT_EQ(times(), before) << "nothing was even used";
}

TEST(Cache, ASmallJobDoesNotTouchTheDisk) {
  const TemporaryFolder folder;
  const Ended ended = moment(with_folder(folder / "cache", {"eval", kProgram, "--samples", "100", "--json"}));
  EXPECT_EQ(answer_of(ended).cache, "miss");
  EXPECT_FALSE(fs::exists(folder / "cache"));
}

TEST(Cache, ListsClearsAndCounts) {
  const TemporaryFolder folder;
  const auto cache = [&](const char* what) { return moment(with_folder(folder / "cache", {"cache", what})); };
  const auto expect = [&](const char* what, const std::string& out) {
    const Ended ended = cache(what);
    EXPECT_EQ(ended.exit, 0);
    EXPECT_EQ(ended.err, "");
    EXPECT_TRUE(std::regex_match(ended.out, std::regex(out))) << ended.out;
  };
  const std::string line =
      R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\d+ KiB  [0-9a-f]{12}  \d+ operations, (128|256|512) bits, \S+\n)";
  expect("list", "");
  expect("stats", "folder   .*/cache\nkernels  0\nsize     0 KiB of 256.0 MiB\n");
  expect("clear", "removed 0 kernels\n");
  moment(compiled(folder / "cache"));
  moment(compiled(folder / "cache", "x ~ normal(0,1); E[x]"));
  expect("list", line + line);
  expect("stats", "folder   .*/cache\nkernels  2\nsize     \\d+ KiB of 256.0 MiB\n");
  testing::write_file(folder / "cache/.moment-tmp-0123456789abcdef", "half");
  testing::write_file(folder / "cache/" + std::string(32, 'a') + ".entry", "nonsense");
  expect("list", line + line + ".*  aaaaaaaaaaaa  of no use\n|.*  aaaaaaaaaaaa  of no use\n" + line + line);
  expect("stats", "folder[^]*kernels  3\n[^]*killed   1 file of processes [^]*\n");
  expect("clear", "removed 3 kernels\n");
  expect("list", "");
  EXPECT_TRUE(fs::is_empty(folder / "cache"));
}

/// Machine code from the disk has no text, and without LLVM none can be made.
TEST(Cache, ADumpOfWhatIsKeptNeedsTheCompiler) {
  const TemporaryFolder folder;
  moment(compiled(folder / "cache"));
  for (const char* missing : {"MC_LLVM_MODULE=", "MC_LLVM_MODULE=/nonexistent/module.so"}) {
    Start dump = with_folder(folder / "cache", {"eval", kProgram, "--dump", "assembly"});
    dump.environment.emplace_back(missing);
    const Ended ended = moment(dump);
    const bool is_there = std::string_view(missing).ends_with('=') || !MC_IS_LAZY;
    EXPECT_EQ(ended.exit, is_there ? 0 : 3) << ended.err;
    EXPECT_EQ(ended.err.find("could not compile") == std::string::npos, is_there) << ended.err;
  }
}

class CacheRefuses : public ::testing::TestWithParam<Row> {};
TEST_P(CacheRefuses, AndSaysWhatToDo) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(
    Rows, CacheRefuses,
    ::testing::Values(
        Row{"nothing", {{"cache"}}, 2, "", "cache: say what to do: list, clear or stats"},
        Row{"unknown", {{"cache", "burn"}}, 2, "", "cache: 'burn' is none of list, clear and stats"},
        Row{"too_much", {{"cache", "list", "all"}}, 2, "", "all"},
        Row{"help", {{"cache", "--help"}}, 0, "list, clear or stats[^]*MC_CACHE_DIR"}),
    [](const auto& info) { return info.param.name; });

/// A run says nothing about a folder that is of no use; stats does.
TEST(Cache, AFolderOfNoUseIsNoFailure) {
  for (const char* folder : {"/dev/null", "/proc/nothing/here"}) {
    EXPECT_EQ(answer_of(moment(compiled(folder))).cache, "miss");
    const Ended ended = moment(with_folder(folder, {"cache", "stats"}));
    EXPECT_EQ(ended.exit, 0);
    EXPECT_NE(ended.err.find(std::string("nothing is kept: ") + folder), std::string::npos) << ended.err;
  }
}

TEST(Cache, TwoProcessesAtOnceAreNoTrouble) {
  const TemporaryFolder folder;
  for (int k = 0; k < 10; ++k) {
    const std::string program = "x ~ uniform(0,1)^2; E[" + std::to_string(k + 2) + "*sum(x_i^2)]";
    Process one(compiled(folder.path(), program)), other(compiled(folder.path(), program));
    const auto expected = values_without_a_compiler(program);
    EXPECT_EQ(answer_of(one.wait()).values, expected);
    EXPECT_EQ(answer_of(other.wait()).values, expected);
    EXPECT_EQ(answer_of(moment(compiled(folder.path(), program))).cache, "disk");
  }
  EXPECT_EQ(moment(with_folder(folder.path(), {"cache", "stats"})).out.find("killed"), std::string::npos);
}

}  // namespace
}  // namespace mc::console_test
