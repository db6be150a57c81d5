// The rows: see accuracy.hpp. Domains cover all doubles and dwell on what is hard, the seams between two
// formulas first of all.
#include "tests/engine/passes/accuracy.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/passes/functions/functions.hpp"
#include "engine/passes/functions/ir_number.hpp"

namespace mc::testing {
namespace {

template <int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t)>
void exact1(mpfr_ptr to, double x, double) {
  static Exact argument;
  mpfr_set_d(argument, x, MPFR_RNDN);
  f(to, argument, MPFR_RNDN);
}

template <int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t)>
void exact2(mpfr_ptr to, double x, double y) {
  static Exact first, second;
  mpfr_set_d(first, x, MPFR_RNDN);
  mpfr_set_d(second, y, MPFR_RNDN);
  f(to, first, second, MPFR_RNDN);
}

void exact_normicdf(mpfr_ptr to, double p, double) { refine_normicdf(to, p, functions::normicdf(p)); }

/// What C's library calls these functions: the table's last column.
struct Libm {
  std::string_view name;
  Plain plain;
};

#define MC_LIBM1(name) {#name, [](double x, double) { return std::name(x); }}
#define MC_LIBM2(name) {#name, [](double x, double y) { return std::name(x, y); }}
// clang-format off
constexpr Libm kLibm[] = {
    MC_LIBM1(exp), MC_LIBM1(expm1), MC_LIBM1(exp2), MC_LIBM1(log), MC_LIBM1(log1p), MC_LIBM1(log2), MC_LIBM1(log10),
    MC_LIBM2(pow), MC_LIBM1(cbrt), MC_LIBM2(hypot), MC_LIBM1(sin), MC_LIBM1(cos), MC_LIBM1(tan), MC_LIBM1(asin),
    MC_LIBM1(acos), MC_LIBM1(atan), MC_LIBM2(atan2), MC_LIBM1(sinh), MC_LIBM1(cosh), MC_LIBM1(tanh), MC_LIBM1(asinh),
    MC_LIBM1(acosh), MC_LIBM1(atanh), MC_LIBM1(erf), MC_LIBM1(erfc), MC_LIBM1(lgamma),
    {"gamma", [](double x, double) { return std::tgamma(x); }},
    {"lgamma_negative", [](double x, double) { return std::lgamma(x); }},
};
// clang-format on

void exact_lgamma(mpfr_ptr to, double x, double) {
  static Exact argument;
  int sign = 0;
  mpfr_set_d(argument, x, MPFR_RNDN);
  mpfr_lgamma(to, &sign, argument, MPFR_RNDN);
}

#define MC_ONE(name, goal, exact, ...)                                   \
  Function {                                                             \
    #name, 1, goal, [](double x, double) { return functions::name(x); }, \
        [](ir::X x, ir::X) { return functions::name(x); }, exact, {      \
      __VA_ARGS__                                                        \
    }                                                                    \
  }
#define MC_TWO(name, goal, exact, ...)                                        \
  Function {                                                                  \
    #name, 2, goal, [](double x, double y) { return functions::name(x, y); }, \
        [](ir::X x, ir::X y) { return functions::name(x, y); }, exact, {      \
      __VA_ARGS__                                                             \
    }                                                                         \
  }

// clang-format off
const Domain kSubnormal = powers(-1074, -1020);

