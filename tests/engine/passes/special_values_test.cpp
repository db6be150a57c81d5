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
using testing::Exact;
using testing::Function;
using testing::ulps_off;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();
constexpr double kMax = std::numeric_limits<double>::max();

/// The same class everywhere: NaN, infinity and zero with their signs; MPFR follows Annex F.
TEST(SpecialValues, have_the_class_that_mpfr_gives) {
  const double values[] = {0.0,
                           -0.0,
                           kTiny,
                           -kTiny,
                           0x1p-1022,
                           -0x1p-1022,
                           0x1p-54,
                           -0x1p-54,
                           0.5,
                           -0.5,
                           1,
                           -1,
                           2,
                           -2,
                           3,
                           -3,
                           1.5,
                           -1.5,
                           1e300,
                           -1e300,
                           kMax,
                           -kMax,
                           kInf,
                           -kInf,
                           kNan,
                           0x1p52 + 1,
                           -0x1p52 - 1,
                           0x1p53,
                           0x1.fffffffffffffp-1,
                           0x1.0000000000001p0};
  Exact exact;
  for (const Function& f : all_functions()) {
    for (double x : values) {
      for (double y : values) {
        if (f.arity == 1 && std::bit_cast<std::uint64_t>(y) != 0) continue;
        const double got = f.plain(x, y);
        f.exact(exact, x, y);
        const double want = mpfr_get_d(exact, MPFR_RNDN);
        EXPECT_LE(ulps_off(got, exact), f.goal)
            << f.name << '(' << x << ", " << y << ") = " << got << ", not " << want;
        if (want != 0 || got != 0) continue;
        EXPECT_EQ(std::signbit(got), std::signbit(want)) << f.name << '(' << x << ", " << y << ')';
      }
    }
  }
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

TEST(SpecialValues, are_those_of_annex_f) {
  const std::vector<Function> functions = all_functions();
  for (const auto& [name, x, y, want] : kSpecials) {
    int rows = 0;
    for (const Function& f : functions) {
      if (std::string_view(f.name) != name) continue;
      ++rows;
      const double got = f.plain(x, y);
      const bool same =
          std::isnan(want) ? std::isnan(got) : got == want && std::signbit(got) == std::signbit(want);
      EXPECT_TRUE(same) << name << '(' << x << ", " << y << ") = " << got << ", not " << want;
    }
    EXPECT_EQ(rows, 1) << name;
  }
}

/// Off by less than half an ulp before the last rounding, so factorials come out whole as long as they are
/// doubles.
TEST(SpecialValues, gamma_of_whole_numbers_is_the_factorial) {
  double factorial = 1;
  for (int n = 1; n <= 23; factorial *= n++)
    EXPECT_EQ(functions::gamma(static_cast<double>(n)), factorial) << n;
}

TEST(SpecialValues, every_nan_stays_one) {
  for (const Function& f : all_functions()) {
    if (std::string_view(f.name) == "pow" || std::string_view(f.name) == "hypot")
      continue;  // decided already
    EXPECT_TRUE(std::isnan(f.plain(kNan, 1.5))) << f.name;
  }
}

}  // namespace
}  // namespace mc
