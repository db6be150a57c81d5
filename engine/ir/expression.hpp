// Operators over IR values, so that formulas in C++ read as formulas: `x*x + 1.0` builds the nodes. A value
// together with the builder that makes it; constants take the kind of the value they stand beside.
#pragma once

#include <stdexcept>

#include "engine/ir/builder.hpp"

namespace mc::ir {

class X {
 public:
  X(Builder& builder, Value value) : builder_(&builder), value_(value) {}

  Builder& builder() const { return *builder_; }
  Value value() const { return value_; }
  operator Value() const { return value_; }
  Type type() const { return (*builder_)[value_].type; }

  /// A constant of this value's type: a number for floats, an unsigned for integers, never the other way
  /// round.
  X like(double constant) const {
    if (type() == Type::f32) return {*builder_, builder_->constant_f32(static_cast<float>(constant))};
    if (type() != Type::f64) throw std::logic_error("ir: a number beside an integer");
    return {*builder_, builder_->constant(constant)};
  }
  X like(std::uint64_t constant) const {
    if (!is_integer(type())) throw std::logic_error("ir: an integer beside a number");
    return {*builder_, builder_->constant_bits(type(), constant)};
  }

 private:
  Builder* builder_;
  Value value_;
};

inline X apply(Op op, X a) { return {a.builder(), a.builder().emit(op, {a.value()})}; }
inline X apply(Op op, X a, X b) { return {a.builder(), a.builder().emit(op, {a.value(), b.value()})}; }
inline X apply(Op op, X a, X b, X c) {
  return {a.builder(), a.builder().emit(op, {a.value(), b.value(), c.value()})};
}

/// The operator's float and integer meanings, chosen by the operands' type.
inline X arithmetic(Op floats, Op integers, X a, X b) {
  return apply(is_float(a.type()) ? floats : integers, a, b);
}

inline X operator+(X a, X b) { return arithmetic(Op::add, Op::iadd, a, b); }
inline X operator-(X a, X b) { return arithmetic(Op::sub, Op::isub, a, b); }
inline X operator*(X a, X b) { return arithmetic(Op::mul, Op::imul, a, b); }
inline X operator/(X a, X b) { return apply(Op::div, a, b); }
inline X operator-(X a) { return apply(Op::neg, a); }
inline X operator&(X a, X b) { return apply(Op::bit_and, a, b); }
inline X operator|(X a, X b) { return apply(Op::bit_or, a, b); }
inline X operator^(X a, X b) { return apply(Op::bit_xor, a, b); }
inline X operator~(X a) { return apply(Op::bit_not, a); }
inline X operator!(X a) { return apply(Op::bit_not, a); }
inline X operator<<(X a, X b) { return apply(Op::shl, a, b); }
inline X operator>>(X a, X b) { return apply(Op::shr, a, b); }
inline X operator<(X a, X b) { return arithmetic(Op::lt, Op::ult, a, b); }
inline X operator<=(X a, X b) { return arithmetic(Op::le, Op::ule, a, b); }
inline X operator>(X a, X b) { return b < a; }
inline X operator>=(X a, X b) { return b <= a; }
inline X operator==(X a, X b) { return arithmetic(Op::eq, Op::ieq, a, b); }
inline X operator!=(X a, X b) { return !(a == b); }

// One constant operand: a double beside a float, an unsigned beside an integer.
#define MC_WITH_CONSTANT(op)                                            \
  inline X operator op(X a, double b) { return a op a.like(b); }        \
  inline X operator op(double a, X b) { return b.like(a) op b; }        \
  inline X operator op(X a, std::uint64_t b) { return a op a.like(b); } \
  inline X operator op(std::uint64_t a, X b) { return b.like(a) op b; }
MC_WITH_CONSTANT(+)
MC_WITH_CONSTANT(-)
MC_WITH_CONSTANT(*)
MC_WITH_CONSTANT(<)
MC_WITH_CONSTANT(<=)
MC_WITH_CONSTANT(>)
MC_WITH_CONSTANT(>=)
MC_WITH_CONSTANT(==)
MC_WITH_CONSTANT(!=)
#undef MC_WITH_CONSTANT
inline X operator/(X a, double b) { return a / a.like(b); }
inline X operator/(double a, X b) { return b.like(a) / b; }
inline X operator&(X a, std::uint64_t b) { return a & a.like(b); }
inline X operator|(X a, std::uint64_t b) { return a | a.like(b); }
inline X operator^(X a, std::uint64_t b) { return a ^ a.like(b); }
inline X operator<<(X a, std::uint64_t b) { return a << a.like(b); }
inline X operator>>(X a, std::uint64_t b) { return a >> a.like(b); }

inline X rotl(X a, unsigned b) { return apply(Op::rotl, a, a.like(std::uint64_t{b})); }
inline X fma(X a, X b, X c) { return apply(Op::fma, a, b, c); }
inline X fma(X a, double b, X c) { return fma(a, a.like(b), c); }
inline X fma(X a, X b, double c) { return fma(a, b, a.like(c)); }
inline X fma(X a, double b, double c) { return fma(a, a.like(b), a.like(c)); }
inline X sqrt(X a) { return apply(Op::sqrt, a); }
inline X abs(X a) { return apply(Op::abs, a); }
inline X min(X a, X b) { return apply(Op::min, a, b); }
inline X max(X a, X b) { return apply(Op::max, a, b); }
inline X floor(X a) { return apply(Op::floor, a); }
inline X ceil(X a) { return apply(Op::ceil, a); }
inline X trunc(X a) { return apply(Op::trunc, a); }
inline X rint(X a) { return apply(Op::rint, a); }
inline X select(X c, X a, X b) { return apply(Op::select, c, a, b); }
inline X select(X c, X a, double b) { return select(c, a, a.like(b)); }
inline X select(X c, double a, X b) { return select(c, b.like(a), b); }
inline X to_bits(X a) { return apply(Op::to_bits, a); }
inline X from_bits(X a) { return apply(Op::from_bits, a); }
inline X to_f64(X a) { return apply(Op::to_f64, a); }
inline X widen(X a) { return apply(Op::widen, a); }
inline X to_f32(X a) { return apply(Op::to_f32, a); }
inline X narrow(X a) { return apply(Op::narrow, a); }
inline X constant(X like, double value) { return like.like(value); }
/// An integer as wide as `beside`, and its highest bit, which is a float's sign.
inline X word(X beside, std::uint64_t bits) {
  const Type type = bit_width(beside.type()) == 32 ? Type::u32 : Type::u64;
  return {beside.builder(), beside.builder().constant_bits(type, bits)};
}
inline std::uint64_t sign_bit_of(X x) { return std::uint64_t{1} << (bit_width(x.type()) - 1); }

}  // namespace mc::ir
