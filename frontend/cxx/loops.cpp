// Loops. Few rounds are written out; a count that is known, or the same in all lanes, is a loop of the
// kernel; every other loop goes on in the lanes that want it to, until none does or the limit on passes is
// reached.
#include <algorithm>

#include <fmt/format.h>

#include "frontend/cxx/inlining.hpp"
#include "frontend/language/schedule.hpp"

namespace mc::cxx {
namespace {

constexpr std::int64_t kMostRounds = UINT32_MAX;

bool is_up(Operator op) { return op == Operator::less || op == Operator::less_equal; }
bool is_inclusive(Operator op) { return op == Operator::less_equal || op == Operator::greater_equal; }

}  // namespace

void Inlining::counted(const Node& node) {
  const auto children = unit_.children_of(node);
  const Type common = unit_[children[1]].type;
  const Value first = value(children[0]), last = value(children[1]);
  const Value begin = numbers_.converted(numbers_.converted(first, common), Type::i64),
              end = numbers_.converted(last, Type::i64);
  const auto rounds = rounds_of(node, begin, end, common);
  if (rounds && rounds->known && rounds->whole() > kMostRounds)
    refuse(node, fmt::format("this loop has {} rounds; at most {}", rounds->whole(), kMostRounds));
  const bool is_short = rounds && rounds->known && begin.known && rounds->whole() <= language::kUnrolled &&
                        rounds->whole() * written_ <= language::kWrittenOut;
  if (is_short) return written_out(node, begin.whole(), rounds->whole());
  if (rounds) return rolled(node, begin, *rounds);
  const std::size_t index = frame_->slots[node.id];
  const auto step = static_cast<std::int64_t>(node.bits);
  assign(index, numbers_.converted(first, node.type));
  until(
      node, false, [&] { return numbers_.binary(node.op, numbers_.converted(state_[index], common), last); },
      [&] { run(children[2]); },
      [&] {
        assign(index, numbers_.binary(Operator::add, state_[index], numbers_.whole(step, node.type)));
        if (children.size() > 3) run(children[3]);
      });
}

/// How many rounds there are, as far as that is known or the same in all lanes, and 64 signed bits tell it as
/// the comparison's type does.
std::optional<Value> Inlining::rounds_of(const Node& node, const Value& begin, const Value& end,
                                         Type common) {
  const auto step = static_cast<std::int64_t>(node.bits);
  const bool up = node.op == Operator::unequal ? step > 0 : is_up(node.op);
  const std::int64_t size = up ? step : -step, inclusive = is_inclusive(node.op) ? 1 : 0;
  const Value &from = up ? begin : end, &to = up ? end : begin;
  if (common == Type::u64 && (begin.low < 0 || end.low < 0)) return {};
  Value distance = numbers_.binary(Operator::subtract, to, from);
  if (node.op == Operator::unequal && distance.low < 0) return {};
  if (inclusive != 0) distance = numbers_.binary(Operator::add, distance, numbers_.whole(1));
  std::optional<Value> rounds;
  if (distance.known) rounds = numbers_.whole(distance.whole() <= 0 ? 0 : (distance.whole() - 1) / size + 1);
  // Below 0 what has no sign begins anew from above.
  const bool may_wrap =
      !up && (!is_signed(common) || !is_signed(node.type)) && end.low < size - 1 + inclusive;
  if (may_wrap && !(rounds && begin.known && begin.whole() - rounds->whole() * size >= 0)) return {};
  if (rounds) return rounds;
  const auto most = static_cast<std::int64_t>(around_.limits.passes);
  if (distance.low / size > most)
    refuse(node, fmt::format("this loop has {} rounds or more, and of those whose number only a parameter or "
                             "the samples tell at most {} are done (Limits::passes; --limit passes=N)",
                             distance.low / size, most));
  const bool is_bounded = distance.is_uniform && distance.is_narrow() && distance.high < most;
  if (!is_bounded || size != 1) return {};
  if (distance.high <= 0) return numbers_.whole(0);
  if (distance.low >= 0) return distance;
  const X word = numbers_.low_word(distance);  // what is negative is large
  const X count =
      select(word < static_cast<std::uint64_t>(distance.high + 1), word, word.like(std::uint64_t{0}));
  return numbers_.between(Type::i64, count, 0, distance.high, true);
}

/// A round of a counted loop; `continue` ends the body.
void Inlining::one_round(const Node& node) {
  const auto children = unit_.children_of(node);
  assign(loop_->stopped, numbers_.truth(false));
  assign(loop_->skipped, numbers_.truth(false));
  run(children[2]);
  assign(loop_->skipped, numbers_.truth(false));
  if (children.size() > 3) where(numbers_.opposite(ended()), [&] { run(children[3]); });
}

Value Inlining::ended() { return numbers_.either(state_[frame_->returned], state_[loop_->stopped]); }

void Inlining::written_out(const Node& node, std::int64_t begin, std::int64_t rounds) {
  const std::int64_t around_this = written_;
  written_ *= std::max<std::int64_t>(rounds, 1);
  const Around around{slot(numbers_.truth(false)), slot(numbers_.truth(false))};
  const Around* const outer = std::exchange(loop_, &around);
  const std::function<void(std::int64_t)> from = [&](std::int64_t k) {
    for (; k < rounds; ++k) {
      const Value before = ended();
      assign(frame_->slots[node.id],
             numbers_.whole(begin + k * static_cast<std::int64_t>(node.bits), node.type));
      one_round(node);
      const Value now = ended();
      if (now.is(0) || (now.made && before.made && now.made->value() == before.made->value())) continue;
      return where(numbers_.opposite(now), [&] { from(k + 1); });
    }
  };
  from(0);
  loop_ = outer;
  written_ = around_this;
}

void Inlining::rolled(const Node& node, const Value& begin, const Value& rounds) {
  const NodeId body = unit_.children_of(node)[2];
  const bool ends = has(body, Kind::stop, false) || has(body, Kind::leave, true);
  const std::size_t over = slot(numbers_.truth(false));
  const Around around{slot(numbers_.truth(false)), slot(numbers_.truth(false))};
  std::vector<std::size_t> slots = changed(node);
  if (ends) slots.push_back(over);
  const auto round = [&](ir::Value counter) {
    const Value index =
        numbers_.between(Type::i64, X(b_, counter), 0, std::max<std::int64_t>(rounds.high, 1) - 1, true);
    const Value distance =
        numbers_.binary(Operator::multiply, index, numbers_.whole(static_cast<std::int64_t>(node.bits)));
    assign(frame_->slots[node.id],
           numbers_.converted(numbers_.binary(Operator::add, begin, distance), node.type));
    if (!ends) return one_round(node);
    where(numbers_.opposite(state_[over]), [&] {
      one_round(node);
      assign(over, ended());
    });
  };
  loop(numbers_.low_word(rounds), rounds.high, around, slots, ends ? slots.size() - 1 : ir::kNoSlot, round);
}

/// A loop of the kernel that carries these slots; all others are afterwards what they were.
void Inlining::loop(X count, std::int64_t most, const Around& around, std::span<const std::size_t> slots,
                    std::size_t settled, const std::function<void(ir::Value)>& round) {
  const Around* const outer = std::exchange(loop_, &around);
  const std::vector<ir::Value> initial = carried(slots);
  const State before = state_;
  std::vector<ir::Value> results;
  around_.repeated(most, [&] {
    results = b_.loop(
        count, initial,
        [&](ir::Value counter, std::span<const ir::Value> now) {
          carry(slots, now);
          round(counter);
          return carried(slots);
        },
        settled == ir::kNoSlot ? ir::kNoSlot : static_cast<std::uint32_t>(settled));
  });
  state_ = before;
  state_.resize(types_.size());
  carry(slots, results);
  loop_ = outer;
}

// ---------------------------------------------------------------- until something holds

void Inlining::repeat(const Node& node) {
  const auto children = unit_.children_of(node);
  until(
      node, node.bits == 1, [&] { return value(children[0]); }, [&] { run(children[1]); },
      [&] { run(children[2]); });
}

/// A lane that is done changes nothing any more, so the loop settles. One that is not done at the end has no
/// value.
void Inlining::until(const Node& node, bool body_first, const std::function<Value()>& test, const Work& body,
                     const Work& after) {
  const std::size_t over = slot(numbers_.opposite(path_));  // who is not on the way here has nothing to do
  const Around around{slot(numbers_.truth(false)), slot(numbers_.truth(false))};
  std::vector<std::size_t> slots = changed(node);
  if (node.kind == Kind::counted) slots.push_back(frame_->slots[node.id]);
  slots.push_back(over);
  const auto test_now = [&] { assign(over, numbers_.opposite(test())); };
  const auto body_now = [&] {
    assign(around.stopped, numbers_.truth(false));
    assign(around.skipped, numbers_.truth(false));
    body();
    assign(around.skipped, numbers_.truth(false));
    assign(over, ended());
    where(numbers_.opposite(state_[over]), after);
  };
  const auto round = [&](ir::Value) {
    where(numbers_.opposite(state_[over]), [&] {
      if (!body_first) test_now();
      where(numbers_.opposite(state_[over]), [&] {
        body_now();
        if (body_first) where(numbers_.opposite(state_[over]), test_now);
      });
    });
  };
  const X count(b_, b_.constant_u32(static_cast<std::uint32_t>(around_.limits.passes)));
  loop(count, static_cast<std::int64_t>(around_.limits.passes), around, slots, slots.size() - 1, round);
  assign(overrun_, numbers_.either(state_[overrun_], numbers_.opposite(state_[over])));
}

// ---------------------------------------------------------------- what is carried

void Inlining::carry(std::span<const std::size_t> slots, std::span<const ir::Value> carried) {
  for (std::size_t k = 0; k < slots.size(); ++k)
    state_[slots[k]] = numbers_.of(types_[slots[k]], X(b_, carried[k]));
}

/// What has no value yet begins as 0: nobody looks at it.
std::vector<ir::Value> Inlining::carried(std::span<const std::size_t> slots) {
  std::vector<ir::Value> values;
  for (std::size_t at : slots) {
    const Value& value = state_[at];
    values.push_back(numbers_.word(value.type == Type::nothing ? numbers_.constant(types_[at], 0) : value));
  }
  return values;
}

/// The slots that are changed anywhere in a loop.
std::vector<std::size_t> Inlining::changed(const Node& loop) {
  std::set<std::size_t> slots;
  for (NodeId child : unit_.children_of(loop)) changed_in(child, slots);
  return {slots.begin(), slots.end()};
}

void Inlining::change_array(std::size_t array, std::set<std::size_t>& slots) const {
  if (const auto first = arrays_[array].first_slot)
    for (std::int64_t k = 0; k < arrays_[array].length; ++k)
      slots.insert(*first + static_cast<std::size_t>(k));
}

void Inlining::change_variable(std::uint32_t id, std::set<std::size_t>& slots) const {
  const auto element = frame_->elements.find(id);
  if (element != frame_->elements.end()) return change_array(element->second.array, slots);
  slots.insert(frame_->slots[id]);
}

/// What a node names: a variable, an array, or an element of one.
void Inlining::change_named(const Node& node, std::set<std::size_t>& slots) const {
  if (node.kind == Kind::element || frame_->function->variables[node.id].is_array)
    change_array(frame_->arrays[node.id], slots);
  else
    change_variable(node.id, slots);
}

void Inlining::changed_in(NodeId id, std::set<std::size_t>& slots) const {
  const Node& node = unit_[id];
  const auto children = unit_.children_of(node);
  switch (node.kind) {
    case Kind::assign:
      change_variable(node.id, slots);
      break;
    case Kind::assign_element:
    case Kind::assign_array:
      change_array(frame_->arrays[node.id], slots);
      break;
    case Kind::bind:
      if (!frame_->function->variables[node.id].is_constant) change_named(unit_[children[0]], slots);
      break;
    case Kind::leave:
      slots.insert({frame_->returned, frame_->result});
      break;
    case Kind::call: {
      slots.insert(overrun_);
      const Definition& function = unit_.functions[node.id];
      for (std::size_t k = 0; k < children.size(); ++k) {
        const Variable& variable = function.variables[function.parameters[k]];
        const Node& given = unit_[children[k]];
        if (variable.by_reference && !variable.is_constant) change_named(given, slots);
      }
      break;
    }
    case Kind::counted:
    case Kind::repeat:
      slots.insert(overrun_);
      break;
    default:
      break;
  }
  for (NodeId child : children) changed_in(child, slots);
}

/// Whether there is such a statement; those in loops inside count where it goes through them.
bool Inlining::has(NodeId id, Kind kind, bool through_loops) const {
  const Node& node = unit_[id];
  if (node.kind == kind) return true;
  const bool is_loop = node.kind == Kind::counted || node.kind == Kind::repeat || node.kind == Kind::once;
  if (!through_loops && is_loop) return false;
  return std::ranges::any_of(unit_.children_of(node),
                             [&](NodeId child) { return has(child, kind, through_loops); });
}

}  // namespace mc::cxx
