// Whole numbers and truth values: what is known is computed here, and intervals tell what fits into 32 bits.
#include <algorithm>
#include <cstdint>

#include "frontend/cxx/numbers.hpp"

namespace mc::cxx {
namespace {

constexpr std::uint64_t kSign32 = std::uint64_t{1} << 31;
constexpr std::uint64_t kSign64 = std::uint64_t{1} << 63;

struct Interval {
  std::int64_t low, high;
};
/// Between which numbers the exact result lies; nothing where that takes more than 64 bits.
std::optional<Interval> interval(Operator op, const Value& a, const Value& b) {
  const auto result = [op](std::int64_t x, std::int64_t y) -> std::optional<std::int64_t> {
    std::int64_t z = 0;
    const bool is_beyond = op == Operator::add        ? __builtin_add_overflow(x, y, &z)
                           : op == Operator::subtract ? __builtin_sub_overflow(x, y, &z)
                                                      : __builtin_mul_overflow(x, y, &z);
    return is_beyond ? std::nullopt : std::optional(z);
  };
  std::optional<Interval> range;
  for (const std::int64_t x : {a.low, a.high})
    for (const std::int64_t y : {b.low, b.high}) {
      const auto z = result(x, y);
      if (!z) return {};
      range = range ? Interval{std::min(range->low, *z), std::max(range->high, *z)} : Interval{*z, *z};
    }
  return range;
}

bool is_comparison(Operator op) { return Operator::less <= op && op <= Operator::unequal; }

}  // namespace

Value Numbers::known_operation(Operator op, const Value& a, const Value& b) const {
  const std::int64_t x = a.whole(), y = b.whole();
  const std::uint64_t u = *a.known, v = *b.known;
  const bool is_unsigned = a.type == Type::u64;
  const auto made = [&](std::uint64_t bits) { return whole(static_cast<std::int64_t>(bits), a.type); };
  const auto less = [&](bool swapped) {
    return is_unsigned ? (swapped ? v < u : u < v) : (swapped ? y < x : x < y);
  };
  const std::uint64_t shift = v & (width(a.type) - 1);
  switch (op) {
    case Operator::add:
      return made(u + v);
    case Operator::subtract:
      return made(u - v);
    case Operator::multiply:
      return made(u * v);
    case Operator::divide:
    case Operator::remainder:
      if (v == 0) throw Undefined("division by zero");
      if (is_unsigned) return made(op == Operator::divide ? u / v : u % v);
      if (y == -1) return made(op == Operator::divide ? 0 - u : 0);
      return made(static_cast<std::uint64_t>(op == Operator::divide ? x / y : x % y));
    case Operator::bit_and:
      return made(u & v);
    case Operator::bit_or:
      return made(u | v);
    case Operator::bit_xor:
      return made(u ^ v);
    case Operator::shift_left:
      return made(u << shift);
    case Operator::shift_right:
      return made(is_signed(a.type) ? static_cast<std::uint64_t>(x >> shift) : u >> shift);
    case Operator::less:
      return truth(less(false));
    case Operator::less_equal:
      return truth(!less(true));
    case Operator::greater:
      return truth(less(true));
    case Operator::greater_equal:
      return truth(!less(false));
    case Operator::equal:
      return truth(u == v);
    case Operator::unequal:
      return truth(u != v);
    default:
      throw Undefined("this operator is not supported");
  }
}

Value Numbers::bits_operation(Operator op, const Value& a, const Value& b) {
  const X x = word(a), y = word(b);
  const auto made = [&](X value) { return of(a.type, value, a.is_uniform && b.is_uniform); };
  switch (op) {
    case Operator::bit_and:
      return made(x & y);
    case Operator::bit_or:
      return made(x | y);
    case Operator::bit_xor:
    case Operator::unequal:
      return made(x ^ y);
    case Operator::equal:
      return made(!(x ^ y));
    default:
      throw Undefined("this operator is not supported for truth values");
  }
}

Value Numbers::integer_operation(Operator op, const Value& a, const Value& b) {
  if (is_comparison(op)) return compare_integers(op, a, b);
  if (op == Operator::divide || op == Operator::remainder) return quotient(op, a, b);
  if (op == Operator::shift_left || op == Operator::shift_right) return shifted(op, a, b);
  if (op == Operator::bit_and || op == Operator::bit_or || op == Operator::bit_xor)
    return bits_operation(op, a, b);
  const auto range = interval(op, a, b);
  const auto apply = [&](X x, X y) {
    return op == Operator::add ? x + y : op == Operator::subtract ? x - y : x * y;
  };
  const bool uniform = a.is_uniform && b.is_uniform;
  const bool fits =
      range && range->low >= INT32_MIN && range->high <= INT32_MAX && (is_signed(a.type) || range->low >= 0);
  if (a.is_narrow() && b.is_narrow() && fits)
    return between(a.type, apply(low_word(a), low_word(b)), range->low, range->high, uniform);
  return of(a.type, apply(word(a), word(b)), uniform);
}

Value Numbers::compare_integers(Operator op, const Value& a, const Value& b) {
  switch (op) {
    case Operator::less:
      return less_integer(a, b);
    case Operator::greater:
      return less_integer(b, a);
    case Operator::less_equal:
      return opposite(less_integer(b, a));
    case Operator::greater_equal:
      return opposite(less_integer(a, b));
    default: {
      const bool narrow = a.is_narrow() && b.is_narrow();
      const X same = narrow ? low_word(a) == low_word(b) : word(a) == word(b);
      const Value equal = of(Type::boolean, same, a.is_uniform && b.is_uniform);
      return op == Operator::equal ? equal : opposite(equal);
    }
  }
}

Value Numbers::less_integer(const Value& a, const Value& b) {
  const bool ordered = a.type != Type::u64 || (a.is_narrow() && b.is_narrow() && a.low >= 0 && b.low >= 0);
  if (ordered && a.high < b.low) return truth(true);
  if (ordered && a.low >= b.high) return truth(false);
  const bool narrow = a.is_narrow() && b.is_narrow();
  X x = narrow ? low_word(a) : word(a), y = narrow ? low_word(b) : word(b);
  if (is_signed(a.type) && (a.low < 0 || b.low < 0)) {
    const std::uint64_t sign = x.type() == ir::Type::u32 ? kSign32 : kSign64;
    x = x ^ sign, y = y ^ sign;
  }
  return of(Type::boolean, x < y, a.is_uniform && b.is_uniform);
}

/// 32 bits by way of doubles: the quotient of two such is never rounded across a whole number.
Value Numbers::quotient(Operator op, const Value& a, const Value& b) {
  if (b.is(0)) throw Undefined("division by zero");
  const bool small = width(a.type) == 32 || (a.is_narrow() && b.is_narrow());
  if (!small)
    throw Undefined("division of 64-bit integers that only the samples tell is not supported; use int");
  const bool uniform = a.is_uniform && b.is_uniform;
  const Value divided = from_double(trunc(to_double(a) / to_double(b)), a.type, uniform);
  if (op == Operator::divide) return divided;
  return of(a.type, word(a) - word(divided) * word(b), uniform);
}

Value Numbers::shifted(Operator op, const Value& a, const Value& b) {
  if (b.known && *b.known >= width(a.type)) throw Undefined("a shift by the width of the number or more");
  const X x = word(a);
  X by = b.known ? X(b_, b_.constant_bits(x.type(), *b.known)) : width(a.type) == 32 ? low_word(b) : word(b);
  if (by.type() != x.type()) by = widen(by);
  by = by & std::uint64_t{width(a.type) - 1};
  const bool uniform = a.is_uniform && b.is_uniform;
  if (op == Operator::shift_left) return of(a.type, x << by, uniform);
  if (!is_signed(a.type) || a.low >= 0) return of(a.type, x >> by, uniform);
  const X sign = X(b_, b_.constant_bits(x.type(), width(a.type) == 32 ? kSign32 : kSign64)) >> by;
  return of(a.type, ((x >> by) ^ sign) - sign, uniform);
}

}  // namespace mc::cxx
