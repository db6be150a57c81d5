// exp, exp2, expm1. All reduce x = k ln2 + r, |r| <= ln2 / 2, with k by the rounding magic number and r by a
// two-part ln2 in fma (Cody and Waite 1980), then one polynomial in r (minimax over doubles: Sollya's
// fpminimax, Brisebarre and Chevillard 2007) and a scaling by 2^k made of exponent bits.
#pragma once

#include "engine/passes/functions/number.hpp"

namespace mc::functions {

inline constexpr double log2_e = 0x1.71547652b82fep+0;
inline constexpr double log2_e_missing = 0x1.777d0ffda0d24p-56;
/// ln2 in two parts; the first has 11 zero bits at its end, so that k * ln2_head is exact for |k| < 2^11.
inline constexpr double ln2_head = 0x1.62e42fefa3800p-1;
inline constexpr double ln2_tail = 0x1.ef35793c76730p-45;
/// ln2 to double precision and what is missing.
inline constexpr double ln2_nearest = 0x1.62e42fefa39efp-1;
inline constexpr double ln2_missing = 0x1.abc9e3b39803fp-56;

namespace detail {

/// x = k ln2 + r: `shifted` is k + rounding_magic + bias, its low bits are those of k + bias.
template <Number F>
struct PowerOfTwo {
  F shifted, k, r;
};

template <Number F>
PowerOfTwo<F> reduce_by_ln2(F x, double bias) {
  F shifted = fma(x, log2_e, rounding_magic + bias);
  F k = shifted - (rounding_magic + bias);
  F r = fma(k, -ln2_tail, fma(k, -ln2_head, x));
  return {shifted, k, r};
}

/// e^r for |r| <= 0.3466, relative error of the polynomial 2^-57.9. 11 operations.
template <Number F>
F exp_polynomial(F r) {
  return horner(r, {1.0, 1.0, 0x1.000000000000ap-1, 0x1.55555555554fep-3, 0x1.55555555506bcp-5,
                    0x1.1111111126b36p-7, 0x1.6c16c18477082p-10, 0x1.a01a012fee98bp-13, 0x1.a019995efb56cp-16,
                    0x1.71df18ef7a9d3p-19, 0x1.28adfccab85d4p-22, 0x1.ad92e88f87de4p-26});
}

/// (e^r - 1 - r) / r^2 for |r| <= 0.3466, minimax for e^r - 1, 2^-55. 9 operations.
template <Number F>
F exp_remainder(F r) {
  return horner(r, {0x1.0000000000006p-1, 0x1.5555555555560p-3, 0x1.5555555551a84p-5, 0x1.111111110b679p-7,
                    0x1.6c16c180ebefcp-10, 0x1.a01a01d375225p-13, 0x1.a019a142569d9p-16,
                    0x1.71dd881cc8db9p-19, 0x1.28a8021bd2906p-22, 0x1.b045363dab373p-26});
}

/// v 2^k for k = (low bits of shifted) - 2046 in [-1077, 1025] and v near 1, correct into the subnormals and
/// to infinity: two factors 2^floor(k/2) and 2^(k - floor(k/2)), of which only the second product can round.
/// 6 operations.
template <Number F>
F scale(F v, F shifted) {
  Bits<F> low = to_bits(shifted);
  Bits<F> half = (low << 51_u) & 0x7ff0'0000'0000'0000_u;
  Bits<F> rest = (low << 52_u) - half;
  return v * from_bits(half) * from_bits(rest);
}

}  // namespace detail

/// e^x where -708 <= x <= 709.4, no special cases.
template <Number F>
F exp_core(F x) {
  auto [shifted, k, r] = detail::reduce_by_ln2(x, 1023.0);
  return detail::exp_polynomial(r) * from_bits(to_bits(shifted) << 52_u);
}

/// e^x for every x. The clamps keep k in range and let a NaN through (min and max return their second operand
/// then).
template <Number F>
F exp(F x) {
  F clamped = min(710.0, max(-746.0, x));
  auto [shifted, k, r] = detail::reduce_by_ln2(clamped, 2046.0);
  return detail::scale(detail::exp_polynomial(r), shifted);
}

/// 2^x for every x. k is the nearest integer to x and r = x - k exact; minimax polynomial, 2^-57.3.
template <Number F>
F exp2(F x) {
  F clamped = min(1025.0, max(-1076.0, x));
  F shifted = clamped + (rounding_magic + 2046.0);
  F r = clamped - (shifted - (rounding_magic + 2046.0));
  F p =
      horner(r, {1.0, 0x1.62e42fefa39efp-1, 0x1.ebfbdff82c5a6p-3, 0x1.c6b08d704a12cp-5, 0x1.3b2ab6fb9fda6p-7,
                 0x1.5d87fe789e96fp-10, 0x1.4309130f6cbdcp-13, 0x1.ffcbfc6685efdp-17, 0x1.62bfc6596b95ap-20,
                 0x1.b52522bc19eeep-24, 0x1.e61d4332c8c78p-28, 0x1.e973178f84e2dp-32});
  return detail::scale(p, shifted);
}

/// e^x - 1 for every x: (2^k - 1) + 2^k r, kept with its rounding error, plus 2^k (r^2/2 + r^3 C(r))
/// (minimax, 2^-59 of e^r - 1) and the tail of r. All at half size, so that 2^1024 is no infinity. Near 0 the
/// result is x itself.
template <Number F>
F expm1(F x) {
  F clamped = min(710.0, max(-40.0, x));
  F shifted = fma(clamped, log2_e, rounding_magic + 1022.0);
  F k = shifted - (rounding_magic + 1022.0);
  F head = fma(k, -ln2_head, clamped);
  F r = fma(k, -ln2_tail, head);
  F r_lo = fma(k, -ln2_tail, head - r);
  F cubic =
      horner(r, {0x1.5555555555559p-3, 0x1.5555555555548p-5, 0x1.111111110f7dap-7, 0x1.6c16c16c1cd2ep-10,
                 0x1.a01a01af7e0e0p-13, 0x1.a01a0182f4e60p-16, 0x1.71ddf93bf5a85p-19, 0x1.27e52b40463a0p-22,
                 0x1.af5d4e1999832p-26, 0x1.1ef52142eb411p-29});
  F half_power = from_bits(to_bits(shifted) << 52_u);
  F start = half_power - 0.5;
  F start_lo = (half_power - start) - 0.5;
  F sum = fma(half_power, r, start);
  F sum_lo = fma(half_power, r, start - sum) + start_lo;
  F square = half_power * (r * r);
  F half = sum + fma(square * r, cubic, fma(square, 0.5, fma(half_power, r_lo, sum_lo)));
  return select(abs(x) < 0x1p-54, x, half + half);
}

}  // namespace mc::functions
