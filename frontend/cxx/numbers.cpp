// C++'s arithmetic as operations of the IR: values, floating-point numbers, choices, conversions, functions.
#include "frontend/cxx/numbers.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mc::cxx {
namespace {

using ir::Op;

constexpr std::uint64_t kSign32 = std::uint64_t{1} << 31;

struct Limits {
  std::int64_t low, high;
};
/// What the type can hold, as far as 64 signed bits tell.
Limits limits_of(Type type) {
  switch (type) {
    case Type::boolean:
      return {0, 1};
    case Type::i32:
      return {INT32_MIN, INT32_MAX};
    case Type::u32:
      return {0, UINT32_MAX};
    default:
      return {INT64_MIN, INT64_MAX};
  }
}

/// The bits of an integer as the type has them.
std::uint64_t wrapped(Type type, std::uint64_t bits) {
  switch (type) {
    case Type::boolean:
      return bits & 1;
    case Type::i32:
      return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(bits)));
    case Type::u32:
      return static_cast<std::uint32_t>(bits);
    default:
      return bits;
  }
}

double number_of(Type type, std::uint64_t bits) {
  if (type == Type::f64) return std::bit_cast<double>(bits);
  if (type == Type::f32) return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  if (type == Type::u64) return static_cast<double>(bits);
  return static_cast<double>(static_cast<std::int64_t>(bits));
}

std::uint64_t bits_of(Type type, double value) {
  return type == Type::f32 ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                           : std::bit_cast<std::uint64_t>(value);
}

}  // namespace

// ---------------------------------------------------------------- making and taking

Value Numbers::constant(Type type, std::uint64_t bits) const {
  Value value{.type = type, .known = bits, .made = {}, .is_uniform = true};
  if (!is_float(type)) value.low = value.high = static_cast<std::int64_t>(bits);
  return value;
}

Value Numbers::whole(std::int64_t value, Type type) const {
  return constant(type, wrapped(type, static_cast<std::uint64_t>(value)));
}

Value Numbers::number(double value) const { return constant(Type::f64, std::bit_cast<std::uint64_t>(value)); }

Value Numbers::lost(Type type) {
  if (!is_float(type)) return constant(type, 0);
  return converted(number(std::numeric_limits<double>::quiet_NaN()), type);
}

Value Numbers::of(Type type, X made, bool is_uniform) const {
  const auto [low, high] = limits_of(type);
  return {.type = type, .known = {}, .made = made, .low = low, .high = high, .is_uniform = is_uniform};
}

Value Numbers::between(Type type, X made, std::int64_t low, std::int64_t high, bool is_uniform) const {
  return {.type = type, .known = {}, .made = made, .low = low, .high = high, .is_uniform = is_uniform};
}

ir::Type Numbers::word_type(Type type) const {
  switch (type) {
    case Type::boolean:
      return ir::Type::i1;
    case Type::i32:
    case Type::u32:
      return ir::Type::u32;
    case Type::f32:
      return ir::Type::f32;
    case Type::f64:
      return ir::Type::f64;
    default:
      return ir::Type::u64;
  }
}

X Numbers::word(const Value& value) {
  if (value.known)
    return {b_, b_.constant_bits(word_type(value.type),
                                 width(value.type) == 32 ? *value.known & 0xFFFFFFFF : *value.known)};
  const X made = *value.made;
  if (made.type() == word_type(value.type)) return made;
  // Narrow, and of 64 bits: the sign bit comes in.
  if (value.low >= 0) return widen(made);
  return (widen(made) ^ kSign32) - kSign32;
}

X Numbers::low_word(const Value& value) {
  if (value.known) return {b_, b_.constant_u32(static_cast<std::uint32_t>(*value.known))};
  return value.made->type() == ir::Type::u32 ? *value.made : narrow(*value.made);
}

// ---------------------------------------------------------------- operations

Value Numbers::binary(Operator op, const Value& a, const Value& b, bool contracts) {
  if (is_float(a.type)) return float_operation(op, a, b, contracts);
  if (a.known && b.known) return known_operation(op, a, b);
  if (a.type == Type::boolean) return bits_operation(op, a, b);
  return integer_operation(op, a, b);
}

