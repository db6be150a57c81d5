// The shared engine of the passes: finds what is live and copies it through a Builder, asking a rule what to
// make of each operation. So every pass also shares common subexpressions, moves invariants out of loops and
// drops what is dead.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "engine/ir/builder.hpp"

namespace mc::passes {

/// What something in an output depends on.
struct Live {
  std::vector<bool> nodes;
  std::vector<bool> rows;
};

/// Marks backwards from the outputs. A row is live if it is read, and then all that is written to it; a
/// carried value only if something other than its own next value needs it.
Live find_live(const ir::Kernel& kernel);

/// The value in the new kernel for a pure operation of the old one that has operands; they already stand in
/// the new one.
using Rule = std::function<ir::Value(ir::Builder&, const ir::Node&, std::span<const ir::Value> operands)>;

/// The rule that keeps everything as it is.
ir::Value keep(ir::Builder& builder, const ir::Node& node, std::span<const ir::Value> operands);

/// The live part of the kernel, operation by operation by the rule. Loops known to run never or once
/// dissolve, values carried round without a change are no longer carried, and rows nobody reads go (the
/// others are renumbered).
ir::Kernel rewrite(const ir::Kernel& kernel, const Rule& rule);

/// The kernel without what is dead; as it was, and at once, where nothing is.
ir::Kernel sweep(ir::Kernel kernel);

}  // namespace mc::passes
