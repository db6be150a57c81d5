// log, log2, log10, log1p. All write x = 2^k (1 + f), 1 + f in [sqrt(1/2), sqrt(2)), and take log(1 + f) = f
// + f^2 Q(f) with one long polynomial Q (minimax over doubles, Sollya's fpminimax): 19 fma cost less on wide
// vectors than the division that f / (2 + f) would need, and fma keeps the sum f + f^2 Q within 0.8 ulp
// without compensation.
#pragma once

#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

namespace detail {

template <Number F>
struct Parts {
  F k, f;
};

/// The bits of x moved up so that the exponent steps at sqrt(1/2) 2^k instead of 2^k.
template <Number F>
Bits<F> moved_exponent(F x) {
  return to_bits(x) + (0x3ff0'0000'0000'0000_u - 0x3fe6'a09e'667f'3bcd_u);
}

/// Positive normal x = 2^(k + bias) (1 + f). Adding the distance from sqrt(1/2) to 1 to the bits moves the
/// exponent's step to sqrt(1/2); k becomes a double by standing in the low bits of 2^52. 7 operations.
template <Number F>
Parts<F> split(F x, F bias) {
  Bits<F> moved = moved_exponent(x);
  F k = from_bits((moved >> 52_u) | 0x4330'0000'0000'0000_u) - bias;
  F f = from_bits((moved & 0x000f'ffff'ffff'ffff_u) + 0x3fe6'a09e'667f'3bcd_u) - 1.0;
  return {k, f};
}

/// What split subtracts so that k is the exponent itself.
inline constexpr double exponent_bias = 0x1p52 + 1023.0;

/// Q with log(1 + f) = f + f^2 Q(f), relative error 2^-56.7 of the whole. 19 operations.
template <Number F>
F log_polynomial(F f) {
  return horner(f, {-0x1.0000000000003p-1, 0x1.555555555551cp-2, -0x1.fffffffffdedep-3, 0x1.99999999a17dfp-3,
                    -0x1.55555556e284cp-3, 0x1.2492492246c1cp-3, -0x1.fffffef6a294ep-4, 0x1.c71c71d806fa1p-4,
                    -0x1.9999c9096d484p-4, 0x1.745d452376b55p-4, -0x1.555074693418ep-4, 0x1.3b0ac914cd8a6p-4,
                    -0x1.24dc4aac808fcp-4, 0x1.11d82381d079ap-4, -0x1.fb6e5e6bd70b9p-5, 0x1.cfb734f40681ap-5,
                    -0x1.d15a57ed7b5acp-5, 0x1.0b5455f7a08d2p-4, -0x1.eb4370c615137p-5, 0x1.abe11cb24c86p-6});
}

/// k ln2 + log(1 + f). Where k is not 0 the two may cancel to half their size, so head = k ln2 + f is kept
/// with its rounding error: fma(k, -ln2, head) is exact, for both are multiples of 2^-53 and the result is
/// about |f| < 1/2. 26 operations.
template <Number F>
F log_of_parts(F k, F f) {
  F head = fma(k, ln2_nearest, f);
  F tail = fma(k, ln2_missing, f - fma(k, -ln2_nearest, head));
  return head + fma(f * f, log_polynomial(f), tail);
}

/// The exceptional arguments of a logarithm: infinity and NaN stay, 0 gives -infinity, x < 0 gives NaN. 6
/// operations.
template <Number F>
F log_special(F x, F result) {
  F below = choose(x, x == 0.0, -infinity, not_a_number);
  return select(x < infinity, select(x > 0.0, result, below), select(x > 0.0, x, not_a_number));
}

/// A subnormal argument is scaled by 2^54 first; the bias takes it back. 4 operations.
template <Number F>
Parts<F> split_any(F x) {
  Truth<F> small = x < smallest_normal;
  return split(select(small, x * 0x1p54, x), choose(x, small, exponent_bias + 54.0, exponent_bias));
}

}  // namespace detail

/// log(x) of positive normal finite x, no special cases: for samplers, whose u is in (0, 1).
template <Number F>
F log_positive_normal(F x) {
  auto [k, f] = detail::split(x, constant(x, detail::exponent_bias));
  return detail::log_of_parts(k, f);
}

/// log(x) for every x.
template <Number F>
F log(F x) {
  auto [k, f] = detail::split_any(x);
  return detail::log_special(x, detail::log_of_parts(k, f));
}

namespace detail {

/// A logarithm to another base: 1 / ln(base) in two doubles, and log(2) to that base in two, the first with
/// 42 bits.
struct Base {
  double scale, scale_lo, of_two, of_two_lo;
};

/// log(x) to the base of the given constants: k log(2) + scale f, doubly, + scale f^2 Q(f). 31 operations.
template <Number F>
F log_of_parts(F k, F f, const Base& base) {
  F scaled = f * base.scale;
  F scaled_lo = fma(f, base.scale_lo, fma(f, base.scale, -scaled));
  F head = fma(k, base.of_two, scaled);
  F tail = fma(k, base.of_two_lo, (scaled - fma(k, -base.of_two, head)) + scaled_lo);
  return head + fma(f * f * base.scale, log_polynomial(f), tail);
}

}  // namespace detail

/// log2(x) for every x: k + log2(e) f, doubly, + f^2 Q(f) with a Q of its own, relative error 2^-56.8.
template <Number F>
F log2(F x) {
  auto [k, f] = detail::split_any(x);
  F scaled = f * log2_e;
  F scaled_lo = fma(f, log2_e_missing, fma(f, log2_e, -scaled));
  F head = k + scaled;
  F tail = (scaled - (head - k)) + scaled_lo;
  F q = horner(f, {-0x1.71547652b8303p-1, 0x1.ec709dc3a03aep-2, -0x1.71547652b699bp-2, 0x1.2776c50eff27bp-2,
                   -0x1.ec709dc5f238p-3,  0x1.a61762a4a7e0ep-3, -0x1.7154758ee5e0ap-3, 0x1.484b13d210b99p-3,
                   -0x1.2776e7c46029fp-3, 0x1.0c9aa813f8763p-3, -0x1.ec69856ced702p-4, 0x1.c6821e7506421p-4,
                   -0x1.a6827719d8644p-4, 0x1.8b1707dbc75ecp-4, -0x1.6e0ae45d8024fp-4, 0x1.4e68748793bdbp-4,
                   -0x1.4f89da33d7e46p-4, 0x1.81d6ff6f46e22p-4, -0x1.62e6ca4812807p-4, 0x1.3552e30d01aedp-5});
  return detail::log_special(x, head + fma(f, f * q, tail));
}

/// log10(x) for every x.
template <Number F>
F log10(F x) {
  auto [k, f] = detail::split_any(x);
  constexpr detail::Base ten{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57, 0x1.34413509f7800p-2,
                             0x1.fef311f12b358p-46};
  return detail::log_special(x, detail::log_of_parts(k, f, ten));
}

namespace detail {

/// log(u + lo) for normal u > 0 and |lo| of an ulp of u or so. u is split as in log and lo, scaled likewise,
/// joins f, whose own rounding error e then counts as e (1 - f). 43 operations.
template <Number F>
F log_of_sum(F u, F lo, F bias) {
  auto [k, f] = split(u, bias);
  // 2^(1 - k): never infinite, and 0 at k = 1024, where lo is 0 as well.
  F shrink = from_bits(0x7ff0'0000'0000'0000_u - (moved_exponent(u) & 0x7ff0'0000'0000'0000_u));
  F f_lo = lo * (shrink * 0.5);
  F g = f + f_lo;
  F g_lo = f_lo - (g - f);
  F head = fma(k, ln2_nearest, g);
  F tail = fma(k, ln2_missing, (g - fma(k, -ln2_nearest, head)) + fma(-g_lo, g, g_lo));
  return head + fma(g * g, log_polynomial(g), tail);
}

}  // namespace detail

/// log(1 + x) for every x. 1 + x = u + lo exactly.
template <Number F>
F log1p(F x) {
  F u = x + 1.0;
  F lo = x - (u - 1.0);
  F result = detail::log_of_sum(u, lo, constant(x, detail::exponent_bias));
  F border = select(x == -1.0, -infinity, select(x > 0.0, x, not_a_number));
  return select(Truth<F>((x > -1.0) & (x < infinity)), with_sign_of(result, x), border);
}

}  // namespace mc::functions
