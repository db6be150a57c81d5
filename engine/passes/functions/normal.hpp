// The normal distribution: normpdf, its density, normcdf, and normicdf, its quantile function.
//
// The quantile is odd about p = 1/2, and with w = -log2(4 p (1 - p)) it is (2p - 1) F(w) with F smooth,
// positive and slowly growing, from sqrt(pi/2) at w = 0 to 8.2 at 2^-54. (That w is Giles's, "Approximating
// the erfinv function", 2010, who then needs three polynomials.) Here F is one straight line plus one
// rational function for all p in [2^-54, 1 - 2^-53], so that a sampler pays for no second branch: the line
// carries most of F and is compensated, the rational part is below 0.2 F and forgives its roundings.
#pragma once

#include "engine/passes/functions/gaussian_tail.hpp"
#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

namespace detail {

/// F in parts: base + base_lo + up / down.
template <Number F>
struct QuantileParts {
  F base, base_lo, up, down;
};

/// H with log2(1 + f) = f H(f), absolute error 2^-53.5 (minimax): near w = 0 nothing depends on more. 18
/// operations.
template <Number F>
F log2_polynomial_absolute(F f) {
  return even_odd(f, f * f,
                  {0x1.71547652b82ffp0, -0x1.71547652b8027p-1, 0x1.ec709dc39fa72p-2, -0x1.715476532d34fp-2,
                   0x1.2776c50fb46ecp-2, -0x1.ec709d5caeadcp-3, 0x1.a61761df8e34fp-3, -0x1.71548c151290ap-3,
                   0x1.484b483523964p-3, -0x1.277446e9f36b5p-3, 0x1.0c931fc4b9621p-3, -0x1.ecc147c0c0604p-4,
                   0x1.c7bd87c2f1ab6p-4, -0x1.a395366830851p-4, 0x1.7c7d15363dd4dp-4, -0x1.74e9163c722ecp-4,
                   0x1.a8367ca34d72dp-4, -0x1.902e8e1476012p-4, 0x1.6ad897c7105b9p-5});
}

/// -w as a sum of two.
template <Number F>
struct MinusW {
  F hi, lo;
};

/// -w = k + log2(1 + f). 21 operations.
template <Number F>
MinusW<F> minus_w_of(const Parts<F>& x) {
  F log2 = log2_polynomial_absolute(x.f);
  F hi = fma(x.f, log2, x.k);
  return {hi, fma(x.f, log2, x.k - hi)};
}

/// F(w) for w in [0, 52.1]. The rational part is minimax of type (15, 14), relative error of F 2^-55
/// (rational Remez exchange in 60 digits). 34 operations.
template <Number F>
QuantileParts<F> central_quantile(const MinusW<F>& minus_w) {
  F base = fma(minus_w.hi, -0.1484375, 1.5);
  // F' is about 0.08 where the last bit of w counts.
  F base_lo = fma(minus_w.lo, -0.08, fma(minus_w.hi, -0.1484375, 1.5 - base));
  F square = minus_w.hi * minus_w.hi;
  F up =
      even_odd(minus_w.hi, square,
               {-0x1.f9367004ec7d3p-3, -0x1.b5723d43ce354p-5, 0x1.e4cd5e04b26e6p-8, -0x1.ce0e902754274p-10,
                0x1.f60f49ab672d0p-13, -0x1.3be0eb0a0da1ap-16, 0x1.fdcfbfd9d8484p-20, -0x1.5ab72623c96a1p-24,
                0x1.8de0b0bb52af1p-28, -0x1.13e75e6cdb720p-33, 0x1.d01b44e69e4f8p-38, 0x1.ebeb853c74f4bp-46,
                0x1.bb0589245ad5cp-52, 0x1.64b8089017846p-53, -0x1.88268c860ad51p-58, 0x1.007199cb67110p-66});
  F down =
      even_odd(minus_w.hi, square,
               {0x1.0000000000000p+0, -0x1.a9023455198abp-4, 0x1.1f23760eedaf1p-5, -0x1.7ef902548f32ep-9,
                0x1.d5f247239d7bep-12, -0x1.e7710d04e0690p-16, 0x1.5f4e671146428p-19, -0x1.123775f52e629p-23,
                0x1.0074eedd970f0p-27, -0x1.276c97ce43099p-32, 0x1.69180c9dbb65cp-37, -0x1.156e00f9b0b60p-42,
                0x1.beb0af2a87f04p-48, -0x1.1764a360cef61p-54, 0x1.e65aaa9de541cp-64});
  return {base, base_lo, up, down};
}

template <Number F>
QuantileParts<F> central_quantile(F p) {
  return central_quantile(minus_w_of(split(fma(-p, p, p), constant(p, exponent_bias - 2.0))));
}

/// F(w) for w in [52, 1073], that is for p below 2^-54: s = sqrt(2 ln2 w) and a rational function of s over
/// s, minimax, relative error of F 2^-54.3. What the root and its argument lack goes into the numerator. 25
/// operations, one of them a square root.
template <Number F>
QuantileParts<F> tail_quantile(F minus_w) {
  F minus_square = minus_w * (2.0 * ln2_nearest);
  F square = -minus_square;
  F s = sqrt(square);
  F excess = fma(s, s, minus_square) + fma(minus_w, 2.0 * ln2_nearest, square);
  F up = horner(s, {-0x1.3589dcd2dcdc7p-4, 0x1.4c1546aad7f83p-1, -0x1.af0b1afd42247p-3, -0x1.186dce944c15cp-2,
                    -0x1.07de99791af06p-5, -0x1.fe3ec4b38d119p-11, -0x1.dbb9a26a3b7b6p-18,
                    -0x1.930a36d02853dp-29, 0x1.69be744d65b75p-39});
  F down = horner(s, {0x1.0000000000000p+0, 0x1.712430d1f6a4ap-1, 0x1.6b0a57324342cp-1, 0x1.586bba5ee7187p-3,
                      0x1.794e70f216f43p-7, 0x1.fa83979db88d4p-13, 0x1.4acb3fb15b714p-20});
  return {s, constant(s, 0.0), fma(excess * -0.5, down, up), down * s};
}

template <Number F>
QuantileParts<F> choose(Truth<F> first, const QuantileParts<F>& a, const QuantileParts<F>& b) {
  return {select(first, a.base, b.base), select(first, a.base_lo, b.base_lo), select(first, a.up, b.up),
          select(first, a.down, b.down)};
}

/// (2p - 1) F, where p is a multiple of 2^-53: then 2p - 1 is exact. 5 operations.
template <Number F>
F quantile_of_parts_of_multiple(F p, const QuantileParts<F>& parts) {
  F q = fma(p, 2.0, -1.0);
  return fma(q, parts.base, q * (parts.base_lo + parts.up / parts.down));
}

/// (2p - 1) F. 2p - 1 is inexact below p = 1/4, so what it lacks goes along. 9 operations.
template <Number F>
F quantile_of_parts(F p, const QuantileParts<F>& parts) {
  F lo = parts.base_lo + parts.up / parts.down;
  F twice = p + p;
  F q = twice - 1.0;
  F q_lo = twice - (q + 1.0);
  return fma(q, parts.base, fma(q, lo, q_lo * parts.base));
}

}  // namespace detail

