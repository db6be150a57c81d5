// Ticks, histograms and the index of a tail: numbers that pictures are made of.
#include <cmath>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/console/pictures/histogram.hpp"
#include "frontend/console/pictures/ticks.hpp"

namespace mc::console {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

struct TicksRow {
  double low, high;
  std::size_t most;
  bool loose, is_logarithmic;
  const char* texts;
};

const TicksRow kTicks[] = {
    {0, 10, 6, false, false, "0 2 4 6 8 10"},
    {0, 1, 6, false, false, "0.0 0.2 0.4 0.6 0.8 1.0"},
    {-3.14159, 3.14159, 7, false, false, "-3 -2 -1 0 1 2 3"},
    {0.03, 0.97, 6, true, false, "0.0 0.2 0.4 0.6 0.8 1.0"},
    {0, 0.401, 5, true, false, "0.0 0.1 0.2 0.3 0.4"},  // hardly beyond a tick
    {0, 0.45, 5, true, false, "0.0 0.1 0.2 0.3 0.4 0.5"},
    {0, 1e6, 5, false, false, "0 2e5 4e5 6e5 8e5 1e6"},
    {1e-9, 5e-9, 5, false, false, "1e-9 2e-9 3e-9 4e-9 5e-9"},
    {1000000, 1000003, 4, false, false, "1000000 1000001 1000002 1000003"},
    {5, 5, 3, true, false, "4.5 5.0 5.5"},
    {0, 0, 3, true, false, "-1 0 1"},
    {-2, -2, 3, true, false, "-2.2 -2.0 -1.8"},
    {-1e308, 1e308, 3, false, false, "-1e308 0 1e308"},
    {0, 1, 1, false, false, "0 1"},
    {100, 1e6, 9, false, true, "100 1e3 1e4 1e5 1e6"},
    {1, 1e12, 5, false, true, "1 1e3 1e6 1e9 1e12"},
    {2, 60, 9, false, true, "2 5 10 20 50"},
    {1, 1, 9, false, true, "0.5 1 2"},
    {110, 147, 5, false, true, "110 120 130 140"},
};

TEST(Ticks, AreNiceNumbers) {
  for (const TicksRow& row : kTicks) {
    SCOPED_TRACE(::testing::Message() << row.low << " to " << row.high);
    const Ticks ticks = row.is_logarithmic ? logarithmic_ticks(row.low, row.high, row.most)
                                           : linear_ticks(row.low, row.high, row.most, row.loose);
    EXPECT_EQ(joined(ticks.texts), row.texts);
    EXPECT_EQ(ticks.at.size(), ticks.texts.size());
    EXPECT_LE(ticks.low, row.low);
    EXPECT_GE(ticks.high, row.high);
    EXPECT_LT(ticks.low, ticks.high);
  }
}

/// An axis of whole numbers has none between, one with both ends set ends there.
TEST(Ticks, AreWhatTheAxisSays) {
  const auto texts = [](const Axis& axis, double low, double high) {
    return ticks_of(axis, low, high, 8, true).texts;
  };
  EXPECT_EQ(texts({.is_whole = true, .low = 2.5, .high = 3.5}, 0, 0), std::vector<std::string>{"3"});
  EXPECT_EQ(texts({.is_whole = true, .low = -0.5, .high = 1.5}, 0, 0), (std::vector<std::string>{"0", "1"}));
  const Ticks set = ticks_of({.low = -9.5, .high = 9.5}, -20, 20, 8, true);
  EXPECT_EQ(std::pair(set.low, set.high), std::pair(-9.5, 9.5));
  EXPECT_LE(set.at.back(), 9.5);
}

TEST(Ticks, AreFewWhateverTheRange) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-300, 300), part(-1, 1);
  for (int k = 0; k < 20000; ++k) {
    const double a = part(random) * std::pow(10, exponent(random)),
                 b = part(random) * std::pow(10, exponent(random));
    const std::size_t most = 2 + random() % 10;
    const Ticks ticks = linear_ticks(std::min(a, b), std::max(a, b), most, k % 2 == 0);
    ASSERT_LE(ticks.at.size(), most + 2) << a << " " << b;
    ASSERT_GE(ticks.at.size(), 1u) << a << " " << b << " " << most;
    for (const std::string& text : ticks.texts) ASSERT_LE(text.size(), 24u) << text;
  }
}

