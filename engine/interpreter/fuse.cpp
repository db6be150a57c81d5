// Pairs of steps become one where the table says so and nothing else needs what the first of them makes.
#include <algorithm>
#include <utility>

#include "engine/interpreter/operations.hpp"
#include "engine/interpreter/sequence.hpp"

namespace mc::interpreter {
namespace {

constexpr std::uint32_t kNowhere = 0xffffffff;

/// Where each register is made and how often it is used.
struct Uses {
  explicit Uses(const Sequence& sequence)
      : made_at(sequence.registers.size(), kNowhere), count(sequence.registers.size(), 0) {
    for (std::uint32_t k = 0; k < sequence.steps.size(); ++k) {
      const Step& step = sequence.steps[k];
      if (step.to != kNoRegister) made_at[position(step.to)] = k;
      sequence.for_each_read(step, [&](Register r) { ++count[position(r)]; });
    }
  }

  std::vector<std::uint32_t> made_at, count;
};

class Fuser {
 public:
  explicit Fuser(Sequence& sequence)
      : sequence_(sequence), uses_(sequence), gone_(sequence.steps.size(), false) {}

  void run() {
    for (std::uint32_t k = 0; k < sequence_.steps.size(); ++k)
      while (fuse_into(k)) {
      }
    std::uint32_t at = 0;
    std::erase_if(sequence_.steps, [&](const Step&) { return gone_[at++]; });
  }

 private:
  bool fuse_into(std::uint32_t at) {
    const Step& outer = sequence_.steps[at];
    if (outer.to == kNoRegister || !sequence_[outer.to].varies) return false;
    return std::ranges::any_of(fusions(), [&](const Fusion& f) {
      if (f.outer != describe(outer.op).general) return false;
      if (apply(f, at, outer)) return true;
      Step turned = outer;
      std::swap(turned.from[0], turned.from[1]);
      return describe(outer.op).commutes && apply(f, at, turned);
    });
  }

  bool apply(const Fusion& fusion, std::uint32_t at, const Step& outer);
  bool is_inner(const Fusion& fusion, const Step& outer, Register r) const;

  Sequence& sequence_;
  Uses uses_;
  std::vector<bool> gone_;
};

/// Whether `r` is made by fusion.inner for nothing but this step.
bool Fuser::is_inner(const Fusion& fusion, const Step& outer, Register r) const {
  const std::uint32_t made_at = uses_.made_at[position(r)];
  if (made_at == kNowhere || !sequence_[r].varies) return false;
  const Step& inner = sequence_.steps[made_at];
  const auto wanted = static_cast<std::uint32_t>(std::ranges::count(fusion.wires, Fusion::kResult));
  return inner.loop == outer.loop && uses_.count[position(r)] == wanted &&
         describe(inner.op).general == fusion.inner;
}

bool Fuser::apply(const Fusion& fusion, std::uint32_t at, const Step& outer) {
  const auto result =
      static_cast<std::size_t>(std::ranges::find(fusion.wires, Fusion::kResult) - fusion.wires.begin());
  const Register r = outer.from[result];
  if (!is_inner(fusion, outer, r)) return false;
  const std::uint32_t inner_at = uses_.made_at[position(r)];
  Step fused = sequence_.steps[inner_at];
  for (std::uint8_t k = 0; k < outer.arity; ++k) {
    const int wire = fusion.wires[k];
    if (wire == Fusion::kNew)
      fused.from[fused.arity++] = outer.from[k];
    else if (outer.from[k] != (wire == Fusion::kResult ? r : fused.from[static_cast<std::size_t>(wire)]))
      return false;
  }
  const auto op = variant(fusion.fused, sequence_.uniform_operands(fused));
  if (!op) return false;
  fused.op = *op;
  fused.to = outer.to;
  sequence_.steps[at] = fused;
  gone_[inner_at] = true;
  return true;
}

}  // namespace

void fuse(Sequence& sequence) { Fuser(sequence).run(); }

}  // namespace mc::interpreter
