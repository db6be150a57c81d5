// Writes the mathematical functions out as primitives, by calling their templates with ir::X. They are
// functions of f64; an f32 is computed as f64 and rounded once more, which costs 0.5 ULP of an f32 and no
// thought.
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

X expansion(Op op, std::span<const X> x) {
  switch (op) {
#define MC_EXPAND1(name)    \
  case Op::name##_function: \
    return functions::name(x[0]);
#define MC_EXPAND2(name)    \
  case Op::name##_function: \
    return functions::name(x[0], x[1]);
    MC_FUNCTIONS(MC_EXPAND1, MC_EXPAND2)
#undef MC_EXPAND1
#undef MC_EXPAND2
    default:
      throw std::logic_error("passes: no expansion of " + std::string(ir::info(op).name));
  }
}

Value expanded(ir::Builder& builder, const ir::Node& node, std::span<const Value> operands) {
  if (!ir::info(node.op).is_function) return keep(builder, node, operands);
  const bool narrow = node.type == Type::f32;
  std::vector<X> x;
  for (Value v : operands) x.push_back(narrow ? to_f64(X(builder, v)) : X(builder, v));
  const X result = expansion(node.op, x);
  return narrow ? to_f32(result) : result;
}

}  // namespace

ir::Kernel expand(const ir::Kernel& kernel) { return rewrite(kernel, expanded); }

}  // namespace mc::passes
