// Runs until an error is reached: they end there, after as many samples on any number of threads and back
// end, and say so where they may not go on.
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "frontend/api/target.hpp"
#include "tests/support/cpu_back_ends.hpp"

namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
constexpr const char* kProgram = "x ~ normal(0, 1)^2; E[exp(x_1)], P[x_1 < x_2]";

TEST(Target, IsReachedByEveryQuery) {
  for (const auto& [error, relative] : {std::pair(1e-3, 0.0), std::pair(0.0, 2e-3), std::pair(3e-3, 1e-3)}) {
    const mc::Report report =
        mc::compile(kProgram).run({.samples = kMost, .target_error = error, .target_relative = relative});
    EXPECT_TRUE(report.reached);
    EXPECT_FALSE(report.stopped);
    EXPECT_TRUE(report.warnings.empty());
    EXPECT_LT(report.samples, 100'000'000u) << "more than a few times what it takes";
    for (const auto& result : report.results) {
      const double found = result.estimate.standard_error;
      EXPECT_TRUE(error == 0 || found <= error) << found;
      EXPECT_TRUE(relative == 0 || found <= relative * result.estimate.value) << found;
    }
  }
}

TEST(Target, IsReachedAfterAsManySamplesOnAnyMachine) {
  const mc::Moment moment = mc::compile(kProgram);
  const mc::Report first = moment.run({.samples = kMost, .target_error = 2e-3, .threads = 1});
  for (const mc::Backend backend : mc::testing::cpu_back_ends())
    for (unsigned threads : {1u, 2u, 5u}) {
      const mc::Report report =
          moment.run({.samples = kMost, .target_error = 2e-3, .backend = backend, .threads = threads});
      EXPECT_EQ(report.samples, first.samples);
      for (std::size_t k = 0; k < 2; ++k)
        EXPECT_EQ(std::bit_cast<std::uint64_t>(report.results[k].estimate.value),
                  std::bit_cast<std::uint64_t>(first.results[k].estimate.value));
    }
}

/// The samples of a run with a target are those of a run of that many.
TEST(Target, ChangesNothingButTheNumberOfSamples) {
  const mc::Moment moment = mc::compile("x ~ exponential(1)^3; Var[sum(x)]");
  const mc::Report aimed = moment.run({.samples = kMost, .target_relative = 1e-3});
  const mc::Report plain = moment.run({.samples = aimed.samples});
  EXPECT_EQ(std::bit_cast<std::uint64_t>(aimed.results[0].estimate.value),
            std::bit_cast<std::uint64_t>(plain.results[0].estimate.value));
}

TEST(Target, SaysWhereTheSamplesEndedFirst) {
  for (std::uint64_t samples : {std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{300'000}}) {
    const mc::Estimate e =
        mc::compile("x ~ uniform(0, 1); E[x]").estimate({.samples = samples, .target_error = 1e-9});
    EXPECT_EQ(e.samples, samples);
    ASSERT_FALSE(e.warnings.empty());
    EXPECT_EQ(e.warnings.back(), "after " + std::to_string(samples) +
                                     " samples, the most allowed, an error of 1e-09 is not reached");
  }
}

/// What varies and was not seen to is no error of 0; what cannot vary is; what is spoiled stays so.
TEST(Target, KnowsAnErrorThatIsNone) {
  const mc::Report rare = mc::compile("x ~ uniform(0, 1); E[if(x < 1e-9, 1e9, 0)]")
                              .run({.samples = 3'000'000, .target_error = 1e-3});
  EXPECT_FALSE(rare.reached);
  EXPECT_EQ(rare.samples, 3'000'000u);
  EXPECT_TRUE(mc::compile("x ~ uniform(0, 1); E[3]").run({.samples = kMost, .target_error = 1e-3}).reached);
  const mc::Report spoiled =
      mc::compile("x ~ uniform(-1, 1); E[sqrt(x)]").run({.samples = kMost, .target_error = 1e-3});
  EXPECT_LT(spoiled.samples, 1'000'000u);
  EXPECT_TRUE(std::isnan(spoiled.results[0].estimate.value));
  EXPECT_FALSE(spoiled.reached);
  ASSERT_FALSE(spoiled.warnings.empty());
  EXPECT_EQ(spoiled.warnings.back(),
            "an error of 0.001 cannot be reached: more samples would not mend a value that is not a number");
}

/// What is dropped spoils nothing: more samples may give a value.
TEST(Target, GoesOnWhereSamplesAreDropped) {
  const mc::Report report =
      mc::compile("x ~ uniform(0, 1); E[1/if(x < 1e-6, 1, 0) | x < 1e-5]")
          .run({.samples = 500'000, .target_error = 1e-3, .nonfinite = mc::Nonfinite::drop});
  EXPECT_EQ(report.samples, 500'000u);
}

/// Left out, samples are a million, or as many as a target takes.
TEST(Target, MayTakeMoreThanAMillionSamples) {
  EXPECT_EQ(mc::Options().budget(), 1'000'000u);
  EXPECT_EQ(mc::Options{.target_error = 1}.budget(), 10'000'000'000u);
  EXPECT_EQ((mc::Options{.samples = 5, .target_relative = 1}.budget()), 5u);
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1); E[x]");
  EXPECT_EQ(moment.run().samples, 1'000'000u);
  const mc::Report report = moment.run({.target_error = 2e-4});
  EXPECT_TRUE(report.reached);
  EXPECT_GT(report.samples, 1'000'000u);
}

TEST(Target, IsAPositiveNumber) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1); E[x]");
  for (double wrong : {-1.0, std::nan(""), static_cast<double>(INFINITY)}) {
    EXPECT_THROW(moment.estimate({.target_error = wrong}), mc::ArgumentError);
    EXPECT_THROW(moment.estimate({.target_relative = wrong}), mc::ArgumentError);
  }
}

TEST(Target, GoesOnByWhatIsMissingButNotTooFar) {
  EXPECT_EQ(mc::Target::next(0, 0, kMost), 131'072u);
  EXPECT_EQ(mc::Target::next(0, 0, 1000), 1000u);
  EXPECT_EQ(mc::Target::next(1, 500, kMost), 500u);
  EXPECT_EQ(mc::Target::next(2, 1000, kMost), 4200u);
  EXPECT_EQ(mc::Target::next(100, 1000, kMost), 8000u);
  EXPECT_EQ(mc::Target::next(INFINITY, 1000, 5000), 5000u);
}

}  // namespace
