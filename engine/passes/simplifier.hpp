// The exact rewrites as a table (rewrites.cpp), and what applies them: an emitter that simplifies each
// operation before it enters the kernel, and with it all that the rewrites themselves emit.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "engine/ir/builder.hpp"
#include "engine/passes/facts.hpp"

namespace mc::passes {

class Simplifier {
 public:
  explicit Simplifier(ir::Builder& builder) : builder_(builder) {}

  /// The value of an operation on operands that are simple already. Ends because every rewrite makes fewer
  /// operations or an operation nearer to its final form of constants on the right and signs outside.
  ir::Value emit(ir::Op op, std::span<const ir::Value> operands, std::uint64_t immediate = 0);
  ir::Value emit(ir::Op op, std::initializer_list<ir::Value> operands) {
    return emit(op, std::span(operands.begin(), operands.size()));
  }

  // ---- what rewrites look at
  bool is(ir::Value v, ir::Op op) const { return builder_[v].op == op; }
  bool is_constant(ir::Value v) const { return is(v, ir::Op::constant); }
  bool is_number(ir::Value v, double number) const;     ///< a float constant, bit for bit this one
  bool is_word(ir::Value v, std::uint64_t word) const;  ///< an integer or truth constant
  bool is_all_ones(ir::Value v) const;
  ir::Type type(ir::Value v) const { return builder_[v].type; }
  ir::Value operand(ir::Value v, std::size_t k) const { return builder_[v].operands[k]; }
  const ir::Builder& builder() const { return builder_; }

  // ---- what they make
  ir::Value number(ir::Type type, double number) {
    return builder_.constant_bits(type, float_bits(type, number));
  }
  ir::Value word(ir::Type type, std::uint64_t word) { return builder_.constant_bits(type, word); }

 private:
  std::optional<ir::Value> folded(ir::Op op, std::span<const ir::Value> operands);

  ir::Builder& builder_;
};

/// One exact rewrite: what to emit instead of `op` on these operands, or nothing where it does not apply.
struct Rewrite {
  ir::Op op;
  std::string_view name;
  std::optional<ir::Value> (*apply)(Simplifier&, std::span<const ir::Value> operands);
};

/// The table; among those of one operation the first that applies is taken.
std::span<const Rewrite> rewrites();

/// One pass of the rewrites over a kernel. What they leave unused stays; simplify() also drops that.
ir::Kernel simplify_once(const ir::Kernel& kernel);

}  // namespace mc::passes
