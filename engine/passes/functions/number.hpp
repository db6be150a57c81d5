// What a mathematical function may compute with: the Number concept, its model by a plain double (by a float:
// single/number.hpp), and the few helpers (horner, copy_sign, round_to_integer ...) that all families share.
// A function is a template over Number, straight-line and branch-free: with F = double it runs ahead of time
// (tests), with F = ir::X it records itself into the kernel IR. Leans on nothing but the standard library.
#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace mc::functions {

/// For a number type F: `Bits`, its bits as an unsigned integer, and `Truth`, the outcome of a comparison.
/// Specialise it for every model of Number.
template <class F>
struct number_traits;

template <>
struct number_traits<double> {
  using Bits = std::uint64_t;
  using Truth = bool;
};

template <class F>
using Bits = typename number_traits<F>::Bits;
template <class F>
using Truth = typename number_traits<F>::Truth;

// The primitives of plain double. A model of its own namespace supplies the same names, found by
// argument-dependent lookup.
inline double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline double sqrt(double a) { return __builtin_sqrt(a); }
inline double abs(double a) { return __builtin_fabs(a); }
inline double floor(double a) { return __builtin_floor(a); }
inline double ceil(double a) { return __builtin_ceil(a); }
inline double trunc(double a) { return __builtin_trunc(a); }
inline double rint(double a) { return __builtin_rint(a); }
inline double min(double a, double b) { return a < b ? a : b; }
inline double max(double a, double b) { return a > b ? a : b; }
inline double select(bool c, double a, double b) { return c ? a : b; }
inline std::uint64_t select(bool c, std::uint64_t a, std::uint64_t b) { return c ? a : b; }
inline std::uint64_t to_bits(double a) { return std::bit_cast<std::uint64_t>(a); }
inline double from_bits(std::uint64_t a) { return std::bit_cast<double>(a); }

