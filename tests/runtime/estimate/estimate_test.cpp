// Estimates from records: formulas against samples in long double, the corner cases, and how
// often the intervals cover the truth.
#include "runtime/estimate/estimate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "runtime/estimate/concise.hpp"
#include "runtime/schedule/run.hpp"
#include "tests/runtime/estimate/record.hpp"
#include "tests/runtime/plain_kernel.hpp"

namespace mc::testing {
namespace {

using runtime::Estimate;
using runtime::Nonfinite;
using runtime::Seen;
using runtime::WarningKind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<Values> column(std::initializer_list<double> values) {
  std::vector<Values> samples;
  for (double v : values) samples.push_back({v});
  return samples;
}

/// `hits` ones among `samples`.
Record coin(std::size_t hits, std::size_t samples) {
  std::vector<Values> values(samples, Values{0.0});
  for (std::size_t k = 0; k < hits; ++k) values[k] = {1.0};
  return {{1, 2}, values};
}

TEST(Mean, HasTheLecturesVariance) {
  const Record record({1, 2}, column({1, 2, 4, 9}));
  const Estimate e = runtime::mean(record.seen(), 0);
  EXPECT_EQ(e.value, 4);
  EXPECT_DOUBLE_EQ(e.variance, (9 + 4 + 0 + 25) / 12.0);
  EXPECT_DOUBLE_EQ(e.standard_error, std::sqrt(38 / 12.0));
  EXPECT_EQ(e.samples, 4u);
  EXPECT_TRUE(e.warnings.empty());
  EXPECT_EQ(runtime::concise(e.value, e.standard_error), "4.0(1.8)");
  const auto interval = e.interval(0.95);
  EXPECT_NEAR((interval.high - e.value) / e.standard_error, 3.1824463052837, 1e-9);  // Student, 3 degrees
  EXPECT_DOUBLE_EQ(interval.high + interval.low, 2 * e.value);
}

TEST(Mean, OfOneSampleHasAnInfiniteError) {
  const Record record({1, 4}, column({7}));
  const Estimate e = runtime::mean(record.seen(), 0);
  EXPECT_EQ(e.value, 7);
  EXPECT_EQ(e.standard_error, kInfinity);
  EXPECT_EQ(e.interval().low, -kInfinity);
  EXPECT_EQ(runtime::concise(e.value, e.standard_error), "7(inf)");
  EXPECT_TRUE(std::isnan(runtime::variance(record.seen()).value));
  EXPECT_EQ(runtime::variance(record.seen()).standard_error, kInfinity);
  EXPECT_EQ(runtime::deviation(record.seen()).standard_error, kInfinity);
}

TEST(Mean, OfAConstantIsExact) {
  const Estimate e = runtime::mean(Record({1, 2}, column({0.1, 0.1, 0.1})).seen(), 0);
  EXPECT_EQ(e.value, 0.1);
  EXPECT_EQ(e.standard_error, 0);
}

TEST(Mean, OfNothingIsUnknown) {
  const Estimate e = runtime::mean(Record({1, 2}, {}).seen(), 0);
  EXPECT_TRUE(std::isnan(e.value));
  EXPECT_EQ(e.standard_error, kInfinity);
  EXPECT_EQ(e.samples, 0u);
  EXPECT_TRUE(e.warns_of(WarningKind::empty));
}

TEST(Nonfinite, MakesTheValueNaNOrIsDroppedAndSaysSo) {
  Record record({1, 2}, column({1, 2, 3}));
  record.numbers[record.layout.groups[0].nonfinite()] = 2;
  record.numbers[record.layout.groups[0].first()] = 41;
  const Estimate e = runtime::mean(record.seen(), 0);
  EXPECT_TRUE(std::isnan(e.value) && std::isnan(e.standard_error));
  EXPECT_EQ(e.samples, 5u);
  EXPECT_EQ(e.nonfinite, 2u);
  EXPECT_EQ(e.first_nonfinite, 41u);
  ASSERT_TRUE(e.warns_of(WarningKind::nonfinite));
  EXPECT_EQ(
      e.warnings[0].text,
      "2 of 5 samples are not finite, the first is number 41 counting from 0: so the value is not a number");
  EXPECT_TRUE(std::isnan(e.interval().low));

  const Estimate dropped = runtime::mean(record.seen(), 0, Nonfinite::drop);
  EXPECT_EQ(dropped.value, 2);
  EXPECT_DOUBLE_EQ(dropped.variance, 1.0 / 3);
  EXPECT_TRUE(dropped.warns_of(WarningKind::nonfinite));
}

TEST(Probability, IsAFractionWithWilsonsInterval) {
  const Estimate e = runtime::probability(coin(30, 1000).seen(), 0);
  EXPECT_DOUBLE_EQ(e.value, 0.03);
  EXPECT_NEAR(e.standard_error, std::sqrt(0.03 * 0.97 / 999), 1e-15);
  const auto expected = runtime::wilson_interval(30, 1000, 0.9);
  EXPECT_DOUBLE_EQ(e.interval(0.9).low, expected.low);
  EXPECT_DOUBLE_EQ(e.interval(0.9).high, expected.high);
  EXPECT_TRUE(e.warnings.empty());
}

TEST(Probability, WithoutAHitOrAMissReportsTheRuleOfThree) {
  for (std::size_t hits : {std::size_t{0}, std::size_t{500}}) {
    const Estimate e = runtime::probability(coin(hits, 500).seen(), 0);
    EXPECT_EQ(e.value, hits > 0 ? 1 : 0);
    EXPECT_DOUBLE_EQ(e.standard_error, 3.0 / 500);
    EXPECT_TRUE(e.warns_of(WarningKind::one_sided));
    EXPECT_NEAR(e.interval().high - e.interval().low, 3.0 / 500, 1e-4);
  }
  EXPECT_EQ(runtime::probability(coin(1, 1).seen(), 0).standard_error, kInfinity);
}

TEST(Variance, AndItsErrorFollowTheFormulas) {
  const std::vector<Values> samples = column({1, 2, 4, 9, -3});
  const Record record({1, 4}, samples);
  const double mean = 13.0 / 5;
  double m2 = 0, m4 = 0;
  for (const Values& v : samples) m2 += std::pow(v[0] - mean, 2), m4 += std::pow(v[0] - mean, 4) / 5;
  const double s2 = m2 / 4;
  const Estimate e = runtime::variance(record.seen());
  EXPECT_DOUBLE_EQ(e.value, s2);
  EXPECT_NEAR(e.variance, (m4 - m2 * m2 / 25) / 5 + 2 * s2 * s2 / (5 * 4), 1e-12);
  const Estimate root = runtime::deviation(record.seen());
  EXPECT_DOUBLE_EQ(root.value, std::sqrt(s2));
  EXPECT_NEAR(root.standard_error, e.standard_error / (2 * std::sqrt(s2)), 1e-13);
}

/// A coin's fourth moment is the square of its second: of the formula nothing is left but the last term.
TEST(Variance, OfAFairCoinHasAnError) {
  for (const std::size_t n : {std::size_t{10}, std::size_t{1000}, std::size_t{100'000}}) {
    const Record record({1, 4}, [&] {
      std::vector<Values> all;
      for (std::size_t k = 0; k < n; ++k) all.push_back({k % 2 == 0 ? 1.0 : -1.0});
      return all;
    }());
    const Estimate e = runtime::variance(record.seen());
    const auto count = static_cast<double>(n);
    EXPECT_NEAR(e.standard_error, std::sqrt(2 / (count * (count - 1))) * count / (count - 1), 1e-3 / count)
        << n;
  }
}

TEST(Variance, OfAConstantIsExactlyNothing) {
  const Record record({1, 4}, column({5, 5, 5, 5}));
  EXPECT_EQ(runtime::variance(record.seen()).value, 0);
  EXPECT_EQ(runtime::variance(record.seen()).standard_error, 0);
  EXPECT_EQ(runtime::deviation(record.seen()).standard_error, 0);
}

TEST(Range, SquaresThatOverflowOrUnderflowAreSaid) {
  const Estimate large = runtime::mean(Record({1, 2}, column({1e200, 2e200})).seen(), 0);
  EXPECT_EQ(large.value, 1.5e200);
  EXPECT_EQ(large.standard_error, kInfinity);
  EXPECT_TRUE(large.warns_of(WarningKind::range));
  const Estimate small = runtime::mean(Record({1, 2}, column({1e-200, 2e-200})).seen(), 0);
  EXPECT_EQ(small.standard_error, kInfinity);
  EXPECT_TRUE(small.warns_of(WarningKind::range));
  const Estimate fourth = runtime::variance(Record({1, 4}, column({1e-100, 2e-100, 4e-100})).seen());
  EXPECT_EQ(fourth.standard_error, kInfinity);
  EXPECT_TRUE(fourth.warns_of(WarningKind::range));
  EXPECT_EQ(fourth.warnings.size(), 1u);
}

// ---- coverage. With a true coverage of c, the count of R intervals that cover is binomial: a bound at 4.5
// of its standard deviations fails for one in 150 000 choices of the seeds, which are fixed.

using Query = std::function<Estimate(const Seen&)>;

template <class F>
double coverage(F f, Group group, std::uint64_t samples, double truth, const Query& query, unsigned repeats) {
  const PlainKernel<F> kernel(f, group);
  const Layout layout = layout_of({group});
  runtime::Job job{.layout = &layout, .fast = &kernel, .samples = samples};
  runtime::Outcome outcome;
  unsigned covered = 0;
  for (unsigned r = 0; r < repeats; ++r) {
    job.arguments.seed = r;
    runtime::run(job, outcome);
    const auto [low, high] = query({layout.groups[0], outcome.record.data()}).interval(0.95);
    covered += low <= truth && truth <= high;
  }
  return covered / static_cast<double>(repeats);
}

constexpr unsigned kRepeats = 4000;
const double kSlack = 4.5 * std::sqrt(0.95 * 0.05 / kRepeats);

TEST(Coverage, OfAMean) {
  const auto uniform = [](Draws& d) { return d.uniform(); };
  const Query query = [](const Seen& seen) { return runtime::mean(seen, 0); };
  EXPECT_NEAR(coverage(uniform, {1, 2}, 10, 0.5, query, kRepeats), 0.95, kSlack);
  EXPECT_NEAR(coverage(uniform, {1, 2}, 300, 0.5, query, kRepeats), 0.95, kSlack);
  EXPECT_NEAR(coverage(uniform, {1, 2}, 2000, 0.5, query, kRepeats), 0.95, kSlack);
}

TEST(Coverage, OfAVarianceAndItsRoot) {
  const auto uniform = [](Draws& d) { return d.uniform(); };
  const Query variance = [](const Seen& seen) { return runtime::variance(seen); };
  const Query deviation = [](const Seen& seen) { return runtime::deviation(seen); };
  EXPECT_NEAR(coverage(uniform, {1, 4}, 2000, 1 / 12.0, variance, kRepeats), 0.95, kSlack);
  EXPECT_NEAR(coverage(uniform, {1, 4}, 2000, std::sqrt(1 / 12.0), deviation, kRepeats), 0.95, kSlack);
}

TEST(Coverage, OfASmallProbabilityIsWilsons) {
  const auto rare = [](Draws& d) { return d.bernoulli(0.01); };
  const Query query = [](const Seen& seen) { return runtime::probability(seen, 0); };
  // Hits are whole numbers, so the coverage is not 95% but, for p = 1% of 500 and 2000 samples, 96.8%
  // and 95.6%.
  EXPECT_NEAR(coverage(rare, {1, 2}, 500, 0.01, query, kRepeats), 0.9623, kSlack);
  EXPECT_NEAR(coverage(rare, {1, 2}, 2000, 0.01, query, kRepeats), 0.9455, kSlack);
}

}  // namespace
}  // namespace mc::testing
