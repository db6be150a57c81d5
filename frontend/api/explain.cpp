// What a program comes to, for people: its loops by the schedule, its operations by the kernel.
#include <mc/text.hpp>

#include "frontend/api/instance.hpp"
#include "frontend/language/plan.hpp"

namespace mc {
namespace {

struct Count {
  double all = 0, floating = 0;
};

/// Bodies are counted as often as their loops turn.
Count count(const ir::Kernel& kernel, ir::RegionId region) {
  Count count;
  for (const ir::Value v : kernel[region].body) {
    const ir::Node& node = kernel[v];
    if (node.op == ir::Op::constant) continue;
    if (node.op != ir::Op::loop) {
      const bool is_floating = node.type == ir::Type::f64 || node.type == ir::Type::f32;
      ++count.all;
      count.floating += is_floating ? 1 : 0;
      continue;
    }
    const ir::Loop& loop = kernel[static_cast<ir::LoopId>(node.immediate)];
    const double rounds = ir::expected_rounds(kernel, loop, 1);
    const Count body = mc::count(kernel, loop.body);
    count.all += rounds * body.all;
    count.floating += rounds * body.floating;
  }
  return count;
}

/// The loop over a lane's samples is the one whose rounds only the call tells.
Count count_sample(const ir::Kernel& kernel) {
  for (const ir::Value v : kernel[ir::kEntry].body) {
    const ir::Node& node = kernel[v];
    if (node.op == ir::Op::loop && kernel[node.operands[0]].op != ir::Op::constant)
      return count(kernel, kernel[static_cast<ir::LoopId>(node.immediate)].body);
  }
  return {};
}

}  // namespace

Explanation Instance::explain(const Options& options) {
  language::Plan plan = language::planned(model_, source_);
  Explanation explanation;
  for (language::PlannedLoop& loop : plan.loops)
    explanation.loops.push_back({loop.rounds, std::move(loop.draws), std::move(loop.folds), !loop.random});
  const Count operations = count_sample(tiers_->kernel());
  const Tiers::Price price = tiers_->price();
  explanation.draws = plan.draws;
  explanation.rejects = plan.rejects;
  explanation.stored = plan.stored;
  explanation.operations = operations.all;
  explanation.floating = operations.floating;
  explanation.kernel = tiers_->kernel().nodes.size();
  explanation.interpreter_ms = tiers_->expected_ms(options.budget());
  explanation.compile_ms = price.ms;
  explanation.compiled = tiers_->is_compiled();
  explanation.on_disk = price.on_disk;
  return explanation;
}

}  // namespace mc