/// A constant of the kind that the first argument is of (for ir::X: in its builder). `constant(x, 0.5)`.
inline double constant(double, double c) { return c; }
/// The same for words of the number's width.
inline std::uint64_t word(double, std::uint64_t c) { return c; }
/// The bit that is its sign.
inline std::uint64_t sign_bit_of(double) { return 0x8000'0000'0000'0000; }

/// A binary number that can record itself as straight-line code: IEEE arithmetic with an explicit fma,
/// comparisons, bitwise selection, and its bits as a word of its width. Literals mix in freely: `x * 0.5`,
/// `1.0 - x`, `bits << 52_u`.
template <class F>
concept Number = requires(F x, double c, Bits<F> b, std::uint64_t w, Truth<F> t) {
  { x + x } -> std::same_as<F>;
  { x - x } -> std::same_as<F>;
  { x* x } -> std::same_as<F>;
  { x / x } -> std::same_as<F>;
  { x + c } -> std::same_as<F>;
  { x - c } -> std::same_as<F>;
  { x* c } -> std::same_as<F>;
  { c - x } -> std::same_as<F>;
  { c / x } -> std::same_as<F>;
  { -x } -> std::same_as<F>;
  { x < x } -> std::convertible_to<Truth<F>>;
  { x < c } -> std::convertible_to<Truth<F>>;
  { x == c } -> std::convertible_to<Truth<F>>;
  { fma(x, x, x) } -> std::same_as<F>;
  { sqrt(x) } -> std::same_as<F>;
  { abs(x) } -> std::same_as<F>;
  { min(x, x) } -> std::same_as<F>;
  { max(x, x) } -> std::same_as<F>;
  { floor(x) } -> std::same_as<F>;
  { rint(x) } -> std::same_as<F>;
  { trunc(x) } -> std::same_as<F>;
  { select(t, x, x) } -> std::same_as<F>;
  { select(t, b, b) } -> std::same_as<Bits<F>>;
  { to_bits(x) } -> std::same_as<Bits<F>>;
  { from_bits(b) } -> std::same_as<F>;
  { constant(x, c) } -> std::same_as<F>;
  { word(x, w) } -> std::same_as<Bits<F>>;
  { sign_bit_of(x) } -> std::same_as<std::uint64_t>;
  { b + w } -> std::same_as<Bits<F>>;
  { b - w } -> std::same_as<Bits<F>>;
  { b& w } -> std::same_as<Bits<F>>;
  { b | w } -> std::same_as<Bits<F>>;
  { b ^ b } -> std::same_as<Bits<F>>;
  { b << w } -> std::same_as<Bits<F>>;
  { b >> w } -> std::same_as<Bits<F>>;
  { b == w } -> std::convertible_to<Truth<F>>;
  { t& t } -> std::convertible_to<Truth<F>>;
  { t | t } -> std::convertible_to<Truth<F>>;
  { !t } -> std::convertible_to<Truth<F>>;
};

/// 52_u is a std::uint64_t, so that it means a word and never a number where both would do.
consteval std::uint64_t operator""_u(unsigned long long v) { return v; }

// Literals inside fma, min, max and select: a model supplies the plain ones only, these fill in the
// constants.
template <Number F>
F fma(F a, double b, F c) {
  return fma(a, constant(a, b), c);
}
template <Number F>
F fma(F a, F b, double c) {
  return fma(a, b, constant(a, c));
}
template <Number F>
F fma(F a, double b, double c) {
  return fma(a, constant(a, b), constant(a, c));
}
template <Number F>
F min(F a, double b) {
  return min(a, constant(a, b));
}
template <Number F>
F min(double a, F b) {
  return min(constant(b, a), b);
}
template <Number F>
F max(F a, double b) {
  return max(a, constant(a, b));
}
template <Number F>
F max(double a, F b) {
  return max(constant(b, a), b);
}
template <Number F>
F select(Truth<F> t, F a, double b) {
  return select(t, a, constant(a, b));
}
template <Number F>
F select(Truth<F> t, double a, F b) {
  return select(t, constant(b, a), b);
}
/// A choice between two constants; `like` only says of which kind.
template <Number F>
F choose(F like, Truth<F> t, double a, double b) {
  return select(t, constant(like, a), constant(like, b));
}

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr double smallest_normal = std::numeric_limits<double>::min();
inline constexpr std::uint64_t sign_bit = 0x8000'0000'0000'0000;

/// c[0] + c[1] x + c[2] x^2 + ... by Horner's rule: N - 1 fma, the fewest instructions there are.
template <Number F, std::size_t N>
  requires(N >= 2)
F horner(F x, const double (&c)[N]) {
  F p = fma(x, c[N - 1], c[N - 2]);
  for (std::size_t i = N - 2; i-- > 0;) p = fma(p, x, c[i]);
  return p;
}

/// The same polynomial as even and odd part, given x^2: as many operations where x^2 is there anyway, half
/// the depth and less accumulated rounding where all terms count alike.
template <Number F, std::size_t N>
  requires(N >= 4)
F even_odd(F x, F square, const double (&c)[N]) {
  auto every_second = [&](std::size_t last) {
    F p = fma(square, c[last], c[last - 2]);
    for (std::size_t i = last - 2; i >= 2; i -= 2) p = fma(p, square, c[i - 2]);
    return p;
  };
  F even = every_second((N - 1) / 2 * 2);
  F odd = every_second(N / 2 * 2 - 1);
  return fma(x, odd, even);
}

/// A value and its rounding error: hi + lo exactly what it stands for.
template <Number F>
struct Sum {
  F hi, lo;
};

/// a + b without loss (Knuth). 6 operations.
template <Number F>
Sum<F> two_sum(F a, F b) {
  F hi = a + b;
  F rest = hi - a;
  return {hi, (a - (hi - rest)) + (b - rest)};
}

/// 1.5 * 2^52: adding it to |v| < 2^51 rounds v to the nearest integer (ties to even), whose two's complement
/// then stands in the low bits of the sum. Two additions do what rint, a conversion and an integer would.
inline constexpr double rounding_magic = 0x1.8p52;

/// v >= 0 with the sign of s. 2 operations.
template <Number F>
F with_sign_of(F v, F s) {
  return from_bits(to_bits(v) | (to_bits(s) & sign_bit_of(s)));
}

/// v with its sign flipped where s is negative. 2 operations.
template <Number F>
F times_sign_of(F v, F s) {
  return from_bits(to_bits(v) ^ (to_bits(s) & sign_bit_of(s)));
}

}  // namespace mc::functions
