// Vectors side by side fill each other's latencies: a polynomial is a chain of fma, and a processor sees only
// so far ahead. Measured over twenty programs (bodies of 36 to 1300 operations) on Zen 5 at 512 bits, and
// there at 256 bits with AVX2's 16 registers: two win 10 to 100 % wherever they nearly fit the registers,
// four another 5 to 100 % (8 % of a median program) where there are 32 and the body is short, and lose
// elsewhere. On Sapphire Rapids four win as much as they lose.
#include "engine/llvm/interleave.hpp"

#include <algorithm>
#include <ranges>

namespace mc::jit {
namespace {

using ir::Op;
using ir::position;

/// What so many vectors side by side ask for: registers there are, values alive in the innermost loops at
/// most, and operations in loops, for each costs 40 µs more to compile a vector. Half as many values again as
/// there are registers still gain: operands in memory and a spill here and there cost little.
struct Fit {
  unsigned interleave, registers, live, operations;
};
constexpr Fit kFits[] = {{4, 32, 15, 250}, {2, 16, 24, 500}, {2, 8, 6, 500}};

/// Going through data is waiting for memory, which more loads under way hide.
constexpr Fit kDataFits[] = {{8, 32, 3, 40}, {8, 16, 2, 20}, {4, 16, 6, 60}};

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
  const unsigned operations = looped_operations(kernel, placement);
  unsigned live = 0;
  for (std::uint32_t at = 0; at < kernel.regions.size(); ++at)
    if (is_innermost(kernel, kernel.regions[at]))
      live = std::max(live, live_vectors(kernel, placement, ir::RegionId{at}));
  const auto fits = [&](const Fit& fit) {
    return registers >= fit.registers && live <= fit.live && operations <= fit.operations;
  };
  if (!kernel.data.empty())
    if (const auto* choice = std::ranges::find_if(kDataFits, fits); choice != std::end(kDataFits))
      return choice->interleave;
  const auto* choice = std::ranges::find_if(kFits, fits);
  return choice == std::end(kFits) ? 1 : choice->interleave;
}

}  // namespace mc::jit
