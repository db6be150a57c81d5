// Silence about a wrong answer is the worst failure: programs whose error bar is not to be trusted, with what
// says so, beside like ones of which nothing is said; and errors that may not vanish where the truth does.
#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace mc::testing {
namespace {

constexpr const char *kTail = "a few samples carry most of the variance",
                     *kWeights = "carry most of the density's weight",
                     *kVariances = "their variance may change by more than the error",
                     *kSamples = "tells samples apart by 6e-08";

struct Row {
  const char* name;
  const char* program;
  const char* warning;  ///< a part of it, of the first query; "" for none
  std::uint64_t samples = 1'000'000;
  Precision precision = Precision::f64;
};

const Row kRows[] = {
    // a condition that hardly ever holds: a lane has one such sample or none
    {"rare_condition", "u ~ uniform(0, 1); y ~ uniform(0, 1); E[u^(-0.9) | y < 0.01]", kTail},
    {"rarer_condition", "u ~ uniform(0, 1); y ~ normal(0, 1); E[1/u | y > 3]", kTail, 10'000'000},
    {"rare_condition_far_from_0", "u ~ uniform(0, 1); y ~ uniform(0, 1); E[1e6 + u^(-0.9) | y < 0.01]",
     kTail},
    {"variance_under_a_condition", "t ~ studentt(2.1); y ~ uniform(0, 1); Var[t | y < 0.1]", kTail},
    {"rare_condition_of_the_ordinary", "x ~ exponential(1); y ~ uniform(0, 1); E[x | y < 0.01]", ""},
    {"rare_condition_of_the_ordinary_far_from_0", "x ~ normal(1e6, 1); y ~ uniform(0, 1); E[x | y < 0.01]",
     ""},
    {"variance_of_the_ordinary", "x ~ normal(0, 1); y ~ uniform(0, 1); Var[x | y < 0.1]", ""},
    // weights without a variance: all that leans on them, though it is between 0 and 1 itself
    {"heavy_weights", "x ~ unnormalized(x^(-0.9), 0, 1); P[x < 0.1]", kWeights},
    {"heavy_weights_of_a_density", "x ~ density(0.2*x^(-0.8), 0, 1); P[x < 0.1]", kWeights},
    {"heavy_weights_of_two", "x ~ density(2*x, 0, 1); y ~ unnormalized(y^(-0.9), 0, 1); Var[x + y]",
     kWeights},
    {"variance_under_small_weights", "x ~ unnormalized(1e-6*exp(-x), 0, 1); t ~ studentt(2.1); Var[t]",
     kTail},
    {"variance_under_large_weights", "x ~ unnormalized(1e6*exp(-x), 0, 1); t ~ studentt(2.1); Var[t]", kTail},
    {"light_weights", "x ~ unnormalized(x^(-0.3), 0, 1); P[x < 0.1]", ""},
    {"weights_far_apart", "x ~ density(2*x, 0, 1); Std[x]", ""},
    // few samples
    {"few_that_carry_all", "z ~ normal(0, 1); E[exp(3*z)]", kTail, 1000},
    {"few_large_ones_that_carry_all", "z ~ normal(0, 1); E[1e100*exp(3*z)]", kTail, 1000},
    {"few_small_ones_that_carry_all", "z ~ normal(0, 1); E[1e-120*exp(3*z)]", kTail, 1000},
    {"few_of_the_ordinary", "z ~ normal(0, 1); E[exp(z/2)]", "", 1000},
    // floats far from 0
    {"variance_of_floats", "z ~ normal(0, 1); Var[1e7 + z]", kVariances, 1'000'000, Precision::f32},
    {"deviation_of_floats", "z ~ normal(0, 1); Std[1e6 + 10*z]", "", 1'000'000, Precision::f32},
    {"correlation_of_floats", "z ~ normal(0, 1)^2; Corr[1e7 + z_1, z_1 + z_2]", kVariances, 1'000'000,
     Precision::f32},
    {"mean_of_floats", "z ~ normal(0, 1); E[1e7 + z]", kSamples, 1'000'000, Precision::f32},
    {"variance_of_doubles", "z ~ normal(0, 1); Var[1e7 + z]", ""},
};

class Trust : public ::testing::TestWithParam<Row> {};

TEST_P(Trust, IsDeniedWhereThereIsNone) {
  const Row& row = GetParam();
  const Report report = compile(row.program).run({.samples = row.samples, .precision = row.precision});
  const std::vector<std::string>& warnings = report.results[0].estimate.warnings;
  if (*row.warning == '\0') {
    EXPECT_EQ(warnings, std::vector<std::string>{});
    return;
  }
  const auto says = [&](const std::string& each) { return each.find(row.warning) != each.npos; };
  EXPECT_TRUE(std::ranges::any_of(warnings, says)) << to_string(report);
}

INSTANTIATE_TEST_SUITE_P(Table, Trust, ::testing::ValuesIn(kRows),
                         [](const auto& info) { return std::string(info.param.name); });

/// A density that is said to be one is not accused by an integral of which the error is not known; the
/// integral is shown.
TEST(Trust, AnIntegralOfUnknownErrorAccusesNobody) {
  const Report report = compile("x ~ density(0.2*x^(-0.8), 0, 1); E[x]").run();
  EXPECT_EQ(report.warnings, std::vector<std::string>{});
  ASSERT_EQ(report.integrals.size(), 1U);
  EXPECT_EQ(report.integrals[0].estimate.warnings.size(), 1U);
  ASSERT_EQ(report.all_warnings().size(), 1U);
  EXPECT_TRUE(report.all_warnings()[0].starts_with("∫ of x's density: a few samples"))
      << report.all_warnings()[0];
}

/// Too much cannot come of a tail, nor of another density's.
TEST(Trust, AnIntegralThatIsTooLargeAccusesItsDensity) {
  for (const char* program : {"x ~ density(3*x, 0, 1); E[x]", "x ~ density(1.5*x, 0, 1); E[x]",
                              "x ~ density(3*x, 0, 1); y ~ unnormalized(y^(-0.9), 0, 1); E[x]",
                              "x ~ density(100*x^(-0.8), 0, 1); E[x]"}) {
    const Report report = compile(program).run();
    ASSERT_EQ(report.warnings.size(), 1U) << program;
    EXPECT_TRUE(report.warnings[0].find("integrates to") != std::string::npos) << report.warnings[0];
  }
}

/// Of floats, though others are left out.
TEST(Trust, WhatIsDroppedHidesNoRounding) {
  const Report report = compile("z ~ normal(0, 1); Var[if(z > 4, log(-1), 1e7 + z)]")
                            .run({.precision = Precision::f32, .nonfinite = Nonfinite::drop});
  const auto says = [](const std::string& each) { return each.find(kVariances) != each.npos; };
  EXPECT_TRUE(std::ranges::any_of(report.results[0].estimate.warnings, says)) << to_string(report);
}

/// Of 200 runs; the rate at which |value − truth| exceeds so many errors.
double misses(const char* program, double truth, double errors, std::uint64_t samples) {
  const Moment moment = compile(program);
  int missed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Estimate e = moment.run({.samples = samples, .seed = seed}).results[0].estimate;
    missed += std::abs(e.value - truth) > errors * e.standard_error ? 1 : 0;
  }
  return missed / 200.0;
}

