// The tail that erfc and normcdf share: e^(-c a^2) times a slowly falling function R(a), for a >= 0. Relative
// accuracy to the last normal number asks for a^2 in two doubles, and R = (1 + g) / (1 + s a) with a line
// that is compensated and a rational g < 0.19 that forgives its roundings (Cody 1969 has rational R;
// splitting it so is ours).
#pragma once

#include <cstddef>

#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions::detail {

/// What tells erfc's tail from normcdf's: g = up / down of type (11, 11), minimax, 2^-56.7 of 1 + g.
struct Tail {
  double weight;  // c
  double slope;   // s
  double bias;    // of the exponent: 2046, less one where the tail is halved
  double up[12], down[12];
};

inline constexpr Tail erfc_tail{
    1.0,
    1.625,
    2046.0,
    {-0x1.04bbc865e5453p-61, 0x1.fc8a2bef5924fp-2, 0x1.cd2b5dc268406p-1, 0x1.97f5b9c93a36cp-1,
     0x1.bed65a3762fe6p-2, 0x1.42b1987c5b8c2p-3, 0x1.2a10225312876p-5, 0x1.117b800f29cf2p-8,
     -0x1.4d0e449cc1fe5p-12, -0x1.bd141824aed2dp-13, -0x1.28edce3d886aep-15, -0x1.431e6bd678afep-19},
    {0x1.0000000000000p+0, 0x1.bf02f0c2e23e1p+1, 0x1.6d623a27b1e37p+2, 0x1.71dfdbd70e561p+2,
     0x1.023f0f944974cp+2, 0x1.05ed0265e4400p+1, 0x1.8b2da26522d24p-1, 0x1.bd63a6a97f355p-3,
     0x1.7187d29fc9bacp-5, 0x1.b111920d7e5f5p-8, 0x1.45f7d0f74ac3cp-11, 0x1.e58088d44249bp-16}};
inline constexpr Tail normcdf_tail{
    0.5,
    1.1875,
    2045.0,
    {-0x1.064f5bc4d24f7p-61, 0x1.8ef7598579361p-2, 0x1.07686f0262c69p+0, 0x1.56c3ab29ceb37p-1,
     0x1.18fed0df441ccp-1, 0x1.3a169a026033cp-3, 0x1.e5b36b5862713p-5, 0x1.f0d78d8ba25c8p-8,
     0x1.142e47ac8f57ap-10, -0x1.ddcb9ffc6749ep-18, -0x1.113f7b1f33296p-16, -0x1.1f74bc24a5c66p-20},
    {0x1.0000000000000p+0, 0x1.3c07dbd3518d9p+1, 0x1.6d40fb7f9f71cp+2, 0x1.05654fa188a91p+2,
     0x1.020c1a042a599p+2, 0x1.720ba8a48f2edp+0, 0x1.8aacfda83766fp-1, 0x1.3a71b4618b326p-3,
     0x1.70d396bb6dec1p-5, 0x1.31856c80e1b80p-8, 0x1.450fb7318cec7p-11, 0x1.56217a218e5f8p-16}};

/// R(a) (1 + m), as base (1 + rest) (1 + m): `rest` is what the division left.
template <Number F>
struct Slow {
  F base, rest, g;
};

/// One division serves both 1 / (1 + s a) and g. 30 operations.
template <Number F>
Slow<F> slow_factor(F a, F square, const Tail& tail) {
  F line = fma(a, tail.slope, 1.0);
  F line_lo = fma(a, tail.slope, 1.0 - line);
  F up = even_odd(a, square, tail.up);
  F down = even_odd(a, square, tail.down);
  F inverse = 1.0 / (line * down);
  F base = down * inverse;
  F minus_base = -base;
  return {base, fma(minus_base, line_lo, fma(minus_base, line, 1.0)), up * line * inverse};
}

/// e^(-c a^2) R(a) for a >= 0 to 28 (erfc) or 39 (normcdf), into the subnormals.
template <Number F>
F gaussian_tail(F a, const Tail& tail) {
  F weighted = a * tail.weight;
  F square = weighted * a;
  F minus_square = -square;
  F square_lo = fma(weighted, a, minus_square);
  F t = max(-746.0, minus_square);
  F shifted = fma(t, log2_e, rounding_magic + tail.bias);
  F k = shifted - (rounding_magic + tail.bias);
  F head = fma(k, -ln2_head, t);
  F tail_of_r = fma(k, ln2_tail, square_lo);
  F r = head - tail_of_r;
  // (1 + r + c)(1 + g)(1 + rest) as one + more, one = 1 + r rounded.
  F c = fma(r * r, exp_remainder(r), (head - r) - tail_of_r);
  auto [base, rest, g] = slow_factor(a, square, tail);
  F one = r + 1.0;
  F one_lo = r - (one - 1.0);
  F more = fma(g, one + c, (one_lo + c) + rest);
  return scale(fma(base, one, base * more), shifted);
}

}  // namespace mc::functions::detail
