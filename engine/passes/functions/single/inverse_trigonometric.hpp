// atan, atan2, asin, acos in single precision: a multiple of pi/2 or pi/4, kept in two floats, and an odd
// polynomial.
#pragma once

#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

inline constexpr double half_pi = 0x1.921fb6p+0;
inline constexpr double half_pi_missing = -0x1.777a5cp-25;

namespace detail {

/// count * pi/2 + t + c for small integers count. 6 operations.
template <Number F>
F add_half_pis(F count, F t, F c) {
  F start = count * half_pi;
  F sum = start + t;
  F sum_lo = (start - sum) + t;
  return sum + (sum_lo + fma(count, half_pi_missing, c));
}

/// atan(t) = t + t square p for |t| <= 1, relative error 2^-28.2; cube is t square. 11 operations.
template <Number F>
struct ArcTangent {
  F square, cube, p;
};

template <Number F>
ArcTangent<F> arc_tangent(F t) {
  F square = t * t;
  return {square, t * square,
          horner(square, {-0x1.555556p-2, 0x1.9999c4p-3, -0x1.249170p-3, 0x1.c6b586p-4, -0x1.704154p-4,
                          0x1.265b42p-4, -0x1.a51600p-5, 0x1.d462d8p-6, -0x1.51c7dap-7, 0x1.c78b04p-10})};
}

/// start + missing + atan(t), `missing` small, with the cube's rounding repaired. 7 operations.
template <Number F>
F add_arc_tangent(F start, F missing, F t, const ArcTangent<F>& of) {
  F sum = start + t;
  F sum_lo = (start - sum) + t;
  F cube_lo = fma(t, of.square, -of.cube);
  return sum + fma(of.cube, of.p, fma(cube_lo, of.p, sum_lo + missing));
}

}  // namespace detail

/// atan(x) for every x. Beyond 1 it is pi/2 + atan(t) with t = -1 / |x|, whose rounding counts while t is
/// near -1, where the slope t / (1 + t^2) is about -0.47.
template <Number F>
F atan(F x) {
  F ax = min(0x1p60, abs(x));
  Truth<F> beyond = ax > 1.0;
  F t = select(beyond, -1.0 / ax, ax);
  auto of = detail::arc_tangent(t);
  F missing = fma(fma(t, ax, 1.0), -0.47, half_pi_missing);
  F far = detail::add_arc_tangent(constant(x, half_pi), missing, t, of);
  return with_sign_of(select(beyond, far, fma(of.cube, of.p, t)), x);
}

/// atan2(y, x) for all y and x, special cases as C's Annex F has them. The larger of |x|, |y| is brought near
/// enough to 1 that its inverse is a normal number; t is the smaller over the larger, and the slope 1 / (1 +
/// t^2) with which its remainder counts nearly 1 - t^2 / 2.
template <Number F>
F atan2(F y, F x) {
  F ax = abs(x), ay = abs(y);
  F larger = max(ay, ax), smaller = min(ay, ax);
  F factor = select(larger > 0x1p100, 0x1p-64, choose(x, larger < 0x1p-60, 0x1p64, 1.0));
  Truth<F> unbounded = larger == infinity;
  F n = select(unbounded, choose(x, smaller == infinity, 1.0, 0.0), smaller * factor);
  F d = select(Truth<F>(unbounded | (larger == 0.0)), 1.0, larger * factor);
  F inverse = 1.0 / d;
  F t = n * inverse;
  F t_lo = fma(-t, d, n) * inverse * fma(t * t, -0.5, 1.0);
  Truth<F> swapped = ay > ax;
  Truth<F> left = !((to_bits(x) & sign_bit_of(x)) == 0_u);
  F count = select(swapped, 1.0, choose(x, left, 2.0, 0.0));
  Bits<F> sign = select(swapped, word(x, sign_bit_of(x)), word(x, 0)) ^ (to_bits(x) & sign_bit_of(x));
  F signed_t = from_bits(to_bits(t) ^ sign);
  F missing = fma(count, half_pi_missing, from_bits(to_bits(t_lo) ^ sign));
  F angle = detail::add_arc_tangent(count * half_pi, missing, signed_t, detail::arc_tangent(signed_t));
  return select(Truth<F>((x == x) & (y == y)), with_sign_of(angle, y), not_a_number);
}

namespace detail {

/// asin(z) = z + c: z is x where |x| <= 1/2 and sqrt((1 - |x|) / 2) beyond, where the angle is measured from
/// the x axis. c is the polynomial's part (2^-30 of the whole). 13 operations.
template <Number F>
struct ArcSine {
  Truth<F> beyond;
  F square, z, c;
};

template <Number F>
ArcSine<F> arc_sine(F x) {
  F ax = abs(x);
  Truth<F> beyond = ax > 0.5;
  F square = select(beyond, fma(ax, -0.5, 0.5), ax * ax);
  F z = select(beyond, sqrt(square), x);
  F p = horner(square,
               {0x1.555554p-3, 0x1.3334c8p-4, 0x1.6d4032p-5, 0x1.ff9494p-6, 0x1.10abf6p-6, 0x1.1a258cp-5});
  return {beyond, square, z, z * square * p};
}

}  // namespace detail

/// asin(x) for every x, NaN outside [-1, 1]. Beyond 1/2 it is pi/2 - 2 asin(z); there a straight line is
/// inverse enough to estimate the rounding of the root z, which counts only while z > 0.28.
template <Number F>
F asin(F x) {
  auto [beyond, square, z, c] = detail::arc_sine(x);
  F z_lo = fma(-z, z, square) * fma(z, -3.55, 2.75);
  F angle = detail::add_half_pis(constant(x, 1.0), z * -2.0, (c + z_lo) * -2.0);
  return select(beyond, with_sign_of(angle, x), z + c);
}

/// acos(x) for every x, NaN outside [-1, 1]: pi/2 - asin(x), or twice asin(z), or pi less it. Near 1 the
/// result is small and the rounding of z counts, so a division gets it.
template <Number F>
F acos(F x) {
  auto [beyond, square, z, c] = detail::arc_sine(x);
  Truth<F> left = x < 0.0;
  F z_lo = fma(-z, z, square) * (0.5 / max(0x1p-60, z));
  F count = select(beyond, choose(x, left, 2.0, 0.0), 1.0);
  F weight = select(beyond, choose(x, left, -2.0, 2.0), -1.0);
  return detail::add_half_pis(count, z * weight, (c + select(beyond, z_lo, 0.0)) * weight);
}

}  // namespace mc::functions::single
