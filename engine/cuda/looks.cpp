#include "engine/cuda/looks.hpp"

#include <algorithm>
#include <bit>

#include "engine/kernels/executable.hpp"

namespace mc::cuda {
namespace {

// In operations of a lane, of which sixteen warps on a multiprocessor do one in some two nanoseconds.
constexpr double kShortTile = 4e6;  ///< over within some ten milliseconds, like a batch
constexpr double kApart = 1e5;      ///< looks
constexpr double kDivision = 16;
constexpr double kUnknown = 1e9;

double cost(ir::Op op) { return op == ir::Op::div || op == ir::Op::sqrt ? kDivision : 1; }

}  // namespace

Looks::Looks(const ir::Kernel& kernel) : once_in_(kernel.loops.size()) {
  if (work(kernel, ir::kEntry) <= kShortTile) std::ranges::fill(once_in_, 0);
}

bool Looks::any() const {
  return std::ranges::any_of(once_in_, [](std::uint32_t rounds) { return rounds != 0; });
}

double Looks::work(const ir::Kernel& kernel, ir::RegionId region) {
  double sum = 0;
  for (const ir::Value v : kernel[region].body) {
    sum += cost(kernel[v].op);
    if (kernel[v].op != ir::Op::loop) continue;
    const auto id = static_cast<ir::LoopId>(kernel[v].immediate);
    const double round = work(kernel, kernel[id].body);
    const double all = round * ir::most_rounds(kernel, kernel[id], kernels::kSteps, kUnknown);
    if (all > kApart)
      once_in_[position(id)] = std::bit_floor(static_cast<std::uint32_t>(std::max(1.0, kApart / round)));
    sum += all;
  }
  return sum;
}

}  // namespace mc::cuda
