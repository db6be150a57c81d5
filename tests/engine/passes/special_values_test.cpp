// Special values of the mathematical functions: C's Annex F, once as MPFR reads it and once written out; and
// the values that are whole numbers, exactly.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "engine/passes/functions/functions.hpp"
#include "tests/engine/passes/accuracy.hpp"

namespace mc {
namespace {

using testing::all_functions;
using testing::all_single_functions;
using testing::Exact;
using testing::Function;
using testing::SingleFunction;
using testing::ulps_off;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();
constexpr double kTinyFloat = std::numeric_limits<float>::denorm_min();
constexpr double kMax = std::numeric_limits<double>::max();

/// Values at the edges of what a Float can be.
template <class Float>
std::vector<Float> edges() {
  using Limits = std::numeric_limits<Float>;
  const Float whole = std::ldexp(Float{1}, Limits::digits - 1);  // from here on all are
  std::vector<Float> values;
  for (Float v :
       {Float{0}, Limits::denorm_min(), Limits::min(), Limits::epsilon() / 4, Float(0.5), Float(1), Float(2),
        Float(3), Float(1.5), std::sqrt(Limits::max()), Limits::max(), Limits::infinity(), whole + 1,
        whole * 2, std::nextafter(Float(1), Float(0)), std::nextafter(Float(1), Float(2))})
    values.insert(values.end(), {v, -v});
  values.push_back(Limits::quiet_NaN());
  return values;
}

template <class Float, class Of>
void expect_the_class_that_mpfr_gives(const Of& f) {
  const std::vector<Float> values = edges<Float>();
  Exact exact;
  for (Float x : values) {
    for (Float y : values) {
      if (f.arity == 1 && !(y == 0 && !std::signbit(y))) continue;
      const Float got = f.plain(x, y);
      f.exact(exact, x, y);
      const Float want = testing::rounded_to<Float>(exact);
      EXPECT_LE(ulps_off(got, exact), f.goal)
          << f.name << '(' << x << ", " << y << ") = " << got << ", not " << want;
      if (want != 0 || got != 0) continue;
      EXPECT_EQ(std::signbit(got), std::signbit(want)) << f.name << '(' << x << ", " << y << ')';
    }
  }
}

/// The same class everywhere: NaN, infinity and zero with their signs; MPFR follows Annex F.
TEST(SpecialValues, have_the_class_that_mpfr_gives) {
  for (const Function& f : all_functions()) expect_the_class_that_mpfr_gives<double>(f);
  for (const SingleFunction& f : all_single_functions()) expect_the_class_that_mpfr_gives<float>(f);
}

struct Special {
  const char* name;
  double x, y, want;
};

// Annex F, written out: what must not depend on MPFR's reading of it.
constexpr Special kSpecials[] = {
    {"exp", -kInf, 0, 0},
    {"exp", kInf, 0, kInf},
    {"expm1", -kInf, 0, -1},
    {"expm1", -0.0, 0, -0.0},
    {"exp2", -1074, 0, kTiny},
    {"exp2", 1023, 0, 0x1p1023},
    {"log", 0, 0, -kInf},
    {"log", -0.0, 0, -kInf},
    {"log", 1, 0, 0},
    {"log", -1, 0, kNan},
    {"log", kInf, 0, kInf},
    {"log", -kInf, 0, kNan},
    {"log1p", -1, 0, -kInf},
    {"log1p", -0.0, 0, -0.0},
    {"log1p", -2, 0, kNan},
    {"log2", 8, 0, 3},
    {"log2", kTiny, 0, -1074},
    {"log10", 1000, 0, 3},
    {"log10", 1e22, 0, 22},
    {"cbrt", -27, 0, -3},
    {"cbrt", -kInf, 0, -kInf},
    {"cbrt", -0.0, 0, -0.0},
    {"sin", kInf, 0, kNan},
    {"sin", -0.0, 0, -0.0},
    {"cos", kInf, 0, kNan},
    {"cos", 0, 0, 1},
    {"tan", -0.0, 0, -0.0},
    {"asin", 2, 0, kNan},
    {"acos", 1, 0, 0},
    {"acos", -1.5, 0, kNan},
    {"atan", -0.0, 0, -0.0},
    {"sinh", -kInf, 0, -kInf},
    {"cosh", -kInf, 0, kInf},
    {"tanh", kInf, 0, 1},
    {"tanh", -kInf, 0, -1},
    {"tanh", -0.0, 0, -0.0},
    {"asinh", -0.0, 0, -0.0},
    {"asinh", kInf, 0, kInf},
    {"asinh", -kInf, 0, -kInf},
    {"asinh", kTiny, 0, kTiny},
    {"acosh", 1, 0, 0},
    {"acosh", kInf, 0, kInf},
    {"acosh", 0.5, 0, kNan},
    {"acosh", -kInf, 0, kNan},
    {"atanh", -0.0, 0, -0.0},
    {"atanh", 1, 0, kInf},
    {"atanh", -1, 0, -kInf},
    {"atanh", 2, 0, kNan},
    {"atanh", -kInf, 0, kNan},
    {"atanh", -kTiny, 0, -kTiny},
    {"gamma", 0, 0, kInf},
    {"gamma", -0.0, 0, -kInf},
    {"gamma", -1, 0, kNan},
    {"gamma", -1e300, 0, kNan},
    {"gamma", -kInf, 0, kNan},
    {"gamma", kInf, 0, kInf},
    {"gamma", kTiny, 0, kInf},
    {"gamma", -kTiny, 0, -kInf},
    {"gamma", 0x1.573fae561f648p7, 0, kInf},  // 171.6243…, the first that overflows
    {"gamma", -200.5, 0, -0.0},
    {"gamma", -201.5, 0, 0},
    {"gamma", -0x1.fffffffffffffp51, 0, 0},  // the largest of all that are not whole, 2^52 - 1/2
    {"lgamma", 0, 0, kInf},
    {"lgamma", -0.0, 0, kInf},
    {"lgamma", 1, 0, 0},
    {"lgamma", 2, 0, 0},
    {"lgamma", -1, 0, kInf},
    {"lgamma", -1e300, 0, kInf},
    {"lgamma", kInf, 0, kInf},
    {"lgamma", -kInf, 0, kInf},
    {"lgamma", kMax, 0, kInf},
    {"normpdf", kInf, 0, 0},
    {"normpdf", -kInf, 0, 0},
    {"normpdf", 0, 0, 0x1.9884533d43651p-2},
    {"normpdf", 40, 0, 0},
    {"erf", kInf, 0, 1},
    {"erf", -0.0, 0, -0.0},
    {"erfc", kInf, 0, 0},
    {"erfc", -kInf, 0, 2},
    {"normcdf", -kInf, 0, 0},
    {"normcdf", kInf, 0, 1},
    {"normcdf", 0, 0, 0.5},
    {"normicdf", 0, 0, -kInf},
    {"normicdf", 1, 0, kInf},
    {"normicdf", 0.5, 0, 0},
    {"normicdf", 1.5, 0, kNan},
    {"normicdf", -kTiny, 0, kNan},
    {"hypot", kInf, kNan, kInf},
    {"hypot", kNan, -kInf, kInf},
    {"hypot", 3, -4, 5},
    {"hypot", -0.0, 0, 0},
    {"atan2", 0, 1, 0},
    {"atan2", -0.0, 1, -0.0},
    {"atan2", 0, kInf, 0},
    {"atan2", -1, kInf, -0.0},
    {"pow", 0, -3, kInf},
    {"pow", -0.0, -3, -kInf},
    {"pow", -0.0, -2, kInf},
    {"pow", -0.0, 3, -0.0},
    {"pow", -0.0, 2, 0},
    {"pow", -1, kInf, 1},
    {"pow", -1, -kInf, 1},
    {"pow", 1, kNan, 1},
    {"pow", kNan, 0, 1},
    {"pow", kNan, 1, kNan},
    {"pow", -8, 1.0 / 3, kNan},
    {"pow", 0.5, -kInf, kInf},
    {"pow", 2, -kInf, 0},
    {"pow", 0.5, kInf, 0},
    {"pow", 2, kInf, kInf},
    {"pow", -kInf, -3, -0.0},
    {"pow", -kInf, -2, 0},
    {"pow", -kInf, 3, -kInf},
    {"pow", -kInf, 2, kInf},
    {"pow", kInf, -1, 0},
    {"pow", kInf, 1, kInf},
    {"pow", -2, 3, -8},
    {"pow", -2, 1023, -0x1p1023},
    {"pow", 2, -1074, kTiny},
    {"pow", -kInf, 0.5, kInf},
    {"pow", 0, kNan, kNan},
    {"pow", 10, 22, 1e22},
};

template <class Float, class Of>
void expect_special(const std::vector<Of>& functions, const Special& special) {
  const auto& [name, x, y, want] = special;
  int rows = 0;
  for (const Of& f : functions) {
    if (std::string_view(f.name) != name) continue;
    ++rows;
    const Float got = f.plain(static_cast<Float>(x), static_cast<Float>(y));
    const bool same =
        std::isnan(want) ? std::isnan(got) : got == want && std::signbit(got) == std::signbit(want);
    EXPECT_TRUE(same) << name << '(' << x << ", " << y << ") = " << got << ", not " << want;
  }
  EXPECT_EQ(rows, 1) << name;
}

TEST(SpecialValues, are_those_of_annex_f) {
  const std::vector<Function> functions = all_functions();
  for (const Special& special : kSpecials) expect_special<double>(functions, special);
}

bool is_float(double x) { return std::isnan(x) || static_cast<double>(static_cast<float>(x)) == x; }

/// The rows that can be said in floats, and those with a float's own limits.
TEST(SpecialValues, are_those_of_annex_f_in_single_precision) {
  constexpr Special kOfFloats[] = {
      {"exp2", -149, 0, kTinyFloat},
      {"exp2", 127, 0, 0x1p127},
      {"log2", kTinyFloat, 0, -149},
      {"log10", 1e10, 0, 10},
      {"asinh", kTinyFloat, 0, kTinyFloat},
      {"atanh", -kTinyFloat, 0, -kTinyFloat},
      {"gamma", kTinyFloat, 0, kInf},
      {"gamma", -kTinyFloat, 0, -kInf},
      {"gamma", 0x1.18522p5, 0, kInf},  // 35.0401, the first that overflows
      {"normicdf", -kTinyFloat, 0, kNan},
      {"normcdf", -14.25, 0, 0},
      {"erfc", 10.0625, 0, 0},
      {"pow", 2, -149, kTinyFloat},
      {"pow", 2, -150, 0},
      {"pow", -2, 127, -0x1p127},
      {"pow", 2, 128, kInf},
      {"pow", -0x1.fffffep127, 0x1.fffffep127, kInf},  // an even number, as all large ones
      {"pow", 10, 10, 1e10},
      {"hypot", 0x1p127, 0x1p127, 0x1.6a09e6p127},
  };
  const std::vector<SingleFunction> functions = all_single_functions();
  int said = 0;
  for (const Special& special : kSpecials)
    if (is_float(special.x) && is_float(special.y) && is_float(special.want)) {
      ++said;
      expect_special<float>(functions, special);
    }
  EXPECT_GT(said, 80);
  for (const Special& special : kOfFloats) expect_special<float>(functions, special);
}

/// Off by less than half an ulp before the last rounding, so factorials come out whole as long as they are
/// doubles.
TEST(SpecialValues, gamma_of_whole_numbers_is_the_factorial) {
  double factorial = 1;
  for (int n = 1; n <= 23; factorial *= n++)
    EXPECT_EQ(functions::gamma(static_cast<double>(n)), factorial) << n;
}

TEST(SpecialValues, every_nan_stays_one) {
  const auto expect_nan = [](const auto& f) {
    if (std::string_view(f.name) == "pow" || std::string_view(f.name) == "hypot") return;  // decided already
    EXPECT_TRUE(std::isnan(f.plain(kNan, 1.5))) << f.name;
  };
  for (const Function& f : all_functions()) expect_nan(f);
  for (const SingleFunction& f : all_single_functions()) expect_nan(f);
}

}  // namespace
}  // namespace mc
