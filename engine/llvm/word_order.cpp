// All words that vary are taken to be dealt; those that meet words that are not drop out, until none does.
#include "engine/llvm/word_order.hpp"

#include <algorithm>

namespace mc::jit {

using ir::Op;

WordOrder::WordOrder(const ir::Kernel& kernel, const Placement& placement, bool has_pairs)
    : kernel_(kernel), placement_(placement), dealt_(kernel.nodes.size()) {
  if (!has_pairs) return;
  for (std::uint32_t at = 0; at < dealt_.size(); ++at)
    dealt_[at] = kernel.nodes[at].type == ir::Type::u64 && !placement.is_uniform(ir::Value{at});
  for (bool settled = false; !settled;) {
    settled = true;
    for (std::uint32_t at = 0; at < dealt_.size(); ++at) {
      if (!dealt_[at] || remains(kernel.nodes[at])) continue;
      dealt_[at] = settled = false;
    }
    for (const ir::Loop& loop : kernel.loops) settled &= keep_loop(loop);
  }
}

/// What is a word for another reason, as an f64's bits are, stands in order. Loops see to their own parts.
bool WordOrder::remains(const ir::Node& node) const {
  if (node.op == Op::lane || ir::is_loop_part(node.op)) return true;
  return node.op != Op::to_bits && node.op != Op::widen &&
         std::ranges::all_of(node.inputs(), [this](ir::Value input) {
           return kernel_[input].type != ir::Type::u64 || fits(input);
         });
}

/// A carried word stands in one order all the way; false where some had to give way.
bool WordOrder::keep_loop(const ir::Loop& loop) {
  bool kept = true;
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    const ir::Value all[] = {loop.initial[k], loop.carried[k], loop.next[k], loop.results[k]};
    if (kernel_[loop.carried[k]].type != ir::Type::u64 ||
        std::ranges::all_of(all, [this](ir::Value v) { return fits(v); }))
      continue;
    for (ir::Value v : all) {
      kept &= !dealt_[position(v)];
      dealt_[position(v)] = false;
    }
  }
  return kept;
}

}  // namespace mc::jit
