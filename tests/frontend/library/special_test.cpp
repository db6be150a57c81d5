// Incomplete gamma and beta functions and the distribution functions made of them, against Boost.Math with 50
// digits: with fewer it is itself the less exact one where shapes are large. With MC_SPECIAL_TABLE=FILE it
// writes docs/special.md; MC_SPECIAL_ARGUMENTS is how many are drawn for each row.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <mc/mc.hpp>

namespace {

namespace bm = boost::math;
using Exact = boost::multiprecision::cpp_bin_float_50;
using Arguments = std::vector<double>;

/// Draws what a row is compared at.
class Draws {
 public:
  double between(double a, double b) { return a + (b - a) * static_cast<double>(words_() >> 11) * 0x1p-53; }
  double power_of_ten(double lo, double hi) { return std::pow(10.0, between(lo, hi)); }
  unsigned below(unsigned n) { return static_cast<unsigned>(words_() % n); }

  /// Arguments of a gamma variable of that shape: both far tails, and far orders of magnitude.
  double of_gamma(double shape) {
    double x = 0;
    while (!(x > 0)) switch (below(4)) {
        case 0:
          x = shape * power_of_ten(-3, 3);
          break;
        case 1:
          x = power_of_ten(-300, 2);
          break;
        default:
          x = shape + between(-35, 38) * std::sqrt(shape);
      }
    return x;
  }

  /// log(x/(1 - x)) of a beta variable.
  double of_beta(double a, double b) {
    const double mode = std::log(a / b);
    switch (below(3)) {
      case 0:
        return mode + between(-3, 3);
      case 1:
        return mode - between(0, 600);
      default:
        return mode + between(-38, 38) * std::sqrt(1 / a + 1 / b);
    }
  }

