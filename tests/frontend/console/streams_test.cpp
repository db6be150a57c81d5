// The command among other processes: Ctrl-C, closed pipes, full disks.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

using namespace std::chrono_literals;

/// Would take a day. MC_LOG=debug has it say when Ctrl-C is being waited for.
Start endless(const std::string& backend, const std::string& output) {
  return {{"eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--samples", "1e15", "--backend", backend, output},
          {},
          {"MC_LOG=debug"}};
}

/// Sends the signal once it runs and has had time for some tiles: more of it where that was too little.
Ended interrupt(const Start& start, int number = SIGINT) {
  for (auto time = 300ms;; time *= 2) {
    Process process(start);
    EXPECT_TRUE(process.says("running"));
    std::this_thread::sleep_for(time);
    process.signal(number);
    Ended ended = process.wait();
    if (time > 30s || ended.err.find("interrupted after 0 of ") == ended.err.npos) return ended;
  }
}

class Interrupt : public testing::TestWithParam<const char*> {};

TEST_P(Interrupt, PrintsTheEstimateSoFar) {
  const Ended ended = interrupt(endless(GetParam(), "--progress"));
  EXPECT_EQ(ended.exit, 130) << ended.err;
  EXPECT_TRUE(ended.out.starts_with("E[sum(x_i^2)] = 3.3")) << ended.out;
  EXPECT_NE(ended.err.find("interrupted after "), std::string::npos) << ended.err;
}

