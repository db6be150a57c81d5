// normpdf, normcdf, normicdf in single precision, in double except for the samplers' core.
#pragma once

#include "engine/passes/functions/single/error.hpp"
#include "engine/passes/functions/single/in_double.hpp"
#include "engine/passes/functions/single/logarithm.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

/// e^(-x^2/2) / sqrt(2 pi) for every x.
template <Number F>
F normpdf(F x) {
  auto a = to_f64(min(15.0, abs(x)));
  return to_f32(detail::exp_in_double(a * a * -0.5) * 0x1.9884533d43651p-2);
}

/// Phi(x) for every x: the tail of |x|, and 1 less it where x is positive.
template <Number F>
F normcdf(F x) {
  auto tail = detail::tail_in_double(to_f64(min(14.3, abs(x))), 0.5,
                                     {0x1.00000018ba15ap-1, 0x1.c06532ceabb22p-2, 0x1.76a51a200adc9p-3,
                                      0x1.4c07bc7876479p-5, 0x1.0cc5835fa99aap-8},
                                     {0x1.0000000000000p+0, 0x1.ac74c9e84808ep+0, 0x1.3384c49ce20afp+0,
                                      0x1.dfeb2dde67752p-2, 0x1.a02a47632774bp-4, 0x1.50d9e38421939p-7});
  return to_f32(select(x > 0.0, 1.0 - tail, tail));
}

namespace detail {

// The quantile is (2p - 1) F(w), w = -log2(4 p (1 - p)): see functions/normal.hpp. F is the line 1.5 +
// 0.1484375 w plus a rational function of type (6, 5) (2^-29, Lawson's iteration), for p from 2^-24, and
// sqrt(2 ln2 w) plus one of type (3, 3) in that root (2^-27.3) beyond.
inline constexpr double quantile_up[] = {-0x1.f9367041e45e3p-3,  -0x1.03f973a249f6ap-4, 0x1.213efc00b0812p-7,
                                         -0x1.047be051bd3d1p-11, 0x1.f38a114813000p-15, 0x1.5d9ad7a6c6017p-22,
                                         -0x1.c8221c05cc68cp-25};
inline constexpr double quantile_down[] = {0x1.0000000000000p+0,  -0x1.01c988fc38cfap-4,
                                           0x1.091fdc19d3769p-6,  -0x1.758462840cf71p-11,
                                           0x1.ac931b4720ce0p-15, -0x1.dd7654f6ee4e6p-22};
inline constexpr double quantile_tail_up[] = {0x1.ef5749ca6b9b0p+0, -0x1.644e2026bc372p+0,
                                              -0x1.59371089b2bf7p-3, -0x1.e1ce9bb4cc122p-12};
inline constexpr double quantile_tail_down[] = {0x1.0000000000000p+0, 0x1.fa2b2791afbbap+0,
                                                0x1.e5f7eadf39088p-1, 0x1.6214078ce0867p-5};

/// H with log2(1 + f) = f H(f), absolute error 2^-28.7: near w = 0 nothing depends on more. 9 operations.
template <Number F>
F log2_polynomial_absolute(F f) {
  return horner(f, {0x1.715476p0, -0x1.715470p-1, 0x1.ec713ap-2, -0x1.715b10p-2, 0x1.2767d4p-2,
                    -0x1.ea87d4p-3, 0x1.a55be8p-3, -0x1.8ac44cp-3, 0x1.729888p-3, -0x1.9c1d9ep-4});
}

/// F(w) as a sum of two, for p in [2^-24, 1 - 2^-24].
template <Number F>
struct CentralQuantile {
  F base, lo;
};
template <Number F>
CentralQuantile<F> central_quantile(F p) {
  auto [k, f] = split(fma(-p, p, p), constant(p, exponent_bias - 2.0));
  F log2 = log2_polynomial_absolute(f);
  F minus_w = fma(f, log2, k);
  F minus_w_lo = fma(f, log2, k - minus_w);
  F base = fma(minus_w, -0.1484375, 1.5);
  F base_lo = fma(minus_w_lo, -0.1484375, fma(minus_w, -0.1484375, 1.5 - base));
  return {base, base_lo + horner(minus_w, quantile_up) / horner(minus_w, quantile_down)};
}

}  // namespace detail

/// The x with Phi(x) = p, for p in [2^-24, 1 - 2^-24]. The line and 2p - 1, which is inexact below p = 1/4,
/// are kept doubly.
template <Number F>
F normicdf_core(F p) {
  auto [base, lo] = detail::central_quantile(p);
  F twice = p + p;
  F q = twice - 1.0;
  F q_lo = twice - (q + 1.0);
  return fma(q, base, fma(q, lo, q_lo * base));
}

/// The same bits where p is a multiple of 2^-24, as the uniform variates of the samplers are: then 2p - 1 is
/// exact.
template <Number F>
F normicdf_core_of_multiple(F p) {
  auto [base, lo] = detail::central_quantile(p);
  F q = fma(p, 2.0, -1.0);
  return fma(q, base, q * lo);
}

/// The x with Phi(x) = p, for every p: -infinity at 0, infinity at 1, NaN outside [0, 1].
template <Number F>
F normicdf(F single_p) {
  auto p = to_f64(single_p);
  auto product = fma(-p, p, p);
  auto [k, f] = functions::detail::split(product, constant(p, functions::detail::exponent_bias - 2.0));
  auto minus_w = fma(f, detail::log2_polynomial_absolute(f), k);
  auto tail = minus_w < -22.5;
  auto root = sqrt(minus_w * (-2.0 * ln2_nearest));
  auto base = select(tail, root, fma(minus_w, -0.1484375, 1.5));
  auto up = select(tail, horner(root, detail::quantile_tail_up), horner(minus_w, detail::quantile_up));
  auto down = select(tail, horner(root, detail::quantile_tail_down), horner(minus_w, detail::quantile_down));
  F quantile = to_f32((p + p - 1.0) * (base + up / down));
  F border =
      select(Truth<F>((single_p == 0.0) | (single_p == 1.0)), (single_p - 0.5) * infinity, not_a_number);
  return select(Truth<F>((single_p > 0.0) & (single_p < 1.0)), quantile, border);
}

}  // namespace mc::functions::single
