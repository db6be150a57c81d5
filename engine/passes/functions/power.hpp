// pow. x^y = exp(y log|x|) with the logarithm and the product held as sums of two doubles (about 2^-66
// relative), so that the exponent is right to a fraction of an ulp even where it is 700. The sign and C's
// many special cases come after.
#pragma once

#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// 1/3 to double precision and what is missing.
inline constexpr double third = 0x1.5555555555555p-2;
inline constexpr double third_missing = 0x1.5555555555555p-56;

namespace detail {

/// An unevaluated sum, |lo| about an ulp of hi.
template <Number F>
struct Double {
  F hi, lo;
};

/// atanh(s) for s = f / (2 + f), |s| <= 0.1716, so half of log(1 + f): s + s u (1/3 + u W(u)), u = s^2. The
/// quotient is carried with its remainder, the terms up to s^3 doubly, W (minimax, 2^-66 of the whole)
/// singly. 34 operations.
template <Number F>
Double<F> half_log_mantissa(F f) {
  F divisor = f + 2.0;
  F divisor_lo = f - (divisor - 2.0);
  F inverse = 1.0 / divisor;
  F s = f * inverse;
  F s_lo = inverse * fma(-s, divisor_lo, fma(-s, divisor, f));

  F u = s * s;
  F u_lo = fma(s + s, s_lo, fma(s, s, -u));
  F w =
      u * horner(u, {0x1.9999999999993p-3, 0x1.249249249357fp-3, 0x1.c71c71c4f728ap-4, 0x1.745d186bcbed6p-4,
                     0x1.3b1355188e878p-4, 0x1.11228d91b08ffp-4, 0x1.ddef475a971fdp-5, 0x1.ed1aaf135992dp-5});
  F r = w + third;
  F r_lo = (third - r) + w + third_missing;
  F p = u * r;
  F p_lo = fma(u, r, -p) + fma(u, r_lo, u_lo * r);
  F q = s * p;
  F q_lo = fma(s, p, -q) + fma(s, p_lo, s_lo * p);
  F hi = s + q;
  return {hi, ((s - hi) + q) + (s_lo + q_lo)};
}

/// Half the logarithm of 2^k (1 + f), relative error about 2^-66. 48 operations.
template <Number F>
Double<F> half_log_of_parts(const Parts<F>& x) {
  F k = x.k;
  auto [mantissa, mantissa_lo] = half_log_mantissa(x.f);
  F hi = fma(k, 0.5 * ln2_head, mantissa);
  F rounding = mantissa - fma(k, -0.5 * ln2_head, hi);
  return {hi, fma(k, 0.5 * ln2_tail, rounding + mantissa_lo)};
}

/// The same of positive finite x. 11 operations more.
template <Number F>
Double<F> half_log(F x) {
  return half_log_of_parts(split_any(x));
}

/// e^(t + t_lo), for every t, |t_lo| small. 25 operations.
template <Number F>
F exp_of_sum(F t, F t_lo) {
  F clamped = min(710.0, max(-746.0, t));
  F shifted = fma(clamped, log2_e, rounding_magic + 2046.0);
  F k = shifted - (rounding_magic + 2046.0);
  F r = fma(k, -ln2_head, clamped) + fma(k, -ln2_tail, t_lo);
  return scale(exp_polynomial(r), shifted);
}

/// |x|^y. Where |x| is 0, infinite or NaN its logarithm is replaced by (|x| - 1) infinity. Large |y| are cut
/// to 2^65, which still over- and underflows for every x but 1 and leaves no infinity to meet a zero.
template <Number F>
F magnitude_of_power(F ax, F y) {
  auto [l, l_lo] = half_log(ax);
  F twice = min(0x1p66, max(-0x1p66, y + y));
  F t = twice * l;
  F t_lo = fma(twice, l_lo, fma(twice, l, -t));
  Truth<F> ordinary = to_bits(ax) - 1_u < 0x7fef'ffff'ffff'ffff_u;
  return exp_of_sum(select(ordinary, t, (ax - 1.0) * infinity * y), min(0x1p-20, max(-0x1p-20, t_lo)));
}

}  // namespace detail

/// x^y for all x and y, special cases as C's Annex F has them.
template <Number F>
F pow(F x, F y) {
  F half = y * 0.5;
  Truth<F> whole = rint(y) == y;
  Truth<F> odd = whole & !(rint(half) == half);
  Truth<F> no_root = (!whole) & (x < 0.0) & (x > -infinity);
  F magnitude = detail::magnitude_of_power(abs(x), y);
  F powered = from_bits(to_bits(magnitude) | select(odd, to_bits(x) & sign_bit, word(x, 0)));
  F real = select(no_root, not_a_number, powered);
  return select(Truth<F>((y == 0.0) | (x == 1.0)), 1.0, real);
}

}  // namespace mc::functions