/// The x with Phi(x) = p, for p in [2^-54, 1 - 2^-53].
template <Number F>
F normicdf_core(F p) {
  return detail::quantile_of_parts(p, detail::central_quantile(p));
}

/// The same bits where p is a multiple of 2^-53, as the uniform variates of the samplers are.
template <Number F>
F normicdf_core_of_multiple(F p) {
  return detail::quantile_of_parts_of_multiple(p, detail::central_quantile(p));
}

/// The x with Phi(x) = p, for every p: -infinity at 0, infinity at 1, NaN outside [0, 1]. The product is
/// scaled by 2^54, so that it is normal even where p is not.
template <Number F>
F normicdf(F p) {
  F scaled = p * 0x1p54;
  F product = fma(-scaled, p, scaled);
  auto minus_w = detail::minus_w_of(detail::split(product, constant(p, detail::exponent_bias + 52.0)));
  auto parts = detail::choose<F>(minus_w.hi < -52.0, detail::tail_quantile(minus_w.hi),
                                 detail::central_quantile(minus_w));
  F border = select(product == 0.0, (p - 0.5) * infinity, not_a_number);
  return select(product > 0.0, detail::quantile_of_parts(p, parts), border);
}

/// Phi(x) for every x: the tail of |x|, and 1 less it where x is positive.
template <Number F>
F normcdf(F x) {
  F tail = detail::gaussian_tail(min(39.0, abs(x)), detail::normcdf_tail);
  return select(x > 0.0, 1.0 - tail, tail);
}

/// e^(-x^2/2) / sqrt(2 pi) for every x, into the subnormals: x^2 is kept doubly, as in the tails, and so is 1
/// / sqrt(2 pi).
template <Number F>
F normpdf(F x) {
  constexpr double factor = 0x1.9884533d43651p-2;
  constexpr double missing = -0x1.cbc0d30ebfd15p-56 / factor;  // relative
  F a = min(39.0, abs(x));
  F half = a * 0.5;
  auto [one, one_lo, c, shifted] = detail::bell(a, half, half * a, 2046.0);
  F more = (one_lo + missing) + c;
  return detail::scale(fma(one, factor, more * factor), shifted);
}

}  // namespace mc::functions
