// Programs and what one sample of each is, written out in plain C++: the kernel has to draw the same numbers
// in the same order and compute the same value, however its loops were fused, written out or stored.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/language/sampled_programs.hpp"

namespace mc::language {
namespace {

const Case kCases[] = {
    // streaming: written out, rolled, odd and even lengths
    {"x ~ uniform(0, 1); E[x]", [](Draws& u) { return u.scalar(); }},
    {"x ~ uniform(0, 1)^1; E[x_1]", [](Draws& u) { return u.vector(1)[0]; }},
    {"x ~ uniform(0, 1)^3; E[sum(x_i^2)]", [](Draws& u) { return sum(u.vector(3), square); }},
    {"x ~ uniform(0, 1)^10; E[sum(x_i^2)]", [](Draws& u) { return sum(u.vector(10), square); }},
    {"x ~ uniform(0, 1)^11; E[sum(x_i^2)]", [](Draws& u) { return sum(u.vector(11), square); }},
    {"x ~ uniform(-1, 3)^10; E[sum(x)]",
     [](Draws& u) { return sum(u.vector(10), [](double v) { return -1 + 4 * v; }); }},
    // several reductions in one loop, and one that needs another first
    {"x ~ uniform(0, 1)^9; E[sum(x)*max(x) - min(x)]",
     [](Draws& u) {
       const auto x = u.vector(9);
       return sum(x) * *std::ranges::max_element(x) - *std::ranges::min_element(x);
     }},
    {"x ~ uniform(0, 1)^9; E[sum((x_i - mean(x))^2)]",
     [](Draws& u) {
       const auto x = u.vector(9);
       const double m = sum(x) / 9;
       return sum(x, [m](double v) { return square(v - m); });
     }},
    {"x ~ uniform(0, 1)^9; m = mean(x); E[sum((x - m)^2)/norm(x)]",
     [](Draws& u) {
       const auto x = u.vector(9);
       const double m = sum(x) / 9;
       return sum(x, [m](double v) { return square(v - m); }) / std::sqrt(sum(x, square));
     }},
    // shifts, fixed elements, ranges, strides, reversal
    {"x ~ uniform(-1, 1)^7; E[sum(100*(x_{i+1} - x_i^2)^2 + (1 - x_i)^2)]",
     [](Draws& u) {
       const auto x = mapped(u.vector(7), [](double v) { return -1 + 2 * v; });
       double s = 0;
       for (int i = 0; i < 6; ++i) s += 100 * square(x[i + 1] - square(x[i])) + square(1 - x[i]);
       return s;
     }},
    {"x ~ uniform(0, 1)^8; E[x_1 + 10*x_8]",
     [](Draws& u) {
       const auto x = u.vector(8);
       return x[0] + 10 * x[7];
     }},
    {"x ~ uniform(0, 1)^9; E[sum(x_i, i = 2..4)]",
     [](Draws& u) {
       const auto x = u.vector(9);
       return x[1] + x[2] + x[3];
     }},
    {"x ~ uniform(0, 1)^20; E[sum(x_i, i = 3..15)]",
     [](Draws& u) {
       const auto x = u.vector(20);
       double s = 0;
       for (int i = 2; i < 15; ++i) s += x[i];
       return s;
     }},
    {"x ~ uniform(0, 1)^20; E[sum(x_{2*i}*x_{2*i - 1})]",
     [](Draws& u) {
       const auto x = u.vector(20);
       double s = 0;
       for (int i = 1; i <= 10; ++i) s += x[2 * i - 1] * x[2 * i - 2];
       return s;
     }},
    {"E[sum(i, i = -7..3) + 10*sum(i^2, i = 0..2) + sum(i, i = 2..1)]", [](Draws&) { return -22.0 + 50; }},
    {"x ~ uniform(0, 1)^6; E[sum(i*x_{i + 9}, i = -8..-3)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double s = 0;
       for (int i = -8; i <= -3; ++i) s += i * x[i + 8];
       return s;
     }},
    {"n = 12; x ~ uniform(0, 1)^n; E[sum(i*x_{n + 1 - i})]",
     [](Draws& u) {
       const auto x = u.vector(12);
       double s = 0;
       for (int i = 1; i <= 12; ++i) s += i * x[12 - i];
       return s;
     }},
    // several indices, matrices, nesting
    {"x ~ uniform(0, 1)^6; E[sum(x_i*x_j)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       return square(sum(x));
     }},
    {"x ~ uniform(0, 1)^6; E[sum(x_i*sum(x_j, j = 1..3))]",
     [](Draws& u) {
       const auto x = u.vector(6);
       return sum(x) * (x[0] + x[1] + x[2]);
     }},
    {"x ~ uniform(0, 1)^6; E[sum(x_i*max(x_i - x_j))]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double s = 0;
       for (double a : x) {
         double m = -INFINITY;
         for (double b : x) m = std::max(m, a - b);
         s += a * m;
       }
       return s;
     }},
    // stated ranges leave the other indices to the reduction around them, if there is one
    {"A = [[2, 1], [1, 3]]; z ~ uniform(0, 1)^2; E[sum(sum(A_{i,j}*z_j, j = 1..2)^2)]",
     [](Draws& u) {
       const auto z = u.vector(2);
       return square(2 * z[0] + z[1]) + square(z[0] + 3 * z[1]);
     }},
    {"A = [[2, 1], [1, 3]]; z ~ uniform(0, 1)^2; E[sum(z_j*sum(A_{i,j}*z_j, j = 1..2))]",
     [](Draws& u) {
       const auto z = u.vector(2);
       return sum(z) * (3 * z[0] + 4 * z[1]);
     }},
    {"A = [[2, 1], [1, 3]]; z ~ uniform(0, 1)^2; E[sum(A_{i,j}*z_j, j = 1..2)]",
     [](Draws& u) {
       const auto z = u.vector(2);
       return 3 * z[0] + 4 * z[1];
     }},
    // two indices j in one loop: the first one's a_j is not the second one's
    {"a = [1, 2, 3, 4, 5, 6]; x ~ uniform(0, 1); E[x + sum(a_i*sum(a_j)) + sum(a_i*max(a_i - a_j))]",
     [](Draws& u) { return u.scalar() + 21 * 21 + 91 - 21; }},
    {"A = [[2, 1, 0], [1, 3, -1]]; x ~ uniform(0, 1)^2; y ~ uniform(0, 1)^3; E[sum(x_i*A_{i,j}*y_j)]",
     [](Draws& u) {
       const double a[2][3] = {{2, 1, 0}, {1, 3, -1}};
       const auto x = u.vector(2), y = u.vector(3);
       double s = 0;
       for (int i = 0; i < 2; ++i)
         for (int j = 0; j < 3; ++j) s += x[i] * a[i][j] * y[j];
       return s;
     }},
    {"A = [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]; E[sum(A) + A_{2,3} + max(A_{1,j})]",
     [](Draws&) { return 55.0 + 8 + 5; }},
    {"p = 2; v = [p, p^2, 3*p]; x ~ uniform(0, 1)^3; E[sum(v_i*x_i)]",
     [](Draws& u) {
       const auto x = u.vector(3);
       return 2 * x[0] + 4 * x[1] + 6 * x[2];
     }},
    {"x ~ uniform(0, 1)^6; v = [x_1, 2, x_3, x_4, 5, x_6]; E[sum(v_i*i)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       return x[0] + 4 + 3 * x[2] + 4 * x[3] + 25 + 6 * x[5];
     }},
    // running sums
    {"x ~ uniform(0, 1)^6; E[sum(cumsum(x))]",
     [](Draws& u) {
       double s = 0, c = 0;
       for (double v : u.vector(6)) s += c += v;
       return s;
     }},
    {"x ~ uniform(0, 1)^20; E[max(cumsum(x - 0.5))]",
     [](Draws& u) {
       double m = -INFINITY, c = 0;
       for (double v : u.vector(20)) m = std::max(m, c += v - 0.5);
       return m;
     }},
    {"x ~ uniform(0, 1)^20; E[cumsum(x)_20 - cumprod(x)_3]",
     [](Draws& u) {
       const auto x = u.vector(20);
       return sum(x) - x[0] * x[1] * x[2];
     }},
    {"x ~ uniform(0, 1)^6; S = cumsum(x); E[sum((S - mean(S))^2)]",
     [](Draws& u) {
       std::vector<double> s;
       double c = 0;
       for (double v : u.vector(6)) s.push_back(c += v);
       const double m = sum(s) / 6;
       return sum(s, [m](double v) { return square(v - m); });
     }},
    {"x ~ uniform(0, 1)^5; E[sum(cumsum(cumsum(x)))]",
     [](Draws& u) {
       double s = 0, c = 0, d = 0;
       for (double v : u.vector(5)) s += d += c += v;
       return s;
     }},
    // several variables, in the order of the program; variables that depend on variables
    {"x ~ uniform(0, 1)^6; y ~ uniform(0, 1)^6; E[sum((x - y)^2)]",
     [](Draws& u) {
       const auto x = u.vector(6), y = u.vector(6);
       double s = 0;
       for (int i = 0; i < 6; ++i) s += square(x[i] - y[i]);
       return s;
     }},
    {"x ~ uniform(0, 1)^3; z ~ uniform(0, 1); y ~ uniform(0, 1)^7; E[z*dot(x, x) + sum(y)]",
     [](Draws& u) {
       const auto x = u.vector(3);
       const double z = u.scalar();
       const auto y = u.vector(7);
       return z * sum(x, square) + sum(y);
     }},
    {"m ~ uniform(0, 1); x ~ uniform(m, m + 2)^6; E[sum(x)]",
     [](Draws& u) {
       const double m = u.scalar();
       return sum(u.vector(6), [m](double v) { return m + 2 * v; });
     }},
    {"x ~ uniform(0, 1)^6; y ~ uniform(x, x + 1); E[sum(y_i*i)]",
     [](Draws& u) {
       const auto x = u.vector(6), y = u.vector(6);
       double s = 0;
       for (int i = 0; i < 6; ++i) s += (x[i] + y[i]) * (i + 1);
       return s;
     }},
    {"x ~ uniform(0, 1)^6; y ~ uniform(mean(x), 2); E[y]",
     [](Draws& u) {
       const double m = sum(u.vector(6)) / 6;
       return m + (2 - m) * u.scalar();
     }},
    {"x ~ uniform([0, 1, 2], [1, 3, 5]); E[sum(x_i*i)]",
     [](Draws& u) {
       const auto x = u.vector(3);
       return x[0] + 2 * (1 + 2 * x[1]) + 3 * (2 + 3 * x[2]);
     }},
    // a variable that nothing uses is drawn all the same
    {"x ~ uniform(0, 1)^5; y ~ uniform(0, 1)^5; E[sum(y)]",
     [](Draws& u) {
       u.vector(5);
       return sum(u.vector(5));
     }},
    // truth values, choices, functions, precedence
    {"x ~ uniform(0, 1)^6; E[sum(x_i > 0.5) + any(x > 0.9) + 2*all(0 < x < 0.95)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       return sum(x, [](double v) { return v > 0.5; }) +
              std::ranges::any_of(x, [](double v) { return v > 0.9; }) +
              2.0 * std::ranges::all_of(x, [](double v) { return v < 0.95; });
     }},
    {"x ~ uniform(0, 1); E[if(x < 0.3, -1, if(not (x < 0.6 or x >= 0.9), x, 7))]",
     [](Draws& u) {
       const double x = u.scalar();
       return x < 0.3 ? -1 : (x >= 0.6 && x < 0.9) ? x : 7;
     }},
    {"f(a, b) = a - 2*b; g(v) = f(sum(v), v_1); x ~ uniform(0, 1)^5; E[g(x)]",
     [](Draws& u) {
       const auto x = u.vector(5);
       return sum(x) - 2 * x[0];
     }},
    {"f(k) = k^2; x ~ uniform(0, 1)^6; E[sum(f(i)*x_i)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double s = 0;
       for (int i = 0; i < 6; ++i) s += square(i + 1) * x[i];
       return s;
     }},
    {"x ~ uniform(0, 1); E[-x^2 + 2^-1 - 3*x/4*2]",
     [](Draws& u) {
       const double x = u.scalar();
       return -x * x + 0.5 - 3 * x / 4 * 2;
     }},
    {"x ~ uniform(-1, 1); E[if(1/round(x) < 0, 1, 2)]",
     [](Draws& u) { return std::signbit(std::round(-1 + 2 * u.scalar())) ? 1.0 : 2.0; }},
    {"x ~ uniform(0, 1)^2; E[gamma(x_1)*normpdf(x_2) + atan2(x_1, x_2) + lgamma(x_2) + "
     "asinh(x_1)/expm1(x_2)]",
     [](Draws& u) {
       const auto x = u.vector(2);
       const double density = std::exp(-square(x[1]) / 2) / std::sqrt(2 * std::numbers::pi);
       return std::tgamma(x[0]) * density + std::atan2(x[0], x[1]) + std::lgamma(x[1]) +
              std::asinh(x[0]) / std::expm1(x[1]);
     }},
    {"x ~ uniform(-3, 3); E[clamp(round(x), -1, 2) + sign(x) + floor(x) - mod(x, 2)]",
     [](Draws& u) {
       const double x = -3 + 6 * u.scalar();
       return std::clamp(std::round(x), -1.0, 2.0) + (x > 0 ? 1 : -1) + std::floor(x) -
              (x - 2 * std::floor(x / 2));
     }},
    {"x ~ bernoulli(0.3)^10; E[sum(x_i*i)]",
     [](Draws& u) {
       const auto x = u.vector(10);
       double s = 0;
       for (int i = 0; i < 10; ++i) s += (x[i] < 0.3) * (i + 1);
       return s;
     }},
    {"x ~ exponential(2)^3; E[prod(x)]",
     [](Draws& u) {
       double p = 1;
       for (double v : u.vector(3)) p *= -std::log(v) / 2;
       return p;
     }},
    // densities: value times weight
    {"x ~ density(x/2, 0, 2); E[x]",
     [](Draws& u) {
       const double x = 2 * u.scalar();
       return x * (x / 2) * 2;
     }},
    {"x ~ density(prod(x_i), 0, 1)^6; E[max(x)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double p = 1;
       for (double v : x) p *= v;
       return *std::ranges::max_element(x) * p;
     }},
    {"x ~ density(exp(-x), 0, inf); E[x]",
     [](Draws& u) {
       const double t = u.scalar(), x = t / (1 - t);
       return x * (std::exp(-x) / square(1 - t));
     }},
    {"x ~ density(exp(x), -inf, 0); E[x]",
     [](Draws& u) {
       const double t = u.scalar(), x = -(1 - t) / t;
       return x * (std::exp(x) / square(t));
     }},
    {"x ~ density(exp(-x^2/2)/sqrt(2*pi), -inf, inf); E[x^2]",
     [](Draws& u) {
       const double t = u.scalar(), d = t * (1 - t), x = (2 * t - 1) / d;
       return square(x) * (std::exp(-x * x / 2) / std::sqrt(2 * M_PI) * (t * t + square(1 - t)) / square(d));
     }},
    // iterations: in a reduction, with one inside, around a reduction, on their own; none of no rounds
    {"x ~ uniform(1, 2)^7; E[sum(iterate(y = 1, (y + x_i/y)/2, 8))]",
     [](Draws& u) { return sum(u.vector(7), [](double v) { return std::sqrt(1 + v); }); }},
    {"x ~ uniform(0, 1)^3; E[iterate(y = x_1, y/2 + sum(x_i*y^2)/9, 5)]",
     [](Draws& u) {
       const auto x = u.vector(3);
       double y = x[0];
       for (int k = 0; k < 5; ++k) y = y / 2 + sum(x) * y * y / 9;
       return y;
     }},
    {"x ~ uniform(0, 1)^6; E[iterate(y = x_1, y/2 + sum(cumsum(x*y))/50, 3)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double y = x[0];
       for (int k = 0; k < 3; ++k) {
         double folded = 0, all = 0;
         for (double v : x) folded += v * y, all += folded;
         y = y / 2 + all / 50;
       }
       return y;
     }},
    {"x ~ uniform(0, 1); E[iterate(y = x, iterate(z = y, z^2, 2) + 0.1, 3) + iterate(y = x, 7, 0)]",
     [](Draws& u) {
       const double x = u.scalar();
       double y = x;
       for (int k = 0; k < 3; ++k) y = square(square(y)) + 0.1;
       return y + x;
     }},
    {"x ~ uniform(0, 1); E[iterate(y = x, if(y > 1, y, y + 0.3), 100)]",
     [](Draws& u) {
       double y = u.scalar();
       while (!(y > 1)) y += 0.3;
       return y;
     }},
};