 private:
  std::mt19937_64 words_{20260101};
};

/// Powers of ten that a row's shapes lie between.
struct Shapes {
  const char* words;
  double lo, hi;
};

constexpr Shapes kSmall = {"1e-3 to 1", -3, 0}, kMiddle = {"1 to 1e3", 0, 3}, kLarge = {"1e3 to 1e6", 3, 6},
                 kHuge = {"1e6 to 5e7", 6, 7.7};

struct Row {
  const char *name, *program;
  Shapes shapes;
  double goal;
  std::function<Arguments(Draws&, const Shapes&)> draw;
  std::function<Exact(const Arguments&)> exact;
};

Arguments gamma_arguments(Draws& draws, const Shapes& s) {
  const double a = draws.power_of_ten(s.lo, s.hi);
  return {a, draws.of_gamma(a)};
}

Arguments beta_arguments(Draws& draws, const Shapes& s) {
  const double a = draws.power_of_ten(s.lo, s.hi), b = draws.power_of_ten(s.lo, s.hi);
  return {a, b, 1 / (1 + std::exp(-draws.of_beta(a, b)))};
}

Arguments rated_arguments(Draws& draws, const Shapes& s) {
  const double a = draws.power_of_ten(s.lo, s.hi), rate = draws.power_of_ten(-3, 3);
  return {a, rate, draws.of_gamma(a) / rate};
}

Arguments student_arguments(Draws& draws, const Shapes& s) {
  const double t = draws.below(2) == 0 ? draws.between(-38, 38) : -draws.power_of_ten(-10, 100);
  return {draws.power_of_ten(s.lo, s.hi), t};
}

Arguments poisson_arguments(Draws& draws, const Shapes& s) {
  const double rate = draws.power_of_ten(s.lo, s.hi);
  return {rate, std::max(0.0, std::floor(rate + draws.between(-35, 38) * std::sqrt(rate)))};
}

Arguments binomial_arguments(Draws& draws, const Shapes& s) {
  const double n = std::floor(draws.power_of_ten(s.lo, s.hi)) + 1;
  const double p = draws.below(2) == 0 ? draws.between(0, 1) : draws.power_of_ten(-s.hi, 0);
  const double k = std::floor(n * p + draws.between(-35, 38) * std::sqrt(n * p * (1 - p)));
  return {n, p, std::clamp(k, 0.0, n - 1)};
}

std::vector<Row> all_rows() {
  using A = const Arguments&;
  struct Function {
    const char *name, *program;
    std::function<Arguments(Draws&, const Shapes&)> draw;
    std::function<Exact(A)> exact;
  };
  const Function functions[] = {
      {"gammainc(a, x)", "gammainc(x_1, x_2)", gamma_arguments,
       [](A a) { return bm::gamma_p(Exact(a[0]), Exact(a[1])); }},
      {"gammaincc(a, x)", "gammaincc(x_1, x_2)", gamma_arguments,
       [](A a) { return bm::gamma_q(Exact(a[0]), Exact(a[1])); }},
      {"betainc(a, b, x)", "betainc(x_1, x_2, x_3)", beta_arguments,
       [](A a) { return bm::ibeta(Exact(a[0]), Exact(a[1]), Exact(a[2])); }},
      {"betaincc(a, b, x)", "betaincc(x_1, x_2, x_3)", beta_arguments,
       [](A a) { return bm::ibetac(Exact(a[0]), Exact(a[1]), Exact(a[2])); }},
      {"gamma.cdf(x, shape, rate)", "gamma.cdf(x_3, x_1, x_2)", rated_arguments,
       [](A a) { return bm::gamma_p(Exact(a[0]), Exact(a[1]) * Exact(a[2])); }},
      {"studentt.cdf(x, nu)", "studentt.cdf(x_2, x_1)", student_arguments,
       [](A a) { return bm::cdf(bm::students_t_distribution<Exact>(a[0]), Exact(a[1])); }},
      {"poisson.cdf(k, rate)", "poisson.cdf(x_2, x_1)", poisson_arguments,
       [](A a) { return bm::gamma_q(Exact(a[1]) + 1, Exact(a[0])); }},
      {"binomial.cdf(k, n, p)", "binomial.cdf(x_3, x_1, x_2)", binomial_arguments,
       [](A a) { return bm::ibetac(Exact(a[2]) + 1, Exact(a[0] - a[2]), Exact(a[1])); }},
  };
  std::vector<Row> rows;
  for (const Function& f : functions)
    for (const Shapes& shapes : {kSmall, kMiddle, kLarge, kHuge}) {
      // 1 less a tail that is nearly all of it has the rounding of 1: for small shapes that counts.
      const double goal = shapes.hi == 0 ? 2e-13 : shapes.hi > 6 ? 1e-12 : 1e-13;
      rows.push_back({f.name, f.program, shapes, goal, f.draw, f.exact});
    }
  return rows;
}

struct Measured {
  double error = 0;
  Arguments at = {};
  unsigned arguments = 0;
};

/// The largest relative error where the value is above 1e-290.
Measured measure(const Row& row, unsigned arguments) {
  const mc::Moment function = mc::compile(row.program);
  Draws draws;
  Measured most;
  while (most.arguments < arguments) {
    const Arguments at = row.draw(draws, row.shapes);
    const Exact exact = row.exact(at);
    if (!(exact > 1e-290) || exact == 1) continue;
    ++most.arguments;
    const double value = function(std::span<const double>(at));
    const Exact difference = (Exact(value) - exact) / exact;
    const double error = std::isnan(value) ? 1 : std::abs(static_cast<double>(difference));
    if (error > most.error) most.error = error, most.at = at;
  }
  return most;
}

constexpr auto kPage = R"(# Accuracy of the incomplete gamma and beta functions

The largest relative error found, where the value is above 1e-290, against Boost.Math with 50 digits: {} arguments drawn for
each row, in both tails. A maximum over arguments drawn is no bound. What is left near 1 is exact to a unit in 1's last
place, so small upper tails of shapes below 1e-2, which are what is left of nearly 1, lose digits: about 1e-16 divided by
the tail. Shapes above 5e7 are too large for Boost; up to 1e15 a test sees that inverses lead back within 1e-11.
How they are computed:
[`frontend/library/special.mc`](../frontend/library/special.mc). This page is written by

