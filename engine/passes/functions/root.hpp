// cbrt and hypot.
#pragma once

#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// cbrt(x) for every x. |x| = 8^q m, m in [0.35, 2.83); z = m^(-1/3) by a polynomial (2^-11.9) and one step
/// of third order (2^-33), both without a division, then y = m z^2 and one Newton step with the residual m -
/// y^3 exact.
template <Number F>
F cbrt(F x) {
  F ax = abs(x);
  auto [k, f] = detail::split_any(ax);
  F shifted = fma(k, 0x1.5555555555555p-2, rounding_magic + 1023.0);
  F q = shifted - (rounding_magic + 1023.0);
  F j = fma(q, -3.0, k);
  F m = from_bits(to_bits(f + 1.0) + (to_bits(j + rounding_magic) << 52_u));
  F z = horner(m, {0x1.285a2336d0d92p1, -0x1.1f531c5cd34d9p2, 0x1.02d606d7b707fp3, -0x1.3081688233e11p3,
                   0x1.cd88cc311b024p2, -0x1.be3b1e82235bep1, 0x1.094cd094d7065p0, -0x1.60f4576550321p-3,
                   0x1.91a7a3023fe52p-7});
  F h = fma(z * -m, z * z, 1.0);
  z = fma(z * h, fma(h, 0x1.c71c71c71c71cp-3, 0x1.5555555555555p-2), z);
  F square = z * z;
  F y = m * square;
  F y2 = y * y;
  F residual = fma(-y2, y, m) - fma(y, y, -y2) * y;
  F root = fma(residual * square, 0x1.5555555555555p-2, y) * from_bits(to_bits(shifted) << 52_u);
  Truth<F> ordinary = to_bits(ax) - 1_u < 0x7fef'ffff'ffff'ffff_u;
  return select(ordinary, times_sign_of(root, x), x);
}

/// sqrt(x^2 + y^2) for all x and y, without undue over- or underflow: the larger is scaled into [1, 2), the
/// largest into [1, 4), subnormals below. The residual of the root, with what the sum of squares lost, is
/// worth a step of Newton's, for which a straight line is inverse enough.
template <Number F>
F hypot(F x, F y) {
  F ax = abs(x), ay = abs(y);
  F larger = max(ax, ay);
  Bits<F> exponent = to_bits(min(0x1p1022, max(0x1p-1022, larger))) & 0x7ff0'0000'0000'0000_u;
  F down = from_bits(0x7fe0'0000'0000'0000_u - exponent);
  F a = larger * down, b = min(ax, ay) * down;
  F b2 = b * b;
  F sum = fma(a, a, b2);
  F sum_lo = fma(a, a, b2 - sum) + fma(b, b, -b2);
  F root = sqrt(sum);
  F residual = fma(-root, root, sum) + sum_lo;
  F length = fma(residual, fma(root, -0.145, 0.57), root) * from_bits(exponent);
  Truth<F> infinite = (ax == infinity) | (ay == infinity);
  Truth<F> ordered = (x == x) & (y == y);
  return select(infinite, infinity, select(ordered, length, not_a_number));
}

}  // namespace mc::functions