TEST_P(Interrupt, PrintsValidJson) {
  const Ended ended = interrupt(endless(GetParam(), "--json"));
  EXPECT_EQ(ended.exit, 130) << ended.err;
  const auto report = nlohmann::json::parse(ended.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << ended.out;
  EXPECT_EQ(report["interrupted"], true);
  EXPECT_GT(report["samples"], 0);
  EXPECT_NEAR(report["results"][0]["value"].get<double>(), 10. / 3,
              5 * report["results"][0]["standard_error"].get<double>());
}

INSTANTIATE_TEST_SUITE_P(All, Interrupt, testing::Values("auto", "interpreter", "llvm"),
                         [](const testing::TestParamInfo<const char*>& info) {
                           return std::string(info.param);
                         });

class InterruptAmid : public testing::TestWithParam<const char*> {};

/// A tile of such samples takes minutes: it is given up.
TEST_P(InterruptAmid, ALongSampleEndsSoon) {
  Process process({{"eval", "x ~ uniform(0,1)^3000; E[sum(x_i*x_j)], P[sum(x_i*x_j) > 0]", "--samples", "1e9",
                    "--backend", GetParam()},
                   {},
                   {"MC_LOG=debug"}});
  EXPECT_TRUE(process.says("running"));
  std::this_thread::sleep_for(500ms);
  const auto asked = std::chrono::steady_clock::now();
  process.signal(SIGINT);
  const Ended ended = process.wait();
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 30s) << "not minutes";
  EXPECT_EQ(ended.exit, 130) << ended.err;
  EXPECT_NE(ended.out.find("= nan  "), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("0 samples · "), std::string::npos) << ended.out;
  EXPECT_EQ(ended.out.find("llvm"), std::string::npos) << "nothing ran to its end: " << ended.out;
  EXPECT_NE(ended.err.find("not one sample"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("interrupted after 0 of 1e9 samples"), std::string::npos) << ended.err;
}

INSTANTIATE_TEST_SUITE_P(All, InterruptAmid, testing::Values("interpreter", "llvm"),
                         [](const testing::TestParamInfo<const char*>& info) {
                           return std::string(info.param);
                         });

/// LLVM cannot be interrupted: it is left to itself, and not waited for at the end of the process either.
TEST(Interrupted, CompilingIsNotWaitedFor) {
  std::string text = "x ~ uniform(0,1); E[x";
  for (int k = 1; k < 100; ++k)
    text += " + sin(x*" + std::to_string(k) + ")*exp(x/" + std::to_string(k) + ")";
  const auto begun = std::chrono::steady_clock::now();
  const Ended whole = moment({"eval", text + "]", "--samples", "1", "--backend", "llvm"});
  const auto compiling = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(whole.exit, 0) << whole.err;
  auto least = compiling;
  for (int k = 0; k < 5 && least >= compiling / 2; ++k) {  // a process may have to wait for the processor
    Process process({{"eval", text + "]", "--samples", "1e12", "--backend", "llvm"}, {}, {"MC_LOG=debug"}});
    EXPECT_TRUE(process.says("running"));
    std::this_thread::sleep_for(100ms);
    const auto asked = std::chrono::steady_clock::now();
    process.signal(SIGINT);
    EXPECT_EQ(process.wait().exit, 130);
    least = std::min(least, std::chrono::steady_clock::now() - asked);
  }
  EXPECT_LT(least, compiling / 2);
}

/// On one thread, that is: several leave off at different places.
TEST(Interrupted, RunGivesTheBitsOfARunOfThatLength) {
  Start start = endless("interpreter", "--json");
  start.arguments.insert(start.arguments.end(), {"--threads", "1"});
  const auto report = nlohmann::json::parse(interrupt(start).out, nullptr, false);
  ASSERT_TRUE(report.is_object());
  const Ended whole = moment({"eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--json", "--samples",
                              std::to_string(report["samples"].get<std::uint64_t>())});
  const auto same = nlohmann::json::parse(whole.out, nullptr, false);
  ASSERT_TRUE(same.is_object()) << whole.err;
  EXPECT_EQ(report["results"][0]["value_hex"], same["results"][0]["value_hex"]);
}

/// What batch systems and `timeout` send; the number is what shells say of a process that it ended.
TEST(Terminated, GivesTheEstimateSoFarToo) {
  const Ended ended = interrupt(endless("auto", "--json"), SIGTERM);
  EXPECT_EQ(ended.exit, 143) << ended.err;
  const auto report = nlohmann::json::parse(ended.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << ended.out;
  EXPECT_EQ(report["interrupted"], true);
  EXPECT_GT(report["samples"], 0);
}

/// `timeout` signals the process and then its group.
TEST(Interrupted, TwiceAtOnceCountsOnce) {
  // Two of them are two, where one of the processes had to wait for the processor for so long.
  const auto at_once = 200ms;
  const auto three = [&](int number) {
    Process process(endless("auto", "--json"));
    EXPECT_TRUE(process.says("running"));
    std::this_thread::sleep_for(100ms);
    const auto first = std::chrono::steady_clock::now();
    for (int k = 0; k < 3; ++k) {
      process.signal(number);
      std::this_thread::sleep_for(300us);
    }
    Ended ended = process.wait();
    return std::pair(std::move(ended), std::chrono::steady_clock::now() - first);
  };
  for (const int number : {SIGINT, SIGTERM}) {
    auto [ended, took] = three(number);
    for (int k = 0; k < 10 && ended.exit == -number && took > at_once; ++k)
      std::tie(ended, took) = three(number);
    EXPECT_EQ(ended.exit, 128 + number) << ended.err;
    EXPECT_TRUE(nlohmann::json::parse(ended.out, nullptr, false).is_object()) << ended.out;
  }
}

/// Its results go to a pipe that nobody reads and that they do not fit into: so the first signal does not end
/// it.
TEST(Interrupted, AgainLaterEndsTheProcess) {
  std::string program = "x ~ uniform(0, 1); E[x]";
  for (int k = 1; k < 250; ++k) program += ", E[x + " + std::to_string(k) + "]";
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ASSERT_GT(fcntl(ends[1], F_SETPIPE_SZ, 4096), 0);
  Start start{
      {"eval", program, "--samples", "1e15", "--backend", "interpreter", "--json"}, {}, {"MC_LOG=debug"}};
  start.out = ends[1];
  Process process(start);
  EXPECT_TRUE(process.says("running"));
  process.signal(SIGINT);
  pollfd results{ends[0], POLLIN, 0};
  EXPECT_EQ(poll(&results, 1, 60'000), 1) << "the first is heeded";
  std::this_thread::sleep_for(500ms);
  process.signal(SIGINT);
  EXPECT_EQ(process.wait().exit, -SIGINT);
  close(ends[0]);
  close(ends[1]);
}

/// As a shell's background job without job control is, and what nohup starts.
TEST(Interrupted, NotWhereTheProcessWasStartedToIgnoreIt) {
  const auto before = std::signal(SIGINT, SIG_IGN);
  Process process(endless("auto", "--json"));
  std::signal(SIGINT, before);
  EXPECT_TRUE(process.says("running"));
  process.signal(SIGINT);
  std::this_thread::sleep_for(200ms);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait().exit, 143) << "and not 130";
}

Start short_run(int out) {
  Start start{{"eval", "x ~ uniform(0,1); E[x]", "--samples", "1e4"}};
  start.out = out;
  return start;
}

/// Processes that are started while it lives get no thread: each one's stack would not fit the address space.
/// (A limit on their number would not bind root.)
class NoThreads {
 public:
  NoThreads() {
    getrlimit(RLIMIT_STACK, &before_);
    rlimit huge = before_;
    huge.rlim_cur = rlim_t{1} << 50;
    works_ = setrlimit(RLIMIT_STACK, &huge) == 0;
  }
  ~NoThreads() { setrlimit(RLIMIT_STACK, &before_); }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  bool works() const { return works_; }

 private:
  rlimit before_{};
  bool works_ = false;
};

/// Pool, compiler, Ctrl-C's and the progress line's: the run goes on without any of them.
TEST(WithoutThreads, ResultsAreTheSame) {
  for (const char* backend : {"auto", "interpreter", "llvm"}) {
    const std::vector<std::string> arguments{"eval",      "x ~ uniform(0,1)^10; E[sum(x_i^2)]",
                                             "--samples", "2e7",
                                             "--threads", "4",
                                             "--backend", backend,
                                             "--json"};
    const Start start{.arguments = arguments, .environment = {"MC_CACHE_DIR=/dev/null"}};
    const auto expected = nlohmann::json::parse(moment(start).out, nullptr, false);
    const NoThreads none;
    if (!none.works()) GTEST_SKIP() << "there is a limit on stacks already";
    const Ended ended = moment(start);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
    const auto report = nlohmann::json::parse(ended.out, nullptr, false);
    ASSERT_TRUE(report.is_object()) << ended.out;
    EXPECT_EQ(report["results"], expected["results"]);
    EXPECT_EQ(report["tiles"]["llvm"] == 0, backend != std::string("llvm"))
        << "auto has no compiler behind it";
  }
}

TEST(WithoutThreads, CtrlCHasItsUsualEffect) {
  const NoThreads none;
  if (!none.works()) GTEST_SKIP() << "there is a limit on stacks already";
  Process process(endless("interpreter", "--progress"));
  EXPECT_TRUE(process.says("running"));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait().exit, -SIGINT);
}

TEST(ClosedPipe, EndsQuietly) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  const Ended ended = moment(short_run(ends[1]));
  close(ends[1]);
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
}

TEST(FullDisk, IsAnError) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const Ended ended = moment(short_run(full));
  close(full);
  EXPECT_EQ(ended.exit, 1);
  EXPECT_NE(ended.err.find("error: cannot write to stdout"), std::string::npos) << ended.err;
}

TEST(ReadOnlyStdout, IsAnError) {
  const int readable = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const Ended ended = moment(short_run(readable));
  close(readable);
  EXPECT_EQ(ended.exit, 1);
}

}  // namespace
}  // namespace mc::console_test
