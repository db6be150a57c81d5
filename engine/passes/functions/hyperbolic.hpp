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

}  // namespace mc::functions
