// erf and erfc in single precision.
#pragma once

#include "engine/passes/functions/single/exponential.hpp"
#include "engine/passes/functions/single/in_double.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

/// erf(x) for every x. Below 1 x + x A(x^2) (2^-29), above 1 - e^q(|x|) with q = log erfc (2^-29.8 of erf,
/// weighted minimax: Lawson's iteration). Both are computed.
template <Number F>
F erf(F x) {
  F u = x * x;
  F near = fma(x,
               horner(u, {0x1.06eba8p-3, -0x1.812740p-2, 0x1.ce2d52p-4, -0x1.b7fec4p-6, 0x1.542fecp-8,
                          -0x1.a5197ap-11, 0x1.4c5cb4p-14}),
               x);
  F ax = min(4.0, abs(x));
  F q = horner(ax, {-0x1.661a16p-12, -0x1.2088ecp+0, -0x1.46bae8p-1, -0x1.a65356p-4, 0x1.65cb9ep-6,
                    -0x1.825b48p-9, 0x1.86de0cp-13});
  F shifted = fma(q, log2_e, rounding_magic + (127.0 + 256.0));  // the 256 makes the power of two negative
  F k = shifted - (rounding_magic + (127.0 + 256.0));
  F r = fma(k, -ln2_head, q);
  F e = detail::exp_polynomial(r);
  F far = fma(e, from_bits(to_bits(shifted) << 23_u), 1.0);
  return select(abs(x) < 1.0, near, with_sign_of(far, x));
}

namespace detail {

/// e^(-c a^2) times a rational function of type (4, 5): the tail that erfc and normcdf share, relative error
/// 2^-27.4 (Lawson's iteration on the linearised problem). In double a^2 is exact.
template <Number D>
D tail_in_double(D a, double c, const double (&up)[5], const double (&down)[6]) {
  return exp_in_double(a * a * -c) * horner(a, up) / horner(a, down);
}

}  // namespace detail

/// erfc(x) for every x: the tail of |x|, and 2 less it where x is negative.
template <Number F>
F erfc(F x) {
  auto tail = detail::tail_in_double(to_f64(min(10.1, abs(x))), 1.0,
                                     {0x1.00000018abef5p+0, 0x1.3d09dd693777fp+0, 0x1.7697c85203c81p-1,
                                      0x1.d5765ff34e097p-3, 0x1.0cb02b3f04342p-5},
                                     {0x1.0000000000000p+0, 0x1.2ef3ae123ba48p+1, 0x1.337dda528d322p+1,
                                      0x1.534e205297c52p+0, 0x1.a013c6d8f000fp-2, 0x1.dc3b4cbfe986fp-5});
  return to_f32(select(x < 0.0, 2.0 - tail, tail));
}

}  // namespace mc::functions::single
