// Lets carried values be updated in place. A generator's state is updated from itself, crosswise: where s1'
// is made before s1 was used for the last time, it would need a column of its own and a copy each round.
#include <algorithm>

#include "engine/interpreter/operations.hpp"
#include "engine/interpreter/sequence.hpp"

namespace mc::interpreter {
namespace {

/// Where a body's registers are made and read for the last time. One serves all bodies, which clear what they
/// use: it is as long as the sequence.
struct Positions {
  explicit Positions(const Sequence& sequence)
      : made(sequence.registers.size()), read(sequence.registers.size()) {}
  std::vector<std::size_t> made, read;
};

/// One loop's body, as a row of steps and inner loops.
class Body {
 public:
  Body(Sequence& sequence, Positions& positions, std::size_t begin)
      : sequence_(sequence),
        positions_(positions),
        loop_(sequence.steps[begin].loop),
        begin_(begin),
        end_(whole(begin)) {
    note_positions();
  }

  void sink() {
    for (const Carried& carried : sequence_.loops[loop_].carried) sink(carried);
  }

 private:
  void sink(const Carried& carried) {
    const std::size_t made = making(carried.next);
    if (made == end_ || describe(sequence_.steps[made].op).arity == 0) return;
    const std::size_t last = last_reading(carried.value);
    if (last <= made || last_reading(carried.next) > made || hinders_others(carried, made, last)) return;
    const auto steps = sequence_.steps.begin();
    std::rotate(steps + offset(made), steps + offset(made + 1), steps + offset(last + 1));
    note_positions();  // few steps move: the states of generators
  }

  static std::ptrdiff_t offset(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }

  /// The last step of what begins at a step: itself, or a loop's end.
  std::size_t whole(std::size_t at) const {
    const Step& first = sequence_.steps[at];
    if (first.op != ColumnOp::enter_loop) return at;
    while (!ends_loop(sequence_.steps[at]) || sequence_.steps[at].loop != first.loop) ++at;
    return at;
  }

  bool reads(std::size_t at, Register r) const {
    bool found = false;
    sequence_.for_each_read(sequence_.steps[at], [&](Register read) { found |= read == r; });
    return found;
  }

  void note_positions() {
    clear_positions();
    for (std::size_t at = begin_ + 1; at < end_; ++at)
      for (const std::size_t end = whole(at);; ++at) {
        const Step& step = sequence_.steps[at];
        sequence_.for_each_read(step, [&](Register r) { positions_.read[position(r)] = end; });
        if (step.to != kNoRegister && step.loop == loop_) positions_.made[position(step.to)] = at;
        if (at == end) break;
      }
  }

  void clear_positions() {
    const auto clear = [this](Register r) {
      positions_.read[position(r)] = begin_;
      positions_.made[position(r)] = end_;
    };
    for (std::size_t at = begin_ + 1; at < end_; ++at) sequence_.for_each_read(sequence_.steps[at], clear);
    for (const Carried& c : sequence_.loops[loop_].carried) clear(c.value), clear(c.next);
  }

  /// The end of the last step or inner loop that reads `r`; the body's begin if there is none.
  std::size_t last_reading(Register r) const { return positions_.read[position(r)]; }

  /// The body's end where it does not make `r`.
  std::size_t making(Register r) const { return positions_.made[position(r)]; }

  /// Whether the step, read later, would keep another carried value from being updated in place.
  bool hinders_others(const Carried& carried, std::size_t made, std::size_t last) const {
    return std::ranges::any_of(sequence_.loops[loop_].carried, [&](const Carried& other) {
      if (other.value == carried.value || !reads(made, other.value)) return false;
      const std::size_t other_made = making(other.next);
      return made < other_made && other_made <= last;
    });
  }

  Sequence& sequence_;
  Positions& positions_;
  const std::uint32_t loop_;
  const std::size_t begin_, end_;  ///< its enter_loop and its end
};

}  // namespace

void sink(Sequence& sequence) {
  // Steps move within a loop, so what begins after this one still does.
  Positions positions(sequence);
  for (std::size_t at = 0; at < sequence.steps.size(); ++at)
    if (sequence.steps[at].op == ColumnOp::enter_loop) Body(sequence, positions, at).sink();
}

}  // namespace mc::interpreter
