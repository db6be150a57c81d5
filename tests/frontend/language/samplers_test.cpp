// Distributions of the program's own: what one sample of each is, in plain C++; and what is refused, where.
#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "tests/frontend/language/sampled_programs.hpp"

namespace mc::language {
namespace {

/// So many draws, anew until the last of them is below a bound.
std::vector<double> first_below(Draws& draws, std::size_t count, double bound) {
  for (;;)
    if (auto u = draws.vector(count); u.back() < bound) return u;
}

const Case kCases[] = {
    {"rayleigh(s) ~ s*sqrt(-2*log(u)) where s > 0; x ~ rayleigh(2)^3; E[sum(i*x_i)]",
     [](Draws& draws) {
       const auto u = draws.vector(3);
       double s = 0;
       for (std::size_t i = 0; i < 3; ++i)
         s += static_cast<double>(i + 1) * 2 * std::sqrt(-2 * std::log(u[i]));
       return s;
     }},
    // arguments by coordinate; a function, a definition and an earlier variable in its text; no parameter
    {"square(t) = t^2; b = 3; m ~ uniform(0, 1); d(a) ~ a*square(u) + b*m; x ~ d([1, 2]); E[x_1 + 10*x_2]",
     [](Draws& draws) {
       const double m = draws.scalar();
       const auto u = draws.vector(2);
       return u[0] * u[0] + 3 * m + 10 * (2 * u[1] * u[1] + 3 * m);
     }},
    {"die() ~ ceil(6*u); x ~ die(); y ~ die(); E[10*x + y]",
     [](Draws& draws) { return 10 * std::ceil(6 * draws.scalar()) + std::ceil(6 * draws.scalar()); }},
    // all that there are, in this order
    {"d() ~ u + 2*v + 3*w + 4*u2 + 5*v2 + 6*w2; x ~ d()^7; E[sum(i*x_i)]",
     [](Draws& draws) {
       const auto u = draws.vector(42);
       double s = 0;
       for (std::size_t k = 0; k < 42; ++k) s += static_cast<double>((k / 6 + 1) * (k % 6 + 1)) * u[k];
       return s;
     }},
    {"d(a) ~ a + w; x ~ d(1)^2; y ~ uniform(0, 1); E[x_1 + 10*x_2 + y]",
     [](Draws& draws) {
       const auto u = draws.vector(6);
       return 1 + u[2] + 10 * (1 + u[5]) + draws.scalar();
     }},
    // rejection, with a draw that is taken once after it
    {"disc(r) ~ r*sqrt(u^2 + v^2) + w until u^2 + v^2 < 1 where r > 0; x ~ disc(3)^5; y ~ uniform(0, 1);"
     " E[sum(i*x_i) + y]",
     [](Draws& draws) {
       double s = 0;
       for (int i = 1; i <= 5; ++i) {
         auto u = draws.vector(2);
         while (u[0] * u[0] + u[1] * u[1] >= 1) u = draws.vector(2);
         s += i * (3 * std::sqrt(u[0] * u[0] + u[1] * u[1]) + draws.scalar());
       }
       return s + draws.scalar();
     }},
    // reductions over draws: in the value, in the condition, and in both
    {"p = [0.2, 0.3, 0.5]; pick() ~ 1 + sum(u > cumsum(p)_i); k ~ pick()^6; E[sum(i*k_i)]",
     [](Draws& draws) {
       const auto u = draws.vector(6);
       double s = 0;
       for (std::size_t i = 0; i < 6; ++i)
         s += static_cast<double>(i + 1) * (u[i] <= 0.2 ? 1 : u[i] <= 0.2 + 0.3 ? 2 : 3);
       return s;
     }},
    {"d() ~ norm([u, v, w2]) until sum([u, v, w]) < 1 and max([u, v, w]) < 0.6; x ~ d()^5; E[sum(i*x_i)]",
     [](Draws& draws) {
       double s = 0;
       for (int i = 1; i <= 5; ++i) {
         auto u = draws.vector(3);
         while (u[0] + u[1] + u[2] >= 1 || std::max({u[0], u[1], u[2]}) >= 0.6) u = draws.vector(3);
         const double last = draws.vector(3)[2];
         s += i * std::sqrt(u[0] * u[0] + u[1] * u[1] + last * last);
       }
       return s;
     }},
    {"d(a) ~ sum(a*u^i*v, i = 1..6) until sum(u^i, i = 1..6) < a; x ~ d(2)^2; E[x_1 + 10*x_2]",
     [](Draws& draws) {
       double s = 0;
       for (int i = 0; i < 2; ++i) {
         const auto powers = [](double u) {
           return u + u * u + std::pow(u, 3) + std::pow(u, 4) + std::pow(u, 5) + std::pow(u, 6);
         };
         double u = draws.scalar();
         while (powers(u) >= 2) u = draws.scalar();
         s += (i == 0 ? 1 : 10) * 2 * powers(u) * draws.scalar();
       }
       return s;
     }},
    // iterations over draws: in the value, in a sum, in the condition, and in functions of the library
    {"d() ~ iterate(y = u, y/2, 2) until u < 0.5; x ~ d()^4; E[sum(i*x_i)]",
     [](Draws& draws) {
       double s = 0;
       for (int i = 1; i <= 4; ++i) s += i * first_below(draws, 1, 0.5)[0] / 4;
       return s;
     }},
    {"d() ~ sum(i*iterate(y = u, y/2, 2), i = 1..3); x ~ d(); E[x]",
     [](Draws& draws) { return 6 * draws.scalar() / 4; }},
    {"d() ~ sum(i*iterate(y = u, y/2, 2), i = 1..9) until u < 0.5; x ~ d()^2; E[x_1 + 10*x_2]",
     [](Draws& draws) {
       const double first = first_below(draws, 1, 0.5)[0];
       return 45 * (first + 10 * first_below(draws, 1, 0.5)[0]) / 4;
     }},
    // it starts from what no draw changes; a draw of the rounds and one after them
    {"d(a) ~ iterate(y = a, y*u + v, 3) until u < 0.5; x ~ d(2)^2; E[x_1 + 10*x_2]",
     [](Draws& draws) {
       double s = 0;
       for (int i = 0; i < 2; ++i) {
         const double u = first_below(draws, 1, 0.5)[0], v = draws.scalar();
         s += (i == 0 ? 1 : 10) * (((2 * u + v) * u + v) * u + v);
       }
       return s;
     }},
    {"d(a) ~ a*iterate(y = u, y*y, 2) + iterate(y = w, y*v, 2) until iterate(y = u, y*v, 2) < 0.1;"
     " x ~ d(3)^2; E[x_1 + 10*x_2]",
     [](Draws& draws) {
       double s = 0;
       for (int i = 0; i < 2; ++i) {
         auto u = draws.vector(2);
         while (u[0] * u[1] * u[1] >= 0.1) u = draws.vector(2);
         s += (i == 0 ? 1 : 10) * (3 * std::pow(u[0], 4) + draws.scalar() * u[1] * u[1]);
       }
       return s;
     }},
    // loops in its rounds, and its rounds in a reduction
    {"d(a) ~ iterate(y = a, sum(i*y*v, i = 1..6), 2) + iterate(y = 1, cumsum([1, 2]*y)_2*u, 2) until u < 0.5;"
     " x ~ d(2); E[x]",
     [](Draws& draws) {
       const double u = first_below(draws, 1, 0.5)[0], v = draws.scalar();
       return 2 * 21 * v * 21 * v + 9 * u * u;
     }},
    {"d(a) ~ gammaincinv(a, u) until v < 0.5; x ~ d(2); E[x]",
     [](Draws& draws) { return boost::math::gamma_p_inv(2.0, first_below(draws, 2, 0.5)[0]); }},
    {"d() ~ poisson.icdf(u, 3); x ~ d()^3; E[sum(i*x_i)]",
     [](Draws& draws) {
       double s = 0;
       const auto u = draws.vector(3);
       for (std::size_t i = 0; i < 3; ++i) {
         double k = 0, p = std::exp(-3.0), below = p;
         for (; below < u[i]; below += p) p *= 3 / ++k;
         s += static_cast<double>(i + 1) * k;
       }
       return s;
     }},
    {"d(p) ~ binomial.icdf(u, 9, p) until v < 0.5; x ~ d(0.3); E[x]",
     [](Draws& draws) {
       const double u = first_below(draws, 2, 0.5)[0];
       double k = 0, p = std::pow(0.7, 9), below = p;
       for (; below < u; below += p) {
         p *= (9 - k) / (k + 1) * (0.3 / 0.7);
         ++k;
       }
       return k;
     }},
    // mixtures
    {"mix(p, a, b) ~ if(u < p, a + v, b - v) where 0 <= p <= 1; x ~ mix(0.3, 2, -1)^2; E[x_1 + 10*x_2]",
     [](Draws& draws) {
       const auto u = draws.vector(4);
       const auto mixed = [&](std::size_t k) { return u[k] < 0.3 ? 2 + u[k + 1] : -1 - u[k + 1]; };
       return mixed(0) + 10 * mixed(2);
     }},
    // what holds or does not
    {"coin(p) ~ u < p; c ~ coin(0.3)^3; P[c_1 or c_2 and c_3]",
     [](Draws& draws) {
       const auto u = draws.vector(3);
       return u[0] < 0.3 || (u[1] < 0.3 && u[2] < 0.3) ? 1.0 : 0.0;
     }},
    {"b ~ bernoulli(0.4)^2; E[3*b_1 - b_2 + if(b_1, 10, 20)]",
     [](Draws& draws) {
       const auto u = draws.vector(2);
       const bool a = u[0] < 0.4, b = u[1] < 0.4;
       return 3 * a - b + (a ? 10 : 20);
     }},
    // vectors made of what is drawn: L of [[4, 2], [2, 5]] is [[2, 0], [1, 2]]
    {"x ~ mvnormal([1, 3], [[4, 2], [2, 5]]); y ~ uniform(0, 1); E[x_1 + 10*x_2 + y]",
     [](Draws& draws) {
       const auto z =
           mapped(draws.vector(2), [](double u) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * u); });
       return 1 + 2 * z[0] + 10 * (3 + z[0] + 2 * z[1]) + draws.scalar();
     }},
    // ends that are infinite here and there
    {"x ~ density(exp(x_2 - x_1 - x_4^2)*x_3, [0, -inf, 1, -inf, 0], [inf, 2, 2, inf, 1]); E[sum(i*x_i)]",
     [](Draws& draws) {
       const auto t = draws.vector(5);
       const auto rest = mapped(t, [](double u) { return 1 - u; });
       const double x[] = {t[0] / rest[0], 2 - rest[1] / t[1], 1 + t[2], (t[3] - rest[3]) / (t[3] * rest[3]),
                           t[4]};
       const double slope = 1 / (rest[0] * rest[0]) / (t[1] * t[1]) * (t[3] * t[3] + rest[3] * rest[3]) /
                            (t[3] * t[3] * rest[3] * rest[3]);
       const double density = std::exp(x[1] - x[0] - x[3] * x[3]) * x[2];
       return density * slope * (x[0] + 2 * x[1] + 3 * x[2] + 4 * x[3] + 5 * x[4]);
     }},
};