TEST(Numbers, AreShort) {
  for (const auto& [value, text] : std::vector<std::pair<double, const char*>>{{0, "0"},
                                                                               {-0.0, "0"},
                                                                               {0.25, "0.25"},
                                                                               {1.5e6, "1.5e6"},
                                                                               {2e-9, "2e-9"},
                                                                               {-3, "-3"},
                                                                               {1e100, "1e100"},
                                                                               {1e-100, "1e-100"}})
    EXPECT_EQ(number_text(value), text);
}

TEST(Numbers, HaveTheFiguresThatTellThemApart) {
  EXPECT_EQ(number_text_near(1000003.8765, 0.1), "1000003.88");
  EXPECT_EQ(number_text_near(6.3767, 0.0909), "6.377");
  EXPECT_EQ(number_text_near(0, 0.1), "0");
  EXPECT_EQ(number_text_near(123.456, 100), "123");
  EXPECT_EQ(number_text_near(1 + 1e-14, 1e-15), "1.00000000000001");
}

/// However long they are, they do not run into each other.
TEST(Ticks, FitBesideEachOther) {
  for (const double low : {0.0, 1e9, 123456789.0, 1.0})
    for (const double range : {10.0, 1e-7}) {
      for (const std::size_t columns : {40u, 60u, 100u}) {
        const Ticks ticks = ticks_across({}, {.low = low, .high = low + range}, columns);
        std::size_t used = 0;
        for (const std::string& text : ticks.texts) used += text.size() + 1;
        EXPECT_LE(used, columns + 1) << joined(ticks.texts);
        EXPECT_GE(ticks.at.size(), 2u) << low << " " << range;
      }
    }
}

TEST(Scales, TellAllNumbersApart) {
  const auto place = [](double low, double high, bool is_logarithmic, double value) {
    const Axis axis{.is_logarithmic = is_logarithmic};
    return AxisScale(axis, {.low = low, .high = high, .at = {}, .texts = {}})(value);
  };
  EXPECT_NEAR(place(1 - 1e-9, 1 + 1e-9, false, 1 + 5e-10), 0.75, 1e-6);
  EXPECT_NEAR(place(1e9, 1e9 + 10, false, 1e9 + 1), 0.1, 1e-12);
  EXPECT_EQ(place(-1.7e308, 1.7e308, false, 0), 0.5);
  EXPECT_NEAR(place(1e-300, 1e300, true, 1), 0.5, 1e-12);
  EXPECT_EQ(place(1, 10, true, 0), -INFINITY);
  EXPECT_EQ(place(1, 10, true, -5), -INFINITY);
  EXPECT_TRUE(std::isnan(place(1, 10, true, NAN)));
}

TEST(Extents, SeeWhatAnAxisCanShow) {
  Figure figure{.title = "", .x = {}, .y = {.is_logarithmic = true}, .curves = {}};
  figure.curves.push_back({.kind = Curve::Kind::line, .x = {1, 2, 3, 4}, .y = {-1, 0, 10, 1000}});
  EXPECT_EQ(extents_of(figure).y.low, 10);
  EXPECT_EQ(extents_of(figure).y.high, 1000);
  figure.curves = {{.kind = Curve::Kind::bars, .x = {0, 1}, .y = {0, 0.5}, .x_end = {1, 2}}};
  EXPECT_EQ(extents_of(figure).y.low, 0.25);  // the lowest bar has a height
}

// ---- histograms

std::vector<double> drawn(std::size_t count, auto distribution) {
  std::mt19937_64 random(7);
  std::vector<double> values(count);
  for (double& value : values) value = distribution(random);
  return values;
}

double sum(const std::vector<double>& numbers) {
  double all = 0;
  for (const double each : numbers) all += each;
  return all;
}

TEST(Histogram, FollowsFreedmanAndDiaconis) {
  const auto values = drawn(1000, std::uniform_real_distribution<double>(0, 1));
  const Histogram h = histogram(values, {}, 1000);
  // An interquartile range of about ½, so 2·½/10 wide.
  EXPECT_NEAR(static_cast<double>(h.weights.size()), 10, 1);
  EXPECT_EQ(h.rule, "Freedman–Diaconis");
  EXPECT_EQ(sum(h.weights), 1000);
  EXPECT_EQ(h.below + h.above, 0u);
  EXPECT_EQ(histogram(values, {}, 4).weights.size(), 4u);
}