    MC_SPECIAL_ARGUMENTS={} MC_SPECIAL_TABLE=docs/special.md build/release/tests/special

| function | shapes | goal | largest error | at |
|---|---|---|---|---|
)";

TEST(Special, IsAsExactAsItSays) {
  const char *page = std::getenv("MC_SPECIAL_TABLE"), *given = std::getenv("MC_SPECIAL_ARGUMENTS");
  const unsigned arguments = given == nullptr ? 25 : static_cast<unsigned>(std::atoi(given));
  std::string table = fmt::format(fmt::runtime(kPage), arguments, arguments);
  for (const Row& row : all_rows()) {
    const Measured most = measure(row, arguments);
    EXPECT_LE(most.error, row.goal) << row.name << " at " << fmt::format("{}", fmt::join(most.at, ", "));
    EXPECT_GT(most.error, 0) << row.name << ": nothing was compared";
    table += fmt::format("| {} | {} | {:.0e} | {:.1e} | {} |\n", row.name, row.shapes.words, row.goal,
                         most.error, fmt::join(most.at, ", "));
  }
  if (page != nullptr) std::ofstream(page) << table;
}

double at(const mc::Moment& f, Arguments x) { return f(std::span<const double>(x)); }

/// Looked for by the smaller tail, for the other one does not tell.
TEST(Special, InversesGoBack) {
  const mc::Moment p = mc::compile("gammainc(x_1, x_2)"), q = mc::compile("gammaincc(x_1, x_2)");
  const mc::Moment p_inverse = mc::compile("gammaincinv(x_1, x_2)"),
                   q_inverse = mc::compile("gammainccinv(x_1, x_2)");
  const mc::Moment i = mc::compile("betainc(x_1, x_2, x_3)"), ic = mc::compile("betaincc(x_1, x_2, x_3)");
  const mc::Moment i_inverse = mc::compile("betaincinv(x_1, x_2, x_3)"),
                   ic_inverse = mc::compile("betainccinv(x_1, x_2, x_3)");
  const mc::Moment t = mc::compile("studentt.cdf(x_1, x_2)"),
                   t_inverse = mc::compile("studentt.icdf(x_1, x_2)");
  const Shapes all = {"", -3, 15};
  Draws draws;
  for (unsigned k = 0; k < 250; ++k) {
    const Arguments g = gamma_arguments(draws, all), b = beta_arguments(draws, all),
                    s = student_arguments(draws, all);
    const double gp = at(p, g), gq = at(q, g), bp = at(i, b), bq = at(ic, b),
                 tp = at(t, {-std::abs(s[1]), s[0]});
    if (std::min(gp, gq) > 1e-300) {
      EXPECT_NEAR((gp < gq ? at(p_inverse, {g[0], gp}) : at(q_inverse, {g[0], gq})) / g[1], 1, 1e-11)
          << fmt::format("{}", fmt::join(g, ", "));
    }
    if (std::min(bp, bq) > 1e-300) {
      EXPECT_NEAR((bp < bq ? at(i_inverse, {b[0], b[1], bp}) : at(ic_inverse, {b[0], b[1], bq})) / b[2], 1,
                  1e-11)
          << fmt::format("{}", fmt::join(b, ", "));
    }
    if (tp > 1e-300) {
      EXPECT_NEAR(at(t_inverse, {tp, s[0]}), -std::abs(s[1]), 1e-11 * std::abs(s[1]) + 1e-13)
          << fmt::format("{}", fmt::join(s, ", "));
    }
  }
}

