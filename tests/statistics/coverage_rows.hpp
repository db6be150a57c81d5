// Programs with exact values, of every kind of query, whose intervals are held to what they say.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include <boost/math/special_functions/gamma.hpp>
#include <mc/mc.hpp>

namespace mc::testing {

enum class Kind {
  mean,        ///< the estimate is as good as normal: 95% of intervals cover, and z is normal or Student's
  proportion,  ///< of independent trials: how often Wilson's interval covers is a finite sum
  heavy,       ///< too few samples for its tail: intervals miss more often, so there has to be a warning
};

/// How many of the runs may come with a warning.
enum class Warned { never, sometimes };

struct CoverageRow {
  Kind kind;
  std::string program;
  std::uint64_t samples;
  double exact;
  Warned warned = Warned::never;
  Generator generator = Generator::xoshiro256pp;
};

inline std::vector<CoverageRow> coverage_rows() {
  using enum Kind;
  using enum Warned;
  const double e = std::numbers::e, pi = std::numbers::pi;
  const double tail3 = std::erfc(3 / std::sqrt(2.0)) / 2, tail5 = std::erfc(5 / std::sqrt(2.0)) / 2;
  const double density1 = std::exp(-0.5) / std::sqrt(2 * pi), tail1 = std::erfc(1 / std::sqrt(2.0)) / 2;
  const double quartic = 0.33798912003364236;  // Γ(3/4)/Γ(1/4)
  const double call = 8.0213522351431707;      // Black and Scholes
  return {
      {mean, "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", 20, 10 / 3.0},
      {mean, "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", 100, 10 / 3.0},
      {mean, "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", 1000, 10 / 3.0},
      {mean, "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", 20000, 10 / 3.0},
      {mean, "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", 20000, 10 / 3.0, never, Generator::philox4x32},
      {mean, "z ~ normal(0, 1); E[exp(-0.05)*max(100*exp(0.03 + 0.2*z) - 105, 0)]", 1000, call},
      {mean, "x ~ exponential(1); E[x]", 1000, 1},
      {mean, "x ~ lognormal(0, 1); E[x]", 20000, std::sqrt(e), sometimes},
      {mean, "x ~ gamma(0.5, 1); E[x]", 1000, 0.5},
      {mean, "x ~ beta(2, 5); E[x*(1 - x)]", 1000, 5 / 28.0},
      {mean, "x ~ poisson(4.5); E[x*(x - 1)]", 1000, 20.25},
      {mean, "x ~ geometric(0.2); E[x]", 1000, 5},
      {mean, "x ~ uniform(0, 1)^10; Var[sum(x_i)]", 1000, 10 / 12.0},
      {mean, "x ~ normal(0, 1); Var[x]", 100, 1, sometimes},
      {mean, "x ~ normal(0, 1); Var[x]", 1000, 1},
      {mean, "x ~ exponential(1); Var[x]", 20000, 1},
      {mean, "x ~ normal(1, 3); Std[2*x]", 20000, 6},
      {mean, "x ~ uniform(0, 1)^2; Cov[x_1 + x_2, x_1 - 2*x_2]", 1000, -1 / 12.0},
      {mean, "x ~ normal(0, 1)^2; Corr[x_1, x_1 + x_2]", 100, std::sqrt(0.5), sometimes},
      {mean, "x ~ normal(0, 1)^2; Corr[x_1, x_1 + x_2]", 1000, std::sqrt(0.5)},
      {mean, "x ~ normal(0, 1)^2; Corr[x_1, x_1 + 0.1*x_2]", 20000, 1 / std::sqrt(1.01)},
      {mean, "x ~ exponential(1)^2; Corr[x_1, x_1 + x_2]", 20000, std::sqrt(0.5)},
      {mean, "x ~ exponential(1)^2; Corr[x_1, x_1 + x_2]", 10000, std::sqrt(0.5), sometimes},
      {mean, "x ~ normal(0, 1); E[x | x > 1]", 1000, density1 / tail1},
      {mean, "x ~ normal(0, 1); Var[x | x > 0]", 5000, 1 - 2 / pi},
      {mean, "x ~ normal(0, 1)^2; Corr[x_1, x_1 + x_2 | x_2 > 0]", 5000, 1 / std::sqrt(2 - 2 / pi)},
      {mean, "x ~ unnormalized(exp(-x^4), -4, 4); E[x^2]", 1000, quartic},
      {mean, "x ~ unnormalized(exp(-x^4), -4, 4); Var[x]", 20000, quartic},
      {mean, "x ~ unnormalized(exp(-x^4), -4, 4); P[x > 1]", 20000, boost::math::gamma_q(0.25, 1.0) / 2},
      {mean, "x ~ unnormalized(exp(-x^4), -4, 4); P[abs(x) < 0.3]", 1000, boost::math::gamma_p(0.25, 0.0081)},
      {mean, "x ~ unnormalized(exp(-x^4), -4, 4); P[x > 0.5 | x > 0]", 5000,
       boost::math::gamma_q(0.25, 0.0625)},
      {mean, "x ~ density(exp(-x^2/2)/sqrt(2*pi), -inf, inf); E[x^2]", 1000, 1},
      {mean, "x ~ density(2*exp(-2*x), 0, inf); E[x]", 1000, 0.5},
      {proportion, "x ~ uniform(0, 1)^2; P[x_1^2 + x_2^2 < 1]", 100, pi / 4},
      {proportion, "x ~ uniform(0, 1)^2; P[x_1^2 + x_2^2 < 1]", 20000, pi / 4},
      {proportion, "x ~ normal(0, 1); P[x > 3]", 1000, tail3, sometimes},
      {proportion, "x ~ normal(0, 1); P[x > 3]", 20000, tail3},
      {proportion, "x ~ normal(0, 1); P[x > 5]", 1000, tail5, sometimes},
      {proportion, "x ~ bernoulli(0.3)^10; P[sum(x) == 3]", 1000, 0.266827932},
      {proportion, "x ~ uniform(0, 1)^2; P[x_1 > 0.5 | x_1 + x_2 > 1]", 1000, 0.75},
      {heavy, "u ~ uniform(0, 1); y ~ uniform(0, 1); E[u^(-0.9) | y < 0.2]", 40000, 10},
      {heavy, "x ~ unnormalized(x^(-0.9), 0, 1); E[x]", 20000, 1 / 11.0},
      {heavy, "x ~ lognormal(0, 1); Var[x]", 100, (e - 1) * e},
      {heavy, "x ~ lognormal(0, 1); Std[x]", 1000, std::sqrt((e - 1) * e)},
      {heavy, "x ~ lognormal(0, 1); Var[x]", 10000, (e - 1) * e},
      {heavy, "x ~ exponential(1); Var[x]", 100, 1},
      {heavy, "x ~ normal(0, 1); Cov[exp(x), exp(2*x)]", 1000, std::exp(4.5) - std::exp(2.5)},
      {heavy, "x ~ normal(0, 1); Corr[exp(x), x]", 100, std::sqrt(e) / std::sqrt(e * e - e)},
      {heavy, "x ~ normal(0, 1); Corr[exp(x), x]", 1000, std::sqrt(e) / std::sqrt(e * e - e)},
      {heavy, "x ~ normal(0, 1); Corr[exp(x), x]", 10000, std::sqrt(e) / std::sqrt(e * e - e)},
      {heavy, "x ~ uniform(0, 1); E[log(x)/sqrt(x)]", 10000, -4},
      {heavy, "x ~ lognormal(0, 2); E[x]", 10000, e * e},
      {heavy, "x ~ uniform(0, 1)^5; E[exp(-625*sum((x_i - 0.5)^2))]", 10000, std::pow(pi / 625, 2.5)},
  };
}

}  // namespace mc::testing
