// Applies the table of exact rewrites, and folds constants, bottom up while copying.
#include <array>
#include <vector>

#include "engine/passes/fold.hpp"
#include "engine/passes/passes.hpp"
#include "engine/passes/rewriter.hpp"
#include "engine/passes/simplifier.hpp"

namespace mc::passes {
namespace {

using ir::Op;
using ir::Type;
using ir::Value;

/// Where in the table each operation's rows begin and end.
struct Index {
  std::vector<std::uint32_t> begin, end;

  Index() : begin(ir::op_count(), 0), end(ir::op_count(), 0) {
    for (std::uint32_t row = 0; row < rewrites().size(); ++row) {
      const auto op = static_cast<std::size_t>(rewrites()[row].op);
      if (end[op] == 0) begin[op] = row;
      end[op] = row + 1;
    }
  }
};

std::span<const Rewrite> rewrites_of(Op op) {
  static const Index index;
  const auto k = static_cast<std::size_t>(op);
  return rewrites().subspan(index.begin[k], index.end[k] - index.begin[k]);
}

}  // namespace

bool Simplifier::is_number(Value v, double number) const {
  return is_constant(v) && is_float(type(v)) && builder_[v].immediate == float_bits(type(v), number);
}

bool Simplifier::is_word(Value v, std::uint64_t word) const {
  return is_constant(v) && !is_float(type(v)) && builder_[v].immediate == word;
}

bool Simplifier::is_all_ones(Value v) const {
  return is_word(v, ~std::uint64_t{0} >> (64 - bit_width(type(v))));
}

std::optional<Value> Simplifier::folded(Op op, std::span<const Value> operands) {
  std::array<std::uint64_t, 3> bits{};
  std::array<Type, 3> types{};
  for (std::size_t k = 0; k < operands.size(); ++k) {
    const auto constant = constant_of(builder_, operands[k]);
    if (!constant) return std::nullopt;
    bits[k] = *constant;
    types[k] = type(operands[k]);
  }
  const auto value = fold(op, types[operands.size() - 1], std::span(bits.data(), operands.size()));
  const auto result = result_type(ir::info(op).rule, std::span(types.data(), operands.size()));
  if (!value || !result) return std::nullopt;
  return builder_.constant_bits(*result, *value);
}

Value Simplifier::emit(Op op, std::span<const Value> operands, std::uint64_t immediate) {
  if (const auto constant = folded(op, operands)) return *constant;
  for (const Rewrite& rewrite : rewrites_of(op))
    if (const auto value = rewrite.apply(*this, operands)) return *value;
  return builder_.emit(op, operands, immediate);
}

ir::Kernel simplify_once(const ir::Kernel& kernel) {
  return rewrite(kernel, [](ir::Builder& builder, const ir::Node& node, std::span<const Value> operands) {
    return Simplifier(builder).emit(node.op, operands, node.immediate);
  });
}

ir::Kernel simplify(const ir::Kernel& kernel) { return sweep(simplify_once(kernel)); }

}  // namespace mc::passes