/// icdf(cdf(k)) is k, up to the largest parameters.
TEST(Special, DiscreteInversesEndAtTheStep) {
  const mc::Moment poisson = mc::compile("poisson.cdf(x_2, x_1)"),
                   poisson_inverse = mc::compile("poisson.icdf(x_2, x_1)");
  const mc::Moment binomial = mc::compile("binomial.cdf(x_3, x_1, x_2)"),
                   binomial_inverse = mc::compile("binomial.icdf(x_3, x_1, x_2)");
  Draws draws;
  unsigned compared = 0;
  for (unsigned k = 0; k < 150; ++k) {
    const Arguments a = poisson_arguments(draws, {"", -3, 9}), b = binomial_arguments(draws, {"", 0, 9});
    const double p = at(poisson, a), r = at(binomial, b);
    if (p > 1e-300 && p < 1 - 1e-8 && at(poisson, {a[0], a[1] - 1}) < p * (1 - 1e-12)) {
      EXPECT_EQ(at(poisson_inverse, {a[0], p}), a[1]) << a[0] << ", " << p;
      ++compared;
    }
    if (r > 1e-300 && r < 1 - 1e-8 && at(binomial, {b[0], b[1], b[2] - 1}) < r * (1 - 1e-12)) {
      EXPECT_EQ(at(binomial_inverse, {b[0], b[1], r}), b[2]) << b[0] << ", " << b[1] << ", " << r;
      ++compared;
    }
  }
  EXPECT_GT(compared, 100u);
}

constexpr double kInf = std::numeric_limits<double>::infinity(),
                 kNan = std::numeric_limits<double>::quiet_NaN();

struct Value {
  const char* program;  ///< of x_1
  double x, value;
};

/// Ends, what lies beyond them, and numbers as small and large as there are. The others are of 50 digits.
constexpr Value kValues[] = {
    {"gammainc(2, x_1)", 0, 0},
    {"gammaincc(2, x_1)", 0, 1},
    {"gammainc(2, x_1)", kInf, 1},
    {"gammaincc(2, x_1)", kInf, 0},
    {"gammainc(2, x_1)", -1, kNan},
    {"gammainc(2, x_1)", kNan, kNan},
    {"gammainc(1e-3, x_1)", 1e-320, 0.478906045835016},
    {"gammaincc(1e15, x_1)", 1e300, 0},
    {"gammaincinv(2, x_1)", 0, 0},
    {"gammaincinv(2, x_1)", 1, kInf},
    {"gammaincinv(2, x_1)", 1.5, kNan},
    {"gammainccinv(2, x_1)", 0, kInf},
    {"gammainccinv(2, x_1)", kNan, kNan},
    {"betainc(2, 3, x_1)", 0, 0},
    {"betaincc(2, 3, x_1)", 1, 0},
    {"betainc(2, 3, x_1)", 1.5, kNan},
    {"betainc(2, 3, x_1)", kNan, kNan},
    {"betaincinv(2, 3, x_1)", 1, 1},
    {"betainccinv(2, 3, x_1)", -0.1, kNan},
    {"gamma.cdf(x_1, 2, 1)", -1, 0},
    {"gamma.cdf(x_1, 2, 1e10)", 1e308, 1},
    {"gamma.icdf(x_1, 2, 0.5)", 1, kInf},
    {"gamma.pdf(x_1, 2, 1)", 1e-320, 1e-320},
    {"gamma.pdf(x_1, 2, 1)", 1e308, 0},
    {"gamma.pdf(x_1, 2, 1e10)", 1e308, 0},
    {"gamma.pdf(x_1, 1e15, 1)", 5e-324, 0},
    {"beta.pdf(x_1, 3, 2)", 1e-320, 0},
    {"beta.pdf(x_1, 2, 3)", 5e-324, 12 * 5e-324},
    {"beta.cdf(x_1, 2, 3)", 2, 1},
    {"beta.cdf(x_1, 2, 3)", -kInf, 0},
    {"beta.icdf(x_1, 2, 3)", 0, 0},
    {"studentt.cdf(x_1, 5)", -kInf, 0},
    {"studentt.cdf(x_1, 5)", kInf, 1},
    {"studentt.cdf(x_1, 1)", -1e200, 1 / (M_PI * 1e200)},
    {"studentt.cdf(x_1, 5)", 1e-300, 0.5},
    {"studentt.icdf(x_1, 1)", 1e-300, -1 / (M_PI * 1e-300)},
    {"studentt.icdf(x_1, 5)", 0.5, 0},
    {"studentt.icdf(x_1, 5)", 1, kInf},
    {"poisson.cdf(x_1, 3)", 1e300, 1},
    {"poisson.cdf(x_1, 3)", -0.5, 0},
    {"poisson.cdf(x_1, 0)", 0, 1},
    {"poisson.icdf(x_1, 3)", 0, 0},
    {"poisson.icdf(x_1, 3)", 1, kInf},
    {"poisson.icdf(x_1, 0)", 1, 0},
    {"binomial.cdf(x_1, 5, 0)", 0, 1},
    {"binomial.cdf(x_1, 5, 1)", 4.5, 0},
    {"binomial.cdf(x_1, 5, 1)", 5, 1},
    {"binomial.icdf(x_1, 5, 0.5)", 1, 5},
    {"binomial.icdf(x_1, 0, 0.5)", 0.5, 0},
    {"binomial.icdf(x_1, 5, 1)", 1e-300, 5},
    {"bernoulli.icdf(x_1, 0.25)", 0.75, 0},
    {"bernoulli.icdf(x_1, 0.25)", 0.7500001, 1},
    {"geometric.icdf(x_1, 1)", 1, 1},
    {"geometric.icdf(x_1, 0.5)", 0.75, 2},
    {"geometric.icdf(x_1, 0.5)", 0.7500001, 3},
    {"geometric.icdf(x_1, 0.5)", 1, kInf},
};

