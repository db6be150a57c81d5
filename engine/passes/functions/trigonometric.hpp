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

}  // namespace mc::functions
