// Kernel IR to a sequence: drops what nothing needs, flattens regions, gives every value a register and every
// operation its loop over columns.
//
// Truth values are masks as wide as the values that were compared, so that choosing by them costs nothing;
// where widths meet, a step converts. A mask that is the same in every lane fits any width.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "engine/interpreter/operations.hpp"
#include "engine/interpreter/sequence.hpp"

namespace mc::interpreter {
namespace {

using ir::Op;
using ir::Type;
using ir::Value;

/// Marks what outputs and stores need.
class Liveness {
 public:
  explicit Liveness(const ir::Kernel& kernel) : kernel_(kernel), live_(kernel.nodes.size(), false) {
    for (std::size_t k = 0; k < kernel.nodes.size(); ++k)
      if (ir::is_write(kernel.nodes[k].op)) mark(static_cast<Value>(k));
    while (!pending_.empty()) {
      const Value v = pending_.back();
      pending_.pop_back();
      visit(v);
    }
  }

  bool operator[](Value v) const { return live_[ir::position(v)]; }

 private:
  void mark(Value v) {
    if (live_[ir::position(v)]) return;
    live_[ir::position(v)] = true;
    pending_.push_back(v);
  }

  void visit(Value v) {
    const ir::Node& node = kernel_[v];
    for (Value operand : node.inputs()) mark(operand);
    if (const ir::LoopId around = kernel_[node.region].loop; around != ir::kNoLoop)
      mark(kernel_[around].node);
    if (node.op == Op::loop) visit_loop(kernel_[static_cast<ir::LoopId>(node.immediate)]);
    if (node.op != Op::carried && node.op != Op::result) return;
    const ir::Loop& loop = kernel_[ir::slot_loop(node.immediate)];
    const std::uint32_t at = ir::slot_position(node.immediate);
    for (Value part : {loop.node, loop.initial[at], loop.carried[at], loop.next[at]}) mark(part);
  }

  void visit_loop(const ir::Loop& loop) {
    if (loop.settles()) mark(loop.carried[loop.settled]);
  }

  const ir::Kernel& kernel_;
  std::vector<bool> live_;
  std::vector<Value> pending_;
};

class Lineariser {
 public:
  explicit Lineariser(const ir::Kernel& kernel)
      : kernel_(kernel),
        live_(kernel),
        uniform_(ir::uniform_values(kernel)),
        of_(kernel.nodes.size(), kNoRegister) {}

  Sequence run() {
    sequence_.rows = kernel_.rows;
    sequence_.outputs = kernel_.outputs;
    region(ir::kEntry);
    append({.op = ColumnOp::finish});
    return std::move(sequence_);
  }

 private:
  void region(ir::RegionId id) {
    for (Value v : kernel_[id].body)
      if (live_[v]) node(v);
  }

  void node(Value v);
  void pure(Value v);
  void leaf(Value v, ColumnOp op);
  void memory(Value v, ColumnOp uniform_index, ColumnOp varying_index);
  void cell(Value v);
  void loop(Value v);
  std::vector<Carried> carry_in(ir::LoopId id);
  void carry_round(ir::LoopId id, std::uint32_t number);
  /// Carried masks are wide, whatever comes round.
  Register carriable(Value v) { return kernel_[v].type == Type::i1 ? mask(of(v), true) : of(v); }

  Register of(Value v) const { return of_[ir::position(v)]; }
  bool varies(Register r) const { return sequence_[r].varies; }
  Register fresh(bool varies, bool is_wide);
  Register fresh_for(Value v, bool is_wide) { return fresh(!uniform_[ir::position(v)], is_wide); }
  Register constant(std::uint64_t bits);
  void define(Value v, Register r) { of_[ir::position(v)] = r; }
  void append(Step step);
  void append_pure(ColumnOp op, Register to, std::span<const Register> operands);

  void specialise(Step& step);

  bool is_wide(Value v) const;
  Register mask(Register r, bool is_wide);
  Register spread(Register r);

