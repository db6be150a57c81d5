// Where a product flows into a sum the two become one fma: the only place in the engine that does so. Of two
// products the first is the one that is not rounded: a*b + c*d is fma(a, b, c*d), and a*b - c*d is fma(a, b,
// -(c*d)).
#include "engine/passes/passes.hpp"
#include "engine/passes/rewriter.hpp"

namespace mc::passes {
namespace {

using ir::Builder;
using ir::Op;
using ir::Value;

Value contract_sum(Builder& b, Value x, Value y) {
  if (b[x].op == Op::mul) return b.emit(Op::fma, {b[x].operands[0], b[x].operands[1], y});
  if (b[y].op == Op::mul) return b.emit(Op::fma, {b[y].operands[0], b[y].operands[1], x});
  return b.emit(Op::add, {x, y});
}

Value contract_difference(Builder& b, Value x, Value y) {
  if (b[x].op == Op::mul) {
    const auto [factor, other, none] = b[x].operands;
    return b.emit(Op::fma, {factor, other, b.emit(Op::neg, {y})});
  }
  if (b[y].op == Op::mul) {
    const auto [factor, other, none] = b[y].operands;
    return b.emit(Op::fma, {b.emit(Op::neg, {factor}), other, x});
  }
  return b.emit(Op::sub, {x, y});
}

}  // namespace

ir::Kernel contract(const ir::Kernel& kernel) {
  return rewrite(kernel, [](Builder& builder, const ir::Node& node, std::span<const Value> operands) {
    if (node.op == Op::add) return contract_sum(builder, operands[0], operands[1]);
    if (node.op == Op::sub) return contract_difference(builder, operands[0], operands[1]);
    return keep(builder, node, operands);
  });
}

}  // namespace mc::passes
