// Where a product flows into a sum the two become one fma: the only place in the engine that does so. Of two
// products the first is the one that is not rounded: a*b + c*d is fma(a, b, c*d), and a*b - c*d is fma(a, b,
// -(c*d)).
//
// A product that something other than sums needs as well stays a product everywhere: it is computed in any
// case, and an fma beside it would see the same expression with another value. A lane's pivot and the
// distance from it are such a pair: a moment that is a constant product has to have the variance 0.
//
// A product that is to be rounded whatever it flows into, because a C++ source says so, comes here as fma(x,
// y, -0): adding -0 changes no number, before rounding either, and no zero. It leaves as x*y.
#include <utility>
#include <vector>

#include "engine/passes/passes.hpp"
#include "engine/passes/rewriter.hpp"

namespace mc::passes {
namespace {

using ir::Builder;
using ir::Op;
using ir::Value;

/// For each value of a kernel whether nothing but sums uses it.
class Summands {
 public:
  explicit Summands(const ir::Kernel& kernel) : only_in_sums_(kernel.nodes.size(), true) {
    const Live live = find_live(kernel);
    for (std::size_t k = 0; k < kernel.nodes.size(); ++k) {
      const ir::Node& user = kernel.nodes[k];
      if (live.nodes[k] && user.op != Op::add && user.op != Op::sub) exclude(user.inputs());
    }
    for (const ir::Loop& loop : kernel.loops) exclude(loop.initial), exclude(loop.next);
  }

  bool operator[](Value v) const { return only_in_sums_[position(v)]; }

 private:
  void exclude(std::span<const Value> values) {
    for (Value v : values) only_in_sums_[position(v)] = false;
  }

  std::vector<bool> only_in_sums_;
};

/// A sum's operand in the new kernel.
struct Operand {
  Value value;
  bool fuses = false;  ///< it is a product that only sums use
};

Value contract_sum(Builder& b, Operand x, Operand y) {
  if (!x.fuses) std::swap(x, y);
  if (!x.fuses) return b.emit(Op::add, {y.value, x.value});
  const auto [factor, other, none] = b[x.value].operands;
  return b.emit(Op::fma, {factor, other, y.value});
}

Value contract_difference(Builder& b, Operand x, Operand y) {
  if (x.fuses) {
    const auto [factor, other, none] = b[x.value].operands;
    return b.emit(Op::fma, {factor, other, b.emit(Op::neg, {y.value})});
  }
  if (y.fuses) {
    const auto [factor, other, none] = b[y.value].operands;
    return b.emit(Op::fma, {b.emit(Op::neg, {factor}), other, x.value});
  }
  return b.emit(Op::sub, {x.value, y.value});
}

/// The number that adding changes nothing: no simplification removes it before this pass.
bool is_minus_zero(const Builder& b, Value v) {
  return b[v].op == Op::constant && b[v].immediate == std::uint64_t{1} << (ir::bit_width(b[v].type) - 1);
}

}  // namespace

ir::Kernel contract(const ir::Kernel& kernel) {
  const Summands summands(kernel);
  return rewrite(kernel, [&](Builder& builder, const ir::Node& node, std::span<const Value> operands) {
    const auto operand = [&](std::size_t k) {
      const bool is_product = builder[operands[k]].op == Op::mul && kernel[node.operands[k]].op != Op::fma;
      return Operand{operands[k], is_product && summands[node.operands[k]]};
    };
    if (node.op == Op::fma && is_minus_zero(builder, operands[2]))
      return builder.emit(Op::mul, {operands[0], operands[1]});
    if (node.op == Op::add) return contract_sum(builder, operand(0), operand(1));
    if (node.op == Op::sub) return contract_difference(builder, operand(0), operand(1));
    return keep(builder, node, operands);
  });
}

}  // namespace mc::passes
