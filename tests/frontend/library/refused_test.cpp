// Arguments that only the samples can refuse: such samples are counted as not a number wherever what was
// refused is used, through truth values and conditions too. 5 sigma each, some 30 shares: a false alarm once
// in 50 000 changes of the samplers.
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace {

constexpr std::size_t kSamples = 10'000;
const double kBad = std::erfc(0.5 / std::sqrt(2));  ///< |z| > 1/2: p = 1/2 + z is no probability

struct Case {
  std::string program;
  double share;  ///< of the samples, that are not a number in each query
  mc::Parameters parameters = {};
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.program; }

const std::string kB = "p ~ normal(0.5, 1); b ~ bernoulli(p); ";
const std::string kOwn = "p ~ normal(0.5, 1); d(p) ~ u < p where p > 0, p < 1; b ~ d(p); ";
const std::string kVector = "p ~ normal(0.5, 1)^3; b ~ bernoulli(p); ";

const std::vector<Case> kCases = {
    // a truth value that was not drawn
    {kB + "P[b], P[not b], E[p | b], E[p | not b], E[if(b, 1, 0)], E[1 - b], P[b or p > 0], Var[if(b, p, 2)]",
     kBad},
    {kB + "P[p > 0 | b], P[b < 2], E[max(b, 0)], Cov[p, if(b, 1, 0)], E[max(3, 1 - b)], P[b == b]", kBad},
    {kOwn + "P[b], P[not b], E[p | b], E[if(b, 1, 0)]", kBad},
    {"m ~ normal(0.5, 1); b ~ bernoulli(m)^3; P[any(b)], P[all(b)], E[sum(b)], P[any(not b_i)]", kBad},
    {kVector + "P[any(b)], P[all(b)], E[sum(if(b_i, 1, 0))], E[cumsum(if(b, 1, 0))_3]",
     1 - std::pow(1 - kBad, 3)},
    {kVector + "P[not b_1], E[cumsum(if(b, 1, 0))_1]", kBad},
    {kVector + "P[any(b_i, i = 2..3)], E[cumsum(if(b, 1, 0))_2]", 1 - std::pow(1 - kBad, 2)},
    // what is made of it
    {kB + "x ~ normal(if(b, 1, 0), 1); E[x], P[x > 0]", kBad},
    {kB + "c ~ bernoulli(if(b, 0.2, 0.8)); P[not c], E[if(c, 1, 2)]", kBad},
    {kB + "x ~ uniform(0, if(b, 1, 2))^2; P[any(x > 0.5)], E[max(x)]", kBad},
    {kB + "E[iterate(x = 0, if(b, x + 1, 2), 3)]", kBad},
    {kB + "x ~ gamma(if(b, 2, 3), 1); E[x], P[x < 1]", kBad},
    {kB + "x ~ density(if(b, 2*x, 1), 0, 1); E[x]", kBad},
    {"p ~ normal(0.5, 1); x ~ gamma(p - 0.5, 1); E[x], P[x > 1], P[not x > 1], E[if(x > 1, 1, 0)]", 0.5},
    // where the rest of the query does not ask
    {kB + "E[if(0 < p < 1, if(b, 1, 0), 2)], P[b | 0 < p < 1], P[p > 0]", 0},
    {"p ~ uniform(0, 1); b ~ bernoulli(p)^3; P[any(b)], E[p | b_1], P[not b_2]", 0},
    // a function's `where`
    {"x ~ normal(0, 1); E[normal.pdf(1, 0, x)], E[normal.cdf(1, 0, x)], Var[normal.pdf(1, 0, x)]", 0.5},
    {"x ~ normal(0, 1); g(a) = a where a > 0; E[g(x)], E[1 + g(x)^2], E[g(g(x))]", 0.5},
    {"x ~ normal(0, 1); g(a) = a > -1 where a > 0; E[g(x)], P[g(x)], P[not g(x)], P[x > -9 | g(x)]", 0.5},
    {"x ~ normal(0, 1); g(a) = a where a > 0; P[g(x) > 1], P[not g(x) > 1], E[max(g(x), 1)]", 0.5},
    {"x ~ normal(0, 1)^2; g(a) = a where a > 0; E[sum(g(x))], E[sum(g(x_i))], E[g(x_1)*g(x_2)]", 0.75},
    {"x ~ normal(0, 1)^2; g(a) = a where all(a > 0); E[sum(g(x))]", 0.75},
    {"x ~ normal(0, 1); g(a) = a where a > 0; E[if(x > 0, g(x), 0)], E[g(x) + 0*g(x) | x > 0]", 0},
    {"x ~ normal(0, 1); g(a) = a where a > 0; d(m) ~ g(m) + u; y ~ d(x); E[y], P[y > 0]", 0.5},
    {"x ~ normal(0, 1)^2; g(a) = a where a > 0; d() ~ u*sum(g(x_i)); y ~ d(); E[y], P[y > 0]", 0.75},
    {"x ~ normal(0, 1); E[sum(gamma.cdf(x^2, a, 1))]", 0, {{"a", {1.0, 2.0}}}},
};

class Refused : public testing::TestWithParam<Case> {};

TEST_P(Refused, SamplesAreCountedAsNotANumber) {
  const auto& [program, share, parameters] = GetParam();
  const mc::Report report =
      mc::compile(program).run({.samples = kSamples, .seed = 7, .parameters = parameters});
  const double n = static_cast<double>(kSamples);
  for (const mc::Report::Result& result : report.results)
    EXPECT_NEAR(static_cast<double>(result.estimate.nonfinite), share * n,
                5 * std::sqrt(n * share * (1 - share)))
        << result.query << " of " << program;
}

INSTANTIATE_TEST_SUITE_P(BySamples, Refused, testing::ValuesIn(kCases));

}  // namespace
