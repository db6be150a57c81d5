// Interval arithmetic modulo 2^32, one rule an operation; anything without a rule may be any number.
#include "engine/ir/bounds.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mc::ir {
namespace {

constexpr std::int64_t kModulus = std::int64_t{1} << 32;
constexpr Interval kAny{};
constexpr Interval kLane{0, 255}, kSteps{0, 32};  ///< as operations.def says; with data, any number of steps

/// The same numbers modulo 2^32, with `first` in lowest..lowest + 2^32 - 1.
Interval shifted_to(Interval i, std::int64_t lowest) {
  const std::int64_t past = (i.first - lowest) & (kModulus - 1);
  return {lowest + past, lowest + past + (i.last - i.first)};
}

/// As the numbers that the bits stand for; any number where they wrap on the way.
Interval unsigned_of(Interval i) {
  const Interval from_zero = shifted_to(i, 0);
  return from_zero.last < kModulus ? from_zero : kAny;
}

/// As near to zero as may be: 2^32 - 3 is -3, and a product with it stays small.
Interval signed_of(Interval i) { return shifted_to(i, -kModulus / 2); }

Interval bounded(std::int64_t first, std::int64_t last) {
  return last - first < kModulus ? signed_of({first, last}) : kAny;
}

Interval sum(Interval a, Interval b) { return bounded(a.first + b.first, a.last + b.last); }
Interval difference(Interval a, Interval b) { return bounded(a.first - b.last, a.last - b.first); }
Interval hull(Interval a, Interval b) {
  return bounded(std::min(a.first, b.first), std::max(a.last, b.last));
}

Interval product(Interval a, Interval b) {
  constexpr std::int64_t kLargest = kModulus / 2;  // products of these fit
  for (const std::int64_t end : {a.first, a.last, b.first, b.last})
    if (end < -kLargest || end > kLargest) return kAny;
  const auto [first, last] =
      std::minmax({a.first * b.first, a.first * b.last, a.last * b.first, a.last * b.last});
  return bounded(first, last);
}

/// Times or divided by 2^count; a shift by the width or more means nothing.
Interval shifted(Op op, Interval a, Interval count) {
  if (count.first != count.last || count.first < 0 || count.first > 31) return kAny;
  if (op == Op::shl) return product(a, {std::int64_t{1} << count.first, std::int64_t{1} << count.first});
  a = unsigned_of(a);
  return {a.first >> count.first, a.last >> count.first};
}

/// No bit is set that either has not.
Interval both_bits(Interval a, Interval b) { return {0, std::min(unsigned_of(a).last, unsigned_of(b).last)}; }

}  // namespace

Bounds::Bounds(const Kernel& kernel) : kernel_(kernel), intervals_(kernel.nodes.size()) { walk(kEntry); }

void Bounds::walk(RegionId region) {
  for (Value v : kernel_[region].body) {
    const Node& node = kernel_[v];
    if (node.op == Op::loop) walk(kernel_[static_cast<LoopId>(node.immediate)].body);
    // `lane` is the one u64 that indices are made of.
    if (node.type == Type::u32 || node.op == Op::lane) intervals_[position(v)] = of(node);
  }
}

Interval Bounds::of(const Node& node) const {
  switch (node.op) {
    case Op::constant: {
      const auto value = static_cast<std::int64_t>(node.immediate & (kModulus - 1));
      return signed_of({value, value});
    }
    case Op::lane:
      return kLane;
    case Op::steps:
      return kernel_.data.empty() ? kSteps : kAny;
    case Op::index: {
      const Value count = kernel_[kernel_[slot_loop(node.immediate)].node].operands[0];
      return {0, std::max<std::int64_t>(unsigned_of((*this)[count]).last, 1) - 1};
    }
    case Op::iadd:
      return sum(operand(node, 0), operand(node, 1));
    case Op::isub:
      return difference(operand(node, 0), operand(node, 1));
    case Op::imul:
      return product(operand(node, 0), operand(node, 1));
    case Op::shl:
    case Op::shr:
      return shifted(node.op, operand(node, 0), operand(node, 1));
    case Op::bit_and:
      return both_bits(operand(node, 0), operand(node, 1));
    case Op::select:
      return hull(chosen(node), operand(node, 2));
    case Op::narrow:
      return kernel_[node.operands[0]].op == Op::lane ? operand(node, 0) : kAny;
    default:
      return kAny;
  }
}

/// What is chosen where it is less than a number is so, whatever else it could be.
Interval Bounds::chosen(const Node& select) const {
  const Node& condition = kernel_[select.operands[0]];
  const Interval yes = operand(select, 1);
  if (condition.op != Op::ult || condition.operands[0] != select.operands[1]) return yes;
  const std::int64_t below = unsigned_of(operand(condition, 1)).last;
  return unsigned_of(yes).last < below ? yes : Interval{0, std::max<std::int64_t>(below, 1) - 1};
}

std::string Bounds::fault(Value v) const {
  const Node& node = kernel_[v];
  if (is_cell(node.op)) return fault_of_cell(node);
  const bool is_array = node.op == Op::element;
  if (!is_array && node.op != Op::load && node.op != Op::store) return {};
  const auto& lengths = is_array ? kernel_.arrays : kernel_.rows;
  if (node.immediate >= lengths.size()) return {};  // another check's affair
  const std::uint32_t length = lengths[node.immediate];
  const Interval index = shifted_to(operand(node, 0), 0);
  if (index.last < length) return {};
  const auto what = is_array ? "array" : "row";
  if (index.first == index.last)
    return fmt::format("{} of {} {} of {} elements", index.first, what, node.immediate, length);
  return fmt::format("{}..{} of {} {} of {} elements", index.first, index.last, what, node.immediate, length);
}

/// Its row is inside by the operation's meaning.
std::string Bounds::fault_of_cell(const Node& node) const {
  if (node.immediate >= kernel_.tables.size()) return {};
  const std::uint32_t columns = kernel_.tables[node.immediate].columns;
  const Interval column = shifted_to(operand(node, 1), 0);
  if (column.last < columns) return {};
  return fmt::format("{}..{} of table {} of {} columns", column.first, column.last, node.immediate, columns);
}

std::string Bounds::first_fault() const {
  for (std::uint32_t k = 0; k < kernel_.nodes.size(); ++k)
    if (const std::string wrong = fault(Value{k}); !wrong.empty())
      return fmt::format("node {}: {}: index {}", k, info(kernel_.nodes[k].op).name, wrong);
  return {};
}

}  // namespace mc::ir
