// exp and log in double, as exact as a float needs and no longer: for functions of floats that are computed
// in double. D is a double or an ir::X of one.
#pragma once

#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single::detail {

/// e^x for |x| < 700, relative error 2^-28.7. A NaN stays one. 12 operations.
template <Number D>
D exp_in_double(D x) {
  constexpr double bias = functions::rounding_magic + 1023.0;
  D shifted = fma(x, functions::log2_e, bias);
  D r = fma(shifted - bias, -ln2_nearest, x);
  D p = horner(r, {1.0, 0x1.0000009c2fc80p0, 0x1.fffffd18b6952p-2, 0x1.55540a2d5362bp-3, 0x1.55575dbd7229ap-5,
                   0x1.126d3b004be31p-7, 0x1.6b7421a91c491p-10});
  return p * from_bits(to_bits(shifted) << 52_u);
}

/// 2^x for |x| < 1000, relative error 2^-28.7. 11 operations.
template <Number D>
D exp2_in_double(D x) {
  constexpr double bias = functions::rounding_magic + 1023.0;
  D shifted = x + bias;
  D r = x - (shifted - bias);
  D p = horner(r, {1.0, 0x1.62e430c7b1428p-1, 0x1.ebfbdd2f840a0p-3, 0x1.c6aed4f17e78bp-5,
                   0x1.3b2c96c8e7c14p-7, 0x1.5f455402e3854p-10, 0x1.4278e67a35a87p-13});
  return p * from_bits(to_bits(shifted) << 52_u);
}

/// log(x) for positive normal finite x, relative error 2^-27.9. 18 operations.
template <Number D>
D log_in_double(D x) {
  auto [k, f] = functions::detail::split(x, constant(x, functions::detail::exponent_bias));
  D q = horner(f, {-0x1.fffff82410cafp-2, 0x1.555550089a789p-2, -0x1.000428953ec2dp-2, 0x1.99a40796b8738p-3,
                   -0x1.5427281ac353p-3, 0x1.22701f5ec5a3dp-3, -0x1.0f37d38c89358p-3, 0x1.0850f50b3dd8ep-3,
                   -0x1.38429bb1a206ep-4});
  return fma(k, ln2_nearest, fma(f * f, q, f));
}

/// log2(x) for positive normal finite x, relative error 2^-35.8: pow's exponent is as large as 150. 21
/// operations.
template <Number D>
D log2_in_double(D x) {
  auto [k, f] = functions::detail::split(x, constant(x, functions::detail::exponent_bias));
  D h = horner(f, {0x1.71547652a1e99p0, -0x1.715476565d244p-1, 0x1.ec709ebb9409ep-2, -0x1.71547097b6002p-2,
                   0x1.277651fc44e6dp-2, -0x1.ec72b58d80821p-3, 0x1.a63f445b781bdp-3, -0x1.71417199c271fp-3,
                   0x1.45291a0476026p-3, -0x1.252f318c78f94p-3, 0x1.2871db1c9daeep-3, -0x1.24890543a8007p-3,
                   0x1.3ce8efa918e89p-4});
  return fma(f, h, k);
}

}  // namespace mc::functions::single::detail
