// The rates of docs/statistics.md, measured: prints them, and fails where a stated bound does not hold. The
// environment variable MC_CALIBRATION multiplies the repeats (34 for the numbers in the text, a quarter of an
// hour).
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "tests/runtime/estimate/tail_rate.hpp"

namespace mc::testing {
namespace {

unsigned repeats(unsigned few) {
  const char* times = std::getenv("MC_CALIBRATION");
  return times != nullptr ? few * static_cast<unsigned>(std::atoi(times)) : few;
}

template <class F>
double print_rate(const char* name, F f, double samples, unsigned few, Group group = {1, 2}) {
  const unsigned runs = repeats(few);
  const double rate = tail_rate(f, static_cast<std::uint64_t>(samples), runs, group);
  std::printf("  %-24s order %u  n = %-8g %8u runs  warned in %.6f\n", name, group.order, samples, runs,
              rate);
  return rate;
}

/// False alarms are to be rarer than 1e-4: with so few runs none is expected.
template <class F>
void expect_silence(const char* name, F f) {
  EXPECT_EQ(print_rate(name, f, 1e4, 3000), 0);
  EXPECT_EQ(print_rate(name, f, 2e4, 1500), 0);
  EXPECT_EQ(print_rate(name, f, 1e5, 200), 0);
}

TEST(TailCalibration, StaysSilent) {
  expect_silence("uniform", [](Draws& d) { return d.uniform(); });
  expect_silence("normal", [](Draws& d) { return d.normal(); });
  expect_silence("exponential", [](Draws& d) { return d.exponential(); });
  expect_silence("lognormal(0, 0.5)", [](Draws& d) { return std::exp(0.5 * d.normal()); });
  expect_silence("normal^2", [](Draws& d) { return std::pow(d.normal(), 2); });
  expect_silence("call, strike 105",
                 [](Draws& d) { return std::max(0.0, 100 * std::exp(0.2 * d.normal() - 0.02) - 105); });
  expect_silence("bernoulli(0.01)", [](Draws& d) { return d.bernoulli(0.01); });
  expect_silence("bernoulli(0.3)", [](Draws& d) { return d.bernoulli(0.3); });
}

TEST(TailCalibration, Warns) {
  const auto log_over_root = [](Draws& d) {
    const double x = d.uniform();
    return std::log(x) / std::sqrt(x);
  };
  EXPECT_GT(print_rate("log(x)/sqrt(x)", log_over_root, 1e4, 1000), 0.995);
  EXPECT_GT(print_rate("log(x)/sqrt(x)", log_over_root, 1e5, 200), 0.98);
  EXPECT_GT(print_rate("log(x)/sqrt(x)", log_over_root, 1e6, 40), 0.9);
  EXPECT_GT(print_rate("log(x)/sqrt(x)", log_over_root, 1e7, 8), 0.8);
  EXPECT_GT(print_rate("1/x", [](Draws& d) { return 1 / d.uniform(); }, 1e4, 1000), 0.99);
  EXPECT_GT(print_rate("x^-0.6", [](Draws& d) { return std::pow(d.uniform(), -0.6); }, 1e5, 200), 0.95);
  EXPECT_GT(print_rate("x^-0.5", [](Draws& d) { return std::pow(d.uniform(), -0.5); }, 1e5, 200), 0.9);
}

/// Those of which nothing is demanded: a measurement, for docs/statistics.md.
TEST(TailCalibration, PrintsTheCasesBetween) {
  if (std::getenv("MC_CALIBRATION") == nullptr) GTEST_SKIP() << "MC_CALIBRATION=34 measures them";
  for (double n : {1e4, 1e5, 1e6}) {
    const auto runs = static_cast<unsigned>(1e7 / n);
    print_rate("lognormal(0, 1)", [](Draws& d) { return std::exp(d.normal()); }, n, runs);
    print_rate("lognormal(0, 2)", [](Draws& d) { return std::exp(2 * d.normal()); }, n, runs);
    const auto student = [](unsigned nu) {
      return [nu](Draws& d) {
        double squares = 0;
        for (unsigned k = 0; k < nu; ++k) squares += std::pow(d.normal(), 2);
        return d.normal() / std::sqrt(squares / nu);
      };
    };
    const auto call = [](Draws& d) { return std::max(0.0, 100 * std::exp(0.2 * d.normal() - 0.02) - 160); };
    const auto peak = [](unsigned dimension) {
      return [dimension](Draws& d) {
        double squares = 0;
        for (unsigned k = 0; k < dimension; ++k) squares += std::pow(d.uniform() - 0.5, 2);
        return std::exp(-625 * squares);
      };
    };
    print_rate("call, strike 160", call, n, runs);
    print_rate("peak in 5 dimensions", peak(5), n, runs);
    print_rate("peak in 8 dimensions", peak(8), n, runs);
    print_rate("student(2)", student(2), n, runs);
    print_rate("student(3)", student(3), n, runs);
    print_rate("student(4)", student(4), n, runs);
    print_rate("student(3)", student(3), n, runs, {1, 4});
    print_rate("student(4)", student(4), n, runs, {1, 4});
    print_rate("normal", [](Draws& d) { return d.normal(); }, n, runs, {1, 4});
    print_rate("exponential", [](Draws& d) { return d.exponential(); }, n, runs, {1, 4});
    print_rate("lognormal(0, 0.5)", [](Draws& d) { return std::exp(0.5 * d.normal()); }, n, runs, {1, 4});
    print_rate("bernoulli(0.001)", [](Draws& d) { return d.bernoulli(0.001); }, n, runs, {1, 4});
  }
}

}  // namespace
}  // namespace mc::testing