class OwnDistributions : public ::testing::TestWithParam<random::Generator> {};

TEST_P(OwnDistributions, DrawWhatPlainCppDoes) { expect_values(kCases, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Generators, OwnDistributions, ::testing::ValuesIn(testing::kGenerators));

std::string complaints(std::string_view program, const Setting& setting = {}) {
  const Parsed parsed = parse(std::string(program));
  if (!parsed.ok()) return render(parsed.diagnostics, program);
  return render(check({parsed.program, {}}, setting).diagnostics, program);
}

/// What a call may still mend is no error before it.
TEST(OwnDistributions, WaitForTheCallsValues) {
  Setting unsettled;
  unsettled.settled = false;
  EXPECT_EQ(complaints("d(a) ~ a*u + u3 + b; x ~ d(c); E[x]", unsettled), "");
  EXPECT_EQ(complaints("d(a) ~ a*u + u3; x ~ d(1); E[x]", {.parameters = {{"u3", {}}}}), "");
  EXPECT_EQ(
      complaints("x ~ mvnormal(mu, S); y ~ dirichlet(a); E[x_1 + y_1 + mvnormal.pdf(x, mu, S)]", unsettled),
      "");
}

TEST(OwnDistributions, GrowWithinTheLimits) {
  std::string program = "f0(t) = t;";
  for (int k = 1; k < 40; ++k) {
    const std::string n = std::to_string(k), before = std::to_string(k - 1);
    program += "f" + n + "(t) = f" + before + "(t) + f" + before + "(2*t);";
  }
  EXPECT_NE(complaints(program + "d(a) ~ f20(a*u); x ~ d(1); E[x]").find("Limits::expansion"),
            std::string::npos);
  EXPECT_NE(complaints(program + "d(a) ~ f39(a*u); x ~ d(1); E[x]").find("Limits::calls"), std::string::npos);
}

}  // namespace
}  // namespace mc::language
