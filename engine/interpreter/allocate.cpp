// Places for registers. Time runs over the steps, each of which reads (2k) before it writes (2k + 1), so a
// result may stand where an operand stood that is not needed any more. A register is needed over one range of
// time, as loops stretch it: what a loop uses but does not make is needed until the loop's end. Registers
// that shall stand in one place form a class, which is needed over several ranges.
#include <algorithm>
#include <numeric>
#include <ranges>
#include <set>
#include <stdexcept>
#include <utility>

#include "engine/interpreter/operations.hpp"
#include "engine/interpreter/sequence.hpp"

namespace mc::interpreter {
namespace {

/// Instructions count lines in 32 bits: that is half a terabyte.
constexpr std::uint64_t kMaxLines = 0xffffffff;

/// A range of time, both ends in it.
struct Range {
  std::uint32_t first = 0, last = 0;
};

using Ranges = std::vector<Range>;  ///< in order, disjoint

bool overlap(const Ranges& many, const Ranges& few) {
  return std::ranges::any_of(few, [&](Range range) {
    const auto next = std::ranges::lower_bound(many, range.first, {}, &Range::last);
    return next != many.end() && next->first <= range.last;
  });
}

void merge(Ranges& into, const Ranges& from) {
  for (Range range : from) into.insert(std::ranges::lower_bound(into, range.first, {}, &Range::first), range);
}

/// When each register is needed.
class Lifetimes {
 public:
  explicit Lifetimes(const Sequence& sequence)
      : ranges_(sequence.registers.size()),
        home_(sequence.registers.size(), kOutermost),
        sequence_(sequence) {
    find_ends();
    for (std::uint32_t k = 0; k < sequence.steps.size(); ++k) visit(k);
  }

  /// One range; none for constants and for what fusing left without a step.
  const Ranges& operator[](Register r) const { return ranges_[position(r)]; }

 private:
  void find_ends() {
    end_.resize(sequence_.loops.size());
    for (std::uint32_t k = 0; k < sequence_.steps.size(); ++k)
      if (ends_loop(sequence_.steps[k])) end_[sequence_.steps[k].loop] = k;
  }

  void visit(std::uint32_t at) {
    const Step& step = sequence_.steps[at];
    const std::uint32_t read = 2 * at + !describe(step.op).may_overwrite, write = 2 * at + 1;
    sequence_.for_each_read(step, [&](Register r) { use(r, read, sequence_.loop_around(step)); });
    if (ends_loop(step))
      use(step.to, write, step.loop);
    else if (step.to != kNoRegister)
      make(step.to, write, step.loop);
    if (step.op == ColumnOp::enter_loop)
      for (const Carried& c : sequence_.loops[step.loop].carried) make(c.value, write, step.loop);
    if (ends_loop(step))
      for (const Carried& c : sequence_.loops[step.loop].carried)
        make(c.result, write, sequence_.loops[step.loop].parent);
  }

  void make(Register r, std::uint32_t time, std::uint32_t loop) {
    ranges_[position(r)] = {Range{time, time}};
    home_[position(r)] = loop;
  }

  void use(Register r, std::uint32_t time, std::uint32_t loop) {
    for (; loop != home_[position(r)] && loop != kOutermost; loop = sequence_.loops[loop].parent)
      time = 2 * end_[loop] + 1;
    for (Range& range : ranges_[position(r)]) range.last = std::max(range.last, time);
  }

  std::vector<Ranges> ranges_;
  std::vector<std::uint32_t> home_;  ///< the innermost loop it is made in
  std::vector<std::uint32_t> end_;   ///< of each loop: its next_round
  const Sequence& sequence_;
};

/// Registers that share places.
class Classes {
 public:
  explicit Classes(const Sequence& sequence) : sequence_(sequence), leader_(sequence.registers.size()) {
    std::iota(leader_.begin(), leader_.end(), 0);
    const Lifetimes lifetimes(sequence);
    for (std::uint32_t k = 0; k < leader_.size(); ++k) ranges_.push_back(lifetimes[static_cast<Register>(k)]);
    unite_carried();
  }

  std::uint32_t leader(Register r) {
    std::uint32_t k = position(r);
    while (leader_[k] != k) k = leader_[k] = leader_[leader_[k]];
    return k;
  }

  const Ranges& ranges(std::uint32_t leader) const { return ranges_[leader]; }

 private:
  /// Inner loops first, as their copies would cost most: loops stand before those within them.
  void unite_carried() {
    for (const Loop& loop : sequence_.loops)
      for (const Carried& c : loop.carried) unite(c.value, c.result);
    for (const Loop& loop : sequence_.loops | std::views::reverse) {
      for (const Carried& c : loop.carried) unite(c.value, c.next);
      for (const Carried& c : loop.carried) unite(c.value, c.initial);
    }
  }

  void unite(Register a, Register b) {
    const RegisterInfo &x = sequence_[a], &y = sequence_[b];
    const std::uint32_t into = leader(a), from = leader(b);
    if (x.varies != y.varies || ranges_[from].empty() || into == from) return;
    if (overlap(ranges_[into], ranges_[from])) return;
    merge(ranges_[into], ranges_[from]);
    leader_[from] = into;
  }

