// What perf is told of machine code: the map's lines, its file, and who else may have put something in its
// place. A program of its own: once machine code is shown, all of it is.
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <mc/mc.hpp>

#include "engine/tools/perf_map.hpp"
#include "frontend/api/machine_codes.hpp"
#include "tests/support/constant_kernel.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using mc::testing::constant, mc::testing::read_file, mc::testing::TemporaryFolder;

struct Line {
  std::uint64_t begin = 0, bytes = 0;
  std::string name;
};

std::vector<Line> lines_of(const fs::path& path) {
  std::istringstream text(read_file(path));
  std::vector<Line> lines;
  for (Line line; text >> std::hex >> line.begin >> line.bytes && std::getline(text >> std::ws, line.name);)
    lines.push_back(line);
  return lines;
}

std::string map_name() { return "perf-" + std::to_string(getpid()) + ".map"; }

const std::byte kCode[16] = {};

TEST(PerfMap, HasALineForEachFunction) {
  const TemporaryFolder folder;
  mc::tools::PerfMap map(folder.path());
  EXPECT_EQ(map.path(), folder / map_name());
  map.add(kCode, "mc::E[x]#1");
  map.add(std::span(kCode).subspan(4), "mc::E[y]#2");
  const std::vector<Line> lines = lines_of(map.path());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].begin, reinterpret_cast<std::uintptr_t>(kCode));
  EXPECT_EQ(lines[0].bytes, 16u);
  EXPECT_EQ(lines[0].name, "mc::E[x]#1");
  EXPECT_EQ(lines[1].begin, reinterpret_cast<std::uintptr_t>(kCode + 4));
  EXPECT_EQ(lines[1].bytes, 12u);
  EXPECT_EQ(lines[1].name, "mc::E[y]#2");
  struct stat status = {};
  ASSERT_EQ(stat(map.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(status.st_uid, geteuid());
}

TEST(PerfMap, TakesThePlaceOfAnEarlierProcesss) {
  const TemporaryFolder folder;
  std::ofstream(folder / map_name()) << "1 2 stale\n";
  mc::tools::PerfMap map(folder.path());
  map.add(kCode, "fresh");
  ASSERT_EQ(lines_of(map.path()).size(), 1u);
  EXPECT_EQ(lines_of(map.path())[0].name, "fresh");
}

TEST(PerfMap, FollowsNoLinkThatWasPlanted) {
  const TemporaryFolder folder;
  const std::string victim = folder / "victim";
  std::ofstream(victim) << "precious";
  for (const std::string& target : {victim, folder / "not there"}) {
    fs::remove(folder / map_name());
    fs::create_symlink(target, folder / map_name());
    mc::tools::PerfMap map(folder.path());
    map.add(kCode, "mc::E[x]#1");
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(map.path())));
    EXPECT_EQ(lines_of(map.path()).size(), 1u);
  }
  EXPECT_EQ(read_file(victim), "precious");
  EXPECT_FALSE(fs::exists(folder / "not there"));
  fs::remove(folder / map_name());
  fs::create_hard_link(victim, folder / map_name());
  mc::tools::PerfMap(folder.path()).add(kCode, "mc::E[x]#1");
  EXPECT_EQ(read_file(victim), "precious");
}

TEST(PerfMap, IsRefusedWhereItCannotBe) {
  const TemporaryFolder folder;
  EXPECT_THROW(mc::tools::PerfMap("/nowhere"), std::system_error);
  fs::create_directories(folder / (map_name() + "/within"));
  EXPECT_THROW(mc::tools::PerfMap(folder.path()), std::system_error);
}

TEST(PerfMap, IsNotTheChildsAfterAFork) {
  const TemporaryFolder folder;
  const mc::tools::PerfMap map(folder.path());
  EXPECT_TRUE(map.is_mine());
  const pid_t child = fork();
  if (child == 0) _exit(map.is_mine() ? 1 : 0);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(SymbolName, IsShortAndOfCharactersThatToolsTake) {
  const struct {
    const char *text, *name;
  } rows[] = {
      {"E[sum(x_i^2)]", "mc::E[sum(x_i^2)]#"},
      {"P[x > 0 | y < 1]", "mc::P[x>0|y<1]#"},
      {"E[\"a;b\n@c'd]", "mc::E[_a_b__c_d]#"},
      {"E[μ*σ]", "mc::E[_*_]#"},
      {"", "mc::#"},
      {"E[abcdefghijklmnopqrstuvwxyz + abcdefghijklmnopqrstuvwxyz + abcdefghijklmnopqrstuvwxyz]",
       "mc::E[abcdefghijklmnopqrstuvwxyz+abcdefghijklmnopqrstuvwxyz+...#"},
      {"E[a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a "
       "+ a + a]",
       "mc::E[a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a]#"},
  };
  for (const auto& [text, name] : rows) {
    const std::string made = mc::tools::symbol_name(text, "key");
    EXPECT_EQ(made.substr(0, made.size() - 8), name);
    EXPECT_LE(made.size(), 75u);
    EXPECT_NE(made, mc::tools::symbol_name(text, "another key"));
    EXPECT_EQ(made, mc::tools::symbol_name(text, "key"));
  }
}

TEST(DebugJit, TellsWhereAKernelsEntryIs) {
  const std::string path = "/tmp/" + map_name();
  mc::debug_jit();
  mc::debug_jit();  // once more is no trouble
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(path)));
  mc::MachineCodes& codes = mc::MachineCodes::shared();
  const auto code = codes.get({constant(2.5), 256, "E[2.5]"}).value;
  const std::vector<Line> lines = lines_of(path);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].begin, reinterpret_cast<std::uintptr_t>(code->code().data()));
  EXPECT_GT(lines[0].bytes, 0u);
  EXPECT_TRUE(lines[0].name.starts_with("mc::E[2.5]#")) << lines[0].name;
  mc::compile("x ~ uniform(0, 1)^3; E[sum(x_i^2)], P[x_1 < x_2]")
      .run({.samples = 100, .backend = mc::Backend::llvm});
  ASSERT_EQ(lines_of(path).size(), 2u);
  EXPECT_TRUE(lines_of(path)[1].name.starts_with("mc::E[sum(x_i^2)]+1#")) << lines_of(path)[1].name;
  const double numbers[] = {1, 2};
  EXPECT_EQ(mc::compile("sum(a_i^2)")({{"a", numbers}}, {.backend = mc::Backend::llvm}), 5);
  ASSERT_EQ(lines_of(path).size(), 3u);
  EXPECT_TRUE(lines_of(path)[2].name.starts_with("mc::sum(a_i^2)#")) << lines_of(path)[2].name;
  fs::remove(path);
}

/// Else perf would take other code, put at the same place, for it.
TEST(DebugJit, KeepsWhatItHasShown) {
  mc::MachineCodes codes(1);
  codes.show_to_tools();
  std::set<const std::byte*> places;
  for (int k = 0; k < 20; ++k) places.insert(codes.get({constant(k), 256, "E[k]"}).value->code().data());
  EXPECT_EQ(codes.size(), 1u);
  EXPECT_EQ(places.size(), 20u);
  fs::remove("/tmp/" + map_name());
}

}  // namespace
