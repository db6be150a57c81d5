// Facts about whole kernels that more than one back end asks for.
#include "engine/ir/kernel.hpp"

#include <algorithm>
#include <numeric>

namespace mc::ir {

std::uint64_t scratch_elements(const Kernel& kernel) {
  return std::accumulate(kernel.rows.begin(), kernel.rows.end(), std::uint64_t{0});
}

double expected_rounds(const Kernel& kernel, const Loop& loop, double steps) {
  const Node& count = kernel[kernel[loop.node].operands[0]];
  if (count.op != Op::constant) return steps;
  if (loop.settles() && kernel[loop.initial[loop.settled]].op != Op::constant) return 1;
  if (loop.settles() && count.immediate == kMostTrials) return kSettledRounds;
  return static_cast<double>(count.immediate);
}

double most_rounds(const Kernel& kernel, const Loop& loop, double steps, double unknown) {
  const Node& count = kernel[kernel[loop.node].operands[0]];
  const bool is_constant = count.op == Op::constant;
  if (loop.settles() && is_constant && count.immediate == kMostTrials) return kSettledRounds;
  if (is_constant) return static_cast<double>(count.immediate);
  return count.op == Op::steps ? steps : unknown;
}

bool goes_through_data(const Kernel& kernel, const Loop& loop) {
  return !kernel.data.empty() && kernel[kernel[loop.node].operands[0]].op == Op::steps;
}

namespace {

/// Walks the regions marking what varies; a carried value varies if what comes in or comes round does, so a
/// loop's body is walked until nothing changes (twice for all but chained carries).
struct Uniformity {
  const Kernel& kernel;
  std::vector<bool> varies;

  bool any_varies(std::span<const Value> values) const {
    return std::ranges::any_of(values, [&](Value v) { return varies[position(v)]; });
  }

  void walk(RegionId region) {
    for (Value v : kernel[region].body) {
      const Node& node = kernel[v];
      if (node.op == Op::loop) {
        walk_loop(static_cast<LoopId>(node.immediate));
      } else if (node.op != Op::carried && node.op != Op::result) {
        // Never back to what is the same, so that a walk over a malformed kernel ends too.
        if (node.op == Op::lane || node.op == Op::load || is_datum(node.op) || is_cell(node.op) ||
            any_varies(node.inputs()))
          varies[position(v)] = true;
      }
    }
  }

  bool mark(Value target, Value source) {
    if (varies[position(target)] || !varies[position(source)]) return false;
    return varies[position(target)] = true;
  }

  void walk_loop(LoopId id) {
    const Loop& loop = kernel[id];
    for (std::size_t k = 0; k < loop.carried.size(); ++k) mark(loop.carried[k], loop.initial[k]);
    if (goes_through_data(kernel, loop))  // some lanes go a step further than others
      for (Value v : loop.carried) varies[position(v)] = true;
    for (bool changed = true; changed;) {
      walk(loop.body);
      changed = false;
      for (std::size_t k = 0; k < loop.carried.size(); ++k) changed |= mark(loop.carried[k], loop.next[k]);
    }
    for (std::size_t k = 0; k < loop.results.size(); ++k) {
      mark(loop.results[k], loop.carried[k]);
      mark(loop.results[k], loop.next[k]);
      mark(loop.results[k], loop.initial[k]);
      mark(loop.results[k], kernel[loop.node].operands[0]);  // lanes that leave at different times
    }
  }
};

}  // namespace

std::vector<bool> uniform_values(const Kernel& kernel) {
  Uniformity pass{kernel, std::vector<bool>(kernel.nodes.size(), false)};
  pass.walk(kEntry);
  pass.varies.flip();
  return pass.varies;
}

}  // namespace mc::ir
