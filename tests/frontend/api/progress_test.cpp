// What a progress callback hears: numbers that fit together, estimates so far, what a target makes expect;
// and that none of it shows in the result. And the stages that reports and signatures tell of.
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "tests/support/cpu_back_ends.hpp"

namespace {

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

TEST(Progress, HasEstimatesThatChangeNoBitOfTheResult) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^10; E[sum(x_i^2)], P[x_1 < 0.25]");
  for (const unsigned threads : {1u, 3u}) {
    const mc::Options plain{.samples = 40'000'000, .threads = threads};
    mc::Options asking = plain;
    int calls = 0;
    std::uint64_t before = 0, last = 0;
    asking.progress = [&](const mc::Progress& now) {
      ++calls;
      EXPECT_EQ(now.samples, plain.samples);
      EXPECT_EQ(now.expected, plain.samples);
      EXPECT_GE(now.samples_done, last);
      EXPECT_GT(now.seconds, 0);
      const std::vector<mc::Estimate> so_far = now.estimates();
      ASSERT_EQ(so_far.size(), 2u);
      EXPECT_LE(so_far[0].samples, plain.samples);
      EXPECT_GE(so_far[0].samples, before);
      EXPECT_EQ(so_far[0].samples, so_far[1].samples);
      EXPECT_TRUE(so_far[1].is_probability);
      if (so_far[0].samples > 0) {
        EXPECT_NEAR(so_far[0].value, 10.0 / 3, 6 * so_far[0].standard_error);
        EXPECT_NEAR(so_far[1].value, 0.25, 6 * so_far[1].standard_error);
      }
      before = so_far[0].samples;
      last = now.samples_done;
    };
    const mc::Report with = moment.run(asking), without = moment.run(plain);
    EXPECT_GE(calls, 1);
    EXPECT_EQ(last, plain.samples) << "the last call is at the end";
    EXPECT_EQ(before, plain.samples);
    for (int k = 0; k < 2; ++k) {
      EXPECT_EQ(bits(with.results[k].estimate.value), bits(without.results[k].estimate.value));
      EXPECT_EQ(bits(with.results[k].estimate.standard_error),
                bits(without.results[k].estimate.standard_error));
    }
  }
}

TEST(Progress, FollowsARunByAFewTenthsOfASecond) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^10; E[sum(x_i^3)]");
  std::stop_source source;
  mc::Options options{.samples = std::uint64_t{1} << 45, .threads = 2, .stop = source.get_token()};
  std::vector<std::uint64_t> seen;
  options.progress = [&](const mc::Progress& now) {
    seen.push_back(now.estimates()[0].samples);
    if (seen.size() == 8) source.request_stop();
  };
  moment.run(options);
  ASSERT_EQ(seen.size(), 9u) << "eight while it ran, one at its end";
  for (std::size_t k = 1; k < 8; ++k) EXPECT_GT(seen[k], seen[k - 1]) << k;
  EXPECT_GE(seen[8], seen[7]);
}

TEST(Progress, TellsWhenATargetIsLikelyToBeReached) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^10; E[sum(x_i^2)]");
  mc::Options options{.samples = 10'000'000'000, .target_error = 1e-4, .threads = 2};
  std::vector<std::uint64_t> expected;
  options.progress = [&](const mc::Progress& now) { expected.push_back(now.expected); };
  const mc::Report report = moment.run(options);
  EXPECT_TRUE(report.reached);
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(expected.back(), report.samples);
  std::erase(expected, 0);                     // where a machine is slow: before the first look at the error
  for (const std::uint64_t each : expected) {  // from 16 tiles on it is known to half a percent or so
    EXPECT_GT(each, report.samples / 2);
    EXPECT_LT(each, report.samples * 2);
  }
}

