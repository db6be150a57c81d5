// Variables drawn by rejection, written out in plain C++: each trial takes the lane's next draws, what the
// condition does not look at is drawn after it holds, and later variables go on from there.
#include <cmath>
#include <string>

#include <gtest/gtest.h>
#include <boost/math/special_functions/erf.hpp>

#include "tests/frontend/language/sampled_programs.hpp"

namespace mc::language {
namespace {

/// Stadlober's ratio of uniforms, by whatever says how likely k is beside the likeliest.
double ratio_of_uniforms(Draws& draws, double mean, double variance,
                         const std::function<double(double)>& log_share) {
  const double width = 2 * std::sqrt(2 / M_E) * std::sqrt(variance + 0.5) + 3 - 2 * std::sqrt(3 / M_E);
  for (;;) {
    const auto u = draws.vector(2);
    const double k = std::floor(mean + 0.5 + width * (u[1] - 0.5) / u[0]);
    if (2 * std::log(u[0]) < log_share(k)) return k;
  }
}

double log_poisson(double k, double rate) {
  return k < 0 ? -INFINITY : k * std::log(rate) - std::lgamma(k + 1) - rate;
}

/// Hörmann's transformed rejection, without its squeezes.
double transformed(Draws& draws, double rate) {
  const double b = 0.931 + 2.53 * std::sqrt(rate), a = -0.059 + 0.02483 * b;
  for (;;) {
    const auto u = draws.vector(2);
    const double x = u[0] - 0.5, rest = 0.5 - std::abs(x);
    const double k = std::floor((2 * a / rest + b) * x + rate + 0.43);
    const double hat = u[1] * (1.1239 + 1.1328 / (b - 3.4)) / (a / (rest * rest) + b);
    if (std::log(hat) < log_poisson(k, rate)) return k;
  }
}

double poisson(Draws& draws, double rate) {
  if (rate >= 10) return transformed(draws, rate);
  return ratio_of_uniforms(draws, rate, rate, [rate](double k) {
    return log_poisson(k, rate) - log_poisson(std::floor(rate), rate);
  });
}

double binomial(Draws& draws, double n, double p) {
  const auto log_probability = [n, p](double k) {
    return k < 0 || k > n ? -INFINITY
                          : k * std::log(p / (1 - p)) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
  };
  return ratio_of_uniforms(draws, n * p, n * p * (1 - p), [&](double k) {
    return log_probability(k) - log_probability(std::floor((n + 1) * p));
  });
}

/// Marsaglia's and Tsang's. A shape that the program itself says to be 1 or more takes no third uniform.
double gamma(Draws& draws, double shape) {
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
  for (;;) {
    const auto u = draws.vector(2);
    const double x = -std::sqrt(2.0) * boost::math::erfc_inv(2 * u[0]);
    const double v = std::pow(1 + x / std::sqrt(9 * d), 3);
    if (v <= 0 || std::log(u[1]) >= x * x / 2 + d - d * v + d * std::log(v)) continue;
    return d * v * (shape < 1 ? std::pow(draws.scalar(), 1 / shape) : 1);
  }
}

const Case kCases[] = {
    {"x ~ poisson(4.5); E[x]", [](Draws& u) { return poisson(u, 4.5); }},
    {"y ~ uniform(0, 1); x ~ poisson(0.3); z ~ uniform(0, 1); E[y*x + z]",
     [](Draws& u) {
       const double y = u.scalar(), x = poisson(u, 0.3);
       return y * x + u.scalar();
     }},
    // written out, and in a loop over coordinates
    {"x ~ binomial(10, 0.3)^3; z ~ uniform(0, 1); E[sum(i*x_i) + z]",
     [](Draws& u) {
       double s = 0;
       for (int i = 1; i <= 3; ++i) s += i * binomial(u, 10, 0.3);
       return s + u.scalar();
     }},
    {"x ~ poisson(30)^7; z ~ uniform(0, 1); E[sum(i*x_i) + z]",
     [](Draws& u) {
       double s = 0;
       for (int i = 1; i <= 7; ++i) s += i * poisson(u, 30);
       return s + u.scalar();
     }},
    // by arguments that vary: a variable's, a coordinate's, a reduction's
    {"m ~ uniform(1, 9); x ~ poisson(m)^5; E[sum(x) + m]",
     [](Draws& u) {
       const double m = 1 + 8 * u.scalar();
       double s = m;
       for (int i = 0; i < 5; ++i) s += poisson(u, m);
       return s;
     }},
    {"a = [1, 2, 3, 4, 5, 6]; x ~ poisson(a); k ~ binomial(sum(x) + 1, 0.5); E[k]",
     [](Draws& u) {
       double s = 1;
       for (int i = 1; i <= 6; ++i) s += poisson(u, i);
       return binomial(u, s, 0.5);
     }},
    // a draw that comes after
    {"x ~ gamma(0.4, 2); z ~ uniform(0, 1); E[x + z]",
     [](Draws& u) {
       const double x = gamma(u, 0.4) / 2;
       return x + u.scalar();
     }},
    {"x ~ chisquare(3)^6; E[sum(i*x_i)]",
     [](Draws& u) {
       double s = 0;
       for (int i = 1; i <= 6; ++i) s += i * 2 * gamma(u, 1.5);
       return s;
     }},
};

class Rejection : public ::testing::TestWithParam<random::Generator> {};

TEST_P(Rejection, DrawsWhatPlainCppDoes) { expect_values(kCases, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Generators, Rejection, ::testing::ValuesIn(testing::kGenerators));

TEST(RejectionLoop, SettlesAndLeavesOutsideWhatNoDrawChanges) {
  const Parsed parsed = parse("x ~ gamma(s, 2)^9; E[sum(x)]");
  const Setting setting{.parameters = {{"s", {}}}};
  const Checked checked = check({parsed.program, {}}, setting);
  ASSERT_TRUE(checked.ok());
  const ir::Kernel kernel = lower(checked.model, random::Generator::xoshiro256pp, false);
  std::size_t settling = 0;
  for (const ir::Loop& loop : kernel.loops) {
    if (!loop.settles()) continue;
    ++settling;
    for (ir::Value v : kernel[loop.body].body) EXPECT_NE(kernel[v].op, ir::Op::sqrt) << "of the shape";
  }
  EXPECT_EQ(settling, 1u);
}

TEST(RejectionLoop, CountsForTheRoundsOfASample) {
  const Parsed parsed = parse("x ~ poisson(3)^10; E[sum(x)]");
  const Checked checked = check({parsed.program, {}}, {});
  EXPECT_NO_THROW(lower(checked.model, random::Generator::xoshiro256pp, false, {.rounds = 50}));
  EXPECT_THROW(lower(checked.model, random::Generator::xoshiro256pp, false, {.rounds = 49}), TooLarge);
}

}  // namespace
}  // namespace mc::language
