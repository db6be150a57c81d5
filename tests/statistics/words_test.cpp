// The words that batteries of tests see are those that programs draw.
#include "tests/statistics/words.hpp"

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "tests/engine/random/reference.hpp"

namespace mc::testing {
namespace {

constexpr unsigned kCoordinates = 3;
constexpr std::uint64_t kSeed = 5;

std::vector<std::uint64_t> two_tiles(random::Generator generator) {
  Words words(generator, kCoordinates, kSeed);
  std::vector<std::uint64_t> all = words.next_tile();
  const std::vector<std::uint64_t>& second = words.next_tile();
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

TEST(Words, GoSampleAfterSampleOverAllLanes) {
  for (const random::Generator generator : kGenerators) {
    SCOPED_TRACE(random::name(generator));
    const std::vector<std::uint64_t> words = two_tiles(generator);
    auto word = words.begin();
    for (std::uint64_t tile = 0; tile < 2; ++tile) {
      std::vector<LaneWords> lanes;
      for (unsigned lane = 0; lane < kernels::kLanes; ++lane)
        lanes.emplace_back(generator, kSeed, tile, lane);
      for (unsigned step = 0; step < kernels::kSteps; ++step)
        for (LaneWords& lane : lanes) {
          for (unsigned j = 0; j < kCoordinates; ++j) ASSERT_EQ(*word++, lane.next());
          lane.next_sample();
        }
    }
    EXPECT_EQ(word, words.end());
  }
}

/// A program's means are those of the words, to the rounding of sums.
TEST(Words, AreWhatProgramsDraw) {
  for (const auto& [name, programs] : generators()) {
    SCOPED_TRACE(name);
    const std::vector<std::uint64_t> words = two_tiles(static_cast<random::Generator>(programs));
    double sums[kCoordinates] = {};
    for (std::size_t k = 0; k < words.size(); ++k) sums[k % kCoordinates] += uniform(words[k]);
    const Report report =
        compile("x ~ uniform(0, 1)^3; E[x_1], E[x_2], E[x_3]")
            .run({.samples = 2 * kernels::kTileSamples, .seed = kSeed, .generator = programs});
    for (std::size_t j = 0; j < kCoordinates; ++j)
      EXPECT_NEAR(report.results[j].estimate.value, sums[j] / (2.0 * kernels::kTileSamples), 1e-13);
  }
}

}  // namespace
}  // namespace mc::testing
