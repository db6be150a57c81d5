// Quantiles against tables, intervals against published examples and their own definition.
#include "runtime/estimate/confidence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace mc::runtime {
namespace {

TEST(CoverageFactor, IsStudentsThenNormal) {
  EXPECT_NEAR(coverage_factor(0.95, 2), 12.706204736432095, 1e-9);
  EXPECT_NEAR(coverage_factor(0.95, 11), 2.2281388519862744, 1e-12);
  EXPECT_NEAR(coverage_factor(0.99, 101), 2.6258905214380185, 1e-12);
  EXPECT_NEAR(coverage_factor(0.95, 1000), 1.9599639845400545, 1e-12);
  EXPECT_NEAR(coverage_factor(0.6826894921370859, 1e9), 1, 1e-12);
  EXPECT_NEAR(coverage_factor(1 - 1e-12, 1e9), 7.1305, 1e-3);
}

TEST(CoverageFactor, ChangesLittleWhereTheLawChanges) {
  EXPECT_NEAR(coverage_factor(0.95, 999) / coverage_factor(0.95, 1000), 1, 3e-3);
}

TEST(Intervals, RefuseLevelsThatAreNoProbability) {
  for (double level : {0.0, 1.0, -1.0, 2.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(coverage_factor(level, 10), std::invalid_argument);
    EXPECT_THROW(symmetric_interval(0, 1, level, 10), std::invalid_argument);
    EXPECT_THROW(wilson_interval(1, 10, level), std::invalid_argument);
  }
}

TEST(SymmetricInterval, IsTheWholeLineWithoutAnError) {
  const Interval one = symmetric_interval(3, std::numeric_limits<double>::infinity(), 0.95, 1);
  EXPECT_EQ(one.low, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(one.high, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(symmetric_interval(std::nan(""), 1, 0.95, 10).low));
}

TEST(PositiveInterval, IsSymmetricInTheLogarithm) {
  const Interval interval = positive_interval(2, 0.5, 0.95, 1e6);
  EXPECT_NEAR(std::log(interval.high / 2), 1.959963984540054 * 0.25, 1e-12);
  EXPECT_NEAR(interval.low * interval.high, 4, 1e-12);
  EXPECT_GT(positive_interval(2, 50, 0.95, 1e6).low, 0);
  const Interval none = positive_interval(0, 0, 0.95, 100), one = positive_interval(2, 0, 0.95, 100);
  EXPECT_EQ(none.low, 0);
  EXPECT_EQ(none.high, 0);
  EXPECT_EQ(one.low, 2);
  EXPECT_EQ(one.high, 2);
}

TEST(CorrelationInterval, IsSymmetricInFishersZ) {
  const Interval interval = correlation_interval(0.6, 0.1, 0.95, 1e6);
  for (double end : {interval.low, interval.high})
    EXPECT_NEAR(std::abs(std::atanh(end) - std::atanh(0.6)), 1.959963984540054 * 0.1 / 0.64, 1e-12);
  EXPECT_LE(correlation_interval(0.99, 0.1, 0.95, 1e6).high, 1);
  EXPECT_GE(correlation_interval(-0.99, 10, 0.95, 1e6).low, -1);
  EXPECT_EQ(correlation_interval(1, 0, 0.95, 1e6).low, 1);
}

TEST(ScaledIntervals, AreTheWholeLineWithoutAnError) {
  for (auto* interval : {positive_interval, correlation_interval}) {
    const Interval one = interval(0.5, std::numeric_limits<double>::infinity(), 0.95, 1);
    EXPECT_EQ(one.low, -std::numeric_limits<double>::infinity());
    EXPECT_EQ(one.high, std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::isnan(interval(std::nan(""), 1, 0.95, 10).low));
  }
}

TEST(ProbabilityInterval, IsWilsonsForTheTrialsOfItsVariance) {
  const Interval plain = probability_interval(0.03, 0.03 * 0.97 / 999, 1000, 0.95);
  EXPECT_DOUBLE_EQ(plain.low, wilson_interval(30, 1000, 0.95).low);
  const Interval weighted = probability_interval(0.03, 0.03 * 0.97 / 9999, 1000, 0.95);
  EXPECT_DOUBLE_EQ(weighted.high, wilson_interval(300, 10000, 0.95).high);
  EXPECT_EQ(probability_interval(0, 1e-6, 1000, 0.95).high, wilson_interval(0, 1000, 0.95).high);
}

TEST(WilsonInterval, SolvesTheScoreEquation) {
  for (double hits : {1.0, 5.0, 50.0, 99.0}) {
    const Interval interval = wilson_interval(hits, 100, 0.95);
    for (double p : {interval.low, interval.high})
      EXPECT_NEAR(std::abs(hits / 100 - p), 1.959963984540054 * std::sqrt(p * (1 - p) / 100), 1e-12);
  }
}

TEST(WilsonInterval, IsTheRuleOfThreeWithoutAHitOrAMiss) {
  const Interval none = wilson_interval(0, 1000, 0.95);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 3.0 / 1000, 2e-5);
  EXPECT_NEAR(std::pow(1 - none.high, 1000), 0.05, 1e-12);
  const Interval all = wilson_interval(1e12, 1e12, 0.95);
  EXPECT_EQ(all.high, 1);
  EXPECT_NEAR((1 - all.low) * 1e12, 2.9957, 1e-3);
}

}  // namespace
}  // namespace mc::runtime
