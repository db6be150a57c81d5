// Written into a copy, node by node: a Builder would share what is watched with what is not, and move it. Two
// kinds of values are led through the loops: the number of rounds so far, once, and each value's history.
#include "engine/difference/watch.hpp"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

namespace mc::difference {
namespace {

using ir::Kernel;
using ir::Loop;
using ir::LoopId;
using ir::Node;
using ir::Op;
using ir::RegionId;
using ir::Type;
using ir::Value;

constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;  ///< odd, so that no earlier bit is lost at once

/// A place in a region's line, behind a node.
struct Place {
  RegionId region;
  Value after;
};

class Watch {
 public:
  explicit Watch(const Kernel& kernel) : kernel_(kernel), rounds_(kernel.nodes.size()) {
    zero_ = constant(Type::u64, 0);
    one_ = constant(Type::u64, 1);
    factor_ = constant(Type::u64, kFactor);
    limit_ = at_front(Op::scalar, Type::f64, kernel_.scalars++);
    count_rounds(ir::kEntry, zero_, ir::kNoValue);
  }

  void add(Value v) {
    std::vector<LoopId> loops;  // around it, the innermost first
    for (RegionId region = kernel_[v].region; region != ir::kEntry; region = kernel_[region].parent)
      loops.push_back(kernel_[region].loop);
    std::vector<Slot> slots;  // of the same
    Value before = zero_;
    for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
      slots.insert(slots.begin(), carry(*loop, before));
      before = slots.front().carried;
    }
    auto [history, place] = noted(v, before);
    for (const Slot& slot : slots) std::tie(history, place) = next(slot, history, place);
    put(history);
  }

  Kernel take() && { return std::move(kernel_); }

 private:
  /// A value carried round a loop, whose next value is still open.
  struct Slot {
    LoopId loop;
    std::uint32_t number;
    Value carried;
  };

  Value new_node(RegionId region, Op op, Type type, std::initializer_list<Value> operands,
                 std::uint64_t immediate) {
    Node node{.op = op, .type = type, .region = region, .immediate = immediate};
    std::ranges::copy(operands, node.operands.begin());
    kernel_.nodes.push_back(node);
    return static_cast<Value>(kernel_.nodes.size() - 1);
  }

  std::vector<Value>& body(RegionId region) { return kernel_.regions[position(region)].body; }

  /// A node at the place, which is behind it afterwards.
  Value insert(Place& place, Op op, Type type, std::initializer_list<Value> operands,
               std::uint64_t immediate = 0) {
    const Value made = new_node(place.region, op, type, operands, immediate);
    auto& line = body(place.region);
    line.insert(std::next(std::ranges::find(line, place.after)), made);
    return place.after = made;
  }

  Value at_front(Op op, Type type, std::uint64_t immediate) {
    const Value made = new_node(ir::kEntry, op, type, {}, immediate);
    body(ir::kEntry).insert(body(ir::kEntry).begin(), made);
    return made;
  }

  Value constant(Type type, std::uint64_t bits) { return at_front(Op::constant, type, bits); }

  Slot carry(LoopId id, Value initial) {
    Loop& loop = kernel_.loops[position(id)];
    const auto number = static_cast<std::uint32_t>(loop.carried.size());
    const Value carried = new_node(loop.body, Op::carried, Type::u64, {}, ir::slot(id, number));
    body(loop.body).insert(body(loop.body).begin(), carried);
    loop.initial.push_back(initial);
    loop.carried.push_back(carried);
    loop.next.push_back(carried);
    loop.results.push_back(ir::kNoValue);
    return {id, number, carried};
  }

  /// Closes the slot by the value at the place, unless the loop has settled; the loop's result, behind it.
  std::pair<Value, Place> next(const Slot& slot, Value value, Place place) {
    Loop& loop = kernel_.loops[position(slot.loop)];
    if (loop.settles())
      value = insert(place, Op::select, Type::u64, {loop.carried[loop.settled], slot.carried, value});
    Place behind{kernel_[loop.node].region, loop.node};
    loop.next[slot.number] = value;
    loop.results[slot.number] = insert(behind, Op::result, Type::u64, {}, ir::slot(slot.loop, slot.number));
    return {loop.results[slot.number], behind};
  }

