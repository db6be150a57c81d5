// A kernel between kernel IR and instructions: a straight sequence of steps over virtual registers, in which
// loops are marked by a step at either end. And the stages that a kernel passes through on its way.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/interpreter/columns.hpp"
#include "engine/ir/kernel.hpp"

namespace mc::interpreter {

/// Names a value, made by one step or carried by a loop: its position in Sequence::registers.
enum class Register : std::uint32_t {};
inline constexpr Register kNoRegister{0xffffffff};

constexpr std::uint32_t position(Register r) { return static_cast<std::uint32_t>(r); }

struct RegisterInfo {
  bool varies = true;        ///< a column; a line otherwise
  bool is_wide = true;       ///< lanes of 64 bits, 32 otherwise
  bool is_constant = false;  ///< a line filled beforehand
  std::uint64_t bits = 0;    ///< what a constant's lines are filled with, 64 bits at a time
};

inline constexpr std::uint32_t kOutermost = 0xffffffff;

struct Step {
  ColumnOp op;
  Register to = kNoRegister;
  std::uint32_t loop = kOutermost;  ///< the innermost loop it is part of; that which it begins or ends
  std::uint32_t number = 0;         ///< of the scalar, array, row, table or column that it is about
  std::uint8_t arity = 0;
  std::array<Register, kMaxOperands> from{};

  std::span<const Register> operands() const { return {from.data(), arity}; }
};

constexpr bool ends_loop(const Step& step) {
  return step.op == ColumnOp::next_round || step.op == ColumnOp::settle_round;
}

/// A value on its way through a loop: `value` is `initial` in the first round and `next` of the round before
/// in others; `result` is the last of them.
struct Carried {
  Register initial, value, next, result;
  bool settles = false;  ///< a mask: where it holds in all lanes, the loop may end
};

/// Begins with the step enter_loop and ends with next_round, or settle_round if it may end early; the operand
/// of both is its count.
struct Loop {
  std::uint32_t parent = kOutermost;
  Register index = kNoRegister;
  std::vector<Carried> carried;
};

struct Sequence {
  std::vector<Step> steps;
  std::vector<RegisterInfo> registers;
  std::vector<Loop> loops;
  std::vector<std::uint32_t> rows;
  std::uint32_t outputs = 0;

  const RegisterInfo& operator[](Register r) const { return registers[position(r)]; }

  /// Bit k: operand k is the same in every lane.
  unsigned uniform_operands(const Step& step) const {
    unsigned bits = 0;
    for (unsigned k = 0; k < step.arity; ++k) bits |= unsigned{!(*this)[step.from[k]].varies} << k;
    return bits;
  }

  /// The loop in which a step reads.
  std::uint32_t loop_around(const Step& step) const {
    return step.op == ColumnOp::enter_loop ? loops[step.loop].parent : step.loop;
  }

  /// Calls f for every register that a step reads: at the ends of loops also for what becomes carried.
  template <class F>
  void for_each_read(const Step& step, F f) const {
    for (Register r : step.operands()) f(r);
    if (step.op == ColumnOp::enter_loop)
      for (const Carried& c : loops[step.loop].carried) f(c.initial);
    if (ends_loop(step))
      for (const Carried& c : loops[step.loop].carried) f(c.next);
  }
};

/// Where everything stands in the frame: constants, then lines, columns and scratch rows.
struct Layout {
  std::vector<Place> places;               ///< of each register
  std::uint32_t constants = 0;             ///< lines
  Place spare_line = 0, spare_column = 0;  ///< for values that change places
  std::vector<std::uint32_t> rows;         ///< of each scratch row, lines before it
  std::size_t bytes = 0;
};

struct Program {
  std::vector<Instruction> instructions;
  std::vector<std::uint64_t> constants;  ///< what the frame begins with
  std::size_t frame_bytes = 0;
  std::uint32_t outputs = 0;
};

// ---- the stages, in their order

/// The live part of a kernel of primitives as a sequence.
Sequence linearise(const ir::Kernel& kernel);

/// Fuses pairs of steps (columns.def, MC_FUSED).
void fuse(Sequence& sequence);

/// Moves the making of a carried value's next value below the last use of its present one, where that is
/// possible: both can then stand in one column.
void sink(Sequence& sequence);

/// Finds a place for every register. Registers that are never needed at the same time share places; carried
/// values stand where their initial and next values do, wherever they can.
Layout allocate(const Sequence& sequence);

Program assemble(const Sequence& sequence, const Layout& layout, const Handler* handlers);

}  // namespace mc::interpreter