/// A product that no sum contracts: engine/passes/contract.cpp.
X Numbers::rounded_product(X a, X b) { return ir::fma(a, b, a.like(-0.0)); }

Value Numbers::float_operation(Operator op, const Value& a, const Value& b, bool contracts) {
  const X x = word(a), y = word(b);
  const bool uniform = a.is_uniform && b.is_uniform;
  const auto made = [&](X value) { return of(a.type, value, uniform); };
  const auto truth = [&](X value) { return of(Type::boolean, value, uniform); };
  switch (op) {
    case Operator::add:
      return made(x + y);
    case Operator::subtract:
      return made(x - y);
    case Operator::multiply:
      return made(contracts ? x * y : rounded_product(x, y));
    case Operator::divide:
      if (b.known) {  // it would be a product by the inverse where that is exact, which sums take
        int exponent = 0;
        const double divisor = number_of(b.type, *b.known), inverse = 1 / divisor;
        const bool is_normal =
            a.type == Type::f32 ? std::isnormal(static_cast<float>(inverse)) : std::isnormal(inverse);
        if (std::abs(std::frexp(divisor, &exponent)) == 0.5 && is_normal)
          return made(rounded_product(x, x.like(inverse)));
      }
      return made(x / y);
    case Operator::less:
      return truth(x < y);
    case Operator::less_equal:
      return truth(x <= y);
    case Operator::greater:
      return truth(y < x);
    case Operator::greater_equal:
      return truth(y <= x);
    case Operator::equal:
      return truth(x == y);
    case Operator::unequal:
      return truth(!(x == y));
    default:
      throw Undefined("this operator is not supported for floating-point numbers");
  }
}

Value Numbers::unary(Operator op, const Value& a) {
  if (op == Operator::logical_not) return opposite(a);
  if (is_float(a.type)) {
    if (op != Operator::negate) throw Undefined("this operator is not supported for floating-point numbers");
    return of(a.type, -word(a), a.is_uniform);
  }
  if (op == Operator::negate) return binary(Operator::subtract, whole(0, a.type), a);
  return binary(Operator::bit_xor, a, whole(-1, a.type));
}

// ---------------------------------------------------------------- truth and choice

Value Numbers::opposite(const Value& a) {
  if (a.known) return truth(*a.known == 0);
  return of(Type::boolean, !word(a), a.is_uniform);
}

Value Numbers::both(const Value& a, const Value& b) {
  if (a.known) return *a.known != 0 ? b : a;
  if (b.known) return *b.known != 0 ? a : b;
  return of(Type::boolean, word(a) & word(b), a.is_uniform && b.is_uniform);
}

Value Numbers::either(const Value& a, const Value& b) { return opposite(both(opposite(a), opposite(b))); }

Value Numbers::choose(const Value& condition, const Value& a, const Value& b) {
  if (condition.known) return *condition.known != 0 ? a : b;
  if (a.type == Type::nothing) return b;
  if (b.type == Type::nothing) return a;
  if (a.known && b.known && *a.known == *b.known) return a;
  if (a.made && b.made && a.made->value() == b.made->value()) return a;
  const bool uniform = condition.is_uniform && a.is_uniform && b.is_uniform;
  if (a.type == Type::boolean) {
    if (a.is(1) && b.is(0)) return condition;
    if (a.is(0)) return both(opposite(condition), b);
    if (b.is(0)) return both(condition, a);
    if (a.is(1)) return either(condition, b);
    if (b.is(1)) return either(opposite(condition), a);
  }
  const X holds = word(condition);
  if (is_integer(a.type) && a.is_narrow() && b.is_narrow())
    return between(a.type, select(holds, low_word(a), low_word(b)), std::min(a.low, b.low),
                   std::max(a.high, b.high), uniform);
  return of(a.type, select(holds, word(a), word(b)), uniform);
}

// ---------------------------------------------------------------- conversions

/// Exact for 32 bits, rounded once for 64.
X Numbers::to_double(const Value& a) {
  if (a.known) return {b_, b_.constant(number_of(a.type, *a.known))};
  if (a.type == Type::boolean) return select(word(a), X(b_, b_.constant(1.0)), 0.0);
  if (a.is_narrow() || a.type == Type::u32) {
    const X x = low_word(a);
    return a.low >= 0 ? to_f64(x) : to_f64(x ^ kSign32) - 0x1p31;
  }
  const X x = word(a);
  if (a.type == Type::u64) return to_f64(x);
  const X zero = x.like(std::uint64_t{0});
  return select((x >> 63) == zero, to_f64(x), -to_f64(zero - x));
}

