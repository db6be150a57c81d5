// sin, cos, tan; sin2pi and cos2pi for samplers. Reduction to |r| <= pi/4 in angle.hpp, then both polynomials
// (minimax over doubles, Sollya's fpminimax) and a selection by quadrant: sin(x) and cos(x) of one x share
// all but the last few operations.
#pragma once

#include "engine/passes/functions/angle.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

namespace detail {

template <Number F>
struct SineCosine {
  F sine, cosine;
};

/// sin and cos of r - minus_tail, |r| <= pi/4 and a bit. The tail enters sin by itself and cos through the
/// square. Polynomials: relative errors 2^-57.9 and 2^-63.9. 18 operations.
template <Number F>
SineCosine<F> sine_cosine(F r, F minus_tail) {
  F square = fma(r, r, (r * -2.0) * minus_tail);
  F s = horner(square, {0x1.5555555555548p-3, -0x1.111111110f75dp-7, 0x1.a01a019bf222ep-13,
                        -0x1.71de355f05599p-19, 0x1.ae5e5471f5500p-26, -0x1.5d8e3511cda5fp-33});
  F c = horner(square, {1.0, -0.5, 0x1.555555555554bp-5, -0x1.6c16c16c15016p-10, 0x1.a01a019c8f3eep-16,
                        -0x1.27e4f7f19d4b2p-22, 0x1.1ee9dbd0d86a6p-29, -0x1.8fa681e385240p-37});
  return {r - fma(r * square, s, minus_tail), c};
}

/// sin of the angle from the sin and cos of its reduced one; cos is sin a quadrant further. 6 operations.
template <Number F>
F by_quadrant(const SineCosine<F>& of, Bits<F> quadrant) {
  Truth<F> even = (quadrant & 1_u) == 0_u;
  F magnitude = select(even, of.sine, of.cosine);
  return from_bits(to_bits(magnitude) ^ ((quadrant & 2_u) << 62_u));
}

}  // namespace detail

/// sin(x) for |x| <= angle::near_bound = 1.05e8, and NaN for infinity and NaN.
template <Number F>
F sin_core(F x) {
  auto [r, tail, quadrant] = angle::near(x);
  return detail::by_quadrant(detail::sine_cosine(r, tail), quadrant);
}

/// cos(x) for |x| <= angle::near_bound = 1.05e8, and NaN for infinity and NaN.
template <Number F>
F cos_core(F x) {
  auto [r, tail, quadrant] = angle::near(x);
  return detail::by_quadrant(detail::sine_cosine(r, tail), quadrant + 1_u);
}

/// sin(x) for every x.
template <Number F>
F sin(F x) {
  auto [r, tail, quadrant] = reduce(x);
  return detail::by_quadrant(detail::sine_cosine(r, tail), quadrant);
}

/// cos(x) for every x.
template <Number F>
F cos(F x) {
  auto [r, tail, quadrant] = reduce(x);
  return detail::by_quadrant(detail::sine_cosine(r, tail), quadrant + 1_u);
}

namespace detail {

/// tan(x) of the reduced x, through t = tan(r/2) (minimax, 2^-58.7): tan r = 2t / (1 - t^2), and a quadrant
/// further the negative inverse of that. One polynomial instead of two; numerator and denominator are kept
/// doubly, so that the quotient is off by little more than its own rounding.
template <Number F>
F tan_of_angle(F x, const Angle<F>& angle) {
  auto [r, minus_tail, quadrant] = angle;
  F square = r * r;
  F half = r * 0.5;
  F c = fma(r * square,
            horner(square, {0x1.5555555555574p-5, 0x1.111111110d2dep-8, 0x1.ba1ba1bf877c4p-12,
                            0x1.664f46a92ecffp-15, 0x1.226e908ee2170p-18, 0x1.d6beaf0570465p-22,
                            0x1.7f232e8e496e6p-25, 0x1.25229d13eb339p-28, 0x1.58b70a221ff8dp-31}),
            minus_tail * -0.5);
  F t = half + c;
  F t_lo = (half - t) + c;
  F minus_twice = t * -2.0;
  F d = fma(minus_twice * 0.5, t, 1.0);
  F d_lo = fma(minus_twice, t_lo, fma(minus_twice * 0.5, t, 1.0 - d));
  Truth<F> even = (quadrant & 1_u) == 0_u;
  F up = select(even, t + t, d), up_lo = select(even, t_lo + t_lo, d_lo);
  F down = select(even, d, minus_twice), down_lo = select(even, d_lo, t_lo * -2.0);
  F inverse = 1.0 / down;
  F ratio = up * inverse;
  F rest = fma(-ratio, down, up) + fma(-ratio, down_lo, up_lo);
  return select(abs(x) < 0x1p-27, x, fma(rest, inverse, ratio));
}

}  // namespace detail

/// tan(x) for |x| <= angle::near_bound = 1.05e8, and NaN for infinity and NaN.
template <Number F>
F tan_core(F x) {
  return detail::tan_of_angle(x, angle::near(x));
}

/// tan(x) for every x.
template <Number F>
F tan(F x) {
  return detail::tan_of_angle(x, reduce(x));
}

namespace detail {

/// u in quarter turns: u = quadrant / 4 + r, exactly, |r| <= 1/8. For 0 <= u <= 1 and far beyond. 3
/// operations.
template <Number F>
struct QuarterTurns {
  F r;
  Bits<F> quadrant;
};

template <Number F>
QuarterTurns<F> quarter_turns(F u) {
  F shifted = fma(u, 4.0, rounding_magic);
  return {fma(shifted - rounding_magic, -0.25, u), to_bits(shifted)};
}

/// sin and cos of 2 pi r, |r| <= 1/8. The polynomials have 2 pi in them; in sin its first coefficient is in
/// two parts. Relative errors 2^-55.2 and 2^-61. 16 operations.
template <Number F>
SineCosine<F> sine_cosine_of_turn(F r) {
  F square = r * r;
  F s =
      horner(square, {0x1.acb5667693607p-54, -0x1.4abbce625be20p5, 0x1.466bc677566aep6, -0x1.32d2cce11ce72p6,
                      0x1.50782e5d0d6a9p5, -0x1.e2ff4083f3a4bp3, 0x1.e3957e527688cp1});
  F c = horner(square, {1.0, -0x1.3bd3cc9be45dep4, 0x1.03c1f081b5a65p6, -0x1.55d3c7e3c2d84p6,
                        0x1.e1f5067b07613p5, -0x1.a6d1e6b76bf32p4, 0x1.f9c8430ee1fap2, -0x1.b14c2f6b4c2adp0});
  return {fma(r, angle::two_pi_head, r * s), c};
}

}  // namespace detail

/// sin(2 pi u) for |u| < 2^49: for samplers, which have u in (0, 1). The reduction is exact and costs next to
/// nothing.
template <Number F>
F sin2pi(F u) {
  auto [r, quadrant] = detail::quarter_turns(u);
  return detail::by_quadrant(detail::sine_cosine_of_turn(r), quadrant);
}

/// cos(2 pi u) for |u| < 2^49; shares all but 6 operations with sin2pi of the same u.
template <Number F>
F cos2pi(F u) {
  auto [r, quadrant] = detail::quarter_turns(u);
  return detail::by_quadrant(detail::sine_cosine_of_turn(r), quadrant + 1_u);
}

}  // namespace mc::functions
