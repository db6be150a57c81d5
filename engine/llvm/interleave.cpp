// Two vectors side by side fill each other's latencies. On Sapphire Rapids at 512 bits that wins 13 % for
// sum(x_i^2) and 24 % for a body of exp and log; four lose 6 % to win 9 % more, and compile twice as long, so
// none chooses them.
#include "engine/llvm/interleave.hpp"

#include <algorithm>
#include <ranges>

namespace mc::jit {
namespace {

using ir::Op;
using ir::position;

/// From here on a second vector costs more time to compile (40 µs an operation) than most runs win by it.
constexpr unsigned kLargeBody = 500;

bool is_innermost(const ir::Kernel& kernel, const ir::Region& region) {
  return std::ranges::none_of(region.body, [&](ir::Value v) { return kernel[v].op == Op::loop; });
}

/// Operations on vectors within loops.
unsigned looped_operations(const ir::Kernel& kernel, const Placement& placement) {
  unsigned count = 0;
  for (const ir::Region& region : kernel.regions)
    if (region.depth > 0)
      count += std::ranges::count_if(region.body, [&](ir::Value v) { return !placement.is_uniform(v); });
  return count;
}

/// The set of values alive at a point, walked from a region's end to its beginning.
class Liveness {
 public:
  Liveness(const ir::Kernel& kernel, const Placement& placement)
      : placement_(placement), is_alive_(kernel.nodes.size()) {}

  void begin(ir::Value v) {
    if (placement_.is_uniform(v) || is_alive_[position(v)]) return;
    is_alive_[position(v)] = true;
    most_ = std::max(most_, ++alive_);
  }
  void end(ir::Value v) {
    if (is_alive_[position(v)]) --alive_;
    is_alive_[position(v)] = false;
  }
  unsigned most() const { return most_; }

 private:
  const Placement& placement_;
  std::vector<bool> is_alive_;
  unsigned alive_ = 0, most_ = 0;
};

}  // namespace

unsigned live_vectors(const ir::Kernel& kernel, const Placement& placement, ir::RegionId id) {
  const ir::Region& region = kernel[id];
  Liveness liveness(kernel, placement);
  if (region.loop != ir::kNoLoop)
    for (ir::Value v : kernel[region.loop].next) liveness.begin(v);
  for (ir::Value v : region.body)  // what comes from outside stays for the next round
    for (ir::Value input : kernel[v].inputs())
      if (kernel[input].region != id) liveness.begin(input);
  for (ir::Value v : std::views::reverse(region.body)) {
    liveness.end(v);
    for (ir::Value input : kernel[v].inputs()) liveness.begin(input);
  }
  return liveness.most();
}

unsigned choose_interleave(const ir::Kernel& kernel, const Placement& placement, unsigned registers) {
  if (looped_operations(kernel, placement) > kLargeBody) return 1;
  unsigned live = 0;
  for (std::uint32_t at = 0; at < kernel.regions.size(); ++at)
    if (is_innermost(kernel, kernel.regions[at]))
      live = std::max(live, live_vectors(kernel, placement, ir::RegionId{at}));
  // Half again as many values as registers still gain: operands in memory and a spill here and there cost
  // little.
  return 2 * live <= registers + registers / 2 ? 2 : 1;
}

}  // namespace mc::jit
