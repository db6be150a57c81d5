// What the translator knows of the operations in columns.def: which one carries out an operation of kernel
// IR, which ones ask for operands that are the same in every lane, which pairs can be fused.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/interpreter/columns.hpp"
#include "engine/ir/types.hpp"

namespace mc::interpreter {

struct Description {
  ColumnOp general{};  ///< what it is a variant of; itself for most
  std::uint8_t arity = 0;
  std::uint8_t fixed = 0;  ///< bit k: operand k has to be the same in every lane, others have to be columns
  bool commutes = false;   ///< its first two operands may change places
  bool may_overwrite = true;  ///< its result may stand where an operand stood
};

const Description& describe(ColumnOp op);

/// What carries `op` out on operands of this type, if that is one operation on columns.
std::optional<ColumnOp> column_op(ir::Op op, ir::Type operand);

/// The variant of `op` for operands of which exactly those in the bit set `fixed` are the same in every lane.
std::optional<ColumnOp> variant(ColumnOp op, unsigned fixed);

/// fused(…) = outer(inner(…), …), or a variant of these: see MC_FUSED.
struct Fusion {
  static constexpr int kResult = -1, kNew = -2;
  ColumnOp fused, inner, outer;
  std::uint8_t fixed;
  std::array<std::int8_t, 4> wires{kNew, kNew, kNew, kNew};  ///< of outer's operands
};

std::span<const Fusion> fusions();

}  // namespace mc::interpreter
