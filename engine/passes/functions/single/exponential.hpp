// exp, exp2, expm1 in single precision: Cody and Waite's reduction and a polynomial, as for doubles. In
// single the nearest float to ln2 is head enough: k of 8 bits times it is subtracted exactly by fma.
#pragma once

#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

inline constexpr double log2_e = 0x1.715476p+0;
/// ln2 to float precision, and what is missing.
inline constexpr double ln2_head = 0x1.62e430p-1;
inline constexpr double ln2_tail = -0x1.05c610p-29;

namespace detail {

/// x = k ln2 + r, |r| <= 0.3466: `shifted` is k + rounding_magic + bias, its low bits are those of k + bias.
template <Number F>
struct PowerOfTwo {
  F shifted, k, r;
};

template <Number F>
PowerOfTwo<F> reduce_by_ln2(F x, double bias) {
  F shifted = fma(x, log2_e, rounding_magic + bias);
  F k = shifted - (rounding_magic + bias);
  return {shifted, k, fma(k, -ln2_tail, fma(k, -ln2_head, x))};
}

/// e^r for |r| <= 0.3466, relative error of the polynomial 2^-28.2. 6 operations.
template <Number F>
F exp_polynomial(F r) {
  return horner(r, {1.0, 1.0, 0x1.fffffap-2, 0x1.555492p-3, 0x1.555a26p-5, 0x1.123988p-7, 0x1.694cd2p-10});
}

/// v 2^k for k = (low bits of shifted) - 254 in [-152, 129] and v near 1, correct into the subnormals and to
/// infinity: by two factors, of which only the second product can round. 6 operations.
template <Number F>
F scale(F v, F shifted) {
  Bits<F> low = to_bits(shifted);
  Bits<F> half = (low << 22_u) & 0x7f80'0000_u;
  Bits<F> rest = (low << 23_u) - half;
  return v * from_bits(half) * from_bits(rest);
}

}  // namespace detail

/// e^x where -87.3 <= x <= 88.3, no special cases. 12 operations.
template <Number F>
F exp_core(F x) {
  auto [shifted, k, r] = detail::reduce_by_ln2(x, 127.0);
  return detail::exp_polynomial(r) * from_bits(to_bits(shifted) << 23_u);
}

/// e^x for every x. The clamps let a NaN through.
template <Number F>
F exp(F x) {
  auto [shifted, k, r] = detail::reduce_by_ln2(min(89.0, max(-104.5, x)), 254.0);
  return detail::scale(detail::exp_polynomial(r), shifted);
}

/// 2^x for every x; r = x - k is exact. Relative error of the polynomial 2^-28.
template <Number F>
F exp2(F x) {
  F clamped = min(129.0, max(-151.0, x));
  F shifted = clamped + (rounding_magic + 254.0);
  F r = clamped - (shifted - (rounding_magic + 254.0));
  F p = horner(
      r, {1.0, 0x1.62e430p-1, 0x1.ebfbd8p-3, 0x1.c6af76p-5, 0x1.3b30a0p-7, 0x1.5f0b82p-10, 0x1.3fa206p-13});
  return detail::scale(p, shifted);
}

/// e^x - 1 for every x: (2^k - 1) + 2^k r, kept with its rounding error, plus 2^k (r^2/2 + r^3 C(r)) (2^-30.9
/// of e^r - 1) and the tail of r. At half size, so that 2^128 is no infinity. Near 0 the result is x itself.
template <Number F>
F expm1(F x) {
  F clamped = min(89.0, max(-18.0, x));
  F shifted = fma(clamped, log2_e, rounding_magic + 126.0);
  F k = shifted - (rounding_magic + 126.0);
  F head = fma(k, -ln2_head, clamped);
  F r = fma(k, -ln2_tail, head);
  F r_lo = fma(k, -ln2_tail, head - r);
  F cubic = horner(r, {0x1.555556p-3, 0x1.5554f2p-5, 0x1.11100cp-7, 0x1.6d4122p-10, 0x1.a22dc2p-13});
  F half_power = from_bits(to_bits(shifted) << 23_u);
  F start = half_power - 0.5;
  F start_lo = (half_power - start) - 0.5;
  F sum = fma(half_power, r, start);
  F sum_lo = fma(half_power, r, start - sum) + start_lo;
  F square = half_power * (r * r);
  F half = sum + fma(square * r, cubic, fma(square, 0.5, fma(half_power, r_lo, sum_lo)));
  return select(abs(x) < 0x1p-25, x, half + half);
}

}  // namespace mc::functions::single
