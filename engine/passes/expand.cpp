// Writes the mathematical functions out as primitives, by calling their templates with ir::X: those for
// doubles or those for floats. Where a double is known to lie in a function's core, where nothing is
// exceptional, the core is enough: it gives the same bits for less.
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

/// A function of one argument from `first` to `last`.
struct Core {
  Op op;
  double first, last;
  X (*write)(X);
};

constexpr Core kCores[] = {
    {Op::exp_function, -708.0, 709.4, functions::exp_core<X>},
    {Op::log_function, 0x1p-1022, 0x1.fffffffffffffp1023, functions::log_positive_normal<X>},
    {Op::sin_function, -functions::angle::near_bound, functions::angle::near_bound, functions::sin_core<X>},
    {Op::cos_function, -functions::angle::near_bound, functions::angle::near_bound, functions::cos_core<X>},
    {Op::tan_function, -functions::angle::near_bound, functions::angle::near_bound, functions::tan_core<X>},
    {Op::normicdf_function, 0x1p-54, 1.0 - 0x1p-53, functions::normicdf_core<X>},
};

const Core* core_of(Op op, const Range& argument) {
  const auto* found = std::ranges::find(kCores, op, &Core::op);
  return found != std::end(kCores) && argument.lies_in(found->first, found->last) ? found : nullptr;
}

X expansion(Op op, bool single, std::span<const X> x) {
  switch (op) {
#define MC_EXPAND1(name)    \
  case Op::name##_function: \
    return single ? functions::f32::name(x[0]) : functions::name(x[0]);
#define MC_EXPAND2(name)    \
  case Op::name##_function: \
    return single ? functions::f32::name(x[0], x[1]) : functions::name(x[0], x[1]);
    MC_FUNCTIONS(MC_EXPAND1, MC_EXPAND2)
#undef MC_EXPAND1
#undef MC_EXPAND2
    default:
      throw std::logic_error("passes: no expansion of " + std::string(ir::info(op).name));
  }
}

Value expanded(ir::Builder& builder, const ir::Node& node, std::span<const Value> operands,
               const Range& argument) {
  std::vector<X> x;
  for (Value v : operands) x.emplace_back(builder, v);
  if (const Core* core = core_of(node.op, argument); core != nullptr && node.type == Type::f64)
    return core->write(x[0]);
  return expansion(node.op, node.type == Type::f32, x);
}

}  // namespace

ir::Kernel expand(const ir::Kernel& kernel) {
  const Ranges ranges(kernel);
  return rewrite(kernel, [&](ir::Builder& builder, const ir::Node& node, std::span<const Value> operands) {
    if (!ir::info(node.op).is_function) return keep(builder, node, operands);
    return expanded(builder, node, operands, ranges[node.operands[0]]);
  });
}

}  // namespace mc::passes
