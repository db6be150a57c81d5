// The disk cache as users of the command meet it: `moment cache`, --no-cache, several processes, and
// processes that are killed.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <mc/mc.hpp>

#include "tests/frontend/console/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

constexpr char kProgram[] = "x ~ uniform(0,1)^2; E[sum(x_i^2)]";

Start with_folder(const std::string& folder, std::vector<std::string> arguments) {
  return {.arguments = std::move(arguments), .environment = {"MC_CACHE_DIR=" + folder}};
}

Start compiled(const std::string& folder, const std::string& program = kProgram) {
  return with_folder(folder,
                     {"eval", program, "--samples", "1000", "--threads", "1", "--backend", "llvm", "--json"});
}

struct Answer {
  std::string cache;
  std::vector<std::string> values;
};

Answer answer_of(const Ended& ended) {
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  const auto json = nlohmann::json::parse(ended.out, nullptr, false);
  if (json.is_discarded()) return {};
  Answer answer{json["timing"]["cache"], {}};
  for (const auto& result : json["results"]) answer.values.push_back(result["value_hex"]);
  return answer;
}

std::vector<std::string> values_without_a_compiler(const std::string& program) {
  std::vector<std::string> values;
  const Report report =
      compile(program).run({.samples = 1000, .backend = Backend::interpreter, .threads = 1});
  for (const Report::Result& result : report.results) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", result.estimate.value);
    values.emplace_back(text);
  }
  return values;
}

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
  testing::write_file(folder / "cache/tmp-killed", "half");
  testing::write_file(folder / "cache/" + std::string(32, 'a') + ".entry", "nonsense");
  expect("list", line + line + ".*  aaaaaaaaaaaa  of no use\n|.*  aaaaaaaaaaaa  of no use\n" + line + line);
  expect("stats", "folder[^]*kernels  3\n[^]*killed   1 file of processes [^]*\n");
  expect("clear", "removed 3 kernels\n");
  expect("list", "");
  EXPECT_TRUE(fs::is_empty(folder / "cache"));
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

/// Tells when a file is made in a folder.
class Watch {
 public:
  explicit Watch(const std::string& folder) : events_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    EXPECT_GE(inotify_add_watch(events_, folder.c_str(), IN_CREATE), 0);
  }
  ~Watch() { close(events_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Without sleeping, as a file is written in some tens of microseconds. False after that long.
  bool sees_a_new_file(std::chrono::milliseconds limit) const {
    alignas(inotify_event) char event[4096];
    const auto end = std::chrono::steady_clock::now() + limit;
    while (read(events_, event, sizeof event) <= 0)
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }
  void forget() const {
    while (sees_a_new_file(std::chrono::milliseconds(0))) continue;
  }

 private:
  int events_;
};

std::size_t unfinished_in(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder))
    count += entry.path().filename().string().starts_with("tmp-");
  return count;
}

/// kill -9 while the cache is written: three of four at the moment in which a file appears or some
/// microseconds later, the others at any time of the process's life. What runs next gives the right bits.
TEST(Cache, Survives200KillsWhileItIsWritten) {
  const TemporaryFolder folder;
  const Watch watch(folder.path());
  std::mt19937_64 random(1);
  std::size_t from_disk = 0, killed = 0;
  for (int k = 0; k < 200; ++k) {
    const std::string program = "x ~ uniform(0,1)^2; E[sum(x_i^2)], E[" + std::to_string(k + 2) + "*x_1]";
    watch.forget();
    {
      Process victim(compiled(folder.path(), program));
      if (k % 4 == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
      else if (watch.sees_a_new_file(std::chrono::seconds(60)))
        for (std::uint64_t spin = random() % 20'000; spin > 0; --spin) asm volatile("");
      victim.signal(SIGKILL);
      killed += victim.wait().exit == -SIGKILL;
    }
    const Answer clean = answer_of(moment(compiled(folder.path(), program)));
    ASSERT_EQ(clean.values, values_without_a_compiler(program)) << "after kill " << k;
    from_disk += clean.cache == "disk";
  }
  const std::size_t unfinished = unfinished_in(folder.path());
  std::printf("%zu of 200 were killed before their end, %zu while they wrote; %zu had written it\n", killed,
              unfinished, from_disk);
  EXPECT_GT(unfinished, 0u) << "else nothing was tested";
  const Ended list = moment(with_folder(folder.path(), {"cache", "list"}));
  EXPECT_EQ(list.out.find("of no use"), std::string::npos) << list.out;
  EXPECT_EQ(moment(with_folder(folder.path(), {"cache", "clear"})).exit, 0);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace mc::console_test
