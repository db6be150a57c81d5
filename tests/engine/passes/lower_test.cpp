// Contraction, expansion, and the passes one after another.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "engine/ir/text.hpp"
#include "engine/ir/verify.hpp"
#include "engine/passes/functions/functions.hpp"
#include "engine/passes/passes.hpp"
#include "engine/passes/rewriter.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/formula.hpp"
#include "tests/support/kernel_text.hpp"

namespace mc::passes {
namespace {

using testing::Formulas;
using testing::kernel_of;

// ---- contraction

struct Case {
  std::string_view before, after;
};

constexpr Case kContractions[] = {
    {"add(mul(x, y), z)", "fma(x, y, z)"},
    {"add(z, mul(x, y))", "fma(x, y, z)"},
    {"add(mul(x, y), mul(y, z))", "fma(x, y, mul(y, z))"},
    {"add(add(mul(x, x), mul(y, y)), mul(z, z))", "fma(z, z, fma(x, x, mul(y, y)))"},
    {"sub(mul(x, y), z)", "fma(x, y, neg(z))"},
    {"sub(z, mul(x, y))", "fma(neg(x), y, z)"},
    {"sub(mul(x, y), mul(y, z))", "fma(x, y, neg(mul(y, z)))"},
    {"add(mul(s, t), s)", "fma(s, t, s)"},
    {"mul(add(mul(x, y), z), 2)", "mul(fma(x, y, z), 2)"},
    {"add(sqrt(mul(x, y)), neg(mul(x, y)))", "add(sqrt(mul(x, y)), neg(mul(x, y)))"},
    // A product that not only sums use stays one for all.
    {"add(mul(x, y), sqrt(mul(x, y)))", "add(mul(x, y), sqrt(mul(x, y)))"},
    {"sub(max(mul(x, y), z), mul(x, y))", "sub(max(mul(x, y), z), mul(x, y))"},
    {"mul(add(mul(x, y), z), sub(z, mul(x, y)))", "mul(fma(x, y, z), fma(neg(x), y, z))"},
    {"add(x, y)", "add(x, y)"},
    {"sub(x, y)", "sub(x, y)"},
    {"iadd(imul(a, b), a)", "iadd(imul(a, b), a)"},
    {"fma(x, y, mul(y, z))", "fma(x, y, mul(y, z))"},
    {"add(fma(x, y, -0), z)", "add(mul(x, y), z)"},  // a product that no sum may take
};

/// A kernel whose one output is the formula.
ir::Kernel kernel_of_formula(std::string_view text) {
  ir::Builder b;
  Formulas formulas(b);
  ir::Value value = formulas.read(text);
  const ir::Type type = b[value].type;
  if (type != ir::Type::f64) value = b.emit(ir::Op::to_f64, {value});
  b.output(0, value);
  return rewrite(b.finish(testing::kFormulaScalars), keep);
}

TEST(Contract, products_flow_into_sums) {
  for (const auto& [before, after] : kContractions)
    EXPECT_EQ(testing::shown_output(contract(kernel_of_formula(before))),
              testing::shown_output(kernel_of_formula(after)))
        << before;
}

// ---- expansion

bool has_function(const ir::Kernel& kernel) {
  return std::ranges::any_of(kernel.nodes, [](const ir::Node& n) { return ir::info(n.op).is_function; });
}

double value_of(const ir::Kernel& kernel, double x, double y = 0) {
  const double scalars[] = {x, y, 0, 0, 1};
  return testing::evaluate(kernel, {.scalars = scalars})[0];
}

TEST(Expand, functions_become_primitives_that_compute_them) {
  const ir::Kernel kernel = expand(kernel_of_formula("add(exp(x), log(y))"));
  EXPECT_FALSE(has_function(kernel));
  EXPECT_TRUE(verify(kernel, ir::Level::primitives).empty());
  for (double x : {-3.0, 0.0, 0.7, 20.0})
    EXPECT_NEAR(value_of(kernel, x, 2.5), std::exp(x) + std::log(2.5), 1e-15 * std::exp(x) + 1e-15);
  EXPECT_EQ(value_of(kernel, 1.0, 0.0), -std::numeric_limits<double>::infinity());
}

constexpr std::pair<ir::Op, std::string_view> kFunctions[] = {
#define MC_FUNCTION(name, arity) {ir::Op::name##_function, #name},
#include "engine/ir/functions.def"
#undef MC_FUNCTION
};

TEST(Expand, writes_out_every_function_of_the_table_in_both_precisions) {
  for (const auto& [op, name] : kFunctions)
    for (std::string_view operand : {"x", "s"}) {
      const std::string more = ir::info(op).arity == 2 ? fmt::format(", {}", operand) : "";
      const ir::Kernel kernel = expand(kernel_of_formula(fmt::format("{}({}{})", name, operand, more)));
      EXPECT_FALSE(has_function(kernel)) << name;
      EXPECT_TRUE(verify(kernel, ir::Level::primitives).empty()) << name;
    }
}

/// The function of doubles, or the one of floats, in plain C++.
double plain_value(ir::Op op, bool single, double x, double y) {
  [[maybe_unused]] const functions::Single sx(static_cast<float>(x)), sy(static_cast<float>(y));
  switch (op) {
#define MC_PLAIN1(name)         \
  case ir::Op::name##_function: \
    return single ? to_f64(functions::f32::name(sx)) : functions::name(x);
#define MC_PLAIN2(name)         \
  case ir::Op::name##_function: \
    return single ? to_f64(functions::f32::name(sx, sy)) : functions::name(x, y);
#define MC_FUNCTION(name, arity) MC_PLAIN##arity(name)
#include "engine/ir/functions.def"
#undef MC_FUNCTION
#undef MC_PLAIN1
#undef MC_PLAIN2
    default:
      throw std::logic_error("no function");
  }
}

constexpr double kArguments[] = {-170.3, -2.5, -0.7, -0.0,  1e-40,
                                 1e-310, 0.3,  1.0,  1.7,   2.0,
                                 26.5,   1e9,  1e30, 1e300, std::numeric_limits<double>::infinity()};

/// What is measured ahead of time with doubles and floats is what a kernel computes, after simplification
/// too.
TEST(Expand, computes_the_bits_of_the_plain_template) {
  for (const auto& [op, name] : kFunctions)
    for (bool single : {false, true}) {
      const std::string_view first = single ? "s" : "x", second = single ? ", t" : ", y";
      const std::string_view more = ir::info(op).arity == 2 ? second : "";
      const ir::Kernel kernel =
          simplify(expand(kernel_of_formula(fmt::format("{}({}{})", name, first, more))));
      for (double x : kArguments)
        EXPECT_TRUE(testing::same_number(value_of(kernel, x, 0.4), plain_value(op, single, x, 0.4)))
            << name << (single ? " of f32 " : " of f64 ") << x;
    }
}

// ---- where data is loaded

/// Bodies of the loop over %i with data %a and %b, and places to put in.
constexpr Case kLoads[] = {
    {"%a = datum_f64 f64 0, %i\n%b = datum_f64 f64 1, %i\n%c = sqrt f64 %a\n%d = add f64 %c, %b\nput 2, %i, "
     "%d",
     "%a = datum_f64 f64 0, %i\n%c = sqrt f64 %a\n%b = datum_f64 f64 1, %i\n%d = add f64 %c, %b\nput 2, %i, "
     "%d"},
    // A loop's body and what it begins with count as used where the loop stands.
    {"%a = datum_f64 f64 0, %i\n%b = datum_f64 f64 1, %i\n%m = constant u32 3\n"
     "%s = loop %m (%a) { %j, %t ->\n%u = mul f64 %t, %a\nnext %u\n}\n%d = add f64 %s, %b\nput 2, %i, %d",
     "%m = constant u32 3\n%a = datum_f64 f64 0, %i\n"
     "%s = loop %m (%a) { %j, %t ->\n%u = mul f64 %t, %a\nnext %u\n}\n"
     "%b = datum_f64 f64 1, %i\n%d = add f64 %s, %b\nput 2, %i, %d"},
    // Both are read before one is put where the other may be.
    {"%a = datum_f64 f64 0, %i\n%b = datum_f64 f64 1, %i\nput 2, %i, %b\nput 3, %i, %a",
     "%a = datum_f64 f64 0, %i\n%b = datum_f64 f64 1, %i\nput 2, %i, %b\nput 3, %i, %a"},
};

ir::Kernel going_through_data(std::string_view body) {
  return kernel_of(
      fmt::format("kernel scalars 0 arrays 0 outputs 0 data 4 (f64 f64 f64:put f64:put)\n%n = steps u32\n"
                  "loop %n () {{ %i ->\n{}\n}}\n",
                  body));
}

TEST(DelayLoads, PutsThemBeforeTheFirstUse) {
  for (const Case& c : kLoads)
    EXPECT_EQ(print(delay_loads(going_through_data(c.before))), print(going_through_data(c.after)))
        << c.before;
}

// ---- all of them

/// What the formula becomes.
std::string lowered(std::string_view text) { return testing::shown_output(lower(kernel_of_formula(text))); }

TEST(Lower, contracts_the_program_and_leaves_the_expansions_alone) {
  EXPECT_EQ(lowered("add(mul(x, y), z)"), "fma(x, y, z)");
  EXPECT_EQ(lowered("exp(x)"), testing::shown_output(simplify(expand(kernel_of_formula("exp(x)")))));
}

TEST(Lower, powers_are_contracted_like_the_products_they_are) {
  EXPECT_EQ(lowered("add(pow(x, 2), pow(y, 2))"), "fma(x, x, mul(y, y))");
}

TEST(Lower, negated_constants_fold_after_contraction) {
  EXPECT_EQ(lowered("sub(z, mul(x, 3))"), "fma(x, -3, z)");
}

TEST(Lower, functions_of_constants_are_constants) { EXPECT_EQ(lowered("mul(x, exp(0))"), "x"); }

TEST(Lower, invariant_functions_leave_the_loop) {
  const ir::Kernel kernel = lower(kernel_of(R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%r = loop %n (%x) { %i, %c ->
  %e = exp f64 %x
  %s = add f64 %c, %e
  next %s
}
output 0, %r)"));
  EXPECT_EQ(kernel.regions[1].body.size(), 3) << print(kernel);  // index, carried, add
}

// In every build: what no back end may get.
TEST(Lower, kernels_that_could_leave_their_memory_throw) {
  ir::Kernel kernel = kernel_of(R"(kernel scalars 1 arrays 1 (32) outputs 1
%n = steps u32
%x = scalar f64 0
%r = loop %n (%x) { %i, %c ->
  %e = element f64 0, %i
  %s = add f64 %c, %e
  next %s
}
output 0, %r)");
  EXPECT_NO_THROW(lower(kernel));
  kernel.arrays[0] = 31;
  EXPECT_THROW(lower(kernel), std::logic_error);
}

#ifndef NDEBUG
TEST(Lower, malformed_kernels_throw_in_debug_builds) {
  ir::Kernel kernel = kernel_of("kernel scalars 1 arrays 0 outputs 1\n%x = scalar f64 0\noutput 0, %x");
  kernel.nodes[0].type = ir::Type::u32;
  EXPECT_THROW(lower(kernel), std::logic_error);
}
#endif

}  // namespace
}  // namespace mc::passes
