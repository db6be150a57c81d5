// asinh, acosh, atanh. Each is log(1 + z) with a z that is computed as a sum of two and is small where the
// result is small, so that the logarithm of log1p serves all three.
#pragma once

#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

namespace detail {

/// From here on asinh and acosh are log(2x) to the last bit, and x^2 need not be formed.
inline constexpr double large_hyperbolic = 0x1p28;

/// log(1 + z + z_lo), or log(2x) where x is large. 51 operations.
template <Number F>
F log_of_hyperbolic(F x, F z, F z_lo) {
  F u = z + 1.0;
  F lo = (z - (u - 1.0)) + z_lo;
  Truth<F> large = x > large_hyperbolic;
  return log_of_sum(select(large, x, u), select(large, 0.0, lo),
                    choose(x, large, exponent_bias - 1.0, exponent_bias));
}

}  // namespace detail

/// asinh(x) for every x: z = |x| + (sqrt(1 + x^2) - 1), the bracket as x^2 / (1 + sqrt(1 + x^2)), which does
/// not cancel.
template <Number F>
F asinh(F x) {
  F ax = abs(x);
  F square = ax * ax;
  F t = square / (sqrt(square + 1.0) + 1.0);
  F z = ax + t;
  F result = detail::log_of_hyperbolic(ax, z, t - (z - ax));
  return with_sign_of(select(ax < infinity, result, ax), x);
}

/// acosh(x) for every x: z = d + sqrt(d (d + 2)) with d = x - 1, which is exact where it counts. The root is
/// corrected by one step of Newton's, for the result is the root near 1.
template <Number F>
F acosh(F x) {
  F d = x - 1.0;
  F twice = d + d;
  F w = fma(d, d, twice);
  F w_lo = fma(d, d, twice - w);
  F root = sqrt(w);
  F root_lo = (fma(-root, root, w) + w_lo) / max(root + root, smallest_normal);
  F z = root + d;
  F result = detail::log_of_hyperbolic(x, z, (d - (z - root)) + root_lo);
  return select(x >= 1.0, select(x < infinity, result, x), not_a_number);
}

/// atanh(x) for every x: half the logarithm of 1 + 2x / (1 - x), the quotient carried with its remainder.
template <Number F>
F atanh(F x) {
  F ax = abs(x);
  F twice = ax + ax;
  F d = 1.0 - ax;
  F d_lo = (1.0 - d) - ax;
  F inverse = 1.0 / d;
  F z = twice * inverse;
  F z_lo = inverse * fma(-z, d_lo, fma(-z, d, twice));
  F u = z + 1.0;
  F lo = (z - (u - 1.0)) + z_lo;
  F result = 0.5 * detail::log_of_sum(u, lo, constant(x, detail::exponent_bias));
  F border = choose(x, ax == 1.0, infinity, not_a_number);
  return with_sign_of(select(ax < 1.0, result, border), x);
}

}  // namespace mc::functions
