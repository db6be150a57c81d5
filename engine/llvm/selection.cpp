// Three patterns: xors of three words, a shift whose zeros are at once filled with a constant's bits, and
// halves of words.
#include "engine/llvm/selection.hpp"

#include <algorithm>

namespace mc::jit {

using ir::Op;
using ir::position;

Selection::Selection(const ir::Kernel& kernel, const Placement& placement, Instructions instructions)
    : kernel_(kernel), placement_(placement), choices_(kernel.nodes.size()) {
  if (instructions.has_avx512) choose_vanishing();
  for (std::uint32_t at = 0; at < kernel.nodes.size(); ++at) {
    const ir::Value v{at};
    if (instructions.has_avx512 && is_vector_word(v, Op::bit_xor)) choose_ternary(v);
    if (instructions.has_double_shift) choose_shift_in(v);
    if (is_vector_word(v, Op::narrow, ir::Type::u32)) choose_half(v);
  }
}

bool Selection::is_vector_word(ir::Value v, Op op, ir::Type type) const {
  return kernel_[v].op == op && kernel_[v].type == type && !placement_.is_uniform(v);
}

/// An inner xor vanishes if all its users are xors that can take it in, which xoshiro's s2 ^ s0 does: one
/// instruction of thirteen in the loop over coordinates. LLVM looks at xors with a single user only.
void Selection::choose_vanishing() {
  std::vector<bool> can(kernel_.nodes.size());
  const auto at = [](ir::Value v) { return position(v); };
  for (std::uint32_t v = 0; v < can.size(); ++v) can[v] = is_vector_word(ir::Value{v}, Op::bit_xor);
  for (const ir::Loop& loop : kernel_.loops)
    for (const auto* values : {&loop.initial, &loop.next})
      for (ir::Value v : *values) can[at(v)] = false;
  for (std::uint32_t user = 0; user < can.size(); ++user) {
    const ir::Node& node = kernel_.nodes[user];
    const bool takes = is_vector_word(ir::Value{user}, Op::bit_xor);
    const bool has_two = takes && can[at(node.operands[0])] && can[at(node.operands[1])];
    for (ir::Value v : node.inputs())
      if (!takes || has_two || kernel_[v].region != node.region) can[at(v)] = false;
  }
  // Operands come first, so whether one vanishes is settled before its users ask.
  for (std::uint32_t v = 0; v < can.size(); ++v) {
    const auto inputs = kernel_.nodes[v].inputs();
    can[v] = can[v] && std::ranges::none_of(inputs, [&](ir::Value input) { return can[at(input)]; });
    if (can[v]) choices_[v].kind = Choice::vanishes;
  }
}

/// Also for two operands, as SelectionDAG does not look into it: its analysis of known bits takes time
/// exponential in the depth of SplitMix64's `z ^ (z >> k)`, a fifth of a small kernel's compile.
void Selection::choose_ternary(ir::Value v) {
  Choice& choice = choices_[position(v)];
  if (choice.kind == Choice::vanishes) return;
  auto [a, b, unused] = kernel_[v].operands;
  if (choices_[position(a)].kind == Choice::vanishes) std::swap(a, b);
  const bool takes = choices_[position(b)].kind == Choice::vanishes;
  choice = {.kind = Choice::ternary, .x = a, .y = b};
  if (takes) choice.y = kernel_[b].operands[0], choice.z = kernel_[b].operands[1];
}

/// (y >> count) | constant, where the constant's bits are those that the shift made zero: the uniform
/// conversion.
void Selection::choose_shift_in(ir::Value v) {
  const ir::Type type = kernel_[v].type;
  if (!ir::is_integer(type) || !is_vector_word(v, Op::bit_or, type)) return;
  const unsigned width = ir::bit_width(type);
  auto [shift, constant, unused] = kernel_[v].operands;
  if (kernel_[shift].op == Op::constant) std::swap(shift, constant);
  if (kernel_[shift].op != Op::shr || kernel_[constant].op != Op::constant) return;
  const ir::Node& count = kernel_[kernel_[shift].operands[1]];
  if (count.op != Op::constant || count.immediate == 0 || count.immediate >= width) return;
  const std::uint64_t bits = kernel_[constant].immediate;
  if (bits << (64 - width + count.immediate) != 0) return;
  choices_[position(v)] = {.kind = Choice::shift_in,
                           .y = kernel_[shift].operands[0],
                           .constant = bits >> (width - count.immediate),
                           .count = static_cast<unsigned>(count.immediate)};
}

/// Of two registers full of words one permutation makes a register full of halves, high ones too; LLVM would
/// shift them down, narrow each register and put the two together.
void Selection::choose_half(ir::Value v) {
  const ir::Value word = kernel_[v].operands[0];
  const ir::Node& node = kernel_[word];
  choices_[position(v)] = {.kind = Choice::half, .y = word};
  if (node.op != Op::shr) return;
  const ir::Node& count = kernel_[node.operands[1]];
  if (count.op == Op::constant && count.immediate == 32)
    choices_[position(v)] = {.kind = Choice::half, .y = node.operands[0], .count = 1};
}

}  // namespace mc::jit
