// The rows in single precision: see accuracy.hpp. Goals and exact values are those of the rows for doubles;
// domains cover all floats and dwell on the seams between two formulas.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/passes/functions/functions.hpp"
#include "engine/passes/functions/ir_number.hpp"
#include "tests/engine/passes/accuracy.hpp"

namespace mc::testing {
namespace {

using functions::Single;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const Domain kSubnormals = powers(-149, -120);

/// Where a function is hard, beside everywhere; what CUDA and SLEEF (its more exact version) publish.
struct Hard {
  std::string_view name;
  std::vector<Domain> domains;
  const char *cuda, *sleef;
};

// clang-format off
const std::vector<Hard> kHard = {
    {"exp", {in(-1, 1), in(-104.5, 89), in(-104, -87), at(88.7228394, -103.972084)}, "2", "1.0"},
    {"expm1", {in(-0.4, 0.5), in(-18, 89), at(88.7228394, 0.34657359), at(-17.3, 0x1p-25)}, "1", "1.0"},
    {"exp2", {in(-1, 1), in(-151, 129), in(-151, -125), at(128, -150)}, "2", "1.0"},
    {"log", {in(0.65, 1.5), at(1, 1), at(0.707106781, 1.41421356), in(0, 100)}, "1", "1.0"},
    {"log1p", {in(-0.5, 1), in(-1, 0), at(-1, 0.414213562), in(0, 100)}, "1", "1.0"},
    {"log2", {in(0.65, 1.5), at(1, 1), at(0.707106781, 1.41421356), in(0, 100)}, "1", "1.0"},
    {"log10", {in(0.65, 1.5), at(1, 1000), at(0.707106781, 1.41421356), in(0, 100)}, "2", "1.0"},
    {"pow", {{{Draw::uniform, 0, 10}, {Draw::uniform, -5, 5}}, {{Draw::scale, -149, 127}, {Draw::quotient, -104, 89}}, {{Draw::near, 1, 1}, {Draw::quotient, -104, 89}},
             {{Draw::near, 0.707106781, 1.41421356}, {Draw::quotient, -104, 89}}, {{Draw::scale, -149, 127}, {Draw::quotient, -104, -87}},
             {{Draw::near, -3, -2}, {Draw::near, 3, -8}}, {{Draw::scale, -2, 2}, {Draw::near, 3, 2}}}, "8", "1.0"},
    {"cbrt", {in(0.3, 3), in(-8, 8), at(1, 27)}, "1", "1.0"},
    {"hypot", {{{Draw::uniform, 0, 1}, {Draw::uniform, 0, 1}}, {{Draw::scale, -149, 127}, {Draw::partner, -15, 15}}, {{Draw::scale, -149, -130}, {Draw::partner, -3, 3}},
               {{Draw::scale, 120, 127}, {Draw::partner, -3, 0}}}, "3", "0.5"},
    {"sin", {in(-1, 1), in(-100, 100), multiples(22), multiples(127), at(0x1p50, 0x1p77), at(0x1p104, 0x1.f3708p95)}, "2", "1.0"},
    {"cos", {in(-1, 1), in(-100, 100), multiples(22), multiples(127), at(0x1p50, 0x1p77), at(0x1p104, 0x1.f3708p95)}, "2", "1.0"},
    {"tan", {in(-1, 1), in(-100, 100), multiples(22), multiples(127), at(0x1p50, 0x1p77), at(0x1p104, 0x1.f3708p95)}, "4", "1.0"},
    {"asin", {in(-1, 1), in(-0.52, 0.52), at(0.5, 1), at(-0.5, -1)}, "4", "1.0"},
    {"acos", {in(-1, 1), in(-0.52, 0.52), at(0.5, 1), at(-0.5, -1)}, "3", "1.0"},
    {"atan", {in(-1, 1), in(0.9, 1.3), in(-10, 10), at(1, -1)}, "2", "1.0"},
    {"atan2", {{{Draw::uniform, -1, 1}, {Draw::uniform, -1, 1}}, {{Draw::scale, -149, 127}, {Draw::partner, -15, 15}}, {{Draw::scale, -149, 127}, {Draw::scale, -149, 127}},
               {{Draw::scale, -3, 3}, {Draw::partner, -2, 2}}, {{Draw::scale, -149, -120}, {Draw::partner, -3, 3}}, {{Draw::near, 0x1p100, 0x1p-60}, {Draw::partner, -3, 3}}}, "3", "1.0"},
    {"sinh", {in(-1, 1), in(-5, 5), in(-90, 90), at(89.4159863, 0.34657359), at(0x1p-12, 0.34657359)}, "3", "1.0"},
    {"cosh", {in(-1, 1), in(-5, 5), in(-90, 90), at(89.4159863, 0.34657359)}, "2", "1.0"},
    {"tanh", {in(-1, 1), in(-5, 5), in(8, 10), at(0.25993019, 9.01091385)}, "2", "1.0"},
    {"asinh", {in(-1, 1), in(-10, 10), at(0x1p-10, 1)}, "3", "1.0"},
    {"acosh", {in(1, 1.1), in(1, 2), in(1, 20), at(1, 2)}, "4", "1.0"},
    {"atanh", {in(-0.3, 0.3), in(-1, 1), at(1, -1), at(0x1p-10, 0x1p-10)}, "3", "1.0"},
    {"erf", {in(-1, 1), in(0.95, 1.3), in(-4, 4), at(1, 3.92)}, "2", "1.0"},
    {"erfc", {in(-1, 1), in(-4, 4), in(1, 3), in(3, 10.1), at(9.19455338, 10.0541964)}, "4", "1.5"},
    {"lgamma", {in(0, 0.75), in(0.75, 2.5), in(2.5, 4), in(4, 100), at(1, 2), positive(-149, 121), in(-3, -2), in(-10, 0), at(-2.45702472, -2.74768265), at(-3.14358089, -3)}, "6 outside -10.001…-2.264", "1.0"},
    {"gamma", {in(0, 1), in(1, 3), in(3, 30), in(1, 36), in(-3, 0), in(-30, 0), in(-43, -38), at(1, 35.0401001), at(-3, -35)}, "11", "1.0"},
    {"normpdf", {in(-1, 1), in(-10, 10), in(-15, 15), in(13, 14.5)}, "", ""},
    {"normcdf", {in(-1, 1), in(-6, 6), in(-3, -1), in(-14.3, -5), in(-14.3, -12)}, "5", ""},
    {"normicdf", {in(0, 1), in(0.45, 0.55), at(0.5, 1), in(0, 0.001), positive(-149, -20), at(0x1p-24, 1)}, "5", ""},
};

#define MC_LIBM1(name, libm) {name, [](float x, float) { return libm(x); }}
#define MC_LIBM2(name, libm) {name, [](float x, float y) { return libm(x, y); }}
constexpr std::pair<std::string_view, PlainSingle> kLibm[] = {
    MC_LIBM1("exp", ::expf), MC_LIBM1("expm1", ::expm1f), MC_LIBM1("exp2", ::exp2f), MC_LIBM1("log", ::logf), MC_LIBM1("log1p", ::log1pf),
    MC_LIBM1("log2", ::log2f), MC_LIBM1("log10", ::log10f), MC_LIBM2("pow", ::powf), MC_LIBM1("cbrt", ::cbrtf), MC_LIBM2("hypot", ::hypotf),
    MC_LIBM1("sin", ::sinf), MC_LIBM1("cos", ::cosf), MC_LIBM1("tan", ::tanf), MC_LIBM1("asin", ::asinf), MC_LIBM1("acos", ::acosf),
    MC_LIBM1("atan", ::atanf), MC_LIBM2("atan2", ::atan2f), MC_LIBM1("sinh", ::sinhf), MC_LIBM1("cosh", ::coshf), MC_LIBM1("tanh", ::tanhf),
    MC_LIBM1("asinh", ::asinhf), MC_LIBM1("acosh", ::acoshf), MC_LIBM1("atanh", ::atanhf), MC_LIBM1("erf", ::erff), MC_LIBM1("erfc", ::erfcf),
    MC_LIBM1("lgamma", ::lgammaf), MC_LIBM1("gamma", ::tgammaf),
};
// clang-format on
#undef MC_LIBM1
#undef MC_LIBM2

template <class Rows, class Name>
const auto& row_of(const Rows& rows, std::string_view name, Name Rows::value_type::* named) {
  const auto found =
      std::ranges::find(rows, name, [&](const auto& row) { return std::string_view(row.*named); });
  if (found == rows.end())
    throw std::logic_error("accuracy_table.cpp or single_table.cpp has no row of " + std::string(name));
  return *found;
}

/// What the table for doubles knows, and the hard places.
void complete(SingleFunction& f, const std::vector<Function>& doubles) {
  const Function& of_doubles = row_of(doubles, f.name, &Function::name);
  f.goal = of_doubles.goal;
  f.exact = of_doubles.exact;
}

void complete_with_hard_places(SingleFunction& f) {
  const Hard& hard = row_of(kHard, f.name, &Hard::name);
  f.domains = hard.domains;
  f.domains.push_back(kAll);
  if (f.arity == 1) f.domains.insert(f.domains.end(), {powers(-149, 127), powers(-40, 0), kSubnormals});
  f.cuda = hard.cuda;
  f.sleef = hard.sleef;
  const auto* libm = std::ranges::find(kLibm, f.name, [](const auto& row) { return row.first; });
  if (libm != std::end(kLibm)) f.libm = libm->second;
}

constexpr bool is_through_double(std::string_view way) { return way == "through_double"; }

#define MC_ROW1(name, way, reason)                                                                  \
  {#name,                                                                                           \
   1,                                                                                               \
   #way,                                                                                            \
   reason,                                                                                          \
   0,                                                                                               \
   [](float x, float) { return functions::f32::name(Single(x)).value(); },                          \
   [](ir::X x, ir::X) { return functions::f32::name(x); },                                          \
   is_through_double(#way) ? Recorded(nullptr) : [](ir::X x, ir::X) { return functions::name(x); }, \
   nullptr,                                                                                         \
   {},                                                                                              \
   -kInfinity,                                                                                      \
   kInfinity,                                                                                       \
   nullptr,                                                                                         \
   "",                                                                                              \
   ""}
#define MC_ROW2(name, way, reason)                                                      \
  {#name,                                                                               \
   2,                                                                                   \
   #way,                                                                                \
   reason,                                                                              \
   0,                                                                                   \
   [](float x, float y) { return functions::f32::name(Single(x), Single(y)).value(); }, \
   [](ir::X x, ir::X y) { return functions::f32::name(x, y); },                         \
   nullptr,                                                                             \
   nullptr,                                                                             \
   {},                                                                                  \
   -kInfinity,                                                                          \
   kInfinity,                                                                           \
   nullptr,                                                                             \
   "",                                                                                  \
   ""}
#define MC_CORE(name, from, to, ...)                                          \
  {#name,                                                                     \
   1,                                                                         \
   "native",                                                                  \
   "",                                                                        \
   0,                                                                         \
   [](float x, float) { return functions::single::name(Single(x)).value(); }, \
   [](ir::X x, ir::X) { return functions::single::name(x); },                 \
   [](ir::X x, ir::X) { return functions::name(x); },                         \
   nullptr,                                                                   \
   {__VA_ARGS__},                                                             \
   from,                                                                      \
   to,                                                                        \
   nullptr,                                                                   \
   "",                                                                        \
   ""}

}  // namespace

std::vector<SingleFunction> all_single_functions() {
  std::vector<SingleFunction> functions = {
#define MC_SINGLE(name, arity, way, reason) MC_ROW##arity(name, way, reason),
#include "engine/passes/functions/single/functions.def"
#undef MC_SINGLE
  };
  const std::vector<Function> doubles = all_functions();
  for (SingleFunction& f : functions) complete(f, doubles), complete_with_hard_places(f);
  return functions;
}

std::vector<SingleFunction> all_single_cores() {
  constexpr float kBelowOne = 0x1.fffffep-1F;
  std::vector<SingleFunction> cores = {
      MC_CORE(exp_core, -87.3F, 88.3F, in(-87.3, 88.3), in(-1, 1)),
      MC_CORE(log_positive_normal, 0x1p-126F, 0x1.fffffep127F, in(0x1p-24, 1), at(1, 0.5)),
      MC_CORE(sin_core, -12867.0F, 12867.0F, in(-100, 100), in(-12867, 12867), multiples(13)),
      MC_CORE(cos_core, -12867.0F, 12867.0F, in(-100, 100), in(-12867, 12867), multiples(13)),
      MC_CORE(sin2pi, 0x1p-100F, 4.0F, in(0, 1), at(0.5, 0.25)),
      MC_CORE(cos2pi, 0x1p-100F, 4.0F, in(0, 1), at(0.5, 0.25)),
      MC_CORE(normicdf_core, 0x1p-24F, kBelowOne, in(0x1p-24, 0.9999999), in(0.4, 0.6)),
  };
  const std::vector<Function> doubles = all_cores();
  for (SingleFunction& f : cores) complete(f, doubles);
  return cores;
}

}  // namespace mc::testing