/// What lies beyond the fences is counted, not drawn; and nothing is counted twice.
TEST(Histogram, CountsWhatLiesOutside) {
  auto values = drawn(10000, std::normal_distribution<double>(0, 1));
  values.insert(values.end(), {100, 200, -1e300, INFINITY, NAN});
  const Histogram h = histogram(values, {}, 50);
  EXPECT_EQ(h.above, 2u);
  EXPECT_EQ(h.below, 1u);
  EXPECT_EQ(h.nonfinite, 2u);
  EXPECT_EQ(h.samples, 10003u);
  EXPECT_EQ(sum(h.weights), 10000);
  EXPECT_LT(h.end(), 10);
}

TEST(Histogram, PutsWholeNumbersInTheMiddle) {
  const auto values = drawn(1000, std::uniform_int_distribution<int>(1, 6));
  const Histogram h = histogram(values, {}, 60);
  ASSERT_EQ(h.weights.size(), 6u);
  EXPECT_EQ(h.low, 0.5);
  EXPECT_EQ(h.width, 1);
  EXPECT_EQ(sum(h.weights), 1000);
  // More of them than bins: as many in each.
  const Histogram wide = histogram(drawn(1000, std::uniform_int_distribution<int>(0, 99)), {}, 30);
  EXPECT_EQ(wide.width, std::floor(wide.width));
  EXPECT_LE(wide.weights.size(), 30u);
}

/// What has no logarithm lies below; bins are alike on the axis.
TEST(Histogram, TakesLogarithms) {
  auto values = drawn(10000, std::lognormal_distribution<double>(0, 3));
  values.insert(values.end(), {0, -1, NAN});
  const Histogram h = histogram(values, {}, 50, true);
  EXPECT_EQ(h.samples, 10002u);
  EXPECT_EQ(h.nonfinite, 1u);
  EXPECT_GE(h.below, 2u);
  EXPECT_LE(h.below + h.above, 20u);
  EXPECT_EQ(sum(h.weights) + static_cast<double>(h.below + h.above), 10002);
  EXPECT_NEAR(h.edge(1) / h.edge(0), h.edge(2) / h.edge(1), 1e-9);
  EXPECT_FALSE(h.is_whole);
  EXPECT_TRUE(histogram(std::vector<double>{-1, 0}, {}, 10, true).weights.empty());
}

TEST(Histogram, TakesWeights) {
  const std::vector<double> values{1.5, 2.5, 3.5, NAN, 9.5}, weights{1, 2, 1, 0, 0};
  const Histogram h = histogram(values, weights, 10);
  EXPECT_EQ(h.samples, 3u);
  EXPECT_EQ(h.nonfinite, 0u);
  EXPECT_EQ(h.total, 4);
  EXPECT_EQ(sum(h.weights), 4);
  EXPECT_LT(h.end(), 4);
}

TEST(Histogram, DoesNotMindDegenerateSamples) {
  EXPECT_EQ(histogram({}, {}, 10).samples, 0u);
  EXPECT_EQ(histogram(std::vector<double>{NAN, INFINITY}, {}, 10).nonfinite, 2u);
  for (const double value : {0.0, 3.25, -1e300, 1e-300}) {
    const std::vector<double> same(100, value);
    const Histogram h = histogram(same, {}, 10);
    EXPECT_EQ(h.samples, 100u);
    EXPECT_EQ(sum(h.weights), 100) << value;
  }
  // Three quarters of them are one number: the quartiles do not tell.
  auto values = drawn(1000, std::uniform_real_distribution<double>(0, 1));
  for (std::size_t k = 0; k < 900; ++k) values[k] = 0;
  const Histogram h = histogram(values, {}, 50);
  EXPECT_EQ(h.rule, "Sturges");
  EXPECT_EQ(sum(h.weights), 1000);
  const Histogram far = histogram(std::vector<double>{-1.7e308, 1.7e308, 0.5}, {}, 10);
  EXPECT_EQ(sum(far.weights) + static_cast<double>(far.below + far.above), 3);
}

TEST(TailIndex, IsThatOfThePareto) {
  for (const double alpha : {0.8, 1.5, 3.0}) {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<double> values(100000);
    for (double& value : values) value = std::pow(1 - uniform(random), -1 / alpha);
    const TailIndex tail = tail_index(values);
    EXPECT_EQ(tail.largest, 316u);
    EXPECT_NEAR(tail.alpha, alpha, 0.25 * alpha);  // of 316 distances from the median
  }
  EXPECT_GT(tail_index(drawn(100000, std::normal_distribution<double>(0, 1))).alpha, 6);
  EXPECT_TRUE(std::isnan(tail_index(std::vector<double>(999, 1.0)).alpha));
  EXPECT_TRUE(std::isnan(tail_index(std::vector<double>(5000, 1.0)).alpha));
}

}  // namespace
}  // namespace mc::console