  const ir::Kernel& kernel_;
  const Liveness live_;
  const std::vector<bool> uniform_;
  std::vector<Register> of_;
  std::unordered_map<std::uint64_t, Register> constants_;
  std::uint32_t loop_ = kOutermost;
  Sequence sequence_;
};

Register Lineariser::fresh(bool varies, bool is_wide) {
  sequence_.registers.push_back({.varies = varies, .is_wide = is_wide});
  return static_cast<Register>(sequence_.registers.size() - 1);
}

Register Lineariser::constant(std::uint64_t bits) {
  const auto [known, is_new] =
      constants_.try_emplace(bits, static_cast<Register>(sequence_.registers.size()));
  if (is_new) sequence_.registers.push_back({.varies = false, .is_constant = true, .bits = bits});
  return known->second;
}

void Lineariser::append(Step step) {
  step.loop = loop_;
  sequence_.steps.push_back(step);
}

void Lineariser::node(Value v) {
  const ir::Node& n = kernel_[v];
  switch (n.op) {
    case Op::constant: {
      const std::uint64_t bits = n.type == Type::i1 ? -n.immediate : n.immediate;
      return define(v, constant(ir::bit_width(n.type) == 32 ? bits << 32 | bits : bits));
    }
    case Op::tile:
      return leaf(v, ColumnOp::tile);
    case Op::lane:
      return leaf(v, ColumnOp::lane);
    case Op::seed:
      return leaf(v, ColumnOp::seed);
    case Op::steps:
      return leaf(v, ColumnOp::steps);
    case Op::scalar:
      return leaf(v, ColumnOp::scalar);
    case Op::to_bits:
    case Op::from_bits:
      return define(v, of(n.operands[0]));
    case Op::element:
      return memory(v, ColumnOp::element, ColumnOp::gather_element);
    case Op::load:
      return memory(v, ColumnOp::load, ColumnOp::gather_load);
    case Op::store:
      return memory(v, ColumnOp::store, ColumnOp::scatter_store);
    case Op::datum_f64:
      return memory(v, ColumnOp::datum_f64, ColumnOp::datum_f64);
    case Op::datum_f32:
      return memory(v, ColumnOp::datum_f32, ColumnOp::datum_f32);
    case Op::table_rows:
      return leaf(v, ColumnOp::table_rows);
    case Op::cell_f64:
    case Op::cell_f32:
      return cell(v);
    case Op::put: {
      const bool is_single = kernel_[n.operands[1]].type == Type::f32;
      const ColumnOp put = is_single ? ColumnOp::put_f32 : ColumnOp::put_f64;
      return memory(v, put, put);
    }
    case Op::output:
      return memory(v, ColumnOp::output, ColumnOp::output);
    case Op::loop:
      return loop(v);
    case Op::index:
    case Op::carried:
    case Op::result:
      return;  // the loop defines them
    default:
      return pure(v);
  }
}

void Lineariser::leaf(Value v, ColumnOp op) {
  const ir::Node& n = kernel_[v];
  define(v, fresh_for(v, ir::bit_width(n.type) == 64));
  append({.op = op, .to = of(v), .number = static_cast<std::uint32_t>(n.immediate)});
}

void Lineariser::memory(Value v, ColumnOp uniform_index, ColumnOp varying_index) {
  const ir::Node& n = kernel_[v];
  const bool gathers = varies(of(n.operands[0]));
  if (n.type != Type::none) define(v, fresh_for(v, ir::bit_width(n.type) == 64));
  Step step{.op = gathers ? varying_index : uniform_index, .to = of(v)};
  step.number = static_cast<std::uint32_t>(n.immediate);
  for (Value operand : n.inputs()) step.from[step.arity++] = of(operand);
  if (ir::is_write(n.op)) step.from[step.arity - 1u] = spread(step.from[step.arity - 1u]);
  append(step);
}

void Lineariser::cell(Value v) {
  constexpr ColumnOp kOps[] = {ColumnOp::cell_f64, ColumnOp::cell_f32, ColumnOp::cell_i64, ColumnOp::cell_i32,
                               ColumnOp::cell_u8};
  const ir::Node& n = kernel_[v];
  const ir::Number type = kernel_.tables[n.immediate].type;
  define(v, fresh(true, ir::bit_width(n.type) == 64));
  Step step{.op = kOps[static_cast<std::size_t>(type)], .to = of(v), .arity = 2};
  step.number = static_cast<std::uint32_t>(n.immediate);
  step.from = {spread(of(n.operands[0])), of(n.operands[1])};
  append(step);
}

/// Whether the lanes of a value computed by an operation have 64 bits.
bool Lineariser::is_wide(Value v) const {
  const ir::Node& n = kernel_[v];
  if (n.type != Type::i1) return ir::bit_width(n.type) == 64;
  const Type compared = kernel_[n.operands[0]].type;
  if (compared != Type::i1) return ir::bit_width(compared) == 64;
  const auto is_wide_mask = [&](Value operand) {
    return varies(of(operand)) && sequence_[of(operand)].is_wide;
  };
  return std::ranges::any_of(n.inputs(), is_wide_mask);
}

Register Lineariser::mask(Register r, bool is_wide) {
  if (!varies(r) || sequence_[r].is_wide == is_wide) return r;
  const Register converted = fresh(true, is_wide);
  append_pure(is_wide ? ColumnOp::widen_mask_u32 : ColumnOp::narrow_u64, converted, std::span(&r, 1));
  return converted;
}

void Lineariser::pure(Value v) {
  const ir::Node& n = kernel_[v];
  const bool wide = is_wide(v);
  std::array<Register, 3> operands{};
  for (std::size_t k = 0; k < n.inputs().size(); ++k) {
    operands[k] = of(n.operands[k]);
    if (kernel_[n.operands[k]].type == Type::i1) operands[k] = mask(operands[k], wide);
  }
  // Masks, and whatever is chosen between, are just bits.
  const Type bits = wide ? Type::u64 : Type::u32;
  const Type type = kernel_[n.operands[0]].type == Type::i1 ? bits : kernel_[n.operands[0]].type;
  const auto op = column_op(n.op, type);
  if (!op) throw std::invalid_argument("interpreter: cannot translate " + std::string(ir::info(n.op).name));
  define(v, fresh_for(v, wide));
  append_pure(*op, of(v), std::span(operands.data(), n.inputs().size()));
}

void Lineariser::append_pure(ColumnOp op, Register to, std::span<const Register> operands) {
  Step step{.op = op, .to = to, .arity = static_cast<std::uint8_t>(operands.size())};
  std::ranges::copy(operands, step.from.begin());
  if (varies(to)) specialise(step);
  append(step);
}

/// The operation's variant for what its operands are, or all operands as columns.
void Lineariser::specialise(Step& step) {
  if (describe(step.op).commutes && !varies(step.from[0])) std::swap(step.from[0], step.from[1]);
  if (const auto op = variant(step.op, sequence_.uniform_operands(step))) {
    step.op = *op;
  } else {
    for (unsigned k = 0; k < step.arity; ++k) step.from[k] = spread(step.from[k]);
  }
}

/// The value as a column.
Register Lineariser::spread(Register r) {
  if (varies(r)) return r;
  const Register column = fresh(true, sequence_[r].is_wide);
  const ColumnOp copy = sequence_[r].is_wide ? ColumnOp::copy_k_u64 : ColumnOp::copy_k_u32;
  append({.op = copy, .to = column, .arity = 1, .from{r}});
  return column;
}

void Lineariser::loop(Value v) {
  const auto id = static_cast<ir::LoopId>(kernel_[v].immediate);
  const auto number = static_cast<std::uint32_t>(sequence_.loops.size());
  const Register count = of(kernel_[v].operands[0]);
  if (varies(count)) throw std::invalid_argument("interpreter: a loop's count differs between lanes");
  const Register index = fresh(false, false);
  define(kernel_[id].index, index);
  std::vector<Carried> carried = carry_in(id);
  sequence_.loops.push_back({.parent = loop_, .index = index, .carried{std::move(carried)}});
  loop_ = number;
  append({.op = ColumnOp::enter_loop, .to = index, .arity = 1, .from{count}});
  region(kernel_[id].body);
  carry_round(id, number);
  const bool settles = kernel_[id].settles();
  append(
      {.op = settles ? ColumnOp::settle_round : ColumnOp::next_round, .to = index, .arity = 1, .from{count}});
  loop_ = sequence_.loops[number].parent;
}

/// Registers for what a loop carries; their next values are still to come.
std::vector<Carried> Lineariser::carry_in(ir::LoopId id) {
  std::vector<Carried> all;
  const ir::Loop& loop = kernel_[id];
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    if (!live_[loop.carried[k]]) continue;
    const Type type = kernel_[loop.carried[k]].type;
    const bool wide = type == Type::i1 || ir::bit_width(type) == 64;
    define(loop.carried[k], fresh_for(loop.carried[k], wide));
    define(loop.results[k], fresh_for(loop.carried[k], wide));
    all.push_back({carriable(loop.initial[k]), of(loop.carried[k]), kNoRegister, of(loop.results[k]),
                   k == loop.settled});
  }
  return all;
}

void Lineariser::carry_round(ir::LoopId id, std::uint32_t number) {
  std::size_t at = 0;
  const ir::Loop& loop = kernel_[id];
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    if (!live_[loop.carried[k]]) continue;
    const Register next = carriable(loop.next[k]);
    sequence_.loops[number].carried[at++].next = next;
  }
}

}  // namespace

Sequence linearise(const ir::Kernel& kernel) { return Lineariser(kernel).run(); }

}  // namespace mc::interpreter
