// One rule an operation; what has none may be any number. Rounding to nearest is monotone, so the ends of an
// operation's range are what the operation itself gives for the ends of its operands'.
#include "engine/passes/ranges.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

#include "engine/passes/functions/functions.hpp"

namespace mc::passes {
namespace {

using ir::Node;
using ir::Op;
using ir::Type;
using ir::Value;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Range kAny{};

/// Loops in loops whose sums are bounded: each level walks what is in it twice.
constexpr std::uint32_t kDeepestSum = 3;

bool has_zero(const Range& a) { return a.low <= 0 && a.high >= 0; }
bool has_infinity(const Range& a) { return a.low == -kInfinity || a.high == kInfinity; }
bool may_be_nan(const Range& a, const Range& b) { return a.may_be_nan || b.may_be_nan; }

Range hull(const Range& a, const Range& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high), may_be_nan(a, b), std::min(a.unit, b.unit)};
}

/// A sum of multiples of a power of two is one, rounded or not: what it is rounded to are multiples of a
/// larger one.
Range sum(const Range& a, const Range& b) {
  const bool may_cancel =
      (a.low == -kInfinity && b.high == kInfinity) || (a.high == kInfinity && b.low == -kInfinity);
  if (may_cancel) return kAny;
  return {a.low + b.low, a.high + b.high, may_be_nan(a, b), std::min(a.unit, b.unit)};
}

Range negative(const Range& a) { return {-a.high, -a.low, a.may_be_nan, a.unit}; }

/// x*y + z for numbers of that type, rounded once to it.
double fused(Type type, double x, double y, double z) {
  if (type == Type::f64) return std::fma(x, y, z);
  return std::fma(static_cast<float>(x), static_cast<float>(y), static_cast<float>(z));
}

/// a*b + c, rounded once. 0 times infinity is not a number.
Range product_and_sum(const Range& a, const Range& b, const Range& c, Type type = Type::f64) {
  if ((has_zero(a) && has_infinity(b)) || (has_zero(b) && has_infinity(a)) || has_infinity(c)) return kAny;
  Range all{kInfinity, -kInfinity, may_be_nan(a, b) || c.may_be_nan};
  for (const double x : {a.low, a.high})
    for (const double y : {b.low, b.high}) {
      all.low = std::min(all.low, fused(type, x, y, c.low));
      all.high = std::max(all.high, fused(type, x, y, c.high));
    }
  return all;
}

Range product(const Range& a, const Range& b) { return product_and_sum(a, b, {0, 0, false}); }

/// A number times itself.
Range square(const Range& a) {
  const double low = has_zero(a) ? 0 : std::min(a.low * a.low, a.high * a.high);
  return {low, std::max(a.low * a.low, a.high * a.high), a.may_be_nan};
}

Range quotient(const Range& a, const Range& b) {
  if (has_zero(b) || (has_infinity(a) && has_infinity(b))) return kAny;
  const auto [low, high] = std::minmax({a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high});
  return {low, high, may_be_nan(a, b)};
}

Range magnitude(const Range& a) {
  const double high = std::max(std::abs(a.low), std::abs(a.high));
  return {has_zero(a) ? 0 : std::min(std::abs(a.low), std::abs(a.high)), high, a.may_be_nan};
}

/// Their second operand comes out where either is not a number.
Range smaller(const Range& a, const Range& b) {
  return {std::min(a.low, b.low), a.may_be_nan ? b.high : std::min(a.high, b.high), b.may_be_nan};
}
Range larger(const Range& a, const Range& b) {
  return {a.may_be_nan ? b.low : std::max(a.low, b.low), std::max(a.high, b.high), b.may_be_nan};
}

/// Of a rising function as it is computed, which is off by some ulps and need not rise with each of them.
template <class Function>
Range rising(const Range& a, Type type, double first, double last, Function function) {
  if (!a.lies_in(first, last)) return kAny;
  const auto slack = [type](double v) {
    return type == Type::f64 ? std::abs(v) * 0x1p-48 + 0x1p-1060 : std::abs(v) * 0x1p-20 + 0x1p-140;
  };
  const double low = function(a.low), high = function(a.high);
  return {low - slack(low), high + slack(high), false};
}

template <class Function>
Range rising(const Range& a, Function function) {
  return {function(a.low), function(a.high), a.may_be_nan};
}