  const Sequence& sequence_;
  std::vector<std::uint32_t> leader_;
  std::vector<Ranges> ranges_;
};

/// Lines, or columns: the first that is free for long enough is taken, so that few are in use. What is put
/// comes in the order of time, so a place is either done with, or busy till its end, or busy but for gaps.
class Shelf {
 public:
  std::uint32_t put(const Ranges& ranges) {
    retire(ranges.front().first);
    std::uint32_t at = first_gap(ranges);
    if (!done_.empty() && *done_.begin() < at) at = *done_.begin();
    if (at == kNone) at = grow();
    if (done_.erase(at) != 0) busy_.emplace(ranges.back().last, at);
    merge(taken_[at], ranges);
    if (has_gap(at)) gaps_.insert(at);
    return at;
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(taken_.size()); }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  std::uint32_t grow() {
    taken_.emplace_back();
    done_.insert(size() - 1);
    return size() - 1;
  }

  /// From busy to done, for whoever is not needed at that time or later.
  void retire(std::uint32_t time) {
    now_ = time;
    while (!busy_.empty() && busy_.begin()->first < time) {
      const std::uint32_t at = busy_.begin()->second;
      busy_.erase(busy_.begin());
      const std::uint32_t last = taken_[at].back().last;  // later than noted where a gap was filled
      if (last < time)
        done_.insert(at);
      else
        busy_.emplace(last, at);
    }
  }

  std::uint32_t first_gap(const Ranges& ranges) {
    std::erase_if(gaps_, [&](std::uint32_t at) { return !has_gap(at); });
    const auto found =
        std::ranges::find_if(gaps_, [&](std::uint32_t at) { return !overlap(taken_[at], ranges); });
    return found == gaps_.end() ? kNone : *found;
  }

  /// Whether a range is still to begin, with a free while before it.
  bool has_gap(std::uint32_t at) const {
    const Ranges& taken = taken_[at];
    for (std::size_t k = taken.size() - 1; k > 0 && taken[k].first > now_; --k)
      if (taken[k].first - taken[k - 1].last > 1) return true;
    return false;
  }

  std::vector<Ranges> taken_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> busy_;  ///< when they end, which
  std::set<std::uint32_t> done_, gaps_;
  std::uint32_t now_ = 0;
};

class Allocator {
 public:
  explicit Allocator(const Sequence& sequence) : sequence_(sequence), classes_(sequence) {}

  Layout run() {
    layout_.places.resize(sequence_.registers.size());
    place_constants();
    shelve();
    lay_out();
    return std::move(layout_);
  }

 private:
  void place_constants() {
    for (std::size_t k = 0; k < layout_.places.size(); ++k)
      if (sequence_.registers[k].is_constant) layout_.places[k] = kLine * layout_.constants++;
  }

  void shelve() {
    std::vector<std::uint32_t> leaders;
    for (std::uint32_t k = 0; k < layout_.places.size(); ++k)
      if (classes_.leader(static_cast<Register>(k)) == k && !classes_.ranges(k).empty()) leaders.push_back(k);
    const auto first = [&](std::uint32_t k) { return std::pair(classes_.ranges(k).front().first, k); };
    std::ranges::sort(leaders, {}, first);
    shelf_.resize(layout_.places.size());
    for (std::uint32_t k : leaders)
      shelf_[k] = (sequence_.registers[k].varies ? columns_ : lines_).put(classes_.ranges(k));
  }

  /// One line and one column more are for values that change places.
  void lay_out() {
    layout_.spare_line = kLine * (layout_.constants + lines_.size());
    const Place columns = layout_.spare_line + kLine;
    layout_.spare_column = columns + kColumn * columns_.size() + kVaries;
    for (std::uint32_t k = 0; k < layout_.places.size(); ++k) {
      const RegisterInfo& info = sequence_.registers[k];
      const std::uint32_t at = shelf_[classes_.leader(static_cast<Register>(k))];
      if (!info.is_constant)
        layout_.places[k] = info.varies ? columns + kColumn * at + kVaries : kLine * (layout_.constants + at);
    }
    lay_out_rows((layout_.spare_column - kVaries + kColumn) / kLine);
  }

  void lay_out_rows(std::uint64_t lines) {
    for (std::uint32_t length : sequence_.rows) {
      layout_.rows.push_back(static_cast<std::uint32_t>(lines));
      lines += std::uint64_t{length} * (kColumn / kLine);
      if (lines > kMaxLines) throw std::invalid_argument("interpreter: the scratch rows are too long");
    }
    layout_.bytes = static_cast<std::size_t>(lines) * kLine;
  }

  const Sequence& sequence_;
  Classes classes_;
  Shelf lines_, columns_;
  std::vector<std::uint32_t> shelf_;
  Layout layout_;
};

}  // namespace

Layout allocate(const Sequence& sequence) { return Allocator(sequence).run(); }

}  // namespace mc::interpreter