TEST(Special, EndsAndExtremes) {
  for (const auto& [program, x, value] : kValues) {
    const double is = at(mc::compile(program), {x});
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(is)) << program << " at " << x << " is " << is;
    else if (std::isinf(value) || (value == std::floor(value) && std::abs(value) < 100))
      EXPECT_EQ(is, value) << program << " at " << x;
    else
      EXPECT_NEAR(is / value, 1, 1e-13) << program << " at " << x;
  }
}

/// The same bits by every back end, where lanes settle at different rounds, and element by element as by
/// vectors.
TEST(Special, EveryBackEndHasTheSameBits) {
  for (const char* program : {
           "x ~ uniform(0, 1); E[gammaincinv(2.5, x)], E[betainc(0.3, 7, x)]",
           "x ~ uniform(0, 1); E[beta.icdf(x, 0.5, 40)], E[studentt.icdf(x, 3)]",
           "x ~ uniform(0, 1); E[poisson.icdf(x, 12.5)], E[binomial.icdf(x, 30, 0.3)]",
           "x ~ uniform(0, 1)^6; E[sum(gamma.cdf(x, 2, 3))], E[sum(gamma.cdf(x_i, 2, 3))]",
       }) {
    const mc::Moment moment = mc::compile(program);
    const mc::Report by_interpreter = moment.run({.samples = 3000, .backend = mc::Backend::interpreter});
    const mc::Report by_llvm = moment.run({.samples = 3000, .backend = mc::Backend::llvm});
    for (std::size_t k = 0; k < by_llvm.results.size(); ++k) {
      const mc::Estimate &a = by_interpreter.results[k].estimate, &b = by_llvm.results[k].estimate;
      EXPECT_EQ(a.value, b.value) << program;
      EXPECT_EQ(a.standard_error, b.standard_error) << program;
      EXPECT_EQ(b.nonfinite, 0u) << program;
    }
    if (std::string_view(program).contains("^6")) {
      EXPECT_EQ(by_llvm.results[0].estimate.value, by_llvm.results[1].estimate.value);
    }
  }
}

}  // namespace