class LoweredPrograms : public ::testing::TestWithParam<random::Generator> {};

TEST_P(LoweredPrograms, ComputeWhatPlainCppDoes) { expect_values(kCases, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Generators, LoweredPrograms, ::testing::ValuesIn(testing::kGenerators));

std::size_t rows_of(const char* program) {
  return kernel_of(program, random::Generator::xoshiro256pp, false).rows.size();
}

TEST(Fusion, StreamsWhatIsUsedOnceAndStoresTheRest) {
  EXPECT_EQ(rows_of("x ~ uniform(0, 1)^10; E[sum(x_i^2)]"), 0u);
  EXPECT_EQ(rows_of("x ~ uniform(0, 1)^10; E[sum(x)*max(x)*norm(x)], Var[min(x)]"), 0u);
  EXPECT_EQ(rows_of("x ~ uniform(0, 1)^10; E[sum(cumsum(x))]"), 0u);
  EXPECT_EQ(rows_of("x ~ uniform(0, 1)^3; E[sum(x_i*x_j)]"), 0u) << "written out: no memory at all";
  EXPECT_EQ(rows_of("x ~ uniform(0, 1)^10; E[sum(x_i*x_{i+1})]"), 1u);
  EXPECT_EQ(rows_of("x ~ uniform(0, 1)^10; E[sum((x_i - mean(x))^2)]"), 1u);
  EXPECT_EQ(rows_of("x ~ uniform(0, 1)^10; y ~ uniform(0, 1)^10; E[dot(x, y)]"), 1u) << "x waits for y";
}

TEST(Fusion, KernelsDoNotGrowWithTheDimension) {
  const auto size = [](const char* program) {
    return kernel_of(program, random::Generator::xoshiro256pp, false).nodes.size();
  };
  EXPECT_EQ(size("x ~ uniform(0, 1)^10; E[sum(x_i^2)]"), size("x ~ uniform(0, 1)^100000; E[sum(x_i^2)]"));
  EXPECT_LT(size("x ~ uniform(0, 1)^30; E[sum(x_i*x_j)]"), size("x ~ uniform(0, 1)^30; E[sum(x_i^2)]") + 30);
}

TEST(Fusion, WhatDependsOnNoVariableLeavesTheLoopOverSamples) {
  const ir::Kernel kernel =
      kernel_of("a = [1, 2, 3, 4, 5, 6]; x ~ uniform(0, 1)^6; E[sum(x)/sqrt(sum(a_i^2))]",
                random::Generator::xoshiro256pp, false);
  std::size_t outside = 0;
  for (ir::Value v : kernel[ir::kEntry].body)
    outside += kernel[v].op == ir::Op::loop || kernel[v].op == ir::Op::sqrt;
  EXPECT_EQ(outside, 4u)
      << "the generator's state, the loop over a, its square root, and the loop over samples";
}

TEST(Limits, AreNamed) {
  const auto refusal = [](const char* program, const Limits& limits) -> std::string {
    const Checked checked = check({parse(program).program, {}, limits}, {});
    if (!checked.ok()) return (*checked.diagnostics.begin()).message;
    try {
      lower(checked.model, random::Generator::xoshiro256pp, false, limits);
    } catch (const TooLarge& large) {
      return large.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^100; E[sum(x_i*x_{i+1})]", {.stored = 99}),
            "a sample of this program has to store 100 numbers; at most 99 (Limits::stored)");
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^100; E[sum(x_i*x_{i+1})]", {.stored = 100}), "accepted");
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^100; E[sum(x_i*x_j*x_k)]", {.rounds = 999'999}),
            "a sample of this program takes 1.0102e+06 rounds of its loops or more; at most 999999 "
            "(Limits::rounds)");
  EXPECT_EQ(
      refusal("x ~ uniform(0, 1); E[sum(iterate(y = x, y/2, 1000), i = 1..10)]", {.rounds = 10'009}),
      "a sample of this program takes 10010 rounds of its loops or more; at most 10009 (Limits::rounds)");
  EXPECT_EQ(
      refusal("sum(i, i = 1..100000000000)", {}),
      "a sample of this program takes 1e+11 rounds of its loops or more; at most 1e+07 (Limits::rounds)");
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^3; E[sum(x_i*x_j)]", {.operations = 20}),
            "the program needs a kernel of more than 20 operations (Limits::operations)");
  EXPECT_EQ(refusal("f(x) = x + x; g(x) = f(f(f(f(x)))); h(x) = g(g(g(g(x)))); E[h(h(h(h(1))))]",
                    {.expansion = 50}),
            "the program grows to more than 50 nodes once its functions are written out");
  EXPECT_EQ(refusal("f(x) = x; g(x) = f(x); h(x) = g(x); E[h(1)]", {.calls = 2}),
            "functions call one another more than 2 deep");
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^11; E[sum(x)]", {.dimensions = 10}),
            "the number of coordinates has to be between 1 and 10, and is 11");
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^3; E[sum(x_i*x_j*x_k)]", {.index_levels = 2}),
            "reductions nest more than 2 indices deep");
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^2; v = [x_1, x_2, 0]; E[sum(v_i)]", {.computed_elements = 2}),
            "an array with computed elements has 3 of them; at most 2");
}

TEST(Limits, AnArrayIsNoLongerThanAnIndexReaches) {
  const auto refusal = [](std::int64_t columns) -> std::string {
    const Setting setting{.parameters = {{"A", {2, 65536, columns}}}};
    const Checked checked = check({parse("E[sum(A_{1,j}, j = 1..5)]").program, {}}, setting);
    try {
      lower(checked.model, random::Generator::xoshiro256pp, false);
    } catch (const TooLarge& large) {
      return large.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal(65535), "accepted");
  EXPECT_EQ(refusal(65536), "A has 4294967296 elements; an array has at most 4294967295");
}

}  // namespace
}  // namespace mc::language
