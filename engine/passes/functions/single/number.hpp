// Single precision: a plain float as a model of functions::Number, and what the families in this folder
// share. They are templates like those for doubles next door; with ir::X the type of the value says which
// precision is meant. A family may also compute `in double`: to_f64, formulas that are only as long as a
// float needs, to_f32. Then nothing over- or underflows, no rounding has to be repaired, and the error is
// hardly above 0.5. Polynomials are Sollya's (fpminimax) unless another source is named.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// A float's bits: 32, whatever integer stands beside them.
class SingleBits {
 public:
  constexpr explicit SingleBits(std::uint32_t bits) : bits_(bits) {}
  constexpr std::uint32_t value() const { return bits_; }

#define MC_WORDS(op)                                                                            \
  friend constexpr SingleBits operator op(SingleBits a, SingleBits b) {                         \
    return SingleBits(a.bits_ op b.bits_);                                                      \
  }                                                                                             \
  friend constexpr SingleBits operator op(SingleBits a, std::uint64_t b) { return a op of(b); } \
  friend constexpr SingleBits operator op(std::uint64_t a, SingleBits b) { return of(a) op b; }
  MC_WORDS(+)
  MC_WORDS(-)
  MC_WORDS(&)
  MC_WORDS(|)
  MC_WORDS(^)
  MC_WORDS(<<)
  MC_WORDS(>>)
#undef MC_WORDS
  friend constexpr bool operator==(SingleBits a, SingleBits b) { return a.bits_ == b.bits_; }
  friend constexpr bool operator==(SingleBits a, std::uint64_t b) { return a.bits_ == b; }
  friend constexpr bool operator<(SingleBits a, SingleBits b) { return a.bits_ < b.bits_; }
  friend constexpr bool operator<(SingleBits a, std::uint64_t b) { return a.bits_ < b; }

 private:
  static constexpr SingleBits of(std::uint64_t word) { return SingleBits(static_cast<std::uint32_t>(word)); }
  std::uint32_t bits_;
};

/// A float that stays one beside a literal: C++ would make a double of `x * 0.5`. Literals are rounded to
/// float.
class Single {
 public:
  constexpr explicit Single(float value) : value_(value) {}
  constexpr float value() const { return value_; }

#define MC_FLOATS(op)                                                                                    \
  friend constexpr Single operator op(Single a, Single b) { return Single(a.value_ op b.value_); }       \
  friend constexpr Single operator op(Single a, double b) { return a op Single(static_cast<float>(b)); } \
  friend constexpr Single operator op(double a, Single b) { return Single(static_cast<float>(a)) op b; }
  MC_FLOATS(+)
  MC_FLOATS(-)
  MC_FLOATS(*)
  MC_FLOATS(/)
#undef MC_FLOATS
#define MC_COMPARISONS(op)                                                               \
  friend constexpr bool operator op(Single a, Single b) { return a.value_ op b.value_; } \
  friend constexpr bool operator op(Single a, double b) { return a.value_ op static_cast<float>(b); }
  MC_COMPARISONS(<)
  MC_COMPARISONS(<=)
  MC_COMPARISONS(>)
  MC_COMPARISONS(>=)
  MC_COMPARISONS(==)
#undef MC_COMPARISONS
  friend constexpr Single operator-(Single a) { return Single(-a.value_); }

 private:
  float value_;
};

template <>
struct number_traits<Single> {
  using Bits = SingleBits;
  using Truth = bool;
};

// The primitives, found by argument-dependent lookup.
inline Single fma(Single a, Single b, Single c) {
  return Single(__builtin_fmaf(a.value(), b.value(), c.value()));
}
inline Single sqrt(Single a) { return Single(__builtin_sqrtf(a.value())); }
inline Single abs(Single a) { return Single(__builtin_fabsf(a.value())); }
inline Single floor(Single a) { return Single(__builtin_floorf(a.value())); }
inline Single trunc(Single a) { return Single(__builtin_truncf(a.value())); }
inline Single rint(Single a) { return Single(__builtin_rintf(a.value())); }
inline Single min(Single a, Single b) { return a < b ? a : b; }
inline Single max(Single a, Single b) { return a > b ? a : b; }
inline Single select(bool c, Single a, Single b) { return c ? a : b; }
inline SingleBits select(bool c, SingleBits a, SingleBits b) { return c ? a : b; }
inline SingleBits to_bits(Single a) { return SingleBits(std::bit_cast<std::uint32_t>(a.value())); }
inline Single from_bits(SingleBits a) { return Single(std::bit_cast<float>(a.value())); }
inline double to_f64(Single a) { return static_cast<double>(a.value()); }
inline Single to_f32(double a) { return Single(static_cast<float>(a)); }
inline Single constant(Single, double c) { return Single(static_cast<float>(c)); }
inline SingleBits word(Single, std::uint64_t c) { return SingleBits(static_cast<std::uint32_t>(c)); }
inline std::uint64_t sign_bit_of(Single) { return 0x8000'0000; }

static_assert(Number<Single>);

namespace single {

/// 1.5 * 2^23, as functions::rounding_magic: adding it to |v| < 2^22 rounds v to an integer that then stands
/// in the low bits.
inline constexpr double rounding_magic = 0x1.8p23;
inline constexpr double smallest_normal = 0x1p-126;

}  // namespace single
}  // namespace mc::functions
