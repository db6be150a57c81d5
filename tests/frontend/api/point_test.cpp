// The same text evaluated in plain C++ and in the engine, at one point.
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace {

using Point = const std::vector<double>&;

struct Case {
  const char* text;
  std::function<double(Point)> expected;
};

const Case kCases[] = {
    {"sum(x_i^2)",
     [](Point x) {
       double s = 0;
       for (double v : x) s += v * v;
       return s;
     }},
    {"x_1*x_2 - x_3", [](Point x) { return x[0] * x[1] - x[2]; }},
    {"x_1^3/(1 + x_2^2)", [](Point x) { return x[0] * x[0] * x[0] / (1 + x[1] * x[1]); }},
    {"x_3^0.5 + x_3^-2 + 2^x_2",
     [](Point x) { return std::sqrt(x[2]) + 1 / (x[2] * x[2]) + std::pow(2, x[1]); }},
    {"exp(-x_1^2)*sin(x_2) + cos(x_3)",
     [](Point x) { return std::exp(-x[0] * x[0]) * std::sin(x[1]) + std::cos(x[2]); }},
    {"log(x_3)*tanh(x_1) + erf(x_2)",
     [](Point x) { return std::log(x[2]) * std::tanh(x[0]) + std::erf(x[1]); }},
    {"max(x) - min(x) + max(x_1, x_2, 0)",
     [](Point x) {
       return std::max({x[0], x[1], x[2]}) - std::min({x[0], x[1], x[2]}) + std::max({x[0], x[1], 0.0});
     }},
    {"if(x_1 < x_2 < x_3, 1, 2) + (x_1 == x_1)",
     [](Point x) { return (x[0] < x[1] && x[1] < x[2] ? 1 : 2) + 1.0; }},
    {"floor(x_1) + ceil(x_2) + trunc(x_3) + abs(x_1)",
     [](Point x) { return std::floor(x[0]) + std::ceil(x[1]) + std::trunc(x[2]) + std::abs(x[0]); }},
    {"pi*e + dim(x)", [](Point) { return M_PI * M_E + 3; }},
    {"sum(cumsum(x_i*x)_2) + sum(cumprod(x_i - x)_j)",
     [](Point x) {
       double s = 0;
       for (double a : x) {
         double p = 1;
         s += a * x[0] + a * x[1];
         for (double b : x) s += p *= a - b;
       }
       return s;
     }},
    {"sum(x_i*max(cumsum(x - x_i)) + min(cumsum(x*i)_{j + 1} - x_j))",
     [](Point x) {
       double s = 0;
       for (int i = 0; i < 3; ++i) {
         double most = -INFINITY, least = INFINITY, c = 0, d = 0;
         for (int j = 0; j < 3; ++j) {
           most = std::max(most, c += x[j] - x[i]);
           d += x[j] * (i + 1);
           if (j > 0) least = std::min(least, d - x[j - 1]);
         }
         s += x[i] * most + least;
       }
       return s;
     }},
    {"norm(x)^2 - dot(x, x) + mean(x)", [](Point x) { return (x[0] + x[1] + x[2]) / 3; }},
};

TEST(Point, AgreesWithPlainCpp) {
  for (const std::vector<double>& x :
       {std::vector<double>{0.5, 1.5, 2.5}, {-1.25, 0.75, 0.125}, {3, -2, 1e3}})
    for (const Case& c : kCases) {
      const double expected = c.expected(x);
      EXPECT_NEAR(mc::compile(c.text)(x), expected, 1e-13 * (1 + std::abs(expected)))
          << c.text << " at " << x[0];
    }
}

TEST(Point, TakesParametersAndNumbers) {
  EXPECT_EQ(mc::compile("a*t + b")(std::vector{3.0}, {{"a", 2.0}, {"b", 1.0}}), 7);
  EXPECT_EQ(mc::compile("1 + 2*3^2")({}), 19);
  EXPECT_THROW(mc::compile("x*y")(std::vector{1.0}), mc::NameError);
  EXPECT_THROW(mc::compile("x ~ normal(0, 1); E[x]")({}), mc::ArgumentError);
  EXPECT_THROW(mc::compile("x_4")(std::vector{1.0, 2.0}), mc::ShapeError);
}

}  // namespace
