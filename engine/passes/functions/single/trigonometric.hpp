// sin, cos, tan of every float, in double: there the fraction of a turn that even 1e38 leaves is a few exact
// products away, and both polynomials are short. For samplers sin_core, cos_core, sin2pi and cos2pi in
// single.
#pragma once

#include <cstddef>

#include "engine/passes/functions/angle.hpp"
#include "engine/passes/functions/single/number.hpp"
#include "engine/passes/functions/trigonometric.hpp"

namespace mc::functions::single {

namespace angle {

/// 2^(27 n) / (2 pi) modulo 1, n = 0 .. 3, in parts of 29, 29 and 53 bits.
inline constexpr double turn_digits[4][3] = {
    {0x1.45f306c000000p-3, 0x1.c9c882a000000p-31, 0x1.4fe13abe8fa9ap-61},
    {0x1.b939105000000p-1, 0x1.29fc274000000p-31, 0x1.7d1f534ddc0dbp-59},
    {0x1.4a7f09c000000p-2, 0x1.5f47d4d000000p-30, 0x1.bb81b6c52b328p-61},
    {0x1.57d1f53000000p-1, 0x1.377036c000000p-31, 0x1.8a5664f10e410p-59}};

/// x = scaled 2^(27 n), n = 0 where |x| < 2^50 and otherwise such that 2^23 <= |scaled| < 2^51; a float of
/// that size is whole, so whole turns of the digits drop out. 17 operations.
template <Number D>
struct Window {
  D scaled, digits[3];
};

template <Number D>
Window<D> window(D x) {
  auto pick = [ax = abs(x), x](const double(&of)[4]) {
    D first = choose(x, ax < 0x1p50, of[0], of[1]);
    return select(ax < 0x1p77, first, choose(x, ax < 0x1p104, of[2], of[3]));
  };
  auto digit = [&](std::size_t k) {
    return pick({turn_digits[0][k], turn_digits[1][k], turn_digits[2][k], turn_digits[3][k]});
  };
  return {x * pick({1.0, 0x1p-27, 0x1p-54, 0x1p-81}), {digit(0), digit(1), digit(2)}};
}

/// x = quadrant pi/2 + r, |r| <= pi/4 and a bit, for every float x (as a double); infinity and NaN give NaN.
/// r is off by 2^-60, which is 2^-29 of the smallest there is. The first two products are exact, so are their
/// fractions, and so is what is left of their sum without its quarters. 37 operations.
template <Number D>
struct Reduced {
  D r;
  Bits<D> quadrant;
};

template <Number D>
Reduced<D> reduce(D x) {
  auto [scaled, digits] = window(x);
  D a = functions::angle::fraction(scaled * digits[0]), b = functions::angle::fraction(scaled * digits[1]);
  D sum = a + b;
  D sum_lo = (a - sum) + b;
  D shifted = fma(sum, 4.0, functions::rounding_magic);
  D rest = fma(shifted - functions::rounding_magic, -0.25, sum);
  D turns = rest + fma(scaled, digits[2], sum_lo);
  return {turns * functions::angle::two_pi_head, to_bits(shifted)};
}

/// The bound of near() for floats: 2^13 quadrants.
inline constexpr double near_bound = 0x1.921fb4p+13;

/// pi/2 in three floats, of which the second has 11 bits, so that its products with quadrants are exact. All
/// are positive, so that sin(-0) comes out as -0.
inline constexpr double half_pi_head = 0x1.921fb4p+0;
inline constexpr double half_pi_middle = 0x1.444000p-24;
inline constexpr double half_pi_tail = 0x1.68c234p-39;

/// For |x| <= near_bound, in single: functions::angle::near with other constants. 7 operations.
template <Number F>
Angle<F> near(F x) {
  F shifted = fma(x, functions::angle::two_over_pi, rounding_magic);
  F j = shifted - rounding_magic;
  F head = fma(j, -half_pi_head, x);
  F r = fma(j, -half_pi_middle, head);
  F minus_tail = fma(j, half_pi_tail, fma(j, half_pi_middle, r - head));
  return {r, minus_tail, to_bits(shifted)};
}

}  // namespace angle

namespace detail {

using functions::detail::SineCosine;

/// sin and cos of |r| <= pi/4 in double, relative errors 2^-27.9 and 2^-33.8. 9 operations.
template <Number D>
SineCosine<D> sine_cosine_in_double(D r) {
  D square = r * r;
  D s = horner(square, {-0x1.555544c80cef5p-3, 0x1.11071f862a503p-7, -0x1.993c6de347f46p-13});
  D c = horner(square, {1.0, -0x1.ffffffca0c93bp-2, 0x1.55553c181d1b3p-5, -0x1.6c07d33654fa6p-10,
                        0x1.9910b7a30bf9p-16});
  return {fma(r * square, s, r), c};
}

/// sin and cos of r - minus_tail in single, relative errors 2^-27.9 and 2^-33. 12 operations.
template <Number F>
SineCosine<F> sine_cosine(F r, F minus_tail) {
  F square = fma(r, r, (r * -2.0) * minus_tail);
  F s = horner(square, {0x1.555546p-3, -0x1.110776p-7, 0x1.9952ecp-13});
  F c = horner(square, {1.0, -0.5, 0x1.55554ap-5, -0x1.6c0c2ap-10, 0x1.99e8fcp-16});
  return {r - fma(r * square, s, minus_tail), c};
}

/// sin of the angle from the sin and cos of its reduced one; cos is sin a quadrant further. 6 operations.
template <Number F>
F by_quadrant(const SineCosine<F>& of, Bits<F> quadrant) {
  Truth<F> even = (quadrant & 1_u) == 0_u;
  F magnitude = select(even, of.sine, of.cosine);
  return from_bits(to_bits(magnitude) ^ ((quadrant & 2_u) << 30_u));
}

}  // namespace detail

/// sin(x) for every x.
template <Number F>
F sin(F x) {
  auto [r, quadrant] = angle::reduce(to_f64(x));
  F sine = to_f32(functions::detail::by_quadrant(detail::sine_cosine_in_double(r), quadrant));
  return select(x == 0.0, x, sine);
}

/// cos(x) for every x.
template <Number F>
F cos(F x) {
  auto [r, quadrant] = angle::reduce(to_f64(x));
  return to_f32(functions::detail::by_quadrant(detail::sine_cosine_in_double(r), quadrant + 1_u));
}

/// tan(x) for every x: sin over cos, a quadrant further the negative inverse.
template <Number F>
F tan(F x) {
  auto [r, quadrant] = angle::reduce(to_f64(x));
  auto [sine, cosine] = detail::sine_cosine_in_double(r);
  auto even = (quadrant & 1_u) == 0_u;
  auto ratio = select(even, sine, -cosine) / select(even, cosine, sine);
  return select(x == 0.0, x, to_f32(ratio));
}

/// sin(x) for |x| <= angle::near_bound = 12867, and NaN for infinity and NaN.
template <Number F>
F sin_core(F x) {
  auto [r, tail, quadrant] = angle::near(x);
  return detail::by_quadrant(detail::sine_cosine(r, tail), quadrant);
}

/// cos(x) for |x| <= angle::near_bound = 12867, and NaN for infinity and NaN.
template <Number F>
F cos_core(F x) {
  auto [r, tail, quadrant] = angle::near(x);
  return detail::by_quadrant(detail::sine_cosine(r, tail), quadrant + 1_u);
}

namespace detail {

/// u in quarter turns: u = quadrant / 4 + r, exactly, |r| <= 1/8. For 0 <= u <= 1 and beyond. 3 operations.
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
/// two parts. Relative errors 2^-28 and 2^-30.9. 10 operations.
template <Number F>
SineCosine<F> sine_cosine_of_turn(F r) {
  F square = r * r;
  F s = horner(square, {-0x1.9f4bbep-23, -0x1.4abbbap5, 0x1.465ee4p6, -0x1.2da064p6});
  F c = horner(square, {1.0, -0x1.3bd3ccp4, 0x1.03c1b8p6, -0x1.55b7cep6, 0x1.d684aap5});
  return {fma(r, 0x1.921fb6p+2, r * s), c};
}

}  // namespace detail

/// sin(2 pi u) for |u| < 2^20: for samplers, which have u in (0, 1). The reduction is exact.
template <Number F>
F sin2pi(F u) {
  auto [r, quadrant] = detail::quarter_turns(u);
  return detail::by_quadrant(detail::sine_cosine_of_turn(r), quadrant);
}

/// cos(2 pi u) for |u| < 2^20; shares all but 6 operations with sin2pi of the same u.
template <Number F>
F cos2pi(F u) {
  auto [r, quadrant] = detail::quarter_turns(u);
  return detail::by_quadrant(detail::sine_cosine_of_turn(r), quadrant + 1_u);
}

}  // namespace mc::functions::single