/// Of a whole number that the type can hold; all else has no meaning in C++.
Value Numbers::from_double(X t, Type type, bool is_uniform) {
  constexpr double kShift = 0x1.8p52;  // what is added to it stands in the low bits
  const auto low_bits = [&](X whole) { return to_bits(whole + kShift); };
  if (width(type) == 32) return of(type, narrow(low_bits(t)), is_uniform);
  const X high = floor(t * 0x1p-32), low = t - high * 0x1p32;
  const std::uint64_t offset = std::bit_cast<std::uint64_t>(kShift);
  return of(type, ((low_bits(high) - offset) << 32) + (low_bits(low) - offset), is_uniform);
}

Value Numbers::converted(const Value& a, Type type) {
  if (a.type == type) return a;
  if (type == Type::boolean) {
    if (!is_float(a.type)) return binary(Operator::unequal, a, whole(0, a.type));
    return float_operation(Operator::unequal, a, constant(a.type, 0), false);
  }
  if (is_float(type) && is_float(a.type)) {
    if (a.known) return constant(type, bits_of(type, number_of(a.type, *a.known)));
    return of(type, type == Type::f64 ? to_f64(word(a)) : to_f32(word(a)), a.is_uniform);
  }
  if (is_float(type)) {
    if (a.known && type == Type::f64) return constant(type, bits_of(type, number_of(a.type, *a.known)));
    if (type == Type::f32 && width(a.type) == 64 && !a.is_narrow() && !a.known)
      throw Undefined(
          "a conversion of a 64-bit integer to float is not supported; convert it to double first");
    if (a.known) {
      const float value = a.type == Type::u64 ? static_cast<float>(*a.known) : static_cast<float>(a.whole());
      return constant(type, std::bit_cast<std::uint32_t>(value));
    }
    const X x = to_double(a);
    return of(type, type == Type::f64 ? x : to_f32(x), a.is_uniform);
  }
  if (is_float(a.type)) {
    const X x = word(converted(a, Type::f64));
    return from_double(trunc(x), type, a.is_uniform);
  }
  if (a.known) return constant(type, wrapped(type, *a.known));
  if (a.type == Type::boolean) {
    const X one(b_, b_.constant_u32(1));
    return between(type, select(word(a), one, one.like(std::uint64_t{0})), 0, 1, a.is_uniform);
  }
  if (a.is_narrow() && (a.low >= 0 || is_signed(type)))
    return between(type, low_word(a), a.low, a.high, a.is_uniform);
  if (width(type) == 32) return of(type, low_word(a), a.is_uniform);
  if (a.type == Type::u32) return of(type, widen(low_word(a)), a.is_uniform);
  Value wide = a;
  wide.type = is_signed(type) ? Type::i64 : Type::u64;
  return of(type, word(a.is_narrow() ? between(Type::i64, low_word(a), a.low, a.high, a.is_uniform) : wide),
            a.is_uniform);
}

// ---------------------------------------------------------------- functions

namespace {

/// For its sign alone. A NaN's is another on another processor or back end, and where it was folded: it
/// counts as positive.
X bits_for_sign(X x) { return to_bits(select(x == x, x, x.like(0.0))); }

}  // namespace

X Numbers::copysign(X magnitude, X sign) {
  const X m = to_bits(magnitude), s = bits_for_sign(sign);
  const X bit(b_, b_.constant_bits(m.type(), ir::sign_bit_of(m)));
  return from_bits((m & ~bit) | (s & bit));
}

/// Halves away from zero; the distance from the whole number below is exact.
X Numbers::round(X x) {
  const X whole = trunc(x);
  const X distance = abs(x - whole);
  const X away = copysign(whole.like(1.0), x);
  return copysign(whole + select(distance.like(0.5) <= distance, away, away.like(0.0)), x);
}

