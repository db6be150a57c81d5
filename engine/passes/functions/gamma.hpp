// gamma and lgamma. Both lean on Stirling's formula with Binet's remainder,
//   log Gamma(y) = (y - 1/2) log y - y + log(2 pi) / 2 + mu(y),
// computed as a sum of two doubles. y mu(y) is a Stieltjes function of 1 / y^2 (its continued fraction:
// Abramowitz and Stegun 6.1.48), which rational functions approximate well even at y = 1, where Stirling's
// series is of no use: so no argument needs to be shifted by more than 1. All rational functions here are
// near-minimax (interpolation whose nodes are moved until the maxima of the error level out, in 60 digits)
// and have next to no cancellation in them.
#pragma once

#include "engine/passes/functions/number.hpp"
#include "engine/passes/functions/power.hpp"
#include "engine/passes/functions/trigonometric.hpp"

namespace mc::functions {

namespace detail {

/// log(2 pi) / 2 - 1: what is left of Stirling's constant when y - 1, which is exact, stands for y.
inline constexpr double stirling_constant = -0x1.4c071bcda0a5bp-4;

/// sin(pi a) for a >= 0, the period taken off exactly however large a is; NaN for infinity. 28 operations.
template <Number F>
F sine_of_half_turns(F a) {
  F half = a * 0.5;
  return sin2pi(half - rint(half));
}

/// A quotient that has not been taken yet.
template <Number F>
struct Quotient {
  F up, down;
};

// ---------------------------------------------------------------- gamma

/// mu(y) for y >= 1, absolute error 2^-58.4. 18 operations.
template <Number F>
Quotient<F> remainder_from_one(F y) {
  F square = y * y;
  F up = horner(square,
                {0x1.352730db3bb1ap-4, 0x1.cb7c8070da4d6p+0, 0x1.4a5d71bc9da43p+3, 0x1.5cdc1a8f5f126p+4,
                 0x1.3c00dc15ad54dp+4, 0x1.0153485ca9775p+3, 0x1.67f74df5d1183p+0, 0x1.555555555554dp-4});
  F down = horner(square, {0x1.3e3ead314bc48p-8, 0x1.3f86cc47181a0p+0, 0x1.8652f1301d7ffp+4,
                           0x1.0636c203c116ap+7, 0x1.0cd5806b99f16p+8, 0x1.e02ad802af269p+7,
                           0x1.8434414ab4304p+6, 0x1.0e820300e54cap+4, 0x1.0000000000000p+0});
  return {up * square, y * down};
}

/// log Gamma(y + y_lo) for y in [1, 200], absolute error about 2^-55; `lo` is no rounding error but up to
/// 0.1. y_lo, which is within an ulp of y, counts by the derivative, log y - 1 / (2y) and a little, where 6
/// mu(y) is 1 / (2y) and a little. 92 operations.
template <Number F>
Double<F> log_gamma_from_one(F y, F y_lo) {
  auto [l, l_lo] = half_log_of_parts(split(y, constant(y, exponent_bias)));
  F factor = fma(y, 2.0, -1.0);
  F product = factor * l;
  F product_lo = fma(factor, l_lo, fma(factor, l, -product));
  auto [hi, rounding] = two_sum(product, 1.0 - y);
  auto [up, down] = remainder_from_one(y);
  F mu = up / down;
  F slope = fma(mu, -6.0, l + l);
  return {hi, (mu + stirling_constant) + fma(y_lo, slope, rounding + product_lo)};
}

/// e^(t + t_lo) = (hi + lo) 2^k, |t_lo| < 0.1; `shifted` and k as in reduce_by_ln2.
template <Number F>
struct Power {
  F hi, lo, shifted, k;
};

/// 29 operations.
template <Number F>
Power<F> exp_doubly(F t, F t_lo) {
  F shifted = fma(t + t_lo, log2_e, rounding_magic + 2046.0);
  F k = shifted - (rounding_magic + 2046.0);
  auto [r, r_lo] = two_sum(fma(k, -ln2_head, t), fma(k, -ln2_tail, t_lo));
  F one = r + 1.0;
  F more = (r - (one - 1.0)) + fma(r * r, exp_remainder(r), r_lo);
  F hi = one + more;
  return {hi, more - (hi - one), shifted, k};
}

}  // namespace detail

/// Gamma(x) for every x, C's tgamma: NaN at -1, -2, ... and -infinity, infinities at the zeros. With a = |x|
/// and G = Gamma(a), or Gamma(1 + a) below 1, it is G, or G / x, or -pi / (sin(pi a) Gamma(1 + a)): one
/// quotient for all of them, of sums of two, whose powers of two stay apart, for Gamma(1 + a) overflows where
/// the result is still a number.
template <Number F>
F gamma(F x) {
  F a = min(200.0, abs(x));
  Truth<F> reflected = x < -0x1p-60;
  F shift = choose(x, x < 1.0, 1.0, 0.0);
  F y = a + shift;
  auto [t, t_lo] = detail::log_gamma_from_one(y, a - (y - shift));
  auto [g, g_lo, shifted, k] = detail::exp_doubly(t, t_lo);

  F sine = detail::sine_of_half_turns(abs(x));
  F product = sine * g;
  F product_lo = fma(sine, g_lo, fma(sine, g, -product));
  F up = select(reflected, -0x1.921fb54442d18p+1, g);
  F up_lo = select(reflected, -0x1.1a62633145c07p-53, g_lo);
  F down = select(reflected, product, select(x < 1.0, x, 1.0));
  F down_lo = select(reflected, product_lo, 0.0);
  F inverse = 1.0 / down;
  F ratio = up * inverse;
  F rest = fma(-ratio, down, up) + fma(-ratio, down_lo, up_lo);
  F minus_shifted = (rounding_magic + 2046.0) - k;
  F result = detail::scale(fma(rest, inverse, ratio), select(reflected, minus_shifted, shifted));
  return select(abs(x) < 0x1p-60, inverse, result);
}

// ---------------------------------------------------------------- lgamma

namespace detail {

/// log(x) as a sum of two, absolute error about 2^-56.5: as log_of_parts, before its last addition. 25
/// operations.
template <Number F>
Double<F> log_doubly(const Parts<F>& x) {
  F head = fma(x.k, ln2_nearest, x.f);
  F tail = fma(x.k, ln2_missing, x.f - fma(x.k, -ln2_nearest, head));
  return {head, fma(x.f * x.f, log_polynomial(x.f), tail)};
}

/// mu(y) for y >= 2.5, relative error 2^-59.3 of log Gamma(y). 12 operations.
template <Number F>
Quotient<F> remainder_from_afar(F y) {
  F square = y * y;
  F up = horner(square, {-0x1.1785a68de60a9p-9, 0x1.ba0a7753b4069p-3, 0x1.7ef64d7bf79a5p+0,
                         0x1.038586ac54a9ap+1, 0x1.968b5216576d8p-1, 0x1.55555555554a2p-4});
  F down = horner(square, {0x1.84aea90ec69abp+1, 0x1.2b051411e2375p+4, 0x1.8a3ac5aeed4c9p+4,
                           0x1.31f98ea1d15cdp+3, 0x1.0000000000000p+0});
  return {up, y * square * down};
}

/// log Gamma(1 + d) / (d (d - 1)) is a straight line and little more for d in [-1/4, 3/2].
inline constexpr double root_line = 0.5859375, root_slope = -0.140625;

/// The little more, at most 0.07 of the whole; relative error of the whole 2^-57.9. 15 operations.
template <Number F>
Quotient<F> beside_root_line(F d) {
  F up = horner(d, {-0x1.1dcc0e41279c2p-7, -0x1.164c4a607d39ap-3, -0x1.0eb6816919251p-2,
                    -0x1.066835cab5defp-3, 0x1.26e60ee3433abp-4, 0x1.67f829c9cd2dfp-4, 0x1.da1688dabd440p-6,
                    0x1.d8e0983e4235bp-9, 0x1.17bc923154bf8p-13});
  F down =
      horner(d, {0x1.0000000000000p+0, 0x1.cac90ecc8c933p+1, 0x1.48b1fc1d5da73p+2, 0x1.e0a9fbd8ab73bp+1,
                 0x1.7b5b334ba0640p+0, 0x1.39e546e1ab461p-2, 0x1.e30b6d1184f28p-6, 0x1.f1ebc96d15ad3p-11});
  return {up, down};
}

/// A product base and what is missing, as far as it does not depend on the rational function.
template <Number F>
struct Roots {
  F product, base, base_lo;
};

/// d (d - 1) and, doubly, that times the line. 15 operations.
template <Number F>
Roots<F> between_roots(F d) {
  F below = d - 1.0;
  F below_lo = d - (below + 1.0);
  F product = d * below;
  F product_lo = fma(d, below_lo, fma(d, below, -product));
  F line = fma(d, root_slope, root_line);
  F line_lo = fma(d, root_slope, root_line - line);
  F base = product * line;
  return {product, base, fma(product, line_lo, fma(product_lo, line, fma(product, line, -base)))};
}

/// log Gamma(a) for a >= 0, given log(a); times 2^-100 where a is 2^200 and more. Below 2.5 it is log Gamma(1
/// + d), with d = a - 1, or d = a and less log(a) below 0.75; above, Stirling's formula. 73 operations.
template <Number F>
Double<F> log_gamma(F a, Truth<F> huge, const Double<F>& log) {
  Truth<F> near = a < 2.5;
  Truth<F> shifted = a < 0.75;
  F d = select(shifted, a, a - 1.0);
  auto roots = between_roots(d);
  auto [near_up, near_down] = beside_root_line(d);
  auto [far_up, far_down] = remainder_from_afar(min(0x1p50, a));
  F g = select(near, near_up, far_up) / select(near, near_down, far_down);

  F scaled = select(huge, a * 0x1p-100, a);
  F factor = select(near, choose(a, shifted, -1.0, 0.0), scaled - 0.5);
  F product = factor * log.hi;
  F product_lo = fma(factor, log.lo, fma(factor, log.hi, -product));
  auto [hi, rounding] = two_sum(product, select(near, roots.base, 1.0 - scaled));
  F more = select(near, fma(roots.product, g, roots.base_lo), g + stirling_constant);
  return {hi, more + (rounding + product_lo)};
}

}  // namespace detail

/// log |Gamma(x)| for every x, C's lgamma: infinity at 0, -1, -2, ... and at both infinities. For x < 0 it is
/// log pi - log |sin(pi x)| - log |x| - log Gamma(|x|), whose roots are right to an absolute 2.5e-16 (2.1e-16
/// seen, most of it the rounding of the sine), those at 1 and 2 to a relative one.
template <Number F>
F lgamma(F x) {
  F a = abs(x);
  Truth<F> huge = a >= 0x1p200;
  Truth<F> reflected = x < -0x1p-60;
  auto log = detail::log_doubly(detail::split_any(a));
  auto [hi, lo] = detail::log_gamma(a, huge, log);
  F direct = hi + lo;

  F sine = abs(detail::sine_of_half_turns(a));
  auto log_sine = detail::log_doubly(detail::split(sine, constant(x, detail::exponent_bias)));
  auto [logs, logs_lo] = two_sum(log_sine.hi, log.hi);
  auto [all, all_lo] = two_sum(logs, hi);
  auto [left, left_lo] = two_sum(constant(x, 0x1.250d048e7a1bdp+0), -all);
  F other = left + (left_lo - (all_lo + logs_lo + (log_sine.lo + log.lo) + lo));

  F result = select(reflected, other, select(huge, direct * 0x1p100, direct));
  Truth<F> pole = (a == 0.0) | (reflected & (sine == 0.0));
  return select(a < infinity, select(pole, infinity, result), a);
}

}  // namespace mc::functions
