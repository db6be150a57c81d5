// One walk over the regions, inner loops before what follows them.
#include "engine/llvm/placement.hpp"

#include <algorithm>

namespace mc::jit {

using ir::Op;
using ir::position;

Placement::Placement(const ir::Kernel& kernel)
    : kernel_(kernel),
      uniform_(ir::uniform_values(kernel)),
      splat_(kernel.nodes.size()),
      invariant_(kernel.nodes.size()) {
  visit(ir::kEntry);
}

void Placement::visit(ir::RegionId region) {
  for (ir::Value v : kernel_[region].body) {
    const ir::Node& node = kernel_[v];
    if (node.op == Op::loop) {
      visit_loop(kernel_[static_cast<ir::LoopId>(node.immediate)]);
    } else if (node.op != Op::result) {  // results were settled with their loop
      invariant_[position(v)] = is_uniform(v) && is_free(node);
      note_splats(node, is_uniform(v));
    }
  }
}

bool Placement::is_free(const ir::Node& node) const {
  if (ir::is_write(node.op) || ir::is_datum(node.op)) return false;
  return std::ranges::all_of(node.inputs(), [&](ir::Value v) { return is_invariant(v); });
}

void Placement::visit_loop(const ir::Loop& loop) {
  visit(loop.body);
  const auto all_invariant = [&](const std::vector<ir::Value>& values) {
    return std::ranges::all_of(values, [&](ir::Value v) { return is_invariant(v); });
  };
  const bool moves = is_invariant(kernel_[loop.node].operands[0]) && all_invariant(loop.initial) &&
                     all_invariant(loop.next) && all_invariant(kernel_[loop.body].body);
  invariant_[position(loop.node)] = moves;
  for (ir::Value v : loop.results) invariant_[position(v)] = moves;
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    if (is_uniform(loop.carried[k])) continue;
    splat(loop.initial[k]);
    splat(loop.next[k]);
  }
}

void Placement::note_splats(const ir::Node& node, bool is_uniform) {
  if (ir::is_cell(node.op)) return splat(node.operands[0]);
  if (ir::is_read(node.op)) return;  // a uniform index addresses all lanes at once
  if (ir::is_write(node.op)) return splat(node.inputs().back());
  if (is_uniform) return;
  for (ir::Value v : node.inputs()) splat(v);
}

}  // namespace mc::jit
