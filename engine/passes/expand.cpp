// Writes the mathematical functions out as primitives, by calling their templates with ir::X: those for
// doubles or those for floats.
#include <array>
#include <stdexcept>
#include <string>

#include "engine/passes/functions/functions.hpp"
#include "engine/passes/functions/ir_number.hpp"
#include "engine/passes/passes.hpp"
#include "engine/passes/rewriter.hpp"

namespace mc::passes {
namespace {

using ir::Op;
using ir::Type;
using ir::Value;
using ir::X;

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

Value expanded(ir::Builder& builder, const ir::Node& node, std::span<const Value> operands) {
  if (!ir::info(node.op).is_function) return keep(builder, node, operands);
  std::vector<X> x;
  for (Value v : operands) x.emplace_back(builder, v);
  return expansion(node.op, node.type == Type::f32, x);
}

}  // namespace

ir::Kernel expand(const ir::Kernel& kernel) { return rewrite(kernel, expanded); }

}  // namespace mc::passes