std::vector<Function> functions_of_kernels() {
  return {
      MC_ONE(exp, 1, exact1<mpfr_exp>, in(-1, 1), in(-745.2, 709.8), in(-746, -707), at(709.78271289338397, -745.13321910194122), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(expm1, 1, exact1<mpfr_expm1>, in(-0.4, 0.5), in(-1, 2), in(-40, 710), in(35, 40), at(709.78271289338397, 0.34657359027997264), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(exp2, 1, exact1<mpfr_exp2>, in(-1, 1), in(-1076, 1025), in(-1076, -1020), at(1024, -1075), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(log, 1, exact1<mpfr_log>, in(0.65, 1.5), at(1, 1), at(0.70710678118654746, 1.4142135623730951), in(0, 100), powers(-1074, 1023), kSubnormal, kAll),
      MC_ONE(log1p, 1, exact1<mpfr_log1p>, in(-0.5, 1), in(-1, 0), at(-1, 0.41421356237309503), in(0, 100), powers(-60, 0), powers(-1074, 1023), kSubnormal, kAll),
      MC_ONE(log2, 1, exact1<mpfr_log2>, in(0.65, 1.5), at(1, 1), at(0.70710678118654746, 1.4142135623730951), in(0, 100), powers(-1074, 1023), kSubnormal, kAll),
      MC_ONE(log10, 1, exact1<mpfr_log10>, in(0.65, 1.5), at(1, 1000), at(0.70710678118654746, 1.4142135623730951), in(0, 100), powers(-1074, 1023), kSubnormal, kAll),
      MC_TWO(pow, 1.5, exact2<mpfr_pow>, {{Draw::uniform, 0, 10}, {Draw::uniform, -5, 5}}, {{Draw::scale, -1074, 1023}, {Draw::quotient, -746, 710}},
             {{Draw::near, 1, 1}, {Draw::quotient, -746, 710}}, {{Draw::near, 0.70710678118654746, 1.4142135623730951}, {Draw::quotient, -746, 710}},
             {{Draw::scale, -1074, 1023}, {Draw::quotient, -746, -707}}, {{Draw::uniform, 1.38, 1.43}, {Draw::quotient, -746, 710}},
             {{Draw::near, -3, -2}, {Draw::near, 3, -8}}, {{Draw::scale, -2, 2}, {Draw::near, 3, 2}}, kAll),
      MC_ONE(cbrt, 1, exact1<mpfr_cbrt>, in(0.3, 3), in(-8, 8), at(1, 27), powers(-1074, 1023), kSubnormal, kAll),
      MC_TWO(hypot, 1, exact2<mpfr_hypot>, {{Draw::uniform, 0, 1}, {Draw::uniform, 0, 1}}, {{Draw::scale, -1074, 1023}, {Draw::partner, -30, 30}}, {{Draw::scale, -1074, -1000}, {Draw::partner, -3, 3}},
             {{Draw::scale, 1000, 1023}, {Draw::partner, -3, 0}}, kAll),
      MC_ONE(sin, 1, exact1<mpfr_sin>, in(-1, 1), in(-100, 100), in(-1.1e8, 1.1e8), multiples(27), multiples(1023), at(105414357.85197645, 0x1.7e43c8800759cp+996), powers(26, 1023), kSubnormal, kAll),
      MC_ONE(cos, 1, exact1<mpfr_cos>, in(-1, 1), in(-100, 100), in(-1.1e8, 1.1e8), multiples(27), multiples(1023), at(105414357.85197645, 0x1.7e43c8800759cp+996), powers(26, 1023), kSubnormal, kAll),
      MC_ONE(tan, 1, exact1<mpfr_tan>, in(-1, 1), in(-100, 100), in(-1.1e8, 1.1e8), multiples(27), multiples(1023), at(0x1p-27, 0x1.7e43c8800759cp+996), powers(26, 1023), kSubnormal, kAll),
      MC_ONE(asin, 1, exact1<mpfr_asin>, in(-1, 1), in(-0.52, 0.52), at(0.5, 1), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(acos, 1, exact1<mpfr_acos>, in(-1, 1), in(-0.52, 0.52), at(0.5, 1), at(-0.5, -1), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(atan, 1, exact1<mpfr_atan>, in(-1, 1), in(0.38, 0.6), in(-10, 10), at(0.41421356237309503, 2.4142135623730949), powers(-1074, 1023), kSubnormal, kAll),
      MC_TWO(atan2, 1.5, exact2<mpfr_atan2>, {{Draw::uniform, -1, 1}, {Draw::uniform, -1, 1}}, {{Draw::scale, -1074, 1023}, {Draw::partner, -30, 30}}, {{Draw::scale, -1074, 1023}, {Draw::scale, -1074, 1023}},
             {{Draw::scale, -3, 3}, {Draw::partner, -2, 2}}, {{Draw::scale, -1074, -1000}, {Draw::partner, -3, 3}}, kAll),
      MC_ONE(sinh, 1, exact1<mpfr_sinh>, in(-1, 1), in(-5, 5), in(-711, 711), in(17, 20), at(710.47586007394386, 0.34657359027997264), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(cosh, 1, exact1<mpfr_cosh>, in(-1, 1), in(-5, 5), in(-711, 711), in(17, 20), at(710.47586007394386, 0.34657359027997264), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(tanh, 1, exact1<mpfr_tanh>, in(-1, 1), in(-5, 5), in(17, 20), at(0.25993019270997947, 19.061547465398498), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(asinh, 1.5, exact1<mpfr_asinh>, in(-1, 1), in(-10, 10), at(0x1p28, 1), powers(-60, 0), powers(-1074, 1023), kSubnormal, kAll),
      MC_ONE(acosh, 1.5, exact1<mpfr_acosh>, in(1, 1.1), in(1, 2), in(1, 20), at(1, 0x1p28), positive(0, 1023), kAll),
      MC_ONE(atanh, 1.5, exact1<mpfr_atanh>, in(-0.3, 0.3), in(-1, 1), at(1, -1), powers(-60, -1), kSubnormal, kAll),
      MC_ONE(erf, 1.5, exact1<mpfr_erf>, in(-1.2, 1.2), in(1.15, 1.5), in(-6, 6), at(1.2, 5.92), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(erfc, 1.5, exact1<mpfr_erfc>, in(-1, 1), in(-6, 6), in(1, 3), in(6, 27.3), in(26, 27.3), at(26.543258454250671, 27.226017111108366), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(lgamma, 3, exact_lgamma, in(0, 0.75), in(0.75, 2.5), in(2.5, 4), in(4, 100), at(1, 2), at(0.75, 2.5), at(0x1p200, 0x1.754d9278b51a6p+1014), positive(-1074, 1017), positive(-70, 0), positive(-1074, -1020)),
      MC_ONE(gamma, 3, exact1<mpfr_gamma>, in(0, 1), in(1, 3), in(3, 30), in(1, 171.7), in(-3, 0), in(-30, 0), in(-185, 0), in(-190, -170), at(1, 171.62437695630272), at(-3, -150), at(0x1p-1024, -0x1p-60), powers(-70, -50), powers(-1074, 10), kSubnormal, kAll),
      MC_ONE(normpdf, 1.5, exact1<exact_normpdf>, in(-1, 1), in(-10, 10), in(-39, 39), in(37, 38.6), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(normcdf, 1.5, exact1<exact_normcdf>, in(-1, 1), in(-9, 9), in(-3, -1), in(-38.6, -9), in(-38.6, -37), at(-37.519379347, -38.485408335), powers(-60, 0), kSubnormal, kAll),
      MC_ONE(normicdf, 1.5, exact_normicdf, in(0, 1), in(0.45, 0.55), at(0.5, 1), in(0, 0.001), in(1e-5, 1e-4), powers(-60, 0), powers(-1074, 0), at(0x1p-54, 1), kSubnormal, kAll),
  };
}

/// For x < 0 lgamma has roots between any two poles, where it promises an absolute error.
Function lgamma_of_negatives() {
  Function f = MC_ONE(lgamma, 3, exact_lgamma, in(-1, 0), in(-3, -2), in(-10, 0), in(-200, 0), in(-1e6, 0), at(-2.4570247382208006, -2.7476826467274127), at(-3.1435808883499799, -3), powers(-70, 0), powers(-1074, 60), kAll);
  f.name = "lgamma_negative";
  f.absolute = 2.5e-16;
  return f;
}

}  // namespace

std::vector<Function> all_cores() {
  return {
      MC_ONE(exp_core, 1, exact1<mpfr_exp>, in(-708, 709.4), in(-1, 1)),
      MC_ONE(log_positive_normal, 1, exact1<mpfr_log>, in(0x1p-53, 1), at(1, 0.5)),
      MC_ONE(sin_core, 1, exact1<mpfr_sin>, in(-100, 100), in(-1e8, 1e8), multiples(26)),
      MC_ONE(cos_core, 1, exact1<mpfr_cos>, in(-100, 100), in(-1e8, 1e8), multiples(26)),
      MC_ONE(sin2pi, 1, exact1<exact_sin2pi>, in(0, 1), at(0.5, 0.25)),
      MC_ONE(cos2pi, 1, exact1<exact_cos2pi>, in(0, 1), at(0.5, 0.25)),
      MC_ONE(normicdf_core, 1.5, exact_normicdf, in(0x1p-53, 0.9999999999999999), in(0.4, 0.6)),
  };
}
// clang-format on

std::vector<Function> all_functions() {
  std::vector<Function> functions = functions_of_kernels();
  functions.push_back(lgamma_of_negatives());
  for (Function& f : functions) {
    const auto* found = std::ranges::find(kLibm, f.name, &Libm::name);
    if (found != std::end(kLibm)) f.libm = found->plain;
  }
  return functions;
}

}  // namespace mc::testing
