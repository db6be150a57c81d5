#include "runtime/schedule/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <thread>

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

}  // namespace
}  // namespace mc::runtime
