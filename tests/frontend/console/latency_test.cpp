// How soon things come. How long a run goes on after Ctrl-C: the process is sent SIGINT at random moments,
// again and again, and the time until it has ended is measured, its partial estimate printed by then.
// MC_LATENCY_ROUNDS=100 (default 8) measures what docs/profiling.md shows; the bounds here are for machines
// that have other things to do.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/console/at_a_terminal.hpp"
#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

using Clock = std::chrono::steady_clock;

struct Kernel {
  const char *name, *program;
};

constexpr Kernel kKernels[] = {
    {"short tiles", "x ~ uniform(0,1)^10; E[sum(x_i^2)]"},
    {"tiles of minutes", "x ~ uniform(0,1)^3000; E[sum(x_i*x_j)]"},
    {"a million draws", "x ~ normal(0,1)^1000000; E[max(x)]"},
    {"iterations", "x ~ uniform(0,1); E[iterate(y = x, 3.9*y*(1 - y), 10000000)]"},
};

int rounds() {
  const char* given = std::getenv("MC_LATENCY_ROUNDS");
  return given != nullptr ? std::max(1, std::atoi(given)) : 8;
}

/// Milliseconds from the signal to the process's end.
double latency(const Kernel& kernel, const char* backend, unsigned threads, std::mt19937& random) {
  Process process({{"eval", kernel.program, "--samples", "1e11", "--backend", backend, "--threads",
                    std::to_string(threads)},
                   {},
                   {"MC_LOG=debug"}});
  EXPECT_TRUE(process.says("running"));
  std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000));
  const auto asked = Clock::now();
  process.signal(SIGINT);
  const Ended ended = process.wait_closely();
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
  EXPECT_EQ(ended.exit, 130) << ended.err;
  EXPECT_NE(ended.out.find(" samples · "), std::string::npos) << ended.out;
  return ms;
}

TEST(Latency, OfCtrlC) {
  std::mt19937 random(1);
  std::printf("| kernel | back end | threads | median ms | largest ms |\n| --- | --- | --- | --- | --- |\n");
  for (const Kernel& kernel : kKernels)
    for (const char* backend : {"auto", "interpreter", "llvm"})
      for (const unsigned threads : {1U, 2U, 8U}) {
        std::vector<double> all;
        for (int k = 0; k < rounds(); ++k) all.push_back(latency(kernel, backend, threads, random));
        std::ranges::sort(all);
        std::printf("| %s | %s | %u | %.1f | %.1f |\n", kernel.name, backend, threads, all[all.size() / 2],
                    all.back());
        std::fflush(stdout);
        EXPECT_LT(all[all.size() / 2], 200) << kernel.name << " " << backend << " " << threads;
        EXPECT_LT(all.back(), 2000) << kernel.name << " " << backend << " " << threads;
      }
}

/// In one of a few, as others are at work here: then the library tells before the screen asks.
TEST_F(AtATerminal, DrawsAFigureAtOnce) {
  bool first_has_one = false;
  for (int k = 0; k < 8 && !first_has_one; ++k) {
    PseudoTerminal& terminal = open();
    terminal.type("x ~ uniform(0,1)\r:set samples 1e15\rE[x]\r");
    ASSERT_TRUE(terminal.shows("Ctrl-C stops"));
    const std::string text = terminal.written();
    const std::size_t end = text.find("Ctrl-C stops"), line = text.rfind("E[x]", end);
    first_has_one = text.substr(line, end - line).find("E[x] = 0.5") == 0 ||
                    text.substr(line, end - line).find("E[x] = 0.49") == 0;
  }
  EXPECT_TRUE(first_has_one);
}

}  // namespace
}  // namespace mc::console_test
