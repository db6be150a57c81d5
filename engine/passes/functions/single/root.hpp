// cbrt and hypot in single precision.
#pragma once

#include "engine/passes/functions/single/logarithm.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

/// cbrt(x) for every x. |x| = 8^q m, m in [0.35, 2.83); z = m^(-1/3) by a polynomial (2^-7.1) and one step of
/// third order (2^-19), both without a division, then y = m z^2 and one Newton step with the residual m - y^3
/// exact.
template <Number F>
F cbrt(F x) {
  F ax = abs(x);
  auto [k, f] = detail::split_any(ax);
  F shifted = fma(k, 0x1.555556p-2, rounding_magic + 127.0);
  F q = shifted - (rounding_magic + 127.0);
  F j = fma(q, -3.0, k);
  F m = from_bits(to_bits(f + 1.0) + (to_bits(j + rounding_magic) << 23_u));
  F z = horner(m, {0x1.e4453ep0, -0x1.c34528p0, 0x1.3a0d88p0, -0x1.a916bep-2, 0x1.b14edep-5});
  F h = fma(z * -m, z * z, 1.0);
  z = fma(z * h, fma(h, 0x1.c71c72p-3, 0x1.555556p-2), z);
  F square = z * z;
  F y = m * square;
  F y2 = y * y;
  F residual = fma(-y2, y, m) - fma(y, y, -y2) * y;
  F root = fma(residual * square, 0x1.555556p-2, y) * from_bits(to_bits(shifted) << 23_u);
  Truth<F> ordinary = to_bits(ax) - 1_u < 0x7f7f'ffff_u;
  return select(ordinary, times_sign_of(root, x), x);
}

/// sqrt(x^2 + y^2) for all x and y, in double: x^2 and y^2 are exact there, and cannot leave its range.
template <Number F>
F hypot(F x, F y) {
  auto a = to_f64(x), b = to_f64(y);
  F length = to_f32(sqrt(fma(a, a, b * b)));
  Truth<F> infinite = (abs(x) == infinity) | (abs(y) == infinity);
  return select(infinite, infinity, length);
}

}  // namespace mc::functions::single
