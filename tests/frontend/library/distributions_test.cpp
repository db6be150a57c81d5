// Every distribution of the library against Boost.Math: density, distribution function and its inverse point
// by point, and what is drawn by its moments and by how its own distribution function spreads it.
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/math/distributions.hpp>
#include <mc/mc.hpp>

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

std::vector<Law> all_laws() {
  return {
      law("uniform", "-1, 3", bm::uniform_distribution<double>(-1, 3)),
      law("normal", "0, 1", bm::normal_distribution<double>(0, 1)),
      law("normal", "-2, 0.5", bm::normal_distribution<double>(-2, 0.5)),
      law("lognormal", "0.2, 0.5", bm::lognormal_distribution<double>(0.2, 0.5)),
      law("exponential", "3", bm::exponential_distribution<double>(3)),
      law("laplace", "1, 2", bm::laplace_distribution<double>(1, 2)),
      law("logistic", "1, 0.5", bm::logistic_distribution<double>(1, 0.5)),
      law("weibull", "2, 3", bm::weibull_distribution<double>(2, 3)),
      law("weibull", "0.7, 1", bm::weibull_distribution<double>(0.7, 1)),
      cauchy(0, 1),
      cauchy(-1, 2),
      law("pareto", "2, 5", bm::pareto_distribution<double>(2, 5)),
      law("triangular", "0, 2, 0.5", bm::triangular_distribution<double>(0, 0.5, 2)),
      law("triangular", "0, 1, 0", bm::triangular_distribution<double>(0, 0, 1)),
      law("triangular", "0, 1, 1", bm::triangular_distribution<double>(0, 1, 1)),
      law("bernoulli", "0.3", bm::bernoulli_distribution<double>(0.3), true),
      geometric(0.3),
      geometric(0.9),
  };
}

double at(const std::string& expression, double x) { return mc::compile(expression)(std::span(&x, 1)); }

/// Points where the law lives, and those of discrete ones that are whole.
std::vector<double> points(const Law& law) {
  if (law.discrete) return {0, 1, 2, 5};
  std::vector<double> points;
  for (double p : {1e-6, 0.01, 0.1, 0.3, 0.5, 0.8, 0.99, 0.999999}) points.push_back(law.quantile(p));
  return points;
}

class OfLaw : public testing::TestWithParam<Law> {};

TEST_P(OfLaw, DensityAndIntegralAreBoosts) {
  const Law& law = GetParam();
  for (double x : points(law)) {
    if (law.name == "bernoulli" && x > 1) continue;  // Boost throws there
    const double pdf = law.pdf(x), cdf = law.cdf(x);
    EXPECT_NEAR(at(law.call("pdf"), x), pdf, 2e-14 * pdf) << x;
    // Boost's triangular one is 1 - (1 - x)^2, and has lost its digits near 0.
    EXPECT_NEAR(at(law.call("cdf"), x), cdf, 2e-14 * cdf + (law.name == "triangular" ? 1e-16 : 0)) << x;
  }
}

TEST_P(OfLaw, InverseIsTheIntegralsInverse) {
  const Law& law = GetParam();
  if (law.discrete) return;  // there is none
  for (double p : {1e-6, 0.01, 0.1, 0.3, 0.5, 0.8, 0.99, 0.999999}) {
    const double x = law.quantile(p);
    EXPECT_NEAR(at(law.call("icdf"), p), x, 1e-10 * std::abs(x) + 1e-14) << p;
  }
  for (double p : {-0.1, 1.1, kNan}) EXPECT_TRUE(std::isnan(at(law.call("icdf"), p))) << p;
}

TEST_P(OfLaw, EndsAreQuiet) {
  const Law& law = GetParam();
  for (double x : {-kInf, kInf}) {
    EXPECT_EQ(at(law.call("pdf"), x), 0) << x;
    EXPECT_EQ(at(law.call("cdf"), x), x > 0 ? 1 : 0) << x;
  }
  for (const char* of : {"pdf", "cdf"}) EXPECT_TRUE(std::isnan(at(law.call(of), kNan))) << of;
}

/// 5 sigma each, some 50 of them: a false alarm once in 35 000 changes of the samplers.
TEST_P(OfLaw, SamplesHaveItsMoments) {
  const Law& law = GetParam();
  if (std::isnan(law.mean)) return;
  const mc::Report report = mc::compile(law.sampled() + "E[x], Var[x]").run({.samples = 400'000, .seed = 7});
  const double exact[] = {law.mean, law.variance};
  for (unsigned k = 0; k < 2; ++k) {
    const mc::Estimate& e = report.results[k].estimate;
    EXPECT_NEAR(e.value, exact[k], 5 * e.standard_error) << report.results[k].query;
  }
}

/// The distribution function spreads its own samples evenly: a tenth of them between any two tenths.
TEST_P(OfLaw, SamplesAreSpreadAsItSays) {
  const Law& law = GetParam();
  if (law.discrete) return;
  std::string program = law.sampled() + "c = " + law.call("cdf") + "; ";
  for (int k = 1; k < 10; ++k) program += fmt::format("{}P[c < {}]", k == 1 ? "" : ", ", k / 10.0);
  const mc::Report report = mc::compile(program).run({.samples = 400'000, .seed = 3});
  for (int k = 1; k < 10; ++k) {
    const mc::Estimate& e = report.results[static_cast<std::size_t>(k - 1)].estimate;
    EXPECT_NEAR(e.value, k / 10.0, 5 * e.standard_error) << k;
  }
}

TEST_P(OfLaw, DiscreteSamplesHaveItsProbabilities) {
  const Law& law = GetParam();
  if (!law.discrete) return;
  for (double x : points(law)) {
    if (law.name == "bernoulli" && x > 1) continue;
    const double p = law.pdf(x);
    const mc::Estimate e =
        mc::compile(law.sampled() + fmt::format("P[x == {}]", x)).estimate({.samples = 400'000, .seed = 11});
    EXPECT_NEAR(e.value, p, 5 * e.standard_error) << x;
  }
}

INSTANTIATE_TEST_SUITE_P(Library, OfLaw, testing::ValuesIn(all_laws()), [](const auto& info) {
  std::string name = info.param.name + "_" + info.param.arguments;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});

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
    {"x ~ geometric(0); E[x]", "geometric needs 0 < p <= 1, is 0"},
    {"x ~ bernoulli(1.5); E[x]", "bernoulli needs 0 <= p <= 1, is 1.5"},
    {"x ~ normal(0, 1); E[weibull.pdf(x, -1, 2)]", "shape must be positive, is -1"},
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
