// Which tiles a device gets: each of them once, how many at a time, and what it joins of them.
#include <chrono>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "engine/kernels/trees.hpp"
#include "runtime/schedule/batch_size.hpp"
#include "runtime/schedule/shares.hpp"

namespace mc::testing {
namespace {

using kernels::Trees;
using runtime::BatchSize;
using namespace std::chrono_literals;

TEST(Trees, HoldEachTileOnce) {
  for (const unsigned level : {0u, 1u, 3u})
    for (const std::uint64_t first : {0u, 1u, 6u, 8u})
      for (const std::uint64_t tiles : {1u, 2u, 7u, 8u, 29u})
        for (const std::uint64_t whole : {first, first + tiles - 1, first + tiles, first + tiles + 1}) {
          const Trees trees(first, tiles, whole, level);
          std::uint64_t next = first;
          for (std::uint64_t k = 0; k < trees.count(); next += trees[k++].tiles()) {
            ASSERT_EQ(trees[k].first, next);
            ASSERT_EQ(next % trees[k].tiles(), 0u);
            ASSERT_TRUE(trees[k].level == 0 || next + trees[k].tiles() <= whole);
          }
          ASSERT_EQ(next, first + tiles);
          if (whole + 1 >= first + tiles) {
            ASSERT_LE(trees.count(), (tiles >> level) + (2u << level));
          }
        }
}

TEST(Shares, GiveEachTileOnce) {
  const auto is_missing = [](std::size_t tile) {
    return tile >= 5 && (tile < 300 || tile > 303) && tile != 900;
  };
  runtime::Missing missing;
  for (const runtime::Missing::Stretch part : {runtime::Missing::Stretch{5, 300}, {304, 900}, {901, 1000}})
    missing.add(part);
  for (const unsigned level : {0u, 3u, 20u}) {
    runtime::Shares shares;
    shares.reset(missing, level);
    std::vector<int> taken(1000);
    for (std::uint64_t k = 0;; ++k) {
      const runtime::Tiles tiles = shares.take(k % 3 == 0 ? 1 : 7 * k + 1);
      if (tiles.empty()) break;
      for (std::uint64_t tile = tiles.first; tile < tiles.end; ++tile) ++taken[tile];
      if (k % 5 == 0) {  // the last one is not done after all
        --taken[tiles.end - 1];
        shares.give_back({tiles.end - 1, tiles.end});
      }
      ASSERT_LT(k, 10'000u);
    }
    for (std::size_t tile = 0; tile < taken.size(); ++tile)
      ASSERT_EQ(taken[tile], is_missing(tile) ? 1 : 0) << tile;
  }
}

TEST(BatchSize, GrowsWhileBatchesAreShortAndShrinksWhereTheyAreLong) {
  BatchSize size(100, 8);
  EXPECT_EQ(size.tiles(), 8u);
  size.adapt(8, 1ms);
  EXPECT_EQ(size.tiles(), 16u);
  size.adapt(8, 1ms);  // one that was begun before
  EXPECT_EQ(size.tiles(), 16u);
  for (int k = 0; k < 5; ++k) size.adapt(size.tiles(), 1ms);
  EXPECT_EQ(size.tiles(), 100u);
  size.adapt(100, 7ms);
  EXPECT_EQ(size.tiles(), 100u);
  for (int k = 0; k < 9; ++k) size.adapt(size.tiles(), 1s);
  EXPECT_EQ(size.tiles(), 8u) << "a wave is done side by side";
  EXPECT_EQ(BatchSize(3, 8).tiles(), 3u);
}

}  // namespace
}  // namespace mc::testing