/// What is left after whole numbers of |y|, with x's sign. q may be one too many where the division rounds
/// up; either way the product's distance from |x| is exact. Floats' own is found between doubles.
X Numbers::fmod(X x, X y) {
  if (x.type() == ir::Type::f32) return to_f32(fmod(to_f64(x), to_f64(y)));
  const X a = abs(x), b = abs(y), quotient = a / b, q = trunc(quotient);
  X rest = select(q == 0.0, a, ir::fma(-q, b, a));  // b may be infinite where q is 0
  rest = select(rest < 0.0, rest + b, rest);
  return copysign(select(quotient < 0x1p53, rest, std::numeric_limits<double>::quiet_NaN()), x);
}

/// A constant whole power is repeated squaring, in the engine's order (docs/contract.md, "Operations"), but
/// with products that no sum contracts.
Value Numbers::power(const Value& base, const Value& exponent) {
  constexpr double kMost = 64;
  const X x = word(base);
  const bool uniform = base.is_uniform && exponent.is_uniform;
  const double n = exponent.known ? number_of(exponent.type, *exponent.known) : 0.5;
  if (n != std::floor(n) || std::abs(n) > kMost || n == 0 || std::abs(n) == 1) {
    const X p(b_, b_.emit(Op::pow_function, {x, word(exponent)}));
    return of(base.type, p, uniform);
  }
  X square = x;
  std::optional<X> product;
  for (auto k = static_cast<unsigned>(std::abs(n)); k != 0; k >>= 1) {
    if ((k & 1) != 0) product = product ? rounded_product(*product, square) : square;
    if (k > 1) square = rounded_product(square, square);
  }
  return of(base.type, n < 0 ? x.like(1.0) / *product : *product, uniform);
}

Value Numbers::math(Math math, std::span<const Value> operands) {
  const Value& a = operands[0];
  const Type type = a.type;
  const bool uniform = std::ranges::all_of(operands, &Value::is_uniform);
  if (!is_float(type)) {  // min, max and abs of integers
    if (math == Math::abs)
      return choose(binary(Operator::less, a, whole(0, type)), unary(Operator::negate, a), a);
    const Value &b = operands[1],
                takes_b = math == Math::min ? binary(Operator::less, b, a) : binary(Operator::less, a, b);
    return choose(takes_b, b, a);
  }
  if (math == Math::pow) return power(a, operands[1]);
  const X x = word(a), y = operands.size() > 1 ? word(operands[1]) : x;
  const auto truth = [&](X value) { return of(Type::boolean, value, uniform); };
  const auto made = [&](X value) { return of(type, value, uniform); };
  const auto infinity = std::numeric_limits<double>::infinity();
  switch (math) {
#define MC_FUNCTION(name, arity)                                            \
  case Math::name:                                                          \
    return made({b_, arity == 1 ? b_.emit(Op::name##_function, {x.value()}) \
                                : b_.emit(Op::name##_function, {x.value(), y.value()})});
#include "engine/ir/functions.def"
#undef MC_FUNCTION
    case Math::sqrt:
      return made(ir::sqrt(x));
    case Math::abs:
      return made(ir::abs(x));
    case Math::floor:
      return made(ir::floor(x));
    case Math::ceil:
      return made(ir::ceil(x));
    case Math::trunc:
      return made(ir::trunc(x));
    case Math::rint:
      return made(ir::rint(x));
    case Math::fma:
      return made(ir::fma(x, y, word(operands[2])));
    case Math::round:
      return made(round(x));
    case Math::fmin:
      return made(select(y == y, ir::min(x, y), x));
    case Math::fmax:
      return made(select(y == y, ir::max(x, y), x));
    case Math::min:
      return made(ir::min(y, x));
    case Math::max:
      return made(ir::max(y, x));
    case Math::fmod:
      return made(fmod(x, y));
    case Math::fdim:
      return made(select(x <= y, x.like(0.0), x - y));
    case Math::copysign:
      return made(copysign(x, y));
    case Math::signbit: {
      const X bits = bits_for_sign(x);
      return truth((bits >> (bit_width(bits.type()) - 1)) == std::uint64_t{1});
    }
    case Math::isnan:
      return truth(!(x == x));
    case Math::isinf:
      return truth(ir::abs(x) == infinity);
    case Math::isfinite:
      return truth(ir::abs(x) < infinity);
  }
  throw std::logic_error("cxx: unknown function");
}

}  // namespace mc::cxx