/// How a float type's numbers are laid out in their bits.
struct Bits {
  std::uint64_t all, exponent;
  unsigned width, sign_and_exponent;
  double last_place;  ///< of 1
};
constexpr Bits bits_of(Type type) {
  if (type == Type::f64 || type == Type::u64)
    return {~std::uint64_t{0}, 0x7ff0'0000'0000'0000, 64, 12, 0x1p-52};
  return {0xffff'ffff, 0x7f80'0000, 32, 9, 0x1p-23};
}

double number_with(Type type, std::uint64_t bits) {
  if (type == Type::f64 || type == Type::u64) return std::bit_cast<double>(bits);
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

/// The largest power of two that a finite number is a multiple of; of 0, which is one of any, the largest
/// there is.
double unit_of(double number) {
  if (number == 0) return 0x1p1023;
  int exponent = 0;
  const auto digits = static_cast<std::int64_t>(std::ldexp(std::frexp(number, &exponent), 53));
  return std::ldexp(1.0, exponent - 53 + std::countr_zero(static_cast<std::uint64_t>(digits)));
}

Range exactly(double number) {
  return std::isfinite(number) ? Range{number, number, false, unit_of(number)}
                               : (std::isnan(number) ? kAny : Range{number, number, false});
}

/// The numbers that an integer can be as the bits of a float, where a constant gives the exponent and a
/// shifted word no more than the fraction: so uniform variates are made.
Range of_fraction(const Node& exponent, const Node& fraction, const Node& shift) {
  if (exponent.op != Op::constant || fraction.op != Op::shr || shift.op != Op::constant) return kAny;
  const Bits bits = bits_of(exponent.type);
  const std::uint64_t first = exponent.immediate;
  if (shift.immediate < bits.sign_and_exponent || shift.immediate >= bits.width ||
      (first & ~bits.exponent) != 0 || first == bits.exponent)
    return kAny;
  const std::uint64_t last = first | (bits.all >> shift.immediate);
  const double low = number_with(exponent.type, first);
  return {low, number_with(exponent.type, last), false, low * bits.last_place};
}

/// As floats. What is computed of floats in double and rounded again is what their operation gives, but for
/// the fused one, and monotone in any case.
Range rounded(const Range& a) {
  // g++ 12 at -O2 takes two conversions there and back side by side for none (its SLP vectoriser).
  const volatile float low = static_cast<float>(a.low), high = static_cast<float>(a.high);
  return {low, high, a.may_be_nan, a.unit};
}

/// On what normicdf is looked at: beyond, it is nobody's range.
constexpr double smallest_probability(Type type) { return type == Type::f64 ? 0x1p-900 : 0x1p-24; }
constexpr double largest_probability(Type type) { return 1 - (type == Type::f64 ? 0x1p-53 : 0x1p-24); }

}  // namespace

Ranges::Ranges(const ir::Kernel& kernel)
    : kernel_(kernel), ranges_(kernel.nodes.size()), rows_(kernel.rows.size()) {
  walk(ir::kEntry);
  if (bound_rows()) walk(ir::kEntry);
}

/// A row holds what is stored anywhere: nothing is read from it that was not. Until that is known it may be
/// anything, so what is stored does not lean on it. Says whether there is one.
bool Ranges::bound_rows() {
  std::vector<std::optional<Range>> stored(rows_.size());
  for (const Node& node : kernel_.nodes) {
    if (node.op != Op::store) continue;
    std::optional<Range>& row = stored[node.immediate];
    const Range value = (*this)[node.operands[1]];
    row = row ? hull(*row, value) : value;
  }
  bool any = false;
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    if (!stored[k] || stored[k]->may_be_nan || (stored[k]->low == -kInfinity && stored[k]->high == kInfinity))
      continue;
    rows_[k] = *stored[k];
    any = true;
  }
  return any;
}

void Ranges::walk(ir::RegionId region) {
  for (Value v : kernel_[region].body) {
    const Node& node = kernel_[v];
    if (node.op == Op::loop) walk_loop(kernel_[static_cast<ir::LoopId>(node.immediate)]);
    if (!is_float(node.type) || node.op == Op::carried) continue;
    const Range found = of(node);
    ranges_[position(v)] = node.type == Type::f32 ? rounded(found) : found;
  }
}

/// What is carried round may be anything, unless it is a sum of so many terms.
void Ranges::walk_loop(const ir::Loop& loop) {
  for (Value v : loop.carried) ranges_[position(v)] = kAny;
  walk(loop.body);
  if (kernel_[loop.body].depth <= kDeepestSum && bound_sums(loop)) walk(loop.body);
}

