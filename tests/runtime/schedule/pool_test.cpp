// Threads that help, for as long as there is work, and never wait for each other.
#include "runtime/schedule/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/sanitized.hpp"

namespace mc::runtime {
namespace {

TEST(Pool, CallsWorkAtOnceInAsManyThreadsAsAsked) {
  Pool pool;
  std::barrier together(4);  // passed only if all four are there at the same time
  std::atomic<int> calls{0};
  auto work = [&] {
    ++calls;
    together.arrive_and_wait();
  };
  for (int r = 0; r < 100; ++r) pool.run(3, work);
  EXPECT_EQ(calls, 400);
  EXPECT_EQ(pool.threads(), 3u);
}

TEST(Pool, StartsNoThreadForNobody) {
  Pool pool;
  int calls = 0;
  auto work = [&] { ++calls; };
  pool.run(0, work);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(pool.threads(), 0u);
}

TEST(Pool, ReturnsWhenTheWorkIsDoneAndNotWhenHelpersCome) {
  Pool pool;
  std::atomic<bool> blocked{true};
  auto block = [&] {
    while (blocked) std::this_thread::yield();
  };
  std::jthread other([&] { pool.run(1, block); });  // keeps the pool's only thread
  while (pool.threads() == 0) std::this_thread::yield();
  std::atomic<int> calls{0};
  auto work = [&] { ++calls; };
  pool.run(1, work);
  EXPECT_GE(calls, 1);
  blocked = false;
}

TEST(Pool, MayBeUsedFromWithinAndFromManyThreads) {
  Pool pool;
  std::atomic<int> inner_calls{0};
  auto inner = [&] { ++inner_calls; };
  auto outer = [&] { pool.run(2, inner); };
  {
    std::vector<std::jthread> clients;
    for (int k = 0; k < 4; ++k)
      clients.emplace_back([&] {
        for (int r = 0; r < 50; ++r) pool.run(3, outer);
      });
  }
  EXPECT_GE(inner_calls, 200);
}

/// As Python's multiprocessing forks: the new process has no thread of the pool's, computes and ends all the
/// same.
TEST(Pool, AForkedProcessComputesAndEnds) {
  std::atomic<int> calls{0};
  auto work = [&] { ++calls; };
  Pool::shared().run(3, work);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until they wait for more
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    EXPECT_EQ(Pool::shared().threads(), 0u);
    for (int r = 0; r < 100; ++r) Pool::shared().run(0, work);
    const int status = ::testing::Test::HasFailure() ? 1 : 0;
    if (testing::kIsSanitized) std::_Exit(status);  // what the parent's threads hold is a leak here
    std::exit(status);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace mc::runtime
