// Every distribution of the library against Boost.Math: density, distribution function and its inverse point
// by point, and what is drawn by its moments and quantiles. How it is spread:
// tests/statistics/samples_test.cpp.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/math/distributions.hpp>
#include <mc/mc.hpp>

#include "frontend/language/prelude.hpp"

namespace {

namespace bm = boost::math;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// A law with its arguments, and what is known of it.
struct Law {
  std::string name, arguments;
  bool discrete = false;
  std::function<double(double)> pdf, cdf, quantile;
  double mean = kNan, variance = kNan;  ///< not a number where there is none
  double digits = 2e-14;                ///< of the density and its integral, relative
  std::vector<double> points = {};      ///< where a discrete one is looked at

  std::string call(const char* of) const { return fmt::format("{}.{}(x, {})", name, of, arguments); }
  std::string sampled() const { return fmt::format("x ~ {}({}); ", name, arguments); }
};

void PrintTo(const Law& law, std::ostream* out) { *out << law.name << '(' << law.arguments << ')'; }

template <class D>
Law law(std::string name, std::string arguments, D d, bool discrete = false) {
  return {std::move(name),
          std::move(arguments),
          discrete,
          [d](double x) { return bm::pdf(d, x); },
          [d](double x) { return bm::cdf(d, x); },
          [d](double p) { return bm::quantile(d, p); },
          bm::mean(d),
          bm::variance(d)};
}

/// Boost's geometric distribution counts the failures, ours the trials.
Law geometric(double p) {
  const bm::geometric_distribution<double> d(p);
  Law trials = law("geometric", fmt::format("{}", p), d, true);
  trials.pdf = [d](double x) { return x >= 1 ? bm::pdf(d, x - 1) : 0; };
  trials.cdf = [d](double x) { return x >= 1 ? bm::cdf(d, std::floor(x) - 1) : 0; };
  trials.mean += 1;
  return trials;
}

/// Cauchy has no moments, which Boost would say by an exception.
Law cauchy(double x0, double g) {
  const bm::cauchy_distribution<double> d(x0, g);
  return {"cauchy",
          fmt::format("{}, {}", x0, g),
          false,
          [d](double x) { return bm::pdf(d, x); },
          [d](double x) { return bm::cdf(d, x); },
          [d](double p) { return bm::quantile(d, p); }};
}

/// Those whose integrals are incomplete gamma and beta functions: Boost's have lost some digits in places.
/// special_test.cpp compares with more of them.
template <class D>
Law special(std::string name, std::string arguments, D d) {
  Law known = law(std::move(name), std::move(arguments), d);
  known.digits = 2e-13;
  return known;
}

/// Looked at from the lowest thousandth to the highest, at some ten values.
template <class D>
Law counting(std::string name, std::string arguments, D d) {
  Law known = special(std::move(name), std::move(arguments), d);
  known.discrete = true;
  const double first = bm::quantile(d, 1e-3), last = bm::quantile(d, 1 - 1e-3);
  for (double x = first; x <= last; x += std::max(1.0, std::floor((last - first) / 9)))
    known.points.push_back(std::floor(x));
  return known;
}

Law gamma(double shape, double rate) {
  const bm::gamma_distribution<double> d(shape, 1 / rate);
  return special("gamma", fmt::format("{}, {}", shape, rate), d);
}

Law studentt(double nu) {
  Law known = {"studentt", fmt::format("{}", nu), false, {}, {}, {}};
  const bm::students_t_distribution<double> d(nu);
  known.pdf = [d](double x) { return bm::pdf(d, x); };
  known.cdf = [d](double x) { return bm::cdf(d, x); };
  known.quantile = [d](double p) { return bm::quantile(d, p); };
  known.digits = 2e-13;
  if (nu > 4) known.mean = 0, known.variance = nu / (nu - 2);
  return known;
}

std::vector<Law> all_laws() {
  return {
      law("uniform", "-1, 3", bm::uniform_distribution<double>(-1, 3)),
      law("normal", "0, 1", bm::normal_distribution<double>(0, 1)),
      law("normal", "-2, 0.5", bm::normal_distribution<double>(-2, 0.5)),
      law("lognormal", "0.2, 0.5", bm::lognormal_distribution<double>(0.2, 0.5)),
      law("exponential", "3", bm::exponential_distribution<double>(3)),
      law("laplace", "1, 2", bm::laplace_distribution<double>(1, 2)),
      law("logistic", "1, 0.5", bm::logistic_distribution<double>(1, 0.5)),
      law("gumbel", "1, 2", bm::extreme_value_distribution<double>(1, 2)),
      law("weibull", "2, 3", bm::weibull_distribution<double>(2, 3)),
      law("weibull", "0.7, 1", bm::weibull_distribution<double>(0.7, 1)),
      law("weibull", "1, 3", bm::weibull_distribution<double>(1, 3)),
      law("weibull", "0.5, 3", bm::weibull_distribution<double>(0.5, 3)),
      cauchy(0, 1),
      cauchy(-1, 2),
      law("pareto", "2, 5", bm::pareto_distribution<double>(2, 5)),
      law("triangular", "0, 2, 0.5", bm::triangular_distribution<double>(0, 0.5, 2)),
      law("triangular", "0, 1, 0", bm::triangular_distribution<double>(0, 0, 1)),
      law("triangular", "0, 1, 1", bm::triangular_distribution<double>(0, 1, 1)),
      law("bernoulli", "0.3", bm::bernoulli_distribution<double>(0.3), true),
      geometric(0.3),
      geometric(0.9),
      gamma(0.1, 1),
      gamma(1, 3),
      gamma(2.5, 2),
      gamma(300, 0.25),
      special("chisquare", "1", bm::chi_squared_distribution<double>(1)),
      special("chisquare", "7", bm::chi_squared_distribution<double>(7)),
      special("beta", "2, 5", bm::beta_distribution<double>(2, 5)),
      special("beta", "0.2, 0.5", bm::beta_distribution<double>(0.2, 0.5)),
      special("beta", "1, 1", bm::beta_distribution<double>(1, 1)),
      special("beta", "400, 0.5", bm::beta_distribution<double>(400, 0.5)),
      studentt(0.7),
      studentt(5),
      studentt(200),
      counting("poisson", "0.1", bm::poisson_distribution<double>(0.1)),
      counting("poisson", "1", bm::poisson_distribution<double>(1)),
      counting("poisson", "4.5", bm::poisson_distribution<double>(4.5)),
      counting("poisson", "10", bm::poisson_distribution<double>(10)),
      counting("poisson", "30", bm::poisson_distribution<double>(30)),
      counting("poisson", "1e5", bm::poisson_distribution<double>(1e5)),
      counting("binomial", "1, 0.5", bm::binomial_distribution<double>(1, 0.5)),
      counting("binomial", "10, 0.3", bm::binomial_distribution<double>(10, 0.3)),
      counting("binomial", "1000, 0.99", bm::binomial_distribution<double>(1000, 0.99)),
      counting("binomial", "1e6, 0.25", bm::binomial_distribution<double>(1e6, 0.25)),
  };
}

TEST(Laws, AreAllOfTheLibrarys) {
  const std::vector<Law> laws = all_laws();
  for (const std::string_view name : mc::language::prelude().sampler_names())
    EXPECT_TRUE(name.find('.') != name.npos || std::ranges::count(laws, name, &Law::name) > 0)
        << "tests/frontend/library/distributions_test.cpp does not have " << name;
}

double at(const std::string& expression, double x) {
  static std::map<std::string, mc::Moment> compiled;
  const auto [known, is_new] = compiled.try_emplace(expression, mc::compile(expression));
  return known->second(std::span(&x, 1));
}

/// Points where the law lives, and those of discrete ones that are whole.
std::vector<double> points(const Law& law) {
  if (law.discrete) return law.points.empty() ? std::vector<double>{0, 1, 2, 5} : law.points;
  std::vector<double> points;
  for (double p : {1e-6, 0.01, 0.1, 0.3, 0.5, 0.8, 0.99, 0.999999}) points.push_back(law.quantile(p));
  return points;
}

class OfLaw : public testing::TestWithParam<Law> {};
class OfContinuousLaw : public OfLaw {};
class OfDiscreteLaw : public OfLaw {};
class OfLawWithMoments : public OfLaw {};  ///< a mean, that is

TEST_P(OfLaw, DensityAndIntegralAreBoosts) {
  const Law& law = GetParam();
  for (double x : points(law)) {
    if (law.name == "bernoulli" && x > 1) continue;  // Boost throws there
    const double pdf = law.pdf(x);
    EXPECT_NEAR(at(law.call("pdf"), x), pdf, law.digits * pdf) << x;
    const double cdf = law.cdf(x);
    // Boost's triangular one is 1 - (1 - x)^2, and has lost its digits near 0.
    EXPECT_NEAR(at(law.call("cdf"), x), cdf, law.digits * cdf + (law.name == "triangular" ? 1e-16 : 0)) << x;
  }
}

TEST_P(OfContinuousLaw, InverseIsTheIntegralsInverse) {
  const Law& law = GetParam();
  for (double p : {1e-6, 0.01, 0.1, 0.3, 0.5, 0.8, 0.99, 0.999999}) {
    const double x = law.quantile(p);
    EXPECT_NEAR(at(law.call("icdf"), p), x, 1e-10 * std::abs(x) + 1e-14) << p;
  }
  for (double p : {-0.1, 1.1, kNan}) EXPECT_TRUE(std::isnan(at(law.call("icdf"), p))) << p;
}

/// The smallest value at which the distribution function reaches p, at its steps and just beside them.
TEST_P(OfDiscreteLaw, InverseIsTheSmallestValue) {
  const Law& law = GetParam();
  const auto cdf = [&](double x) { return at(law.call("cdf"), x); };
  for (double x : points(law)) {
    for (const double p : {cdf(x) * (1 - 1e-9), cdf(x), cdf(x) * (1 + 1e-9)}) {
      if (p <= 0 || p >= 1) continue;
      const double k = at(law.call("icdf"), p);
      EXPECT_EQ(k, std::floor(k)) << p;
      EXPECT_GE(cdf(k), p) << k;
      EXPECT_LT(cdf(k - 1), p) << k;
    }
  }
  for (double p : {1e-300, 1e-6, 0.5, 1 - 1e-6}) {
    const double k = at(law.call("icdf"), p);
    EXPECT_TRUE(cdf(k) >= p && (k == 0 || cdf(k - 1) < p)) << p << ": " << k;
  }
  for (double p : {-0.1, 1.1, kNan}) EXPECT_TRUE(std::isnan(at(law.call("icdf"), p))) << p;
}

TEST_P(OfLaw, EndsAreQuiet) {
  const Law& law = GetParam();
  for (double x : {-kInf, kInf}) {
    EXPECT_EQ(at(law.call("pdf"), x), 0) << x;
    EXPECT_EQ(at(law.call("cdf"), x), x > 0 ? 1 : 0) << x;
  }
  EXPECT_TRUE(std::isnan(at(law.call("pdf"), kNan)));
  EXPECT_TRUE(std::isnan(at(law.call("cdf"), kNan)));
}

/// 5 sigma each, some 50 of them: a false alarm once in 35 000 changes of the samplers.
TEST_P(OfLawWithMoments, SamplesHaveThem) {
  const Law& law = GetParam();
  const mc::Report report = mc::compile(law.sampled() + "E[x], Var[x]").run({.samples = 400'000, .seed = 7});
  const double exact[] = {law.mean, law.variance};
  for (unsigned k = 0; k < 2; ++k) {
    const mc::Estimate& e = report.results[k].estimate;
    EXPECT_NEAR(e.value, exact[k], 5 * e.standard_error) << report.results[k].query;
  }
}

/// As many samples lie below Boost's quantiles as should, from a thousandth on.
TEST_P(OfContinuousLaw, SamplesLieBelowItsQuantiles) {
  const Law& law = GetParam();
  std::string program = law.sampled();
  const std::vector<double> shares = {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999};
  for (double p : shares)
    program += fmt::format("{}P[x < {:.17g}]", p == shares[0] ? "" : ", ", law.quantile(p));
  const mc::Report report = mc::compile(program).run({.samples = 1'000'000, .seed = 5});
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const mc::Estimate& e = report.results[k].estimate;
    EXPECT_NEAR(e.value, shares[k], 5 * e.standard_error) << shares[k];
    EXPECT_EQ(e.nonfinite, 0U);
  }
}

template <class Condition>
auto laws(Condition condition) {
  std::vector<Law> all = all_laws();
  std::erase_if(all, std::not_fn(condition));
  return testing::ValuesIn(all);
}

std::string law_name(const testing::TestParamInfo<Law>& info) {
  std::string name = info.param.name + "_" + info.param.arguments;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Library, OfLaw, testing::ValuesIn(all_laws()), law_name);
INSTANTIATE_TEST_SUITE_P(Library, OfContinuousLaw, laws([](const Law& law) { return !law.discrete; }),
                         law_name);
INSTANTIATE_TEST_SUITE_P(Library, OfDiscreteLaw, laws([](const Law& law) { return law.discrete; }), law_name);
INSTANTIATE_TEST_SUITE_P(Library, OfLawWithMoments,
                         laws([](const Law& law) { return !std::isnan(law.mean); }), law_name);

/// Boost's own density has lost digits by then.
TEST(Geometric, KeepsItsDigitsForRareSuccesses) {
  for (const double p : {1e-15, 1e-12, 1e-6, 0.3, 1.0})
    for (const double x : {1.0, 2.0, 1000.0, 1e9, 1e12}) {
      const long double failures = std::log1p(-static_cast<long double>(p));
      const auto cdf = static_cast<double>(-std::expm1(x * failures));
      const auto pdf = x == 1 ? p : static_cast<double>(p * std::exp((x - 1) * failures));
      const std::string arguments = fmt::format("(x, {})", p);
      EXPECT_NEAR(at("geometric.cdf" + arguments, x), cdf, 1e-15 * cdf) << x << ", " << p;
      EXPECT_NEAR(at("geometric.pdf" + arguments, x), pdf, 1e-13 * pdf) << x << ", " << p;
    }
}

/// Where a law is a single value, and where its arguments lie at the ends of what is allowed.
TEST(Library, DrawsAtTheEndsToo) {
  struct Case {
    const char *program, *what;
    double value;
  };
  const Case cases[] = {
      {"x ~ poisson(0); E[x]", "nothing comes at rate 0", 0},
      {"x ~ binomial(7, 0); E[x]", "no success", 0},
      {"x ~ binomial(7, 1); E[x]", "no failure", 7},
      {"x ~ binomial(0, 0.3); E[x]", "no trial", 0},
      {"x ~ poisson(1e-9); P[x > 1]", "hardly ever", 0},
      {"x ~ poisson(1e15); P[abs(x - 1e15) > 1e9]", "30 deviations", 0},
      {"x ~ gamma(1e15, 1); P[abs(x - 1e15) > 1e9]", "30 deviations", 0},
      {"x ~ gamma(1e-3, 1); P[x < 0]", "not below its support", 0},
      {"x ~ beta(1e-3, 1e-3); P[x < 0 or x > 1]", "not beyond its support", 0},
      {"x ~ beta(1e15, 1e15); P[abs(x - 0.5) > 1e-6]", "a point, nearly", 0},
      {"x ~ binomial(1e15, 0.5); P[abs(x - 5e14) > 1e9]", "60 deviations", 0},
  };
  for (const Case& c : cases) {
    const mc::Estimate e = mc::compile(c.program).estimate({.samples = 20'000});
    EXPECT_EQ(e.value, c.value) << c.program << ": " << c.what;
    EXPECT_EQ(e.nonfinite, 0U) << c.program;
  }
}

/// Bad arguments that only the samples tell make those samples not a number, and no others.
TEST(Library, RejectionEndsWhereArgumentsAreBad) {
  for (const char* program : {"m ~ uniform(-1, 1); x ~ gamma(m, 1); E[x | m < 0]",
                              "m ~ uniform(-1, 1); x ~ poisson(m); E[x | m < 0]",
                              "m ~ uniform(-1, 1); x ~ beta(1, m)^5; E[sum(x) | m < 0]"}) {
    const mc::Estimate e = mc::compile(program).estimate({.samples = 10'000});
    EXPECT_GT(e.nonfinite, 4'500U) << program;
    EXPECT_LT(e.nonfinite, 5'500U) << program;
  }
  const mc::Estimate good =
      mc::compile("m ~ uniform(-1, 1); x ~ poisson(m); E[x | m > 0]").estimate({.samples = 100'000});
  EXPECT_NEAR(good.value, 0.5, 5 * good.standard_error);
}

struct Refusal {
  const char* program;
  const char* message;
};

constexpr Refusal kRefusals[] = {
    {"x ~ uniform(2, 1); E[x]", "a must be less than b: a is 2, b is 1"},
    {"x ~ normal(0, 0); E[x]", "sigma must be positive, is 0"},
    {"x ~ lognormal(0, -1); E[x]", "sigma must be positive, is -1"},
    {"x ~ weibull(-1, 2); E[x]", "shape must be positive, is -1"},
    {"x ~ weibull(1, 0); E[x]", "scale must be positive, is 0"},
    {"x ~ cauchy(0, -2); E[x]", "g must be positive, is -2"},
    {"x ~ pareto(0, 1); E[x]", "xm must be positive, is 0"},
    {"x ~ triangular(1, 0, 0); E[x]", "a must be less than b: a is 1, b is 0"},
    {"x ~ geometric(0); E[x]", "geometric needs 0 < p <= 1: p is 0"},
    {"x ~ bernoulli(1.5); E[x]", "bernoulli needs 0 <= p <= 1: p is 1.5"},
    {"x ~ normal(0, 1); E[weibull.pdf(x, -1, 2)]", "shape must be positive, is -1"},
    {"x ~ gamma(-1, 1); E[x]", "shape must be positive, is -1"},
    {"x ~ gamma(1, 0); E[x]", "rate must be positive, is 0"},
    {"x ~ gamma(inf, 1); E[x]", "gamma needs 1e-100 <= shape <= 1e15: shape is inf"},
    {"x ~ chisquare(0); E[x]", "k must be positive, is 0"},
    {"x ~ beta(1, -2); E[x]", "b must be positive, is -2"},
    {"x ~ studentt(0); E[x]", "nu must be positive, is 0"},
    {"x ~ poisson(-0.5); E[x]", "rate must not be negative, is -0.5"},
    {"x ~ poisson(1e300); E[x]", "poisson needs rate <= 1e15: rate is 1e+300"},
    {"x ~ binomial(2.5, 0.5); E[x]", "binomial needs n == floor(n): n is 2.5"},
    {"x ~ binomial(-1, 0.5); E[x]", "n must not be negative, is -1"},
    {"x ~ binomial(3, 1.5); E[x]", "binomial needs 0 <= p <= 1: p is 1.5"},
    {"x ~ normal(0, 1); E[poisson.pdf(x, -1)]", "rate must not be negative, is -1"},
    {"x ~ normal(0, 1); E[gamma.cdf(x, -1, 1)]", "shape must be positive, is -1"},
    {"x ~ normal(0, 1)^3; E[sum(gamma.cdf(x, -1, 1))]", "shape must be positive, is -1"},
    {"x ~ uniform(0, 1); E[gamma.icdf(x, 1, 0)]", "rate must be positive, is 0"},
    {"x ~ uniform(0, 1); E[beta.icdf(x, 1, -2)]", "b must be positive, is -2"},
    {"x ~ normal(0, 1); E[studentt.cdf(x, 0)]", "nu must be positive, is 0"},
    {"x ~ uniform(0, 1); E[binomial.icdf(x, 2.5, 0.5)]", "binomial.icdf needs n == floor(n): n is 2.5"},
    {"x ~ uniform(0, 1); E[poisson.icdf(x, 1e16)]", "poisson.icdf needs rate <= 1e15: rate is 1e+16"},
    {"x ~ uniform(0, 1); E[gammainc(0, x)]", "a must be positive, is 0"},
    {"x ~ uniform(0, 1); E[betaincinv(1, 1e300, x)]", "betaincinv needs 1e-100 <= b <= 1e15: b is 1e+300"},
};

TEST(Library, RefusesArgumentsThatCannotBe) {
  for (const auto& [program, message] : kRefusals) {
    try {
      (void)mc::compile(program).estimate({.samples = 100});
      ADD_FAILURE() << program;
    } catch (const mc::ArgumentError& error) {
      EXPECT_EQ(error.diagnostics()[0].message, message) << program;
    }
  }
}

}  // namespace
