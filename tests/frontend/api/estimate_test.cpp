// Estimates through the public header: values, errors, and that their bits depend on nothing they should not.
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "engine/host.hpp"
#include "tests/support/cpu_back_ends.hpp"

namespace {

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

/// A program with its exact value and, per sample, its exact standard deviation.
struct Known {
  const char* program;
  double value;
  double deviation;
};

const Known kKnown[] = {
    {"x ~ uniform(0, 1)^10; E[sum(x_i^2)]", 10.0 / 3, std::sqrt(10 * 4.0 / 45)},
    {"x ~ uniform(0, 1)^2; P[x_1^2 + x_2^2 < 1]", M_PI / 4, std::sqrt(M_PI / 4 * (1 - M_PI / 4))},
    {"x ~ normal(2, 3); E[x]", 2, 3},
    {"x ~ exponential(3); E[x]", 1.0 / 3, 1.0 / 3},
    {"x ~ bernoulli(0.25); E[x]", 0.25, std::sqrt(0.25 * 0.75)},
    {"x ~ normal(0, 2); Var[x]", 4, std::sqrt(2.0) * 4},
    {"x ~ normal(1, 3); Std[2*x]", 6, 6 / std::sqrt(2.0)},
    {"x ~ density(x/2, 0, 2); E[x]", 4.0 / 3, std::sqrt(16.0 / 5 - 16.0 / 9)},
    {"x ~ uniform(0, 1)^2; Cov[x_1 + x_2, x_1 - 2*x_2]", -1.0 / 12, std::sqrt(5.0 / 144)},
    {"x ~ normal(1e9, 2)^2; Corr[x_1, x_2]", 0, 1},
    // Under a condition that half of the samples fulfil, 2 times as many are needed.
    {"x ~ uniform(0, 1)^2; E[x_1 | x_2 > 0.5]", 0.5, std::sqrt(2.0 / 12)},
    {"x ~ uniform(0, 1)^2; P[x_1 < 0.1 | x_2 > 0.5]", 0.1, std::sqrt(2 * 0.1 * 0.9)},
    {"x ~ normal(1e6, 3)^2; Var[x_1 | x_2 > 1e6]", 9, 9 * std::sqrt(2 * 2.0)},
    {"x ~ normal(0, 3)^2; Std[x_1 | x_2 > 0]", 3, 3.0},
    {"x ~ normal(0, 3)^2; Cov[x_1, x_2 | 0 < 1]", 0, 9},
    {"x ~ uniform(-1, 1); E[sqrt(x) | x > 0]", 2.0 / 3, std::sqrt(2.0 / 18)},
    // The deviation of w (x - 1/6) / E[w] with w = 2 + x.
    {"x ~ unnormalized(2 + x, -1, 1); E[x]", 1.0 / 6, std::sqrt(653.0 / 2160)},
    // Σ_j Σ_{k ≤ j} a_k x_i is 56 x_i
    {"a = [1, 2, 3, 4, 5, 6]; x ~ uniform(0, 1)^6; E[sum(x_i*sum(cumsum(x_i*a)))]", 112,
     56 * std::sqrt(6 * 4.0 / 45)},
};

TEST(Estimate, AgreesWithExactValuesAndErrors) {
  constexpr std::uint64_t kSamples = 200'000;
  for (const Known& known : kKnown) {
    const mc::Estimate e = mc::compile(known.program).estimate({.samples = kSamples, .seed = 5});
    // 18 programs at 5 sigma: a false alarm once in 100,000 changes of the sampling.
    EXPECT_NEAR(e.value, known.value, 5 * e.standard_error) << known.program;
    EXPECT_NEAR(e.standard_error * std::sqrt(static_cast<double>(kSamples)), known.deviation,
                0.03 * known.deviation)
        << known.program;
    EXPECT_DOUBLE_EQ(e.variance, e.standard_error * e.standard_error) << known.program;
    const bool is_conditional = std::string_view(known.program).find('|') != std::string_view::npos;
    if (!is_conditional) {
      EXPECT_EQ(e.samples, kSamples);
    }
    EXPECT_TRUE(e.warnings.empty()) << known.program << ": " << e.warnings.front();
  }
}

TEST(Estimate, IsALecturesEstimate) {
  // E[f] = V/M Σ f(x) g(x), its variance V²/(M(M-1)) Σ (f g - mean)²; near 8/45/M for the unit square.
  const mc::Estimate e =
      mc::compile("sum(x_i^2)", "prod(1/(hi_i - lo_i))").estimate(mc::box(2, 0, 1), {.samples = 10'000});
  EXPECT_NEAR(e.value, 2.0 / 3, 5 * e.standard_error);
  EXPECT_NEAR(e.variance, 8.0 / 45 / 1e4, 0.05e-5);
  const mc::Estimate shifted =
      mc::compile("sum(x_i)", "prod(1/(hi_i - lo_i))").estimate(mc::box({0, 10}, {2, 11}), {});
  EXPECT_NEAR(shifted.value, 11.5, 5 * shifted.standard_error);
}

class SameBits : public ::testing::TestWithParam<const char*> {};

TEST_P(SameBits, WhateverRunsIt) {
  const mc::Moment moment = mc::compile(GetParam());
  for (const std::uint64_t samples : {1u, 100u, 8191u, 8192u, 50'001u}) {
    const mc::Estimate reference =
        moment.estimate({.samples = samples, .backend = mc::Backend::interpreter, .threads = 1});
    for (const unsigned width : {128u, 256u, 512u}) {
      mc::limit_vector_bits(width);
      for (const mc::Backend backend : mc::testing::cpu_back_ends())
        for (const unsigned threads : {1u, 2u, 5u}) {
          const mc::Estimate e =
              moment.estimate({.samples = samples, .backend = backend, .threads = threads});
          EXPECT_EQ(bits(e.value), bits(reference.value))
              << width << " bits, " << threads << " threads, " << samples;
          EXPECT_EQ(bits(e.standard_error), bits(reference.standard_error));
        }
    }
    mc::limit_vector_bits(0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Programs, SameBits,
    ::testing::Values("x ~ uniform(0, 1)^10; E[sum(x_i^2)]", "x ~ normal(0, 1)^3; Var[max(x)*exp(x_1)]",
                      "x ~ exponential(1)^7; E[sum(x_{i+1}/x_i)]", "x ~ uniform(-1, 1)^5; P[norm(x) < 1]",
                      "x ~ uniform(0, 1)^6; f(k) = max(cumsum(x - 0.1*k)); E[sum(f(i)*x_i)]",
                      "x ~ normal(0, 1)^7; Var[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]",
                      "x ~ uniform(-1, 1); E[log(x)]",  // half the samples are not a number
                      "x ~ density(exp(-x^2/2)/sqrt(2*pi), -inf, inf); Var[x]",
                      "x ~ normal(0, 1)^2; Corr[x_1, x_1*x_2 | x_1 > 1]",
                      "x ~ uniform(-1, 1); E[log(x) | x > 0.9]",
                      "x ~ unnormalized(exp(-x^4), -4, inf); Std[x | x > -1]",
                      // Drawn by rejection: scalars, loops over coordinates, by arguments that vary.
                      "x ~ gamma(0.4, 2); y ~ uniform(0, 1); E[x*y]",
                      "x ~ poisson(3)^9; y ~ normal(0, 1); E[sum(x_i*x_{i+1}) + y]",
                      "m ~ gamma(2, 1); x ~ binomial(20, 1/(1 + m))^3; Var[max(x) + m]",
                      "a = [1, 2, 3, 4, 5, 6]; x ~ beta(a, 0.7); E[prod(x)]",
                      "m ~ normal(0, 1); x ~ chisquare(m); E[x]"));

/// What a variable gets does not depend on how many rounds other lanes take, nor those after it.
class SameBitsOfAnyGenerator : public ::testing::TestWithParam<std::pair<std::string_view, mc::Generator>> {};

TEST_P(SameBitsOfAnyGenerator, WhateverRunsRejection) {
  const mc::Moment moment =
      mc::compile("x ~ gamma(0.4, 2)^6; k ~ poisson(sum(x)); y ~ beta(2, k + 1); E[y*k]");
  const auto run = [&](mc::Backend backend, unsigned threads) {
    return moment.estimate(
        {.samples = 50'001, .backend = backend, .threads = threads, .generator = GetParam().second});
  };
  const mc::Estimate reference = run(mc::Backend::interpreter, 1);
  EXPECT_GT(reference.value, 0);
  for (const unsigned width : {128u, 256u, 512u}) {
    mc::limit_vector_bits(width);
    for (const mc::Backend backend : mc::testing::cpu_back_ends())
      for (const unsigned threads : {1u, 3u}) {
        const mc::Estimate e = run(backend, threads);
        EXPECT_EQ(bits(e.value), bits(reference.value)) << width << " bits, " << threads << " threads";
        EXPECT_EQ(bits(e.standard_error), bits(reference.standard_error));
      }
  }
  mc::limit_vector_bits(0);
}

INSTANTIATE_TEST_SUITE_P(Generators, SameBitsOfAnyGenerator, ::testing::ValuesIn(mc::generators()));

TEST(Estimate, DependsOnSeedGeneratorAndParameters) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^3; E[a*sum(x)]");
  const auto value = [&](std::uint64_t seed, mc::Generator generator, double a) {
    return moment.estimate({.samples = 1000, .seed = seed, .parameters = {{"a", a}}, .generator = generator})
        .value;
  };
  const double base = value(1, mc::Generator::xoshiro256pp, 1);
  EXPECT_EQ(bits(base), bits(value(1, mc::Generator::xoshiro256pp, 1)));
  EXPECT_NE(base, value(2, mc::Generator::xoshiro256pp, 1));
  EXPECT_NE(base, value(1, mc::Generator::philox4x32, 1));
  EXPECT_EQ(2 * base, value(1, mc::Generator::xoshiro256pp, 2))
      << "a power of two scales every value exactly";
}

TEST(Estimate, ParametersAreNumbersVectorsAndMatrices) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[K + sum(w_i*x_i) + sum(x_i*A_{i,j}*x_j)]");
  const mc::Estimate e =
      moment.estimate({.parameters = {{"K", 1}, {"w", {2.0, 4.0}}, {"A", {{3.0, 0.0}, {0.0, 6.0}}}}});
  EXPECT_NEAR(e.value, 1 + 3 + (3 + 6) / 3.0, 5 * e.standard_error);
}

TEST(Estimate, ABareExpressionsVariableLiesOnTheBox) {
  const mc::Estimate cube = mc::compile("sum(x_i^2)").estimate(mc::box(10, 0.0, 1.0), {.samples = 100'000});
  EXPECT_NEAR(cube.value, 10.0 / 3, 5 * cube.standard_error);
  const mc::Estimate box = mc::compile("sum(x_i)").estimate(mc::box({0, 10}, {2, 20}));
  EXPECT_NEAR(box.value, 16, 5 * box.standard_error);
  const mc::Estimate number = mc::compile("exp(t)").estimate(mc::box(1, 0.0, 1.0));
  EXPECT_NEAR(number.value, std::exp(1.0) - 1, 5 * number.standard_error);
}

TEST(Estimate, SeveralQueriesShareTheirSamples) {
  const mc::Report report =
      mc::compile("x ~ uniform(0, 1)^4; E[sum(x)], Var[sum(x)], P[sum(x) > 2]").run({.samples = 50'000});
  ASSERT_EQ(report.results.size(), 3u);
  EXPECT_EQ(report.results[0].query, "E[sum(x)]");
  EXPECT_NEAR(report.results[0].estimate.value, 2, 5 * report.results[0].estimate.standard_error);
  EXPECT_NEAR(report.results[1].estimate.value, 4.0 / 12, 5 * report.results[1].estimate.standard_error);
  EXPECT_NEAR(report.results[2].estimate.value, 0.5, 5 * report.results[2].estimate.standard_error);
  const mc::Estimate alone = mc::compile("x ~ uniform(0, 1)^4; E[sum(x)]").estimate({.samples = 50'000});
  EXPECT_EQ(bits(alone.value), bits(report.results[0].estimate.value));
}

/// The pivot is the rounded product; a difference fused with it would see what the rounding lost.
TEST(Estimate, AConstantHasNoVariance) {
  for (const char* program : {"E[a*b]", "x ~ bernoulli(1); E[a*b*x]", "x ~ uniform(0, 1); Var[a*b]"}) {
    const mc::Estimate e =
        mc::compile(program).estimate({.samples = 10'000, .parameters = {{"a", 0.1}, {"b", 0.3}}});
    EXPECT_EQ(e.standard_error, 0) << program;
  }
}

TEST(Estimate, OneSampleHasAnInfiniteError) {
  const mc::Estimate e = mc::compile("x ~ uniform(0, 1); E[x]").estimate({.samples = 1});
  EXPECT_TRUE(e.value > 0 && e.value < 1);
  EXPECT_EQ(e.standard_error, INFINITY);
}

TEST(Estimate, CountsWhatIsNotFinite) {
  const mc::Moment moment = mc::compile("x ~ uniform(-1, 1); E[sqrt(x)]");
  const mc::Estimate reported = moment.estimate({.samples = 10'000});
  EXPECT_TRUE(std::isnan(reported.value));
  EXPECT_NEAR(static_cast<double>(reported.nonfinite), 5000, 5 * 50);
  ASSERT_FALSE(reported.warnings.empty());
  const mc::Estimate dropped = moment.estimate({.samples = 10'000, .nonfinite = mc::Nonfinite::drop});
  EXPECT_NEAR(dropped.value, 2.0 / 3, 5 * dropped.standard_error);
  EXPECT_EQ(dropped.nonfinite, reported.nonfinite);
  EXPECT_EQ(dropped.samples, 10'000 - dropped.nonfinite);
}

TEST(Estimate, ReportsTheIntegralsOfDensities) {
  const mc::Report report =
      mc::compile(
          "x ~ unnormalized(exp(-x^4), -4, 4); y ~ density(2*y, 0, 1); E[x^2], P[x > 0], E[y | x > 0]")
          .run();
  ASSERT_EQ(report.integrals.size(), 2u);
  const auto& [variable, normalized, integral] = report.integrals[0];
  EXPECT_EQ(variable, "x");
  EXPECT_FALSE(normalized);
  EXPECT_NEAR(integral.value, std::tgamma(0.25) / 2, 5 * integral.standard_error);
  EXPECT_TRUE(report.integrals[1].normalized);
  EXPECT_TRUE(report.warnings.empty());
  const double exact[] = {std::tgamma(0.75) / std::tgamma(0.25), 0.5, 2.0 / 3};
  for (unsigned k = 0; k < 3; ++k)
    EXPECT_NEAR(report.results[k].estimate.value, exact[k], 5 * report.results[k].estimate.standard_error)
        << k;
}

TEST(Estimate, AConditionThatNeverHoldsIsSaid) {
  for (const char* program : {"x ~ normal(0, 1); E[x | x > 20]", "x ~ normal(0, 1); P[x > 0 | x > 20]"}) {
    const mc::Estimate e = mc::compile(program).estimate({.samples = 10'000});
    EXPECT_TRUE(std::isnan(e.value));
    EXPECT_EQ(e.samples, 0u);
    ASSERT_EQ(e.warnings.size(), 1u);
    EXPECT_NE(e.warnings[0].find("never held"), std::string::npos) << e.warnings[0];
  }
}

/// What never varied may be constant or rare; only the samples know, and they did not see it.
TEST(Estimate, SaysWhenNothingVaried) {
  for (const char* program : {"x ~ normal(0, 1); E[max(x - 9, 0)]", "x ~ normal(0, 1); Var[max(x - 9, 0)]",
                              "x ~ bernoulli(1e-12); E[x]", "x ~ normal(0, 1); Cov[x, x > 9]",
                              "x ~ density(1 + 0*x, 0, 1); E[0*x]"}) {
    const mc::Estimate e = mc::compile(program).estimate({.samples = 10'000});
    ASSERT_EQ(e.warnings.size(), 1u) << program;
    EXPECT_EQ(e.warnings[0], "all 10000 samples gave the same: if that is by chance, the error is not 0");
  }
  for (const char* program : {"E[2]", "x ~ uniform(0, 1); Corr[x, 2*x]", "x ~ uniform(0, 1); E[2^0.5]"})
    EXPECT_TRUE(mc::compile(program).estimate({.samples = 1000}).warnings.empty()) << program;
}

TEST(Estimate, AProbabilityUnderAWeightHasABoundToo) {
  const mc::Report report =
      mc::compile(
          "x ~ unnormalized(exp(-x^2), -3, 3); y ~ bernoulli(1e-9); P[y == 1], P[y == 0], P[x < 0 | y == 0]")
          .run({.samples = 20'000});
  const auto& [none, all, half] =
      std::tie(report.results[0].estimate, report.results[1].estimate, report.results[2].estimate);
  EXPECT_EQ(none.value, 0);
  EXPECT_GT(none.standard_error, 3.0 / 20'000);
  EXPECT_EQ(all.value, 1);
  EXPECT_EQ(all.standard_error, none.standard_error);
  for (const mc::Estimate* e : {&none, &all}) ASSERT_EQ(e->warnings.size(), 1u);
  EXPECT_NE(none.warnings[0].find("no hit"), std::string::npos);
  EXPECT_NE(all.warnings[0].find("only hits"), std::string::npos);
  EXPECT_NEAR(half.value, 0.5, 5 * half.standard_error);
}

/// A lane's first sample may weigh next to nothing and lie far from where the weight is.
TEST(Estimate, WeightsOfEverySizeLeaveTheDigits) {
  const Known weighted[] = {
      {"x ~ unnormalized(exp(-x^2/2), -inf, inf); E[x^2]", 1, 0},
      {"x ~ unnormalized(exp(-x^2/2), -inf, inf); Std[x]", 1, 0},
      {"x ~ unnormalized(exp(-x), 0, inf); Var[x^3]", 684, 0},
      {"x ~ unnormalized(exp(-x), 0, inf); Corr[x, x^2]", 2 / std::sqrt(5.0), 0},
      {"x ~ unnormalized(exp(-x), 0, 700); E[x^4]", 24, 0},
      {"x ~ unnormalized(if(x < 0.5, 1e-20, 1), 0, 1); E[if(x < 0.5, 1e17, x)]", 0.751, 0},
      {"x ~ unnormalized(if(x < 0.5, 1e-310, 1), 0, 1); E[x]", 0.75, 0},
  };
  for (const Known& known : weighted)
    for (std::uint64_t seed : {1, 2, 3, 4}) {
      const mc::Estimate e = mc::compile(known.program).estimate({.samples = 200'000, .seed = seed});
      EXPECT_GT(e.standard_error, 0) << known.program;
      EXPECT_LT(e.standard_error, 0.1 * known.value) << known.program;
      EXPECT_NEAR(e.value, known.value, 5 * e.standard_error) << known.program;
    }
}

TEST(Estimate, SaysThatADensityIsNegative) {
  const mc::Report report = mc::compile("x ~ unnormalized(x, -1, 3); E[x]").run({.samples = 10'000});
  EXPECT_TRUE(std::isnan(report.results[0].estimate.value));
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_TRUE(report.warnings[0].starts_with("the density of x is negative for 2")) << report.warnings[0];
}

TEST(Estimate, IntegralsAreNotANumberWhereTheDensityIsNone) {
  const mc::Report report = mc::compile("x ~ unnormalized(sqrt(x), -1, 1); E[x]").run({.samples = 10'000});
  EXPECT_TRUE(std::isnan(report.integrals[0].estimate.value));
  EXPECT_NEAR(static_cast<double>(report.integrals[0].estimate.nonfinite), 5000, 250);
}

/// Bits that a later version of the contract may change, and nothing else: any compiler, back end or machine.
TEST(Estimate, HasTheBitsOfTheContract) {
  const std::pair<const char*, double> pinned[] = {
      {"x ~ uniform(0, 1)^10; E[sum(x_i^2)]", 0x1.a8e5b7a525152p+1},
      {"x ~ normal(0, 1)^3; Var[max(x)*exp(x_1)]", 0x1.1d160555f0698p+5},
      {"x ~ exponential(1)^7; E[sum(x_{i+1}/x_i)]", 0x1.8d97a01d4b42cp+6},
      {"x ~ uniform(-1, 1)^5; P[norm(x) < 1]", 0x1.530be0ded288dp-3},
      {"x ~ normal(0, 1)^2; Corr[x_1, x_1*x_2 | x_1 > 1]", -0x1.f66d7bc1f78fep-6},
      {"x ~ unnormalized(exp(-x^4), -4, inf); Std[x]", 0x1.2ca0c9df4e4dbp-1},
      {"x ~ uniform(0, 10); E[sin(x)^2*cos(x/3) + lgamma(x + 1)]", 0x1.63e54f3ecbcfep+2},
  };
  for (const auto& [program, value] : pinned) {
    const mc::Estimate e = mc::compile(program).estimate({.samples = 20'000, .seed = 42});
    EXPECT_EQ(bits(e.value), bits(value)) << program << ": " << std::hexfloat << e.value;
  }
}

TEST(Estimate, SaysSoWhenADensityIsNone) {
  const auto warned = [](const char* program) {
    return !mc::compile(program).run({.samples = 100'000}).warnings.empty();
  };
  EXPECT_TRUE(warned("x ~ density(x, 0, 2); E[x]"));
  EXPECT_FALSE(warned("x ~ density(x/2, 0, 2); E[x]"));
}

TEST(Estimate, IntervalsCoverTheirLevel) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^3; E[sum(x)]");
  int covered = 0;
  constexpr int kRuns = 400;
  for (int seed = 0; seed < kRuns; ++seed) {
    const auto [low, high] =
        moment.estimate({.samples = 500, .seed = static_cast<std::uint64_t>(seed)}).interval(0.95);
    covered += low <= 1.5 && 1.5 <= high;
  }
  // Binomial(400, 0.95) lies in 357..397 with probability 1 - 6e-6.
  EXPECT_GE(covered, 357);
  EXPECT_LE(covered, 397);
}

/// Few samples, so that a symmetric interval would reach beyond what is possible.
TEST(Estimate, IntervalsStayWithinWhatIsPossible) {
  struct Case {
    const char* program;
    double least, most;
    mc::Scale scale;
  };
  constexpr double kInf = std::numeric_limits<double>::infinity();
  for (const Case& c : {Case{"x ~ lognormal(0, 2); Var[x]", 0, kInf, mc::Scale::logarithm},
                        Case{"x ~ lognormal(0, 2); Std[x | x > 1]", 0, kInf, mc::Scale::logarithm},
                        Case{"x ~ normal(0, 1)^2; Corr[x_1, x_1 + 0.1*x_2]", -1, 1, mc::Scale::fisher},
                        Case{"x ~ unnormalized(exp(-x^4), -4, 4); P[x > 0]", 0, 1, mc::Scale::plain}}) {
    const mc::Estimate e = mc::compile(c.program).estimate({.samples = 12});
    const auto [low, high] = e.interval(0.999);
    EXPECT_EQ(e.scale, c.scale) << c.program;
    EXPECT_GE(low, c.least) << c.program;
    EXPECT_LT(low, e.value) << c.program;
    EXPECT_GT(high, e.value) << c.program;
    EXPECT_LE(high, c.most) << c.program;
  }
}

TEST(Estimate, OfACorrelationOutOfRangeSaysWhatToDo) {
  const mc::Estimate e =
      mc::compile("x ~ normal(0, 1e160)^2; Corr[x_1, x_1 + x_2]").estimate({.samples = 1000});
  ASSERT_EQ(e.warnings.size(), 1u);
  EXPECT_EQ(e.warnings[0], "the values are too large to be squared: the error is not known; scale them");
}

TEST(Estimate, StreamsAsPhysicistsWrite) {
  std::ostringstream out;
  out << mc::Estimate{.value = 3.333104, .standard_error = 0.0003};
  EXPECT_EQ(out.str(), "3.33310(30)");
}

TEST(Estimate, AStoppedRunKeepsWhatIsDone) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^10; E[sum(x_i^2)]");
  std::stop_source source;
  const mc::Report report = moment.run(
      {.samples = 1'000'000'000'000, .stop = source.get_token(), .progress = [&](const mc::Progress& p) {
         if (p.samples_done > 0) source.request_stop();
       }});
  EXPECT_TRUE(report.stopped);
  EXPECT_GT(report.samples, 0u);
  EXPECT_LT(report.samples, 1'000'000'000'000u);
  EXPECT_NEAR(report.results[0].estimate.value, 10.0 / 3, 6 * report.results[0].estimate.standard_error);
}

TEST(Estimate, MayBeAskedForInAProgressCallback) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^10; E[a*sum(x_i^2)]");
  const mc::Moment inner = mc::compile("y ~ uniform(0, 1)^3; E[b*sum(y)]");
  const mc::Options plain{.samples = 300'000, .parameters = {{"a", 2}}, .threads = 1};
  mc::Options asking = plain;
  asking.progress = [&](const mc::Progress&) { inner.estimate({.samples = 1000, .parameters = {{"b", 7}}}); };
  EXPECT_EQ(bits(moment.estimate(asking).value), bits(moment.estimate(plain).value));
}

}  // namespace
