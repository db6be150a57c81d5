// Made once however many ask, nobody in another's way, failures tried again, no more kept than is allowed.
#include "engine/cache/single_flight.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace mc::cache {
namespace {

using namespace std::chrono_literals;
using Numbers = SingleFlight<int, const int>;

std::shared_ptr<const int> number(int value) { return std::make_shared<const int>(value); }

TEST(SingleFlight, MakesAValueOnceHoweverManyAsk) {
  constexpr int kAsking = 8;
  for (int round = 0; round < 20; ++round) {
    Numbers cache;
    std::atomic<int> made{0}, told{0};
    std::latch together(kAsking);
    {
      std::vector<std::jthread> threads;
      for (int k = 0; k < kAsking; ++k)
        threads.emplace_back([&] {
          together.arrive_and_wait();
          const auto answer = cache.get(7, [&] {
            ++made;
            std::this_thread::sleep_for(1ms);
            return number(49);
          });
          EXPECT_EQ(*answer.value, 49);
          told += answer.made;
        });
    }
    ASSERT_EQ(made, 1);
    ASSERT_EQ(told, 1) << "one of them is told that it made the value";
  }
}

TEST(SingleFlight, ASlowValueBlocksNoOther) {
  Numbers cache;
  cache.get(1, [] { return number(1); });
  std::latch under_way(1), may_end(1);
  std::jthread slow([&] {
    cache.get(2, [&] {
      under_way.count_down();
      may_end.wait();
      return number(2);
    });
  });
  under_way.wait();
  EXPECT_FALSE(cache.get(1, [] { return number(-1); }).made) << "ready ones are there";
  EXPECT_TRUE(cache.get(3, [] { return number(3); }).made) << "new ones are made beside it";
  EXPECT_EQ(cache.values().size(), 2u) << "what is in the making is not there yet";
  EXPECT_EQ(**cache.find(1), 1);
  EXPECT_EQ(cache.find(2), Numbers::Pointer()) << "in the making";
  EXPECT_FALSE(cache.find(4));
  may_end.count_down();
  slow.join();
  EXPECT_EQ(*cache.get(2, [] { return number(-1); }).value, 2);
}

/// Counts those who have found something under their key.
struct CountingEqual {
  bool operator()(int a, int b) const { return ++calls, a == b; }
  static inline std::atomic<int> calls{0};
};

TEST(SingleFlight, AFailureReachesAllWhoWaitedAndIsTriedAgain) {
  constexpr int kWaiting = 4;
  CountingEqual::calls = 0;
  SingleFlight<int, const int, std::hash<int>, CountingEqual> cache;
  std::latch under_way(1), may_end(1);
  std::atomic<int> tries{0}, failed{0};
  const auto ask = [&] {
    try {
      cache.get(7, [&]() -> Numbers::Pointer {
        ++tries;
        under_way.count_down(tries == 1);
        may_end.wait();
        throw std::runtime_error("no");
      });
    } catch (const std::runtime_error&) {
      ++failed;
    }
  };
  {
    std::vector<std::jthread> threads;
    threads.emplace_back(ask);
    under_way.wait();
    for (int k = 0; k < kWaiting; ++k) threads.emplace_back(ask);
    while (CountingEqual::calls < kWaiting)
      std::this_thread::yield();  // under the lock that a failure waits for
    may_end.count_down();
  }
  EXPECT_EQ(failed, 1 + kWaiting);
  EXPECT_EQ(tries, 1);
  EXPECT_TRUE(cache.values().empty());
  EXPECT_EQ(*cache.get(7, [] { return number(49); }).value, 49);
}

TEST(SingleFlight, KeepsWhatWasUsedLast) {
  Numbers cache({.most = 3});
  const auto ask = [&](int key) { return cache.get(key, [&] { return number(key); }).made; };
  for (int key : {1, 2, 3}) EXPECT_TRUE(ask(key));
  EXPECT_FALSE(ask(1));  // so 2 is now the oldest
  EXPECT_TRUE(ask(4));
  EXPECT_EQ(cache.values().size(), 3u);
  for (int key : {1, 3, 4}) EXPECT_FALSE(ask(key)) << key;
  EXPECT_TRUE(ask(2));
}

TEST(SingleFlight, IsBoundedByWeightAndKeepsTheNewestWhateverItWeighs) {
  Numbers cache({.most = 10, .weight = [](const int& value) { return static_cast<std::size_t>(value); }});
  const auto ask = [&](int key) { return cache.get(key, [&] { return number(key); }).made; };
  for (int key : {2, 3, 4}) ask(key);
  EXPECT_EQ(cache.values().size(), 3u);
  ask(5);  // 2 and 3 have to go
  EXPECT_EQ(cache.values().size(), 2u);
  ask(100);
  EXPECT_EQ(cache.values().size(), 1u);
  EXPECT_FALSE(ask(100));
  ask(1);
  EXPECT_EQ(cache.values().size(), 1u) << "100 alone is more than is allowed";
  EXPECT_TRUE(ask(100));
}

TEST(SingleFlight, WhatIsForgottenLivesWhileItIsUsed) {
  Numbers cache({.most = 1});
  const auto first = cache.get(1, [] { return number(1); }).value;
  cache.get(2, [] { return number(2); });
  EXPECT_EQ(first.use_count(), 1) << "the cache has let go of it";
  EXPECT_EQ(*first, 1);
}

TEST(SingleFlight, ForgetsNothingThatIsStillBeingMade) {
  Numbers cache({.most = 1});
  std::latch under_way(1), may_end(1);
  std::jthread slow([&] {
    cache.get(0, [&] {
      under_way.count_down();
      may_end.wait();
      return number(0);
    });
  });
  under_way.wait();
  for (int key = 1; key < 100; ++key) cache.get(key, [&] { return number(key); });
  std::atomic<bool> joined_flight{true};
  std::jthread waiting([&] {
    cache.get(0, [&] {
      joined_flight = false;
      return number(0);
    });
  });
  std::this_thread::sleep_for(10ms);
  may_end.count_down();
  waiting.join();
  EXPECT_TRUE(joined_flight);
}

/// Looks keys up by a view: a string is built for new ones only.
struct Text {
  explicit Text(std::string_view from) : text(from) { ++built; }
  std::string text;
  static inline int built = 0;
};
std::string_view view(std::string_view text) { return text; }
std::string_view view(const Text& text) { return text.text; }
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(const auto& text) const { return std::hash<std::string_view>()(view(text)); }
};
struct TextEqual {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const { return view(a) == view(b); }
};

TEST(SingleFlight, LooksUpWithoutBuildingAKey) {
  SingleFlight<Text, const int, TextHash, TextEqual> cache;
  for (int k = 0; k < 10; ++k) cache.get(std::string_view("one"), [] { return number(1); });
  EXPECT_EQ(Text::built, 1);
}

TEST(SingleFlight, ManyThreadsAndFewPlaces) {
  constexpr int kKeys = 20;
  SingleFlight<int, const int> cache({.most = 5});
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int k = 0; k < 2000; ++k) {
          const int key = (k * (t + 1)) % kKeys;
          ASSERT_EQ(*cache.get(key, [&] { return number(key * key); }).value, key * key);
        }
      });
  }
  EXPECT_LE(cache.values().size(), 5u);
}

}  // namespace
}  // namespace mc::cache
