// What a reader of docs/language.md would write with random variables: parameters that are vectors,
// definitions or earlier variables; mixtures; one's own distributions; densities with infinite ends; several
// vectors. 5 sigma each, some 50 values: a false alarm once in 35 000 changes of the samplers.
#include <cmath>

#include "tests/frontend/library/known_programs.hpp"

namespace {

const std::vector<Known> kPrograms = {
    // arguments
    {"m ~ normal(0, 1)^3; x ~ normal(m, [1, 2, 3]); Var[x_3], Cov[x_2, m_2]", {10, 1}},
    {"s = [1, 2, 3]; x ~ normal(0, 2*s); E[sum(x^2)]", {56}},
    {"x ~ normal(mu, s); E[sum(x)], Var[x_3]", {6, 4}, {{"mu", {1.0, 2.0, 3.0}}, {"s", {1.0, 1.0, 2.0}}}},
    {"a = [1, 2, 3]; x ~ uniform(0, 1)^dim(a); E[sum(a*x)]", {3}},
    {"x ~ normal(mu_2, 1); E[x]", {2}, {{"mu", {1.0, 2.0, 3.0}}}},
    {"x ~ normal(0, 1)^3; y ~ normal(cumsum(x), 1); Var[y_3]", {4}},
    {"x ~ normal(0, 1)^3; y ~ normal(sum(x), norm(x)); E[y^2]", {6}},
    {"x ~ uniform(0, 1)^3; y ~ uniform(0, x); E[sum(y)]", {0.75}},
    {"l ~ gamma(2, 1); x ~ poisson(l)^2; Cov[x_1, x_2], Var[x_1]", {2, 4}},
    {"p ~ beta(2, 3); x ~ binomial(10, p); E[x], E[p | x == 7]", {4, 0.6}},
    {"x ~ normal(0, 1); y ~ normal(0, 1); E[x | y > x], Cov[x, max(x, y)]", {-std::sqrt(1 / M_PI), 0.5}},
    // mixtures, and truth values
    {"b ~ bernoulli(0.3); x ~ normal(if(b, 2, -1), 1); E[x], Var[x], P[b], E[x | b]", {-0.1, 2.89, 0.3, 2}},
    {"u ~ uniform(0, 1); y ~ normal(0, 1); x = if(u < 0.3, 2 + y, y - 1); E[x]", {-0.1}},
    {"b ~ bernoulli(0.3)^5; P[sum(b) == 2], P[b_1 and not b_2], P[any(b)], Var[b_1], E[2*b_1 - b_2]",
     {0.3087, 0.21, 1 - std::pow(0.7, 5), 0.21, 0.3}},
    {"p ~ beta(1, 1); b ~ bernoulli(p)^2; P[b_1 and b_2], P[b_2 | b_1], E[p | b_1]",
     {1.0 / 3, 2.0 / 3, 2.0 / 3}},
    {"b ~ bernoulli(0.3); x ~ unnormalized(exp(-x^2), -inf, inf); P[b], P[b and x > 0]", {0.3, 0.15}},
    {"mix(p, a, b) ~ if(u < p, normicdf(v) + a, normicdf(v) + b) where 0 <= p <= 1; x ~ mix(0.3, 2, -1)^2;"
     " E[x_1], Var[x_2]",
     {-0.1, 2.89}},
    // one's own
    {"rayleigh(s) ~ s*sqrt(-2*log(u)) where s > 0; rayleigh.pdf(x, s) = x/s^2*exp(-x^2/(2*s^2));"
     " x ~ rayleigh(s); E[x^2], E[rayleigh.pdf(x, s)]",
     {8, std::sqrt(M_PI) / 8},
     {{"s", 2.0}}},
    {"between(a, b) ~ normal.icdf(normal.cdf(a, 0, 1) + u*(normal.cdf(b, 0, 1) - normal.cdf(a, 0, 1)), 0, 1)"
     " where a < b; x ~ between(-1, 1)^2; E[x_1^2]",
     {1 - 2 * std::exp(-0.5) / std::sqrt(2 * M_PI) / std::erf(std::sqrt(0.5))}},
    {"above(a) ~ normicdf(u) until normicdf(u) > a where a < 5; x ~ above([1, 0]); E[x_1], E[x_2]",
     {std::exp(-0.5) / std::sqrt(2 * M_PI) / (std::erfc(std::sqrt(0.5)) / 2), std::sqrt(2 / M_PI)}},
    {"m ~ gamma(2, 1); d(a) ~ a*u where a > 0; x ~ d(m); E[x], Cov[x, m]", {1, 1}},
    // densities
    {"x ~ density(2*x, 0, 1); y ~ uniform(0, x); E[y]", {1.0 / 3}},
    {"m ~ normal(0, 1); x ~ density(exp(-abs(x - m))/2, -inf, inf); Cov[x, m]", {1}},
    {"x ~ unnormalized(exp(-x_1^2 - x_2), [-inf, 0], [inf, inf]); E[x_2], Var[x_1]", {1, 0.5}},
    {"x ~ density(prod(exp(-x_i)), [0, 0, 0, 0, 0, 0], inf); E[sum(x)]", {6}},
    {"x ~ unnormalized(x^(a - 1)*exp(-x), 0, inf); E[x]", {2.5}, {{"a", 2.5}}},
    {"x ~ unnormalized(exp(-x_1^2 - x_2^2 - x_1*x_2), -inf, inf)^2; y ~ normal(x, 1); Cov[y_1, y_2]",
     {-1.0 / 3}},
    // vectors
    {"p ~ dirichlet([1, 1, 1]); k ~ uniform(0, 1); c = 1 + sum(k > cumsum(p)_i); P[c == 2]", {1.0 / 3}},
    {"x ~ mvnormal(0, [[1, 0.5], [0.5, 1]]); w ~ chisquare(5); t = x/sqrt(w/5); Cov[t_1, t_2]",
     {0.5 * 5 / 3}},
    {"x ~ mvnormal(0, [[0.25, 0.1], [0.1, 0.25]]); y ~ poisson(exp(x)); E[y_1], Cov[y_1, y_2]",
     {std::exp(0.125), std::exp(0.25) * std::expm1(0.1)}},
};

class Programs : public testing::TestWithParam<Known> {};

TEST_P(Programs, HaveTheirMomentsAndTheSameBitsOnEveryBackEnd) { expect_known(GetParam()); }

INSTANTIATE_TEST_SUITE_P(RandomVariables, Programs, testing::ValuesIn(kPrograms));

}  // namespace
