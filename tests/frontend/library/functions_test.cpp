// The library's functions that are more than a line of arithmetic.
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "frontend/language/prelude.hpp"

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Python's a % b: fmod, which is exact, brought to b's side of 0.
double python_mod(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// mod(a, b) by a kernel.
double mod(double a, double b) {
  static const mc::Moment by_kernel = mc::compile("mod(x_1, x_2)");
  const double x[] = {a, b};
  return by_kernel(x);
}

TEST(Mod, IsPythons) {
  constexpr double kPairs[][2] = {{5, 3},         {-5, 3},      {5, -3},     {-5, -3},       {6, 3},
                                  {-6, 3},        {0, 3},       {5.5, 0.25}, {1e15, 0.7},    {-1e15, 0.7},
                                  {1e-320, 3},    {-1e-320, 3}, {-1e-20, 3}, {1e300, 1e290}, {-1e-320, 1e300},
                                  {5, kInf},      {-5, kInf},   {5, -kInf},  {-5, -kInf},    {0, kInf},
                                  {3 * 0.1, 0.1}, {0.3, 0.1},   {1, 0.1},    {8e15, 1},      {9e15, 1.1}};
  for (const auto& [a, b] : kPairs) EXPECT_EQ(mod(a, b), python_mod(a, b)) << a << " mod " << b;
}

TEST(Mod, IsExactWhereTheDivisionRoundsUp) {
  unsigned rounded_up = 0;
  for (const double b : {0.1, 0.3, 0.7, 1.1, 3.0, 1e-300, 7e250})
    for (const double k : {1.0, 3.0, 10.0, 1e6, 123456789.0, 1e12, -1.0, -3.0, -1e6, -1e12})
      for (double a : {k * b, std::nextafter(k * b, -kInf), std::nextafter(k * b, kInf)}) {
        rounded_up += std::fma(-b, std::floor(a / b), a) < 0;
        EXPECT_EQ(mod(a, b), python_mod(a, b)) << a << " mod " << b;
        EXPECT_EQ(mod(a, -b), python_mod(a, -b)) << a << " mod " << -b;
      }
  EXPECT_GT(rounded_up, 10u) << "or nothing was tested";
}

TEST(Mod, IsExactAtRandom) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> mantissa(1, 2);
  std::uniform_int_distribution<int> exponent(-60, 60), quotient(-5, 51), sign(0, 1);
  for (int k = 0; k < 20'000; ++k) {
    const int e = exponent(random);
    const double b = std::ldexp(sign(random) != 0 ? mantissa(random) : -mantissa(random), e);
    const double a =
        std::ldexp(sign(random) != 0 ? mantissa(random) : -mantissa(random), e + quotient(random));
    ASSERT_EQ(mod(a, b), python_mod(a, b)) << a << " mod " << b;
  }
}

TEST(Mod, IsNoNumberWhereNothingIsKnown) {
  constexpr double kPairs[][2] = {{1e20, 3}, {-1e20, 3},   {1e300, 1e-300}, {5, 0},    {0, 0},
                                  {kInf, 3}, {kInf, kInf}, {kNan, 3},       {3, kNan}, {9007199254740992, 1}};
  for (const auto& [a, b] : kPairs) EXPECT_TRUE(std::isnan(mod(a, b))) << a << " mod " << b;
}

TEST(Mod, OfNumbersInTheTextIsTheSame) {
  const auto in_text = [](const char* program) {
    return mc::compile(program).estimate({.samples = 10}).value;
  };
  EXPECT_EQ(in_text("mod(1e15, 0.7)"), python_mod(1e15, 0.7));
  EXPECT_EQ(in_text("mod(0.3, 0.1)"), python_mod(0.3, 0.1));
  EXPECT_EQ(in_text("mod(5, inf)"), 5);
  EXPECT_EQ(in_text("1/mod(-5, inf)"), 0);
  EXPECT_EQ(in_text("sum(mod([5, -5, 7], [3, 3, -4]))"), 2 + 1 - 1);
}

// ---- of vectors

TEST(Moments, OfAVectorAreASamples) {
  const mc::Parameters xy = {{"x", {1, 2, 4, 9}}, {"y", {3, 1, 5, 5}}};
  const auto value = [&](std::string_view text) {
    return mc::compile(text).estimate({.samples = 1, .parameters = xy}).value;
  };
  EXPECT_DOUBLE_EQ(value("Var(x) + 0*y_1"), 38.0 / 3);
  EXPECT_DOUBLE_EQ(value("Std(x) + 0*y_1"), std::sqrt(38.0 / 3));
  EXPECT_DOUBLE_EQ(value("Cov(x, y)"), 14.0 / 3);
  EXPECT_DOUBLE_EQ(value("Corr(x, y)"), 14 / std::sqrt(38.0 * 11));
  EXPECT_DOUBLE_EQ(value("Corr(x, -x) + 0*y_1"), -1);
}

TEST(Moments, OfAnArrayAreTheSame) {
  const std::vector<double> x{1, 2, 4, 9}, y{3, 1, 5, 5};
  EXPECT_DOUBLE_EQ(mc::compile("Var(x)")({{"x", x}}), 38.0 / 3);
  EXPECT_DOUBLE_EQ(mc::compile("Cov(x, y)")({{"x", x}, {"y", y}}), 14.0 / 3);
  EXPECT_DOUBLE_EQ(mc::compile("Corr(x, y)")({{"x", x}, {"y", y}}), 14 / std::sqrt(38.0 * 11));
}

/// E of a sample's variance is the variance.
TEST(Moments, OfDrawsAreUnbiased) {
  const mc::Estimate e = mc::compile("x ~ normal(1, 2)^5; E[Var(x)]").estimate();
  EXPECT_NEAR(e.value, 4, 5 * e.standard_error);
}

/// A function that comes to the library comes to a test of what it computes.
TEST(Functions, AreAllCalledByATest) {
  std::string tests;
  for (const char* path :
       {"tests/frontend/language/lowering_test.cpp", "tests/frontend/library/functions_test.cpp",
        "tests/frontend/library/special_test.cpp"}) {
    std::ifstream file(path);
    ASSERT_TRUE(file) << path << ": run in the project's root";
    tests.append(std::istreambuf_iterator<char>(file), {});
  }
  for (const std::string_view name : mc::language::prelude().function_names())
    if (name.find('.') == name.npos) {
      const std::regex call(fmt::format(R"re(["\W]{}["(])re", name));
      EXPECT_TRUE(std::regex_search(tests, call))
          << "tests/frontend/language/lowering_test.cpp does not call " << name;
    }
}

}  // namespace
