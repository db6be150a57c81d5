// mvnormal and dirichlet: moments against exact values, densities against formulas, the same bits from every
// back end and for every way to give a covariance; and what is refused. 5 sigma each, some 80 values: a false
// alarm once in 20 000 changes of the samplers.
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "tests/frontend/library/known_programs.hpp"

namespace {

/// S_ij = 0.5^|i-j|, whose sum is 3n - 4(1 - 0.5^n).
mc::Parameter falling(std::size_t n) {
  std::vector<double> s(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      s[i * n + j] = std::ldexp(1, -static_cast<int>(i > j ? i - j : j - i));
  return {n, n, std::move(s)};
}

double falling_sum(int n) { return 3 * n - 4 * (1 - std::ldexp(1, -n)); }

const mc::Parameter kS = {{0.5, 0.2}, {0.2, 0.3}};
const std::string kMoments =
    "; E[x_1], E[x_2], Var[x_1], Var[x_2], Cov[x_1, x_2], E[x_1*x_2], E[exp(sum(x))], P[x_1 < 1]";
const std::vector<double> kExact = {1, -2, 0.5, 0.3, 0.2, -1.8, std::exp(-0.4), 0.5};

const std::vector<Known> kKnown = {
    {"x ~ mvnormal([1, -2], [[0.5, 0.2], [0.2, 0.3]])" + kMoments, kExact},
    {"x ~ mvnormal(mu, S)" + kMoments, kExact, {{"mu", {1.0, -2.0}}, {"S", kS}}},
    {"m = [1, 2]; S = 2*[[0.25, 0.1], [0.1, 0.15]]; x ~ mvnormal(m*[1, -1], S)" + kMoments, kExact},
    {"S = [[a^2, r*a*b], [r*a*b, b^2]]; x ~ mvnormal([1, -2], S)" + kMoments,
     kExact,
     {{"a", std::sqrt(0.5)}, {"b", std::sqrt(0.3)}, {"r", 0.2 / std::sqrt(0.15)}}},
    {"x ~ mvnormal(2, [[4]]); E[x_1], Var[x_1], E[sum(x)]", {2, 4, 2}},
    {"x ~ mvnormal(0, S); E[sum(x_i*x_j)], Var[x_7], Cov[x_2, x_4], E[max(x_i, i = 1..2)]",
     {falling_sum(7), 1, 0.25, std::sqrt(0.5 / M_PI)},
     {{"S", falling(7)}}},
    {"x ~ mvnormal(0, S); Var[sum(x)], Cov[x_50, x_51], E[x_1*x_100]",
     {falling_sum(100), 0.5, std::ldexp(1, -99)},
     {{"S", falling(100)}}},
    {"x ~ mvnormal(0, 2*S + S); Var[sum(x)], Cov[x_5, x_6]", {3 * falling_sum(9), 1.5}, {{"S", falling(9)}}},
    // a random one whose two halves are rounded apart
    {"s ~ gamma(3, 1)^2; x ~ mvnormal(0, [[s_1^2, 0.3*s_1*s_2], [s_2*0.3*s_1, s_2^2]]); Cov[x_1, x_2]",
     {2.7}},
    // what is made of it, and what it is made of
    {"x ~ mvnormal([1, 2], [[2, 1], [1, 3]]); y ~ normal(x_1, 2); E[y], Var[y], Cov[y, x_2]", {1, 6, 1}},
    {"m ~ normal(0, [1, 2]); x ~ mvnormal(m, [[1, 0.5], [0.5, 1]]); Var[x_2], Cov[x_1, x_2], Cov[x_2, m_2]",
     {5, 0.5, 4}},
    {"x ~ mvnormal(0, S); y ~ mvnormal(x, S); Var[y_1], Cov[y_1, y_2], Cov[x_1, y_2]",
     {1, 0.4, 0.2},
     {{"S", kS}}},
    {"x ~ mvnormal(0, [[1, 0.5], [0.5, 1]]); P[all(x > 0)], P[x_1 > 0 | x_2 > 0]", {1.0 / 3, 2.0 / 3}},
    {"s ~ uniform(1, 2); x ~ mvnormal(0, s*[[2, 1], [1, 3]]); E[x_1*x_2], E[x_2^2], Cov[s, x_1*x_2]",
     {1.5, 4.5, 1.0 / 12}},
    {"r ~ uniform(-0.9, 0.9); x ~ mvnormal([0, 1], [[1, r], [r, 1]]); E[x_1*x_2*r], Var[x_2]", {0.27, 1}},
    {"s ~ uniform(1, 3)^5; x ~ mvnormal(0, [[s_1, 1, 0, 0, 0], [1, s_2 + 1, 0, 0, 0], [0, 0, s_3, 0, 0],"
     " [0, 0, 0, s_4, -1], [0, 0, 0, -1, s_5 + 1]]); E[x_1*x_2], E[x_2^2], E[x_4*x_5], E[x_3^2]",
     {1, 3, -1, 2}},
    // dirichlet
    {"x ~ dirichlet([1, 2, 3]); E[x_1], E[x_2], E[x_3], Var[x_1], Var[x_3], Cov[x_1, x_2], E[prod(x)]",
     {1.0 / 6, 1.0 / 3, 0.5, 5.0 / 252, 1.0 / 28, -1.0 / 126, 1.0 / 56}},
    {"x ~ dirichlet(a); E[x_1], Var[x_1], Cov[x_1, x_2]",
     {1.0 / 3, 2 / 9.027, -1 / 9.027},
     {{"a", {1e-3, 1e-3, 1e-3}}}},
    {"x ~ dirichlet([1e6, 2e6]); E[x_1], Var[1e3*x_1]", {1.0 / 3, 2e6 / (9 * (3e6 + 1))}},
    {"a = [0.5, 0.5, 1, 2, 3, 4, 5]; x ~ dirichlet(a); E[x_7], Var[x_1], Cov[x_6, x_7]",
     {5.0 / 16, 0.5 * 15.5 / (256 * 17), -20.0 / (256 * 17)}},
    {"m ~ uniform(1, 2); x ~ dirichlet([m, m]); E[x_2], Var[x_1]", {0.5, std::log(5.0 / 3) / 8}},
    {"x ~ dirichlet([1, 1, 1]); y ~ binomial(10, x_1); E[y], E[x_1 | y == 10]", {10.0 / 3, 11.0 / 13}},
    // their densities are densities: of one law's samples, weighted by another's over its own
    {"x ~ dirichlet([1, 1, 1]); w = dirichlet.pdf(x, [2, 3, 4])/2; E[w], E[w*x_1], E[w*x_2*x_3]",
     {1, 2.0 / 9, 12.0 / 90}},
    {"x ~ normal(0, 2)^2; w = mvnormal.pdf(x, [0.5, 0], S)/prod(normal.pdf(x_i, 0, 2)); E[w], E[w*x_1], "
     "E[w*x_1*x_2]",
     {1, 0.5, 0.2},
     {{"S", kS}}},
    {"s ~ uniform(1, 2); x ~ normal(0, 2)^2; w = mvnormal.pdf(x, 0, [[s, 0.5], [0.5, "
     "1]])/prod(normal.pdf(x_i, 0, 2));"
     " E[w], E[w*x_1^2], E[w*x_1*x_2]",
     {1, 1.5, 0.5}},
    {"x ~ unnormalized(mvnormal.pdf(x, 0, [[1, 0.5], [0.5, 1]]), -inf, inf)^2; E[x_1*x_2]", {0.5}},
};

class Multivariate : public testing::TestWithParam<Known> {};

TEST_P(Multivariate, HasItsMomentsAndTheSameBitsOnEveryBackEnd) { expect_known(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Library, Multivariate, testing::ValuesIn(kKnown));

double at(const std::string& program, const mc::Parameters& parameters = {}) {
  return mc::compile(program)({}, parameters);
}

TEST(Mvnormal, HasOneFactorHoweverItsCovarianceIsGiven) {
  const mc::Parameters given = {{"S", kS}};
  const char* programs[] = {"x ~ mvnormal(0, [[0.5, 0.2], [0.2, 0.3]]); E[x_1*x_2^2]",
                            "x ~ mvnormal(0, S); E[x_1*x_2^2]", "x ~ mvnormal([0, 0], 1*S); E[x_1*x_2^2]"};
  const double value = mc::compile(programs[0]).estimate({.samples = 10'000}).value;
  for (const char* program : {programs[1], programs[2]})
    EXPECT_EQ(bits(mc::compile(program).estimate({.samples = 10'000, .parameters = given}).value),
              bits(value))
        << program;
}

/// As x ~ normal would be drawn, in the same order.
TEST(Mvnormal, IsALinearMapOfNormalDraws) {
  const double drawn = mc::compile("z ~ normal(0, 1)^2; y ~ normal(0, 1); E[(1 + 2*z_1)*(3 + z_1 + 2*z_2)*y]")
                           .estimate({.samples = 10'000})
                           .value;
  const double made = mc::compile("x ~ mvnormal([1, 3], [[4, 2], [2, 5]]); y ~ normal(0, 1); E[x_1*x_2*y]")
                          .estimate({.samples = 10'000})
                          .value;
  EXPECT_NEAR(made, drawn, 1e-12);
}

TEST(Mvnormal, KernelDoesNotGrowWithItsDimension) {
  const mc::Moment moment = mc::compile("x ~ mvnormal(0, S); E[mvnormal.pdf(x, 0, S) + max(x)]");
  const auto size = [&](std::size_t n) {
    return static_cast<double>(moment.inspect(mc::Stage::ir, {.parameters = {{"S", falling(n)}}}).size());
  };
  EXPECT_NEAR(size(200) / size(20), 1, 0.02);
}

TEST(Mvnormal, NewCovariancesNeverRecompileAndThreadsKeepTheirOwn) {
  const mc::Moment moment = mc::compile("x ~ mvnormal(0, S); Var[x_2]");
  const auto value = [&](double variance) {
    return moment.estimate({.samples = 20'000, .parameters = {{"S", {{1.0, 0.5}, {0.5, variance}}}}}).value;
  };
  const double one = value(2), other = value(3);
  EXPECT_NE(one, other);
  std::vector<std::thread> threads;
  for (int k = 0; k < 4; ++k)
    threads.emplace_back([&, k] {
      for (int repeat = 0; repeat < 5; ++repeat)
        EXPECT_EQ(bits(value(k % 2 == 0 ? 2 : 3)), bits(k % 2 == 0 ? one : other));
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(moment.signatures().size(), 1u);
}

TEST(Mvnormal, DensityIsItsFormula) {
  // The determinant is 5, the inverse [[0.6, -0.2], [-0.2, 0.4]].
  const double q = 0.6 * 0.25 - 2 * 0.2 * 0.5 * 2 + 0.4 * 4,
               exact = std::exp(-q / 2) / (2 * M_PI * std::sqrt(5));
  EXPECT_NEAR(at("mvnormal.pdf([1, 2], [0.5, 0], [[2, 1], [1, 3]])"), exact, 1e-15);
  EXPECT_NEAR(at("mvnormal.pdf([1, 2], m, S)", {{"m", {0.5, 0.0}}, {"S", {{2.0, 1.0}, {1.0, 3.0}}}}), exact,
              1e-15);
  EXPECT_NEAR(at("mvnormal.pdf([1, 2, 3], 1, [[4, 0, 0], [0, 1, 0], [0, 0, 9]])/"
                 "(normal.pdf(1, 1, 2)*normal.pdf(2, 1, 1)*normal.pdf(3, 1, 3))"),
              1, 1e-14);
}

TEST(Dirichlet, DensityIsItsFormula) {
  const double exact = std::exp(std::lgamma(9) - std::lgamma(2) - std::lgamma(3) - std::lgamma(4)) * 0.2 *
                       std::pow(0.3, 2) * std::pow(0.5, 3);
  EXPECT_NEAR(at("dirichlet.pdf([0.2, 0.3, 0.5], [2, 3, 4])"), exact, 1e-13 * exact);
  for (const char* pair : {"0.3, 2, 5", "0.5, 300, 310", "1e-5, 0.01, 3", "0.25, 1, 1"}) {
    const mc::Moment ratio = mc::compile("dirichlet.pdf([x, 1 - x], [a, b])/beta.pdf(x, a, b)");
    double x = 0, a = 0, b = 0;
    ASSERT_EQ(std::sscanf(pair, "%lf, %lf, %lf", &x, &a, &b), 3);
    EXPECT_NEAR(ratio({}, {{"x", x}, {"a", a}, {"b", b}}), 1, 1e-12) << pair;
  }
  // on the border and beyond it
  EXPECT_NEAR(at("dirichlet.pdf([0, 1], [1, 2])"), 2, 1e-14);
  EXPECT_EQ(at("dirichlet.pdf([0, 1], [2, 2])"), 0);
  EXPECT_EQ(at("dirichlet.pdf([0, 1], [0.5, 2])"), INFINITY);
  EXPECT_EQ(at("dirichlet.pdf([0.5, 0.6], [1, 2])"), 0);
  EXPECT_EQ(at("dirichlet.pdf([-0.5, 1.5], [1, 2])"), 0);
  EXPECT_TRUE(std::isnan(at("dirichlet.pdf([0/0, 1], [1, 2])")));
}

TEST(Dirichlet, SumsToOneHoweverSmallItsArguments) {
  for (const double a : {1e-6, 1e-3, 1.0, 1e12}) {
    const mc::Estimate e = mc::compile("x ~ dirichlet(a); P[abs(sum(x) - 1) < 1e-12 and all(x >= 0)]")
                               .estimate({.samples = 10'000, .parameters = {{"a", {a, a, 2 * a}}}});
    EXPECT_EQ(e.value, 1) << a;
    EXPECT_EQ(e.nonfinite, 0U) << a;
  }
}

struct Refused {
  std::string program;
  mc::Parameters parameters;
  std::string printed;
};

/// What only the call can tell, at its place in the text.
TEST(Multivariate, RefusesBadValuesAtTheCall) {
  const std::string line = "\n  1 | x ~ mvnormal(mu, S); E[x_1]\n",
                    at_s = line + "    |                  ^\n";
  const mc::Parameter zero = {0.0, 0.0};
  const Refused refused[] = {
      {"x ~ mvnormal(mu, S); E[x_1]",
       {{"mu", zero}, {"S", {{1.0, 0.5}, {0.4, 1.0}}}},
       "error: S must be symmetric: S_{1,2} is 0.5, and S_{2,1} is 0.4" + at_s},
      {"x ~ mvnormal(mu, S); E[x_1]",
       {{"mu", zero}, {"S", {{1.0, 2.0}, {2.0, 1.0}}}},
       "error: S must be positive definite: its leading minor of order 2 is not positive" + at_s},
      {"x ~ mvnormal(mu, S); E[x_1]",
       {{"mu", zero}, {"S", {{1.0, NAN}, {NAN, 1.0}}}},
       "error: S must be finite: S_{2,1} is nan" + at_s},
      {"x ~ mvnormal(0, [[a, b], [b, a]]); E[x_1]",
       {{"a", 1.0}, {"b", 2.0}},
       "error: Sigma must be positive definite: its leading minor of order 2 is not positive\n"
       "  1 | x ~ mvnormal(0, [[a, b], [b, a]]); E[x_1]\n"
       "    |                 ^~~~~~~~~~~~~~~~\n"},
      {"E[sum(normal.pdf(1, 0, [1, -1]))]",
       {},
       "error: sigma must be positive\n  1 | E[sum(normal.pdf(1, 0, [1, -1]))]\n    |       "
       "^~~~~~~~~~~~~~~~~~~~~~~~~\n"},
      {"E[mvnormal.pdf([1, 2], 0, S)]",
       {{"S", {{1.0, 2.0}, {2.0, 1.0}}}},
       "error: S must be positive definite: its leading minor of order 2 is not positive\n"
       "  1 | E[mvnormal.pdf([1, 2], 0, S)]\n"
       "    |                           ^\n"},
      {"x ~ dirichlet(a); E[x_1]",
       {{"a", {1.0, -1.0}}},
       "error: a must be positive\n  1 | x ~ dirichlet(a); E[x_1]\n    |     ^~~~~~~~~~~~\n"},
      {"E[dirichlet.pdf([0.5, 0.5], a)]",
       {{"a", {1.0, 0.0}}},
       "error: a must be positive\n  1 | E[dirichlet.pdf([0.5, 0.5], a)]\n    |   "
       "^~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"},
  };
  for (const auto& [program, parameters, printed] : refused) {
    try {
      mc::compile(program).estimate({.parameters = parameters});
      ADD_FAILURE() << program << " is not refused";
    } catch (const mc::ArgumentError& error) {
      EXPECT_EQ(std::string(error.what()) + '\n', printed);
    }
  }
}

/// As everywhere: bad values that only the samples tell make those samples not a number.
TEST(Multivariate, SamplesWithBadArgumentsAreNotANumber) {
  for (const char* program : {"s ~ uniform(-1, 1); x ~ mvnormal(0, [[s]]); E[x_1]",
                              "s ~ uniform(-1, 1); x ~ mvnormal(0, [[1, 2*s], [2*s, 1]]); E[x_2]",
                              "s ~ uniform(-1, 1); E[mvnormal.pdf([0, 0], 0, [[1, 2*s], [2*s, 1]])]",
                              "s ~ uniform(-1, 1); x ~ dirichlet([1, s]); E[x_1]"}) {
    const mc::Estimate e = mc::compile(program).estimate({.samples = 10'000});
    EXPECT_GT(e.nonfinite, 4'500U) << program;
    EXPECT_LT(e.nonfinite, 5'500U) << program;
  }
  const mc::Estimate skew = mc::compile("s ~ uniform(0, 0.5); x ~ mvnormal(0, [[1, s], [s/2, 1]]); E[x_1]")
                                .estimate({.samples = 1'000});
  EXPECT_EQ(skew.nonfinite, 1'000U);
}

TEST(Multivariate, CovariancesOfRandomVariablesHaveALimit) {
  const char* program = "s ~ uniform(1, 2); x ~ mvnormal(0, s*S); Var[x_6]";
  const mc::Parameters given = {{"S", falling(6)}};
  EXPECT_THROW(mc::compile(program).estimate({.parameters = given}), mc::ArgumentError);
  const mc::Estimate e =
      mc::compile(program, mc::Limits{.computed_elements = 36}).estimate({.parameters = given});
  EXPECT_NEAR(e.value, 1.5, 5 * e.standard_error);
}

}  // namespace
