// Writes the mathematical functions out as primitives, by calling their templates with ir::X: those for
// doubles or those for floats. Where a number is known to lie in a function's core, where nothing is
// exceptional, the core is enough: of doubles it gives the same bits for less, and some of floats are
// formulas of their own, less exact by a part of an ulp.
#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "engine/passes/functions/functions.hpp"
#include "engine/passes/functions/ir_number.hpp"
#include "engine/passes/passes.hpp"
#include "engine/passes/ranges.hpp"
#include "engine/passes/rewriter.hpp"

namespace mc::passes {
namespace {

using ir::Op;
using ir::Type;
using ir::Value;
using ir::X;

/// A function of one argument of that type from `first` to `last`, and a multiple of `unit` where that is not
/// 0.
struct Core {
  Op op;
  Type type;
  double first, last;
  X (*write)(X);
  double unit = 0;
};

constexpr double kNear = functions::angle::near_bound;
constexpr double kNearOfFloats = functions::single::angle::near_bound;

/// The first one that fits is taken.
constexpr Core kCores[] = {
    {Op::exp_function, Type::f64, -708.0, 709.4, functions::exp_core<X>},
    {Op::log_function, Type::f64, 0x1p-1022, 0x1.fffffffffffffp1023, functions::log_positive_normal<X>},
    {Op::sin_function, Type::f64, -kNear, kNear, functions::sin_core<X>},
    {Op::cos_function, Type::f64, -kNear, kNear, functions::cos_core<X>},
    {Op::tan_function, Type::f64, -kNear, kNear, functions::tan_core<X>},
    {Op::normicdf_function, Type::f64, 0x1p-54, 1.0 - 0x1p-53, functions::normicdf_core_of_multiple<X>,
     0x1p-53},
    {Op::normicdf_function, Type::f64, 0x1p-54, 1.0 - 0x1p-53, functions::normicdf_core<X>},
    {Op::exp_function, Type::f32, -87.3, 88.3, functions::single::exp_core<X>},
    {Op::log_function, Type::f32, 0x1p-126, 0x1.fffffep127, functions::single::log_positive_normal<X>},
    {Op::sin_function, Type::f32, -kNearOfFloats, kNearOfFloats, functions::single::sin_core<X>},
    {Op::cos_function, Type::f32, -kNearOfFloats, kNearOfFloats, functions::single::cos_core<X>},
    {Op::normicdf_function, Type::f32, 0x1p-24, 1.0 - 0x1p-24,
     functions::single::normicdf_core_of_multiple<X>, 0x1p-24},
    {Op::normicdf_function, Type::f32, 0x1p-24, 1.0 - 0x1p-24, functions::single::normicdf_core<X>},
};

const Core* core_of(const ir::Node& node, const Range& argument) {
  const auto* found = std::ranges::find_if(kCores, [&](const Core& core) {
    return core.op == node.op && core.type == node.type && argument.lies_in(core.first, core.last) &&
           argument.unit >= core.unit;
  });
  return found != std::end(kCores) ? found : nullptr;
}

X expansion(Op op, bool single, std::span<const X> x) {
  switch (op) {
#define MC_EXPAND1(name)    \
  case Op::name##_function: \
    return single ? functions::f32::name(x[0]) : functions::name(x[0]);
#define MC_EXPAND2(name)    \
  case Op::name##_function: \
    return single ? functions::f32::name(x[0], x[1]) : functions::name(x[0], x[1]);
#define MC_FUNCTION(name, arity) MC_EXPAND##arity(name)
#include "engine/ir/functions.def"
#undef MC_FUNCTION
#undef MC_EXPAND1
#undef MC_EXPAND2
    default:
      throw std::logic_error("passes: no expansion of " + std::string(ir::info(op).name));
  }
}

// ---- angles of any size

using Angle = functions::Angle<X>;

/// functions::reduce. Its far() is 130 operations that hardly any lane ever needs, so it stands in a loop
/// within a loop: the outer one ends with its first round where all lanes are near, and in that the inner one
/// has no rounds. What far() is taken of is carried, or it would move out of the loops.
Angle reduce(X x) {
  ir::Builder& b = x.builder();
  const X is_near = abs(x) <= kNear;
  const std::array<Value, 4> start = {x, b.constant(0.0), b.constant_u64(0), b.constant_i1(false)};
  const auto far = [&](Value, std::span<const Value> now) -> std::vector<Value> {
    const Angle before{X(b, now[0]), X(b, now[1]), X(b, now[2])};
    const Angle after = functions::angle::choose<X>(is_near, before, functions::angle::far(before.r));
    return {after.r, after.minus_tail, after.quadrant};
  };
  const auto round = [&](Value number, std::span<const Value> now) -> std::vector<Value> {
    std::vector<Value> next = b.loop(number, now.first(3), far);
    next.push_back(is_near | (X(b, number) != X(b, b.constant_u32(0))));
    return next;
  };
  const std::vector<Value> end = b.loop(b.constant_u32(2), start, round, 3);
  return functions::angle::choose<X>(is_near, functions::angle::near(x),
                                     {X(b, end[0]), X(b, end[1]), X(b, end[2])});
}

X of_any_angle(Op op, X x) {
  const Angle angle = reduce(x);
  if (op == Op::tan_function) return functions::detail::tan_of_angle(x, angle);
  const auto parts = functions::detail::sine_cosine(angle.r, angle.minus_tail);
  return functions::detail::by_quadrant(
      parts, op == Op::sin_function ? angle.quadrant : angle.quadrant + std::uint64_t{1});
}

bool is_trigonometric(Op op) {
  return op == Op::sin_function || op == Op::cos_function || op == Op::tan_function;
}

Value expanded(ir::Builder& builder, const ir::Node& node, std::span<const Value> operands,
               const Range& argument) {
  std::vector<X> x;
  for (Value v : operands) x.emplace_back(builder, v);
  if (const Core* core = core_of(node, argument); core != nullptr) return core->write(x[0]);
  if (is_trigonometric(node.op) && node.type == Type::f64) return of_any_angle(node.op, x[0]);
  return expansion(node.op, node.type == Type::f32, x);
}

}  // namespace

ir::Kernel expand(const ir::Kernel& kernel, std::size_t most) {
  const Ranges ranges(kernel);
  return rewrite(kernel, [&](ir::Builder& builder, const ir::Node& node, std::span<const Value> operands) {
    if (!ir::info(node.op).is_function) return keep(builder, node, operands);
    if (builder.kernel().nodes.size() > most)
      throw TooManyOperations("functions written out are too many operations");
    return expanded(builder, node, operands, ranges[node.operands[0]]);
  });
}

}  // namespace mc::passes
