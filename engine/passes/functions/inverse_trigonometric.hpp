// atan, atan2, asin, acos. All end in a sum of a multiple of pi/4, kept in two doubles, and a short odd
// polynomial (minimax over doubles, Sollya's fpminimax) of an argument whose own rounding is carried along.
#pragma once

#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// pi/4, which has only 50 bits, so that small multiples are exact; and what is missing.
inline constexpr double quarter_pi = 0x1.921fb54442d18p-1;
inline constexpr double quarter_pi_missing = 0x1.1a62633145c07p-55;

namespace detail {

/// atan(n / d) = eighths * pi/4 + t + c, for 0 <= n <= d: eighths is 0, or 1 where n / d > tan(pi/8), and
/// then t stands for (n - d) / (n + d). |t| <= 0.4143; c takes the polynomial (2^-59) and the rounding of t.
/// 30 operations.
template <Number F>
struct ArcTangent {
  F eighths, t, c;
};

template <Number F>
ArcTangent<F> arc_tangent(F n, F d) {
  Truth<F> steep = n > d * 0x1.a827999fcef32p-2;
  F turned_d = select(steep, d, constant(d, 0.0)), turned_n = select(steep, n, constant(n, 0.0));
  F up = n - turned_d, down = d + turned_n;
  F up_lo = n - (up + turned_d), down_lo = turned_n - (down - d);
  F inverse = 1.0 / down;
  F t = up * inverse;
  F t_lo = (fma(-t, down, up) + fma(-t, down_lo, up_lo)) * inverse;
  F square = t * t;
  F p = horner(square,
               {-0x1.555555555553dp-2, 0x1.999999999585bp-3, -0x1.24924922acb78p-3, 0x1.c71c70e5b84a1p-4,
                -0x1.745cf8d0ca308p-4, 0x1.3b11183416505p-4, -0x1.10ebad12e245bp-4, 0x1.df0e9d906e09cp-5,
                -0x1.9ccf8630c4864p-5, 0x1.37cd21b9295e8p-5, -0x1.25570a177dfa8p-6});
  return {choose(n, steep, 1.0, 0.0), t, fma(t * square, p, t_lo)};
}

/// count * pi/4 + t + c, for small integers count and |t| < pi/4. 7 operations.
template <Number F>
F add_quarter_pis(F count, F t, F c) {
  F start = count * quarter_pi;
  F sum = start + t;
  F sum_lo = (start - sum) + t;
  return sum + (sum_lo + fma(count, quarter_pi_missing, c));
}

}  // namespace detail

/// atan(x) for every x.
template <Number F>
F atan(F x) {
  F ax = min(0x1p60, abs(x));
  auto [eighths, t, c] = detail::arc_tangent(min(1.0, ax), max(1.0, ax));
  Truth<F> swapped = ax > 1.0;
  F count = select(swapped, 2.0 - eighths, eighths);
  F angle = detail::add_quarter_pis(count, select(swapped, -t, t), select(swapped, -c, c));
  return with_sign_of(angle, x);
}

/// atan2(y, x) for all y and x, special cases as C's Annex F has them. The larger of |x|, |y| is brought near
/// enough to 1 that its inverse and the remainders are normal numbers.
template <Number F>
F atan2(F y, F x) {
  F ax = abs(x), ay = abs(y);
  F larger = max(ay, ax), smaller = min(ay, ax);
  F factor = select(larger > 0x1p1000, 0x1p-100, choose(x, larger < 0x1p-400, 0x1p600, 1.0));
  Truth<F> unbounded = larger == infinity;
  F n = select(unbounded, choose(x, smaller == infinity, 1.0, 0.0), smaller * factor);
  F d = select(Truth<F>(unbounded | (larger == 0.0)), 1.0, larger * factor);
  auto [eighths, t, c] = detail::arc_tangent(n, d);
  Truth<F> swapped = ay > ax;
  Truth<F> left = !((to_bits(x) & sign_bit) == 0_u);
  F count = select(swapped, 2.0 - eighths, eighths);
  F placed = select(left, 4.0 - count, count);
  Bits<F> sign = select(swapped, word(x, sign_bit), word(x, 0)) ^ (to_bits(x) & sign_bit);
  F angle = detail::add_quarter_pis(placed, from_bits(to_bits(t) ^ sign), from_bits(to_bits(c) ^ sign));
  return select(Truth<F>((x == x) & (y == y)), with_sign_of(angle, y), not_a_number);
}

namespace detail {

/// asin(z) = z + c: z is x where |x| <= 1/2 and sqrt((1 - |x|) / 2) beyond, where the angle is measured from
/// the x axis. c is the polynomial's part (2^-56 of the whole). 18 operations.
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
               {0x1.5555555555390p-3, 0x1.333333336e80fp-4, 0x1.6db6db427a4f8p-5, 0x1.f1c72c38fb342p-6,
                0x1.6e89f440197a7p-6, 0x1.1c6be1a687738p-6, 0x1.c6fdc1aaa5332p-7, 0x1.8ec2fca60444ep-7,
                0x1.abcf5cd7c4303p-8, 0x1.3ff4a990b2acep-6, -0x1.09d32833a132cp-6, 0x1.056d6c813a1d3p-5});
  return {beyond, square, z, z * square * p};
}

}  // namespace detail

/// asin(x) for every x, NaN outside [-1, 1]. Beyond 1/2 it is pi/2 - 2 asin(z); there the rounding of the
/// root z counts only while z > 0.28, and a straight line is inverse enough to estimate it.
template <Number F>
F asin(F x) {
  auto [beyond, square, z, c] = detail::arc_sine(x);
  F z_lo = fma(-z, z, square) * fma(z, -3.55, 2.75);
  F angle = detail::add_quarter_pis(constant(x, 2.0), z * -2.0, (c + z_lo) * -2.0);
  return select(beyond, with_sign_of(angle, x), z + c);
}

/// acos(x) for every x, NaN outside [-1, 1]: pi/2 - asin(x), or twice asin(z), or pi less it. Near 1 the
/// result is small and the rounding of z counts, so a division gets it.
template <Number F>
F acos(F x) {
  auto [beyond, square, z, c] = detail::arc_sine(x);
  Truth<F> left = x < 0.0;
  F z_lo = fma(-z, z, square) * (0.5 / max(0x1p-500, z));
  F count = select(beyond, choose(x, left, 4.0, 0.0), 2.0);
  F weight = select(beyond, choose(x, left, -2.0, 2.0), -1.0);
  return detail::add_quarter_pis(count, z * weight, (c + select(beyond, z_lo, 0.0)) * weight);
}

}  // namespace mc::functions