  /// From `rounds`, which stands at `after`, on; what they are at the region's end.
  Value count_rounds(RegionId region, Value rounds, Value after) {
    const std::vector<Value> line = body(region);
    for (const Value v : line) {
      const bool is_old = position(v) < rounds_.size();
      if (is_old) rounds_[position(v)] = {rounds, after};
      if (kernel_[v].op != Op::loop) continue;
      const Slot slot = carry(static_cast<LoopId>(kernel_[v].immediate), rounds);
      const RegionId inside = kernel_[slot.loop].body;
      Place begin{inside, last_leaf(inside)};
      const Value begun = insert(begin, Op::iadd, Type::u64, {slot.carried, one_});
      const Value ended = count_rounds(inside, begun, begun);
      Place end{inside, body(inside).back()};
      rounds = next(slot, ended, end).first;
      after = rounds;
    }
    return rounds;
  }

  /// Behind all that name parts of its loop.
  Value last_leaf(RegionId region) {
    const auto& line = body(region);
    return *std::find_if(line.rbegin(), line.rend(),
                         [&](Value v) { return kernel_[v].op == Op::carried || kernel_[v].op == Op::index; });
  }

  /// `before` and, behind it, the value's bits; only `before` beyond the limit.
  std::pair<Value, Place> noted(Value v, Value before) {
    const RegionId region = kernel_[v].region;
    const auto [rounds, counted] = rounds_[position(v)];
    Place place{region, later(region, v, counted)};
    const Value bits = bits_of(v, place);
    const Value number = insert(place, Op::to_f64, Type::f64, {rounds});
    const Value counts = insert(place, Op::le, Type::i1, {number, limit_});
    const Value shifted = insert(place, Op::imul, Type::u64, {before, factor_});
    const Value after = insert(place, Op::bit_xor, Type::u64, {shifted, bits});
    return {insert(place, Op::select, Type::u64, {counts, after, before}), place};
  }

  Value later(RegionId region, Value a, Value b) {
    if (b == ir::kNoValue || kernel_[b].region != region) return a;
    const auto& line = body(region);
    return std::ranges::find(line, a) < std::ranges::find(line, b) ? b : a;
  }

  Value bits_of(Value v, Place& place) {
    const auto wide = [&](Value narrow) { return insert(place, Op::widen, Type::u64, {narrow}); };
    const Type type = kernel_[v].type;
    if (type == Type::u64) return v;
    if (type == Type::u32) return wide(v);
    if (type == Type::i1) return insert(place, Op::select, Type::u64, {v, one_, zero_});
    const bool is_double = type == Type::f64;
    const Type integer = is_double ? Type::u64 : Type::u32;
    const Value nan =
        constant(integer, is_double ? std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN())
                                    : std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN()));
    const Value is_number = insert(place, Op::eq, Type::i1, {v, v});
    const Value bits = insert(place, Op::to_bits, integer, {v});
    const Value same = insert(place, Op::select, integer, {is_number, bits, nan});
    return is_double ? same : wide(same);
  }

  void put(Value history) {
    const Value half = constant(Type::u64, 32);
    Place end{ir::kEntry, body(ir::kEntry).back()};
    const Value high = insert(end, Op::shr, Type::u64, {history, half});
    for (const Value word : {history, high}) {
      const Value narrow = insert(end, Op::narrow, Type::u32, {word});
      const Value number = insert(end, Op::to_f64, Type::f64, {narrow});
      insert(end, Op::output, Type::none, {number}, kernel_.outputs++);
    }
  }

  /// Rounds begun when a value is made, and behind which node they are counted.
  struct Rounds {
    Value number = ir::kNoValue, after = ir::kNoValue;
  };

  Kernel kernel_;
  std::vector<Rounds> rounds_;  ///< of the kernel's own nodes
  Value zero_{}, one_{}, factor_{}, limit_{};
};

}  // namespace

std::uint64_t last_bits(std::span<const double, 2> before, std::span<const double, 2> after) {
  const auto history = [](std::span<const double, 2> halves) {
    return static_cast<std::uint64_t>(halves[1]) << 32 | static_cast<std::uint64_t>(halves[0]);
  };
  return history(before) * kFactor ^ history(after);
}

Kernel watched(const Kernel& kernel, std::span<const Value> values) {
  Watch watch(kernel);
  for (const Value v : values) watch.add(v);
  return std::move(watch).take();
}

}  // namespace mc::difference
