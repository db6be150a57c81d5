// The normal distribution: normicdf (quantile) ...
#pragma once

#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// PRELIMINARY (7 ulp). The x with Phi(x) = p, for p in [2^-54, 1 - 2^-53].
template <Number F>
F normicdf_core(F p) {
  F v = fma(-p, p, p);
  auto [k, f] = detail::split(v, constant(v, detail::exponent_bias - 2.0));
  F w = -fma(k, ln2_nearest, fma(f * f, detail::log_polynomial(f), f));
  F up =
      horner(w, {0x1.40d931ff62706p+0, 0x1.09c3c27203578p-1, 0x1.325f6fccba8fbp-3, 0x1.ff87d20b5a318p-6,
                 0x1.4850789c0933dp-8, 0x1.50e76c36dbb18p-11, 0x1.1776688bbb6e0p-14, 0x1.79df252805010p-18,
                 0x1.a669b8ac671abp-22, 0x1.8cbd63838e36dp-26, 0x1.354366ddc43b4p-30, 0x1.5cefff3e060d5p-35,
                 0x1.bf91e21fff223p-40, 0x1.84643b139608bp-46, 0x1.d55cc4d525c99p-55});
  F down =
      horner(w, {0x1.0000000000000p+0, 0x1.3808737a652afp-3, 0x1.102413cb14d0fp-4, 0x1.0b9749a13cea9p-7,
                 0x1.93851ba445270p-10, 0x1.35ed0b0484458p-13, 0x1.ff3b667bfef93p-17, 0x1.2b2ff5cd793e0p-20,
                 0x1.2efaf4a6c9ddfp-24, 0x1.1091a6263f800p-28, 0x1.49438abe563a9p-33, 0x1.aff0d7b3b11f5p-38,
                 0x1.659ad13f1977dp-43, 0x1.166c5b982d618p-50, 0x1.63706a711ac92p-61});
  F ratio = up / down;
  return fma(ratio + ratio, p, -ratio);
}

/// PRELIMINARY: below 2^-54 the quantile is not yet right. 0 gives -infinity, 1 infinity, outside NaN.
template <Number F>
F normicdf(F p) {
  F inside = normicdf_core(p);
  F border = select(p == 0.0, constant(p, -infinity), choose(p, p == 1.0, infinity, not_a_number));
  return select(Truth<F>((p > 0.0) & (p < 1.0)), inside, border);
}

}  // namespace mc::functions
