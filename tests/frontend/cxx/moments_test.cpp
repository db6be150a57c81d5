// Functions of C++ as moments: what is sampled, what is a parameter, and the same bits as strings give.
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <tuple>

#include <gtest/gtest.h>
#include <mc/cxx.hpp>

#include "tests/support/cpu_back_ends.hpp"

namespace {

constexpr const char* kLecture = "tests/frontend/cxx/lecture.cpp";

TEST(CxxMoments, OfTheLectureGiveTheBitsOfItsStrings) {
  for (const auto& [dimension, lo, hi] : {std::tuple(10, 0.0, 1.0), std::tuple(3, -1.0, 3.0)})
    for (const mc::Backend backend : mc::testing::cpu_back_ends()) {
      const mc::Options options{.samples = 100'000, .backend = backend};
      const mc::Box box = mc::box(dimension, lo, hi);
      const mc::Estimate f = mc::cxx::compile(kLecture, "f").estimate(box, options);
      const mc::Estimate text = mc::compile("sum(x_i^2)").estimate(box, options);
      EXPECT_EQ(f.value, text.value);
      EXPECT_EQ(f.standard_error, text.standard_error);
      const mc::Estimate fg =
          mc::cxx::compile(mc::cxx::Function{kLecture, "f"}, mc::cxx::Function{kLecture, "g"})
              .estimate(box, options);
      const mc::Estimate texts = mc::compile("sum(x_i^2)", "prod(1/(hi_i - lo_i))").estimate(box, options);
      EXPECT_EQ(fg.value, texts.value);
      EXPECT_EQ(fg.standard_error, texts.standard_error);
    }
}

/// Without the pragma the product is rounded, which the language says by a function of its own.
TEST(CxxMoments, ContractNothingThatTheSourceDoesNotAskFor) {
  const char* const plain = "double f(double x, double c) { return x*x + c; }";
  const char* const asked = "#pragma STDC FP_CONTRACT ON\ndouble f(double x, double c) { return x*x + c; }";
  const double x = 1 + 0x1p-30;
  const mc::Parameters c = {{"c", -1}};
  const double point[] = {x};
  volatile double square = x * x;
  EXPECT_EQ(mc::cxx::compile(plain, "f")(point, c), square - 1);
  EXPECT_EQ(mc::cxx::compile(asked, "f")(point, c), std::fma(x, x, -1.0));
  EXPECT_NE(square - 1, std::fma(x, x, -1.0));
}

/// C++ leaves a NaN's sign open, and so do processors: known or sampled, on any back end, it counts as
/// positive.
TEST(CxxMoments, TakeANaNForPositive) {
  const char* const roots[] = {
      "std::sqrt(-x)",   "-std::sqrt(-x)",   "std::fma(-std::sqrt(-x), std::sqrt(-x), -std::sqrt(-x))",
      "std::sqrt(-1.0)", "-std::sqrt(-1.0)", "std::numeric_limits<double>::quiet_NaN()"};
  for (const std::string root : roots) {
    SCOPED_TRACE(root);
    const mc::Moment moment = mc::cxx::compile(
        "#include <cmath>\n#include <limits>\ndouble f(double x) { const double a = " + root +
            "; return (std::signbit(a) ? 10 : 0) + std::copysign(1.0, a) + (std::isnan(a) ? 0 : 100); }",
        "f");
    for (const mc::Backend backend : mc::testing::cpu_back_ends())
      EXPECT_EQ(moment.estimate(mc::box(1, 1, 4), {.samples = 1000, .backend = backend}).value, 1);
  }
}

TEST(CxxMoments, TakeTrailingNumbersAsParameters) {
  const mc::Moment call = mc::cxx::compile(
      "#include <algorithm>\n#include <cmath>\n"
      "double call(const double* z, int n, double K, int years) {\n"
      "  double s = 100;\n"
      "  for (int i = 0; i < n; ++i) s *= std::exp(0.1*z[i] - 0.005);\n"
      "  double paid = 0;\n"
      "  for (int k = 0; k < years; ++k) paid += 1;\n"
      "  return std::max(s - K, 0.0) + paid;\n}\n",
      "call");
  const mc::Options options{.samples = 10'000, .parameters = {{"K", 90}, {"years", 3}}};
  const mc::Estimate given = call.estimate(mc::box(4, -1, 1), options);
  const mc::Estimate text =
      mc::compile("max(100*prod(exp(0.1*z - 0.005)) - K, 0) + years").estimate(mc::box(4, -1, 1), options);
  EXPECT_NEAR(given.value, text.value, 1e-9);
  mc::Options more = options;
  more.parameters = {{"K", 90}, {"years", 50}};
  EXPECT_NEAR(call.estimate(mc::box(4, -1, 1), more).value, text.value + 47, 1e-9);
}

TEST(CxxMoments, AreCalledByPrograms) {
  const mc::cxx::Function f{.source = "double f(double x) { return x*x; }", .name = "f"};
  const mc::cxx::Function h{.source = "namespace a { float h(const double* x, int n) { return x[n - 1]; } }",
                            .name = "a::h"};
  const mc::cxx::Function both[] = {f, h};
  const auto value = [&](const char* program, mc::Precision precision = mc::Precision::f64) {
    return mc::cxx::compile_program(program, both)
        .estimate({.samples = 50'000, .precision = precision})
        .value;
  };
  const auto plain = [](const char* program) {
    return mc::compile(program).estimate({.samples = 50'000}).value;
  };
  EXPECT_EQ(value("x ~ normal(0, 1)^3; E[f(x_1)]"), plain("x ~ normal(0, 1)^3; E[x_1^2]"));
  EXPECT_NEAR(value("x ~ normal(0, 1)^3; E[sum(f(x_i))*f(2)]"),
              4 * plain("x ~ normal(0, 1)^3; E[sum(x_i^2)]"), 1e-12);
  EXPECT_NEAR(value("x ~ normal(0, 1)^9; E[h(2*x)]"), plain("x ~ normal(0, 1)^9; E[2*x_9]"), 1e-7);
  EXPECT_NEAR(value("x ~ normal(0, 1)^9; E[sum(x_i*h(x - x_i))]"),
              plain("x ~ normal(0, 1)^9; E[sum(x_i*(x_9 - x_i))]"), 1e-6);
  EXPECT_NEAR(value("x ~ normal(0, 1)^9; E[h(x)]", mc::Precision::f32), plain("x ~ normal(0, 1)^9; E[x_9]"),
              0.02);
}

/// A while that the samples do not end in time has no value there.
TEST(CxxMoments, AreNotANumberWhereALoopDoesNotEnd) {
  const char* const source = "double f(double x) { double s = 0; while (s < x) s += 0.001; return s; }";
  EXPECT_NEAR(mc::cxx::compile(source, "f")(std::array{0.5}), 0.5, 0.002);
  EXPECT_TRUE(std::isnan(mc::cxx::compile(source, "f")(std::array{1.5})));
  EXPECT_NEAR(mc::cxx::compile(source, "f", {.passes = 2000})(std::array{1.5}), 1.5, 0.002);
}

/// Nor does a probability forget it: there is no value, and the warning names the loop.
TEST(CxxMoments, HaveNoProbabilityWhereALoopDoesNotEnd) {
  const mc::cxx::Function both[] = {
      {.source = "bool over(double x) {\n  double t = x;\n  while (t < 2000) t += 1;\n  return t > 1500;\n}",
       .name = "over"},
      {.source = "double last(double x) {\n  while (x < 50) x += 1;\n  return x;\n}", .name = "last"}};
  for (const char* const query :
       {"P[over(x)]", "P[not over(x)]", "E[over(x)]", "P[over(x) and last(x) > 2]"}) {
    const std::string program = std::string("x ~ uniform(0, 1); ") + query;
    const mc::Estimate none = mc::cxx::compile_program(program, both).estimate({.samples = 1000});
    EXPECT_TRUE(std::isnan(none.value)) << query;
    EXPECT_EQ(none.nonfinite, 1000u) << query;
    ASSERT_FALSE(none.warnings.empty()) << query;
    EXPECT_EQ(none.warnings[none.warnings.size() - 2],
              "a sample that is not done after 1000 rounds of the loop is not a number (--limit passes=N): "
              "source.cpp:3:3");
    const mc::Limits more{.passes = 3000};
    const mc::Estimate done = mc::cxx::compile_program(program, both, more).estimate({.samples = 1000});
    EXPECT_EQ(done.value, std::string(query) == "P[not over(x)]" ? 0.0 : 1.0) << query;
  }
  const mc::Limits less{.passes = 10};
  const mc::cxx::Function last = both[1];
  const mc::Estimate none =
      mc::cxx::compile_program("x ~ uniform(0, 1); P[last(x) > 60]", std::span(&last, 1), less)
          .estimate({.samples = 1000});
  EXPECT_TRUE(std::isnan(none.value));
}

std::string error_of(const char* source, const mc::Limits& limits = {}) {
  try {
    mc::cxx::compile(source, "f", limits).estimate(mc::box(3, 0, 1), {.samples = 10});
    return "";
  } catch (const mc::Error& error) {
    return error.diagnostics()[0].message;
  }
}

/// Calls that double with each level, and loops inside loops, are bounded by limits that have names.
TEST(CxxMoments, AreWrittenOutUpToALimit) {
  const char* const doubling =
      "template <int N> double g(double x) { return g<N - 1>(x) + g<N - 1>(x + N); }\n"
      "template <> double g<0>(double x) { return x * x; }\n"
      "double f(const double* x, int n) { return g<25>(x[n - 1]); }\n";
  EXPECT_NE(error_of(doubling), "");
  EXPECT_EQ(
      error_of(doubling, {.expansion = 1000}),
      "calls and loops, written out, are more than 1000 expressions and statements here (Limits::expansion; "
      "--limit expansion=N)");
  EXPECT_EQ(
      error_of(doubling, {.calls = 8}),
      "functions that call each other are written out at most 8 deep here (Limits::calls; --limit calls=N)");
  std::string nest = "double f(double x) {\n  double s = 0;\n";
  for (int k = 0; k < 14; ++k)
    nest += "  for (int i" + std::to_string(k) + " = 0; i" + std::to_string(k) + " < 2; ++i" +
            std::to_string(k) + ")\n";
  nest += "    s += x;\n  return s;\n}";
  EXPECT_EQ(mc::cxx::compile(nest, "f")(std::array{0.5}), 8192.0);
  EXPECT_EQ(
      error_of("double f(const double* x, int n) { double s = x[0]; for (int k = n; k != 0; ++k) s += 1; "
               "return s; }"),
      "");
}

TEST(CxxMoments, AreFoundByAnyName) {
  const char* const source =
      "namespace { double hidden(double x) { return 2 * x; } }\n"
      "struct P { static double pay(double x) { return 3 * x; } };\n"
      "namespace a { inline namespace b { namespace { double deep(double x, double) { return 5 * x; } } } }\n"
      "template <class T, int N> T times(T x) { return N * x; }\n";
  const auto value = [&](const char* name) {
    const mc::Parameters unnamed = {{"x2", 1}};
    const bool has_two = std::string(name) == "a::deep";
    return mc::cxx::compile(source, name)(std::array{1.0}, has_two ? unnamed : mc::Parameters{});
  };
  try {
    mc::cxx::compile(source, "hiden");
    ADD_FAILURE();
  } catch (const mc::Error& error) {
    EXPECT_EQ(error.diagnostics()[0].message,
              "there is no function 'hiden' in this file; did you mean 'hidden'?");
  }
  EXPECT_EQ(value("hidden"), 2);
  EXPECT_EQ(value("P::pay"), 3);
  EXPECT_EQ(value("a::deep"), 5);
  EXPECT_EQ(value("times<double, 7>"), 7);
}

/// An index that only the samples tell: outside there is no number, and nothing is written.
TEST(CxxMoments, ReadNothingOutsideOfAnArray) {
  const char* const source =
      "double f(const double* x, int n) { double a[2] = {1, 2}; int k = static_cast<int>(x[0]); a[k] = 5; "
      "return x[k] + a[0]; }";
  const mc::Moment f = mc::cxx::compile(source, "f");
  EXPECT_EQ(f(std::array{1.0, 2.0, 3.0}), 3.0);
  EXPECT_EQ(f(std::array{0.0, 2.0, 3.0}), 5.0);
  EXPECT_EQ(f(std::array{2.0, 2.0, 3.0}), 4.0);
  EXPECT_TRUE(std::isnan(f(std::array{3.0, 2.0, 3.0})));
  EXPECT_TRUE(std::isnan(f(std::array{-1.0, 2.0, 3.0})));
}

}  // namespace
