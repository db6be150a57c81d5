// The tree over tiles: whatever order records arrive in, the fold is that of the contract, and little is
// kept.
#include "runtime/schedule/forest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/engine/kernels/lanes.hpp"

namespace mc::testing {
namespace {

const Layout kLayout = layout_of({{2, 2}});

std::vector<double> tile_record(std::uint64_t tile) {
  std::mt19937_64 random(tile);
  std::normal_distribution<double> normal(3, 1);
  std::vector<Values> samples(5 + tile % 3, Values(2));
  for (Values& v : samples) std::ranges::generate(v, [&] { return normal(random); });
  std::vector<double> record(kLayout.size);
  kernels::clear(kLayout, record.data());
  two_pass(kLayout.groups[0], samples, record.data(), 1);
  return record;
}

/// The node over tiles [first, first + 2^level), recursively.
std::vector<double> node(std::uint64_t first, unsigned level) {
  if (level == 0) return tile_record(first);
  std::vector<double> left = node(first, level - 1);
  kernels::merge(kLayout, left.data(), node(first + (1ull << (level - 1)), level - 1).data());
  return left;
}

/// docs/contract.md, to the letter: the maximal aligned runs from left to right.
std::vector<double> by_the_contract(std::uint64_t tiles) {
  std::vector<double> sum(kLayout.size);
  kernels::clear(kLayout, sum.data());
  std::uint64_t first = 0;
  for (unsigned level = 63; level-- > 0;)
    if ((tiles >> level & 1) != 0) {
      const std::vector<double> next = node(first, level);
      if (first == 0)
        sum = next;
      else
        kernels::merge(kLayout, sum.data(), next.data());
      first += 1ull << level;
    }
  return sum;
}

void add(runtime::Forest& forest, std::uint64_t tile) {
  std::ranges::copy(tile_record(tile), forest.fresh());
  forest.add(tile, 0);
}

std::vector<double> fold(runtime::Forest& forest) {
  std::vector<double> record(kLayout.size);
  forest.fold(record.data());
  return record;
}

TEST(Forest, FoldsInTheContractsOrderWhateverTheOrderOfArrival) {
  std::mt19937_64 random(1);
  runtime::Forest forest;
  forest.reset(kLayout);
  for (std::uint64_t tiles : {1, 2, 3, 4, 5, 7, 8, 13, 64, 100, 127}) {
    const std::vector<double> expected = by_the_contract(tiles);
    std::vector<std::uint64_t> order(tiles);
    std::iota(order.begin(), order.end(), 0);
    for (unsigned r = 0; r < 10; ++r, std::ranges::shuffle(order, random)) {
      for (std::uint64_t tile : order) add(forest, tile);
      ASSERT_EQ(fold(forest), expected) << tiles;
    }
  }
}

TEST(Forest, TakesWholeRunsFromAnother) {
  constexpr std::uint64_t kTiles = 77;
  for (unsigned level : {0u, 1u, 3u, 5u, 7u}) {
    runtime::Forest all, run;
    all.reset(kLayout);
    run.reset(kLayout);
    const std::uint64_t length = 1ull << level;
    for (std::uint64_t chunk = (kTiles - 1) / length + 1; chunk-- > 0;) {
      for (std::uint64_t t = chunk * length; t < std::min(kTiles, (chunk + 1) * length); ++t) add(run, t);
      all.take(run);
      EXPECT_EQ(run.trees(), 0u);
    }
    ASSERT_EQ(fold(all), by_the_contract(kTiles)) << level;
  }
}

TEST(Forest, KeepsLittle) {
  runtime::Forest forest;
  forest.reset(kLayout);
  for (std::uint64_t tile = 0; tile < 100'000; ++tile) {
    std::ranges::fill(std::span(forest.fresh(), kLayout.size), 1.0);
    forest.add(tile, 0);
    ASSERT_LE(forest.trees(), 17u);
  }
}

TEST(Forest, OfNothingIsTheEmptyRecord) {
  runtime::Forest forest;
  forest.reset(kLayout);
  std::vector<double> empty(kLayout.size);
  kernels::clear(kLayout, empty.data());
  EXPECT_EQ(fold(forest), empty);
}

TEST(Forest, WithHolesHoldsWhatIsThere) {
  runtime::Forest forest;
  forest.reset(kLayout);
  for (std::uint64_t tile : {6, 1, 4, 7, 5}) add(forest, tile);
  EXPECT_EQ(forest.trees(), 2u);  // {1} and {4..7}
  std::vector<double> expected = tile_record(1);
  kernels::merge(kLayout, expected.data(), node(4, 2).data());
  EXPECT_EQ(fold(forest), expected);
}

std::vector<std::uint64_t> missing_of(const runtime::Forest& forest, std::uint64_t end) {
  runtime::Missing missing;
  forest.list_missing({0, end}, missing);
  std::vector<std::uint64_t> tiles;
  while (tiles.size() < missing.count()) {
    const auto [first, past] = missing.from(tiles.size(), 3);
    EXPECT_LE(past - first, 3u);
    for (std::uint64_t tile = first; tile < past; ++tile) tiles.push_back(tile);
  }
  return tiles;
}

TEST(Forest, KnowsWhatIsMissing) {
  runtime::Forest forest;
  forest.reset(kLayout);
  EXPECT_EQ(missing_of(forest, 3), (std::vector<std::uint64_t>{0, 1, 2}));
  for (std::uint64_t tile : {6, 1, 4, 7, 5}) add(forest, tile);
  EXPECT_EQ(forest.tiles(), 5u);
  EXPECT_EQ(missing_of(forest, 10), (std::vector<std::uint64_t>{0, 2, 3, 8, 9}));
  EXPECT_EQ(missing_of(forest, 6), (std::vector<std::uint64_t>{0, 2, 3}));
  EXPECT_EQ(missing_of(forest, 0), std::vector<std::uint64_t>());
}

/// Whatever two forests have of some tiles, both or one of them, together they have what one would have had.
TEST(Forest, AdoptsWhatAnotherOneHas) {
  std::mt19937_64 random(2);
  constexpr std::uint64_t kTiles = 37;
  for (int r = 0; r < 200; ++r) {
    runtime::Forest a, b, both;
    for (runtime::Forest* each : {&a, &b, &both}) each->reset(kLayout);
    for (std::uint64_t tile = 0; tile < kTiles; ++tile) {
      const std::uint64_t who = random() % 4;
      if ((who & 1) != 0) add(a, tile);
      if ((who & 2) != 0) add(b, tile);
      if (who != 0) add(both, tile);
    }
    const std::uint64_t had = b.tiles();
    a.adopt(b);
    EXPECT_EQ(b.tiles(), had) << "copies";
    EXPECT_EQ(a.tiles(), both.tiles());
    EXPECT_EQ(a.trees(), both.trees());
    EXPECT_EQ(missing_of(a, kTiles), missing_of(both, kTiles));
    ASSERT_EQ(fold(a), fold(both)) << r;
  }
}

TEST(Forest, AdoptsNoTreeThatGoesTooFar) {
  runtime::Forest from, to;
  from.reset(kLayout);
  to.reset(kLayout);
  for (std::uint64_t tile = 0; tile < 11; ++tile) add(from, tile);  // {0..7}, {8, 9}, {10}
  to.adopt(from, {0, 10});
  EXPECT_EQ(to.tiles(), 10u);
  to.reset(kLayout);
  add(to, 2);
  to.adopt(from, {0, 7});
  EXPECT_EQ(to.tiles(), 1u);
  to.adopt(from, {0, 8});
  EXPECT_EQ(to.tiles(), 8u);
  EXPECT_EQ(fold(to), by_the_contract(8));
}

}  // namespace
}  // namespace mc::testing
