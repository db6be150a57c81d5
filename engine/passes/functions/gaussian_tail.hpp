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
    1.65625,
    2046.0,
    {-0x1.068e36c5c0c2ap-61, 0x1.0e4515f7ac927p-1, 0x1.f2ed23780a5a1p-1, 0x1.c4240b0133f7fp-1,
     0x1.008e5988e7e98p-1, 0x1.889f9098e44d2p-3, 0x1.960f5d02af9dbp-5, 0x1.043a8c447a275p-7,
     0x1.ee2eb7df53eb3p-12, -0x1.927514e727d8bp-14, -0x1.998a591168853p-16, -0x1.fc865410807b0p-20},
    {0x1.0000000000000p+0, 0x1.befb0174236c6p+1, 0x1.6d54b6b93c43bp+2, 0x1.71ca6c2a6e318p+2,
     0x1.022a25148f58fp+2, 0x1.05d11b6f7e5e5p+1, 0x1.8af83a5b427dap-1, 0x1.bd18f8a1fceabp-3,
     0x1.713bf1c059f9bp-5, 0x1.b0a5424e92fb3p-8, 0x1.459441204c69cp-11, 0x1.e4c8325f8859fp-16}};
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

/// e^(-c a^2) in parts: (1 + r + c) 2^k with 1 + r = one + one_lo; `shifted` is what scale() takes.
template <Number F>
struct Bell {
  F one, one_lo, c, shifted;
};

/// The parts for a >= 0 with c a^2 below 2^10, a^2 kept doubly. `square` is a^2 c. 24 operations.
template <Number F>
Bell<F> bell(F a, F weighted, F square, double bias) {
  F square_lo = fma(weighted, a, -square);
  F t = max(-746.0, -square);
  F shifted = fma(t, log2_e, rounding_magic + bias);
  F k = shifted - (rounding_magic + bias);
  F head = fma(k, -ln2_head, t);
  F tail_of_r = fma(k, ln2_tail, square_lo);
  F r = head - tail_of_r;
  F c = fma(r * r, exp_remainder(r), (head - r) - tail_of_r);
  F one = r + 1.0;
  return {one, r - (one - 1.0), c, shifted};
}

/// e^(-c a^2) R(a) for a >= 0 to 28 (erfc) or 39 (normcdf), into the subnormals.
template <Number F>
F gaussian_tail(F a, const Tail& tail) {
  F weighted = a * tail.weight;
  F square = weighted * a;
  auto [one, one_lo, c, shifted] = bell(a, weighted, square, tail.bias);
  auto [base, rest, g] = slow_factor(a, square, tail);
  // (1 + r + c)(1 + g)(1 + rest) as one + more, one = 1 + r rounded.
  F more = fma(g + rest, one + c, one_lo + c);
  return scale(fma(base, one, base * more), shifted);
}

}  // namespace mc::functions::detail
