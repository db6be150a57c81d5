// One walk over the regions that adds up work, in operations on vectors.
#include "engine/llvm/checkpoints.hpp"

#include <algorithm>

#include "engine/kernels/executable.hpp"

namespace mc::jit {
namespace {

using ir::Op;

/// Between two looks: 1 to 3 ms at two or more operations a nanosecond, which even slow machines do. What is
/// shorter has no look at all, so that the loops of all but the longest samples are as tight as they can be.
constexpr double kLongest = 8e6;

// What takes much longer than the others, in operations.
constexpr double kDivision = 16;
constexpr double kMemory = 4;  // rows of a large sample do not stay in a near cache
constexpr double kGather = 16;

}  // namespace

// Loops that follow one another, or stand in each other, may all be just too short: so they share the limit.
Checkpoints::Checkpoints(const ir::Kernel& kernel, const Placement& placement, unsigned vectors,
                         unsigned groups)
    : kernel_(kernel),
      placement_(placement),
      vectors_(vectors),
      most_(kLongest / static_cast<double>(std::max<std::size_t>(kernel.loops.size(), 1))),
      in_loop_(kernel.loops.size()) {
  between_groups_ = work(ir::kEntry) * groups > most_;
}

bool Checkpoints::any() const {
  return between_groups_ || std::ranges::find(in_loop_, true) != in_loop_.end();
}

double Checkpoints::work(ir::RegionId region) {
  double sum = 0;
  for (ir::Value v : kernel_[region].body) {
    const ir::Node& node = kernel_[v];
    sum += work(node) * (placement_.is_uniform(v) ? 1 : vectors_);
    if (node.op != Op::loop) continue;
    const auto id = static_cast<ir::LoopId>(node.immediate);
    const double all =
        ir::most_rounds(kernel_, kernel_[id], kernels::kSteps, kLongest) * work(kernel_[id].body);
    in_loop_[position(id)] = all > most_;
    sum += all;
  }
  return sum;
}

double Checkpoints::work(const ir::Node& node) const {
  switch (node.op) {
    case Op::div:
    case Op::sqrt:
      return kDivision;
    case Op::element:
    case Op::load:
    case Op::store:
    case Op::datum_f64:
    case Op::datum_f32:
    case Op::put:
    case Op::cell_f64:
    case Op::cell_f32:
      return placement_.is_uniform(node.operands[0]) ? kMemory : kGather;
    default:
      return 1;
  }
}

}  // namespace mc::jit