/// Where the fourth moment is the square of the second, or nearly, the error of the variance is small, and
/// not nothing.
TEST(Trust, AFairCoinsVarianceHasAnError) {
  for (const std::uint64_t samples : {100U, 1000U, 100'000U}) {
    EXPECT_LE(misses("x ~ bernoulli(0.5); Var[x]", 0.25, 2.5, samples), 0.06) << samples;
    EXPECT_LE(misses("u ~ uniform(0, 1); Std[if(u < 0.5, -1, 1)]", 1, 2.5, samples), 0.06) << samples;
  }
}

/// What rounding leaves of the error is not less than it is; what goes along exactly has none.
TEST(Trust, ACorrelationNextToOneHasAnError) {
  for (const char* near : {"1e-3", "1e-4", "1e-5"}) {
    const std::string program = std::string("x ~ normal(0, 1)^2; Corr[x_1, x_1 + ") + near + "*x_2]";
    const double e = std::stod(near);
    EXPECT_LE(misses(program.c_str(), 1 / std::sqrt(1 + e * e), 2.5, 1000), 0.05) << near;
  }
  const Estimate near = compile("x ~ normal(0, 1)^2; Corr[x_1, x_1 + 1e-6*x_2]").run().results[0].estimate;
  EXPECT_GT(near.interval().lower, 1 - 1e-9);
  EXPECT_LE(near.interval().upper, 1);
  EXPECT_EQ(compile("x ~ normal(0, 1); Corr[x, 3*x + 1]").run().results[0].estimate.standard_error, 0);
}

}  // namespace
}  // namespace mc::testing
