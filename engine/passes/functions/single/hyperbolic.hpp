// tanh, sinh, cosh in single precision, as for doubles: |x| = k ln2 + r (tanh: half of that) and the addition
// theorems.
#pragma once

#include "engine/passes/functions/single/exponential.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

/// tanh(x) for every x: |x| = k ln2/2 + y with y in [-0.087, 0.26], t = tanh(y) by an odd polynomial (2^-32),
/// and tanh(k ln2/2) = (2^k - 1) / (2^k + 1): one division, whose rounding and that of both sides is
/// repaired.
template <Number F>
F tanh(F x) {
  F ax = min(10.0, abs(x));
  F shifted = fma(ax, 2.0 * log2_e, -0.25) + (rounding_magic + 127.0);
  F k = shifted - (rounding_magic + 127.0);
  F y = fma(k, -0.5 * ln2_tail, fma(k, -0.5 * ln2_head, ax));
  F u = y * y;
  F t = fma(y * u, horner(u, {-0x1.555556p-2, 0x1.11116cp-3, -0x1.ba0872p-5, 0x1.58c9fap-6}), y);
  F power = from_bits(to_bits(shifted) << 23_u);
  F a = power - 1.0, b = power + 1.0;
  F up = fma(b, t, a), down = fma(a, t, b);
  F up_lo = fma(b, t, a - up), down_lo = fma(a, t, b - down);
  F inverse = 1.0 / down;
  F ratio = up * inverse;
  // 2^k - 1 and 2^k + 1 are inexact from k = 24 on; where that matters the ratio is 1, and b - a falls short
  // of 2.
  F rest = fma(-ratio, down, up) + fma(-ratio, down_lo, up_lo) + (b - a - 2.0);
  return times_sign_of(fma(rest, inverse, ratio), x);
}

namespace detail {

/// |x| = k ln2 + r + r_lo with s = sinh(r + r_lo) - r, c = cosh(r) - 1 (2^-33 and 2^-32), and sinh and cosh
/// of k ln2 at half size, a + a_lo and b + b_lo.
template <Number F>
struct Hyperbolic {
  F r, s, c, a, a_lo, b, b_lo;
};

template <Number F>
Hyperbolic<F> hyperbolic(F x) {
  F ax = min(89.6, abs(x));  // sinh overflows from 89.416 on, 2^(k - 2) from 90.4 on
  F shifted = fma(ax, log2_e, rounding_magic + 125.0);
  F k = shifted - (rounding_magic + 125.0);
  F head = fma(k, -ln2_head, ax);
  F r = fma(k, -ln2_tail, head);
  F r_lo = fma(k, -ln2_tail, head - r);
  F square = r * r;
  F s = fma(r * square, horner(square, {0x1.555556p-3, 0x1.110f88p-7, 0x1.a36376p-13}), r_lo);
  F c = square * horner(square, {0x1.000000p-1, 0x1.555502p-5, 0x1.6d2e10p-10});
  F power = from_bits(to_bits(shifted) << 23_u);  // 2^(k - 2)
  F inverse = from_bits(to_bits((rounding_magic + 125.0) - min(60.0, k)) << 23_u);
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
  return select(abs(x) < 0x1p-12, x, times_sign_of(half + half, x));
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

}  // namespace mc::functions::single
