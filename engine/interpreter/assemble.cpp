// A sequence with places becomes instructions: loops get their jumps, and the copies carried values need.
#include <algorithm>
#include <utility>

#include "engine/interpreter/operations.hpp"
#include "engine/interpreter/sequence.hpp"

namespace mc::interpreter {
namespace {

std::uint32_t offset(Place place) { return place & ~kVaries; }

struct Move {
  Place to, from;
  ColumnOp copy;
};

class Assembler {
 public:
  Assembler(const Sequence& sequence, const Layout& layout, const Handler* handlers)
      : sequence_(sequence), layout_(layout), handlers_(handlers), entries_(sequence.loops.size()) {}

  Program run() {
    program_.frame_bytes = layout_.bytes;
    program_.outputs = sequence_.outputs;
    for (const RegisterInfo& info : sequence_.registers)
      if (info.is_constant) program_.constants.insert(program_.constants.end(), kLine / 8, info.bits);
    for (const Step& step : sequence_.steps) assemble(step);
    return std::move(program_);
  }

 private:
  void assemble(const Step& step) {
    switch (step.op) {
      case ColumnOp::enter_loop:
        return enter(step);
      case ColumnOp::next_round:
      case ColumnOp::settle_round:
        return leave(step);
      default:
        plain(step);
    }
  }

  void plain(const Step& step);
  void enter(const Step& step);
  void leave(const Step& step);

  Move move(Register to, Register from) const;
  void emit_moves(std::vector<Move> moves);

  Instruction& emit(ColumnOp op) {
    return program_.instructions.emplace_back(Instruction{handlers_[static_cast<std::size_t>(op)], 0, {}});
  }
  Place place(Register r) const { return layout_.places[position(r)]; }

  const Sequence& sequence_;
  const Layout& layout_;
  const Handler* handlers_;
  std::vector<std::size_t> entries_;  ///< of each loop: its enter_loop instruction
  Program program_;
};

void Assembler::plain(const Step& step) {
  Instruction& instruction = emit(step.op);
  if (step.to != kNoRegister) instruction.to = place(step.to);
  std::ranges::transform(step.operands(), instruction.from, [&](Register r) { return offset(place(r)); });
  const bool is_row = step.op == ColumnOp::load || step.op == ColumnOp::gather_load ||
                      step.op == ColumnOp::store || step.op == ColumnOp::scatter_store;
  // Operations that have no number leave this one unread.
  if (describe(step.op).arity == 0)
    instruction.from[step.arity] = is_row ? layout_.rows[step.number] : step.number;
}

void Assembler::enter(const Step& step) {
  std::vector<Move> moves;
  for (const Carried& c : sequence_.loops[step.loop].carried) moves.push_back(move(c.value, c.initial));
  emit_moves(std::move(moves));
  entries_[step.loop] = program_.instructions.size();
  Instruction& instruction = emit(ColumnOp::enter_loop);
  instruction.to = place(step.to);
  instruction.from[0] = offset(place(step.from[0]));
}

void Assembler::leave(const Step& step) {
  std::vector<Move> moves;
  for (const Carried& c : sequence_.loops[step.loop].carried) moves.push_back(move(c.value, c.next));
  emit_moves(std::move(moves));
  const auto body = static_cast<std::uint32_t>(program_.instructions.size() - entries_[step.loop]);
  Instruction& instruction = emit(step.op);
  instruction.to = place(step.to);
  instruction.from[0] = offset(place(step.from[0]));
  instruction.from[1] = body - 1;
  // Where the value stands, for it has just become the next round's.
  for (const Carried& c : sequence_.loops[step.loop].carried)
    if (c.settles) instruction.from[2] = place(c.value);
  program_.instructions[entries_[step.loop]].from[1] = body + 1;
}

Move Assembler::move(Register to, Register from) const {
  const bool spreads = sequence_[to].varies && !sequence_[from].varies;
  const ColumnOp wide = spreads ? ColumnOp::copy_k_u64 : ColumnOp::copy_u64;
  const ColumnOp narrow = spreads ? ColumnOp::copy_k_u32 : ColumnOp::copy_u32;
  return {place(to), place(from), sequence_[to].is_wide ? wide : narrow};
}

/// Moves that happen at the same time, one after another: first those into places that no other move reads;
/// where only circles are left, one value steps aside.
void Assembler::emit_moves(std::vector<Move> moves) {
  std::erase_if(moves, [](const Move& m) { return m.to == m.from; });
  while (!moves.empty()) {
    const auto is_free = [&](const Move& m) {
      return std::ranges::find(moves, m.to, &Move::from) == moves.end();
    };
    auto next = std::ranges::find_if(moves, is_free);
    Move move = next != moves.end() ? *next : moves.front();
    if (next == moves.end()) {
      const Place spare = move.to & kVaries ? layout_.spare_column : layout_.spare_line;
      for (Move& m : moves)
        if (m.from == move.to) m.from = spare;
      move = {spare, move.to, ColumnOp::copy_u64};
    } else {
      moves.erase(next);
    }
    Instruction& copy = emit(move.copy);
    copy.to = move.to;
    copy.from[0] = offset(move.from);
  }
}

}  // namespace

Program assemble(const Sequence& sequence, const Layout& layout, const Handler* handlers) {
  return Assembler(sequence, layout, handlers).run();
}

}  // namespace mc::interpreter