/// A carried value to which every round adds something bounded lies so many times that from where it began;
/// with some slack for the roundings of the sums on the way. Says whether there is one.
bool Ranges::bound_sums(const ir::Loop& loop) {
  const Node& count = kernel_[kernel_[loop.node].operands[0]];
  if (count.op != Op::constant) return false;
  const auto rounds = static_cast<double>(count.immediate);
  bool any = false;
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    const Range each = summand(loop, k), start = (*this)[loop.initial[k]];
    if (each.may_be_nan || has_infinity(each) || start.may_be_nan || has_infinity(start)) continue;
    const double low = start.low + std::min(0.0, rounds * each.low);
    const double high = start.high + std::max(0.0, rounds * each.high);
    const bool is_double = kernel_[loop.carried[k]].type == Type::f64;
    const double unit = (std::abs(low) + std::abs(high)) * (is_double ? 0x1p-50 : 0x1p-21);
    const double slack = (unit + (is_double ? 0x1p-1070 : 0x1p-140)) * rounds;
    const Range bound{low - slack, high + slack, false};
    ranges_[position(loop.carried[k])] = is_double ? bound : rounded(bound);
    any = true;
  }
  return any;
}

/// What a round adds to the carried value number `slot`, if that is all it does to it. While the value itself
/// may still be anything, whatever depends on it is not bounded.
Range Ranges::summand(const ir::Loop& loop, std::size_t slot) const {
  const Value carried = loop.carried[slot];
  const Node& next = kernel_[loop.next[slot]];
  if (!is_float(next.type)) return kAny;
  const auto operand = [&](std::size_t k) { return (*this)[next.operands[k]]; };
  if (next.op == Op::add && next.operands[0] == carried) return operand(1);
  if (next.op == Op::add && next.operands[1] == carried) return operand(0);
  if (next.op == Op::fma && next.operands[2] == carried) return product(operand(0), operand(1));
  return kAny;
}

Range Ranges::of(const Node& node) const {
  const auto operand = [&](std::size_t k) { return (*this)[node.operands[k]]; };
  switch (node.op) {
    case Op::constant:
      return exactly(number_with(node.type, node.immediate));
    case Op::result:
      return of_loop_part(node);
    case Op::load:
      return rows_[node.immediate];
    case Op::add:
      return sum(operand(0), operand(1));
    case Op::sub:
      return sum(operand(0), negative(operand(1)));
    case Op::mul:
      return node.operands[0] == node.operands[1] ? square(operand(0)) : product(operand(0), operand(1));
    case Op::fma:
      return product_and_sum(operand(0), operand(1), operand(2), node.type);
    case Op::div:
      return quotient(operand(0), operand(1));
    case Op::sqrt:
      return operand(0).low >= 0 ? rising(operand(0), [](double x) { return std::sqrt(x); }) : kAny;
    case Op::neg:
      return negative(operand(0));
    case Op::abs:
      return magnitude(operand(0));
    case Op::min:
      return smaller(operand(0), operand(1));
    case Op::max:
      return larger(operand(0), operand(1));
    case Op::floor:
      return rising(operand(0), [](double x) { return std::floor(x); });
    case Op::ceil:
      return rising(operand(0), [](double x) { return std::ceil(x); });
    case Op::trunc:
      return rising(operand(0), [](double x) { return std::trunc(x); });
    case Op::rint:
      return rising(operand(0), [](double x) { return std::rint(x); });
    case Op::select:
      return hull(operand(1), operand(2));
    case Op::from_bits:
      return of_word(node.operands[0]);
    case Op::to_f64:
      return kernel_[node.operands[0]].type == Type::f32 ? operand(0) : Range{0, 0x1p64, false};
    case Op::to_f32:
      return operand(0);
    case Op::exp_function:
      return rising(operand(0), node.type, -700, 700, functions::exp<double>);
    case Op::log_function:
      return rising(operand(0), node.type, 0x1p-1022, 0x1p1023, functions::log<double>);
    case Op::normicdf_function:
      return rising(operand(0), node.type, smallest_probability(node.type), largest_probability(node.type),
                    functions::normicdf<double>);
    default:
      return kAny;
  }
}

Range Ranges::of_loop_part(const Node& node) const {
  const ir::Loop& loop = kernel_[ir::slot_loop(node.immediate)];
  const std::uint32_t k = ir::slot_position(node.immediate);
  return hull((*this)[loop.initial[k]], (*this)[loop.next[k]]);
}

Range Ranges::of_word(Value word) const {
  const Node& node = kernel_[word];
  if (node.op != Op::bit_or) return kAny;
  for (const auto& [a, b] : {std::pair(0, 1), std::pair(1, 0)}) {
    const Node &exponent = kernel_[node.operands[a]], &fraction = kernel_[node.operands[b]];
    if (fraction.op == Op::shr) return of_fraction(exponent, fraction, kernel_[fraction.operands[1]]);
  }
  return kAny;
}

}  // namespace mc::passes
