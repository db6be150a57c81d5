// The heavy-tail warning: comes where the error bar lies, stays away elsewhere. docs/statistics.md has the
// rates; here few repeats with fixed seeds, in tail_calibration_test.cpp many.
#include "runtime/estimate/tail.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/runtime/estimate/tail_rate.hpp"

namespace mc::testing {
namespace {

TEST(InverseTailIndex, IsThatOfParetoPeaks) {
  const Layout layout = layout_of({{1, 2}});
  std::vector<double> record(layout.size);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform;
  for (double alpha : {0.5, 1.0, 3.0}) {
    double sum = 0;
    for (unsigned r = 0; r < 200; ++r) {
      for (unsigned k = 0; k < kernels::kPeaks; ++k)  // Fréchet, as largest values of Pareto ones are
        record[layout.groups[0].peak(0, k)] = std::pow(-std::log(uniform(random)), -1 / alpha);
      sum += runtime::inverse_tail_index({layout.groups[0], record.data()}, 0);
    }
    EXPECT_NEAR(sum / 200 * alpha, 1, 0.05);  // 14%/√200 a standard deviation
  }
}

TEST(HeavyTail, IsSeenInTheMeanOfLogOverRoot) {
  const auto heavy = [](Draws& d) {
    const double x = d.uniform();
    return std::log(x) / std::sqrt(x);
  };
  EXPECT_GE(tail_rate(heavy, 10'000, 200), 0.99);
  EXPECT_GE(tail_rate(heavy, 100'000, 50), 0.98);
  EXPECT_GE(tail_rate(heavy, 1'000'000, 10), 1);
}

TEST(HeavyTail, IsSeenWhereAFewSamplesHitANarrowPeak) {
  const auto peak = [](Draws& d) {  // exp(−625 |x − ½|²) in 8 dimensions: 10⁶ samples do not find it
    double squares = 0;
    for (unsigned i = 0; i < 8; ++i) squares += std::pow(d.uniform() - 0.5, 2);
    return std::exp(-625 * squares);
  };
  EXPECT_EQ(tail_rate(peak, 10'000, 50), 1);
  EXPECT_EQ(tail_rate(peak, 100'000, 10), 1);
}

TEST(HeavyTail, IsNotSeenInOrdinaryValues) {
  constexpr unsigned kRepeats = 200;
  EXPECT_EQ(tail_rate([](Draws& d) { return d.uniform(); }, 10'000, kRepeats), 0);
  EXPECT_EQ(tail_rate([](Draws& d) { return d.normal(); }, 10'000, kRepeats), 0);
  EXPECT_EQ(tail_rate([](Draws& d) { return d.exponential(); }, 10'000, kRepeats), 0);
  EXPECT_EQ(tail_rate([](Draws& d) { return std::exp(0.5 * d.normal()); }, 10'000, kRepeats), 0);
  for (double p : {0.01, 0.5, 0.99})
    EXPECT_EQ(tail_rate([p](Draws& d) { return d.bernoulli(p); }, 10'000, kRepeats), 0) << p;
}

/// Three hits or fewer say little: 1% of the runs that expect ten, 65% of those that expect three.
TEST(HeavyTail, IsSeenInThreeHitsAndNotInTen) {
  const auto hits = [](double expected) {
    return tail_rate([p = expected / 10'000](Draws& d) { return d.bernoulli(p); }, 10'000, 400);
  };
  EXPECT_LE(hits(10), 0.035);      // Poisson: more than 14 of 400 are rarer than 1e-5
  EXPECT_NEAR(hits(3), 0.6, 0.1);  // without a hit there is nothing to be seen
}

TEST(HeavyTail, OfAVarianceIsSeenInFourthPowers) {
  const auto student3 = [](Draws& d) {  // three degrees: a variance, but no variance of the variance
    const double z = d.normal();
    double squares = 0;
    for (unsigned k = 0; k < 3; ++k) squares += std::pow(d.normal(), 2);
    return z / std::sqrt(squares / 3);
  };
  EXPECT_GE(tail_rate(student3, 100'000, 40, {1, 4}), 0.4);
  EXPECT_EQ(tail_rate(student3, 1'000'000, 4, {1, 2}), 0);
  EXPECT_EQ(tail_rate([](Draws& d) { return d.normal(); }, 10'000, 200, {1, 4}), 0);
}

/// From three a lane a few that carry all are seen, from eight a lane a tail.
TEST(HeavyTail, NeedsSomeSamples) {
  const auto heavy = [](Draws& d) { return 1 / d.uniform(); };
  EXPECT_EQ(tail_rate(heavy, 767, 20), 0);
  EXPECT_GE(tail_rate(heavy, 768, 20), 0.3);
  EXPECT_EQ(tail_rate(heavy, 2048, 20), 1);
  const auto light = [](Draws& d) { return d.exponential(); };
  EXPECT_EQ(tail_rate(light, 768, 400), 0);
  EXPECT_EQ(tail_rate(light, 1000, 400), 0);
}

}  // namespace
}  // namespace mc::testing
