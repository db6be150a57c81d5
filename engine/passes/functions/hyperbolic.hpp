// tanh, sinh, cosh.
#pragma once

#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// tanh(x) for every x. |x| = k ln2/2 + y with y in [-0.087, 0.26] (the range is moved up so that k = 1
/// starts where tanh is large enough to forgive y's rounding), t = tanh(y) by an odd polynomial (minimax,
/// 2^-56.7), and the addition theorem with tanh(k ln2/2) = (2^k - 1) / (2^k + 1): one division, whose
/// rounding and that of both sides is repaired.
template <Number F>
F tanh(F x) {
  F ax = min(20.0, abs(x));
  F shifted = fma(ax, 2.0 * log2_e, -0.25) + (rounding_magic + 1023.0);
  F k = shifted - (rounding_magic + 1023.0);
  F y = fma(k, -0.5 * ln2_tail, fma(k, -0.5 * ln2_head, ax));
  F u = y * y;
  F t =
      fma(y * u,
          horner(u, {-0x1.555555555549ep-2, 0x1.11111110efc2ep-3, -0x1.ba1ba17888e7ep-5, 0x1.664f29dc15b09p-6,
                     -0x1.226687257e619p-7, 0x1.d4b3d5e1b0aedp-9, -0x1.5634e2522aa89p-10}),
          y);
  F power = from_bits(to_bits(shifted) << 52_u);
  F a = power - 1.0, b = power + 1.0;
  F up = fma(b, t, a), down = fma(a, t, b);
  F up_lo = fma(b, t, a - up), down_lo = fma(a, t, b - down);
  F inverse = 1.0 / down;
  F ratio = up * inverse;
  // 2^k - 1 and 2^k + 1 are inexact from k = 53 on; where that matters the ratio is 1, and b - a falls short
  // of 2.
  F rest = fma(-ratio, down, up) + fma(-ratio, down_lo, up_lo) + (b - a - 2.0);
  return times_sign_of(fma(rest, inverse, ratio), x);
}

namespace detail {

/// |x| = k ln2 + r + r_lo with s = sinh(r + r_lo) - r, c = cosh(r) - 1 (minimax, 2^-61 and 2^-58), and sinh
/// and cosh of k ln2 at half size, a + a_lo and b + b_lo. sinh and cosh of x then follow from the addition
/// theorems.
template <Number F>
struct Hyperbolic {
  F r, s, c, a, a_lo, b, b_lo;
};

template <Number F>
Hyperbolic<F> hyperbolic(F x) {
  F ax = min(710.6, abs(x));  // sinh overflows from 710.48 on, 2^(k - 2) from 711.1 on
  F shifted = fma(ax, log2_e, rounding_magic + 1021.0);
  F k = shifted - (rounding_magic + 1021.0);
  F head = fma(k, -ln2_head, ax);
  F r = fma(k, -ln2_tail, head);
  F r_lo = fma(k, -ln2_tail, head - r);
  F square = r * r;
  F s = fma(r * square,
            horner(square, {0x1.5555555555559p-3, 0x1.111111110f652p-7, 0x1.a01a01b0053f2p-13,
                            0x1.71ddf80a06f06p-19, 0x1.af5f36d4460bep-26}),
            r_lo);
  F c = square * horner(square, {0x1.000000000000bp-1, 0x1.5555555550259p-5, 0x1.6c16c18542319p-10,
                                 0x1.a019978142ff5p-16, 0x1.28af86d37c68ep-22});
  F power = from_bits(to_bits(shifted) << 52_u);  // 2^(k - 2)
  F inverse = from_bits(to_bits((rounding_magic + 1021.0) - min(600.0, k)) << 52_u);
  F a = power - inverse, b = power + inverse;
  return {r, s, c, a, (power - a) - inverse, b, (power - b) + inverse};
}

}  // namespace detail

/// sinh(x) for every x: a cosh(r) + b sinh(r), the large terms a + b r kept doubly.
template <Number F>
F sinh(F x) {
  auto [r, s, c, a, a_lo, b, b_lo] = detail::hyperbolic(x);
  F sum = fma(b, r, a);
  F sum_lo = fma(b, r, a - sum) + a_lo;
  F half = sum + fma(b, s, fma(a, c, sum_lo));
  return select(abs(x) < 0x1p-27, x, times_sign_of(half + half, x));
}

/// cosh(x) for every x: b cosh(r) + a sinh(r).
template <Number F>
F cosh(F x) {
  auto [r, s, c, a, a_lo, b, b_lo] = detail::hyperbolic(x);
  F sum = fma(a, r, b);
  F sum_lo = fma(a, r, b - sum) + b_lo;
  F half = sum + fma(a, s, fma(b, c, sum_lo));
  return half + half;
}

}  // namespace mc::functions