TEST(Progress, DoesNotKnowWhenATargetIsReachedBeforeTheFirstLook) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^5000; E[sum(x_i^2)]");  // seconds until the look
  std::stop_source source;
  mc::Options options{
      .samples = 1'000'000'000, .target_error = 1e-4, .threads = 1, .stop = source.get_token()};
  options.backend = mc::Backend::interpreter;
  std::vector<std::uint64_t> expected;
  options.progress = [&](const mc::Progress& now) {
    expected.push_back(now.expected);
    source.request_stop();
  };
  EXPECT_TRUE(moment.run(options).stopped);
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(expected.front(), 0u);
}

TEST(Progress, MayThrow) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1); E[x]");
  mc::Options options;
  options.progress = [](const mc::Progress&) { throw std::runtime_error("enough"); };
  EXPECT_THROW(moment.run(options), std::runtime_error);
  options.progress = {};
  EXPECT_FALSE(moment.run(options).stopped);
}

// ---- stages

/// LLVM is loaded once in a process, by whichever compile is the first, or not at all.
std::vector<std::string> names(const std::vector<mc::Stretch>& stages) {
  std::vector<std::string> all;
  for (const mc::Stretch& stage : stages)
    if (stage.name != "load") all.emplace_back(stage.name);
  return all;
}

const std::vector<std::string> kMaking = {"parse",    "check",  "check",    "lower",  "simplify",
                                          "contract", "expand", "simplify", "bounds", "assemble"};

std::vector<std::string> with(std::vector<std::string> all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Stages, AreToldOfEachSignature) {
  const mc::Moment moment = mc::compile("sum(x_i^2) # stages");
  const mc::Box box = mc::box(7, 0, 1);
  moment.run(box, {.samples = 100, .backend = mc::Backend::interpreter});
  EXPECT_EQ(names(moment.signatures()[0].timing.stages), kMaking);
  moment.run(box, {.samples = 100, .backend = mc::Backend::llvm});
  const mc::Timing timing = moment.signatures()[0].timing;
  EXPECT_EQ(names(timing.stages), with(kMaking, {"start", "emit", "codegen", "link"}));
  for (std::size_t k = 0; k < timing.stages.size(); ++k) {
    EXPECT_NE(timing.stages[k].thread, 0u);
    if (k == 0) continue;
    EXPECT_GE(timing.stages[k].begin,
              timing.stages[k - 1].begin + timing.stages[k - 1].length - std::chrono::microseconds(1))
        << k;
  }
}

/// Of one, and of the requirements that its arguments have to meet.
TEST(Stages, OfRequirementsAreTheirOwn) {
  const mc::Moment moment = mc::compile("x ~ normal(0, s); E[x]");
  moment.run({.samples = 100, .parameters = {{"s", 1}}, .backend = mc::Backend::interpreter});
  EXPECT_EQ(names(moment.signatures()[0].timing.stages), with(kMaking, {"requirements"}));
}

TEST(Stages, OfACompileAreInTheReportThatHadToWaitForIt) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^6; E[sum(x_i^2)*3.25]");
  const mc::Options options{.samples = 100'000, .backend = mc::Backend::llvm, .threads = 2};
  const mc::Report cold = moment.run(options), warm = moment.run(options);
  EXPECT_EQ(names(cold.timing.stages), with(kMaking, {"start", "emit", "codegen", "link"}));
  EXPECT_EQ(names(warm.timing.stages), kMaking);
  EXPECT_EQ(warm.timing.cache, "memory");
}

TEST(Stages, OfARunAreTheTilesOfEachThreadAndTier) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^6; E[sum(x_i^2)*3.5]");
  for (const mc::Backend backend : mc::testing::cpu_back_ends()) {
    const mc::Report report = moment.run({.samples = 2'000'000, .backend = backend, .threads = 3});
    for (const auto& [name, by] : mc::backends()) {
      std::uint64_t tiles = 0;
      for (const mc::Stretch& each : report.stretches) tiles += each.name == name ? each.tiles : 0;
      EXPECT_EQ(tiles, report.tiles[by]) << name;
    }
    EXPECT_LE(report.stretches.size(), 6u);
    EXPECT_TRUE(std::ranges::is_sorted(report.stretches, {}, &mc::Stretch::begin));
  }
}

}  // namespace
