// The tail that erfc and normcdf share: e^(-c a^2) times a slowly falling function R(a), for a >= 0. Relative
// accuracy to the last normal number asks for a^2 in two doubles, and R = (1 + g) / (1 + s a) with a line
// that is compensated and a rational g < 0.19 that forgives its roundings (Cody 1969 has rational R;
// splitting it so is ours).
#pragma once

#include <cstddef>

#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions::detail {

/// What tells erfc's tail from normcdf's: g = up / down of type (10, 10), minimax, 2^-55 of 1 + g.
struct Tail {
  double weight;  // c
  double slope;   // s
  double bias;    // of the exponent: 2046, less one where the tail is halved
  double up[11], down[11];
};

inline constexpr Tail erfc_tail{
    1.0,
    1.75,
    2046.0,
    {0x1.cb88f703330cfp-56, 0x1.3e4515f7ac8d8p-1, 0x1.1a7e0410907c3p+0, 0x1.f0987aeea16c3p-1,
     0x1.130f91f17c799p-1, 0x1.9f20842674ca4p-3, 0x1.b20fb5f147e89p-5, 0x1.31196156cd9eap-7,
     0x1.0296ba481464ep-10, 0x1.5d3d697218436p-15, -0x1.ad9c542dd470dp-20},
    {0x1.0000000000000p+0, 0x1.abeb2337998f4p+1, 0x1.4c9bffc53eb0dp+2, 0x1.3d75d18874571p+2,
     0x1.9d58e3a75f58ep+1, 0x1.810f0f33774d6p+0, 0x1.0528127098ad9p-1, 0x1.003dbdaeb982dp-3,
     0x1.5eff34f83656dp-6, 0x1.32b5084e90a8cp-9, 0x1.08f0e5c029099p-13}};
inline constexpr Tail normcdf_tail{
    0.5,
    1.25,
    2045.0,
    {0x1.caa8f46c780e5p-56, 0x1.cef75985792f1p-2, 0x1.2483d97aa4c04p-1, 0x1.6e9f927d39e1ep-2,
     0x1.22448385ffc19p-3, 0x1.3a4a1c7783c17p-5, 0x1.daaf9a5daa2dfp-8, 0x1.e88d358711491p-11,
     0x1.3a514f46d58ffp-14, 0x1.817657dda4fccp-19, -0x1.662220cd9026ap-27},
    {0x1.0000000000000p+0, 0x1.2e8e5d4b5710cp+1, 0x1.4c8bac11b2e91p+1, 0x1.c0d27e155a345p+0,
     0x1.9d2cd4c5a3403p-1, 0x1.10211336f317ap-2, 0x1.04f9fa9aba79ep-4, 0x1.6a121715de360p-7,
     0x1.5ea17902bd27bp-10, 0x1.b1327d3961de0p-14, 0x1.088601a43d722p-18}};

/// R(a) (1 + m), as base (1 + rest) (1 + m): `rest` is what the division left.
template <Number F>
struct Slow {
  F base, rest, g;
};

/// One division serves both 1 / (1 + s a) and g. 30 operations.
template <Number F>
Slow<F> slow_factor(F a, const Tail& tail) {
  F line = fma(a, tail.slope, 1.0);
  F line_lo = fma(a, tail.slope, 1.0 - line);
  F up = horner(a, tail.up);
  F down = horner(a, tail.down);
  F inverse = 1.0 / (line * down);
  F base = down * inverse;
  F minus_base = -base;
  return {base, fma(minus_base, line_lo, fma(minus_base, line, 1.0)), up * line * inverse};
}

/// e^(-c a^2) R(a) for a >= 0 to 28 (erfc) or 39 (normcdf), into the subnormals.
template <Number F>
F gaussian_tail(F a, const Tail& tail) {
  F weighted = a * tail.weight;
  F minus_square = -(weighted * a);
  F square_lo = fma(weighted, a, minus_square);
  F t = max(-746.0, minus_square);
  F shifted = fma(t, log2_e, rounding_magic + tail.bias);
  F k = shifted - (rounding_magic + tail.bias);
  F r = fma(k, -ln2_head, t) - fma(k, ln2_tail, square_lo);
  F e = expm1_polynomial(r);
  auto [base, rest, g] = slow_factor(a, tail);
  F m = e + (fma(g, e, g) + rest);
  F whole = m + 1.0;
  F lo = m - (whole - 1.0);
  return scale(fma(base, whole, base * lo), shifted);
}

}  // namespace mc::functions::detail
