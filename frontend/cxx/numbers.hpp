// C++'s arithmetic on values that are known already or computed by the kernel. Whole numbers that are known
// stay out of the kernel, and so do the loops and choices that they decide.
//
// An integer lies in a u32 (all that fit into int) or in a word of its type; the interval says which, and
// proves indices. Everything else lies in the IR's type of the same name.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>

#include "engine/ir/expression.hpp"
#include "frontend/cxx/function.hpp"

namespace mc::cxx {

using ir::X;

struct Value {
  Type type = Type::nothing;           ///< nothing: it was given no value yet
  std::optional<std::uint64_t> known;  ///< its bits; integers are sign-extended
  std::optional<X> made;
  std::int64_t low = INT64_MIN, high = INT64_MAX;  ///< of an integer
  bool is_uniform = false;                         ///< the same in all lanes

  bool is(std::uint64_t bits) const { return known && *known == bits; }
  std::int64_t whole() const { return static_cast<std::int64_t>(*known); }
  /// Whether it lies in 32 bits, as a signed number.
  bool is_narrow() const { return low >= INT32_MIN && high <= INT32_MAX; }
};

/// What has no meaning in C++, or none here; the place is for who asked to say.
struct Undefined : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Numbers {
 public:
  explicit Numbers(ir::Builder& builder) : b_(builder) {}

  Value constant(Type type, std::uint64_t bits) const;
  Value whole(std::int64_t value, Type type = Type::i64) const;
  Value number(double value) const;
  /// Stands where there is no value: not a number, or 0.
  Value lost(Type type);
  Value truth(bool value) const { return constant(Type::boolean, value ? 1 : 0); }
  /// A value that the kernel computes: integers lie in a word of their type.
  Value of(Type type, X made, bool is_uniform = false) const;
  /// An integer that lies in 32 bits.
  Value between(Type type, X made, std::int64_t low, std::int64_t high, bool is_uniform) const;

  /// In the IR's type of that name: how it is carried round loops.
  X word(const Value& value);
  /// The low 32 bits of an integer.
  X low_word(const Value& value);
  ir::Type word_type(Type type) const;

  /// Both of one type. `contracts`: a sum that a product flows into may take it.
  Value binary(Operator op, const Value& a, const Value& b, bool contracts = false);
  Value unary(Operator op, const Value& a);
  Value converted(const Value& a, Type type);
  Value math(Math math, std::span<const Value> operands);
  /// An operand without a value yields to the other one.
  Value choose(const Value& condition, const Value& a, const Value& b);
  Value both(const Value& a, const Value& b);
  Value either(const Value& a, const Value& b);
  Value opposite(const Value& a);

 private:
  Value float_operation(Operator op, const Value& a, const Value& b, bool contracts);
  Value integer_operation(Operator op, const Value& a, const Value& b);
  Value known_operation(Operator op, const Value& a, const Value& b) const;
  Value quotient(Operator op, const Value& a, const Value& b);
  Value shifted(Operator op, const Value& a, const Value& b);
  Value bits_operation(Operator op, const Value& a, const Value& b);
  Value compare_integers(Operator op, const Value& a, const Value& b);
  Value less_integer(const Value& a, const Value& b);
  X rounded_product(X a, X b);
  X to_double(const Value& integer);
  Value from_double(X value, Type type, bool is_uniform);
  Value power(const Value& base, const Value& exponent);
  X copysign(X magnitude, X sign);
  X round(X x);
  X fmod(X x, X y);

  ir::Builder& b_;
};

}  // namespace mc::cxx
