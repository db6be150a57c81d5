// asinh, acosh, atanh in single precision: their logarithms in double, where u = 1 + small forgives its
// rounding down to small = 2^-25; below that, series.
#pragma once

#include "engine/passes/functions/single/in_double.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

/// asinh(x) for every x.
template <Number F>
F asinh(F x) {
  F ax = abs(x);
  auto a = to_f64(ax);
  F result = to_f32(detail::log_in_double(a + sqrt(fma(a, a, 1.0))));
  F series = fma(ax * ax * (-1.0 / 6), ax, ax);
  return with_sign_of(select(ax < 0x1p-10, series, select(ax < infinity, result, ax)), x);
}

/// acosh(x) for every x; x^2 is exact in double.
template <Number F>
F acosh(F x) {
  auto a = to_f64(x);
  F result = to_f32(detail::log_in_double(a + sqrt(fma(a, a, -1.0))));
  return select(x >= 1.0, select(x < infinity, result, x), not_a_number);
}

/// atanh(x) for every x.
template <Number F>
F atanh(F x) {
  F ax = abs(x);
  auto a = to_f64(ax);
  F result = to_f32(detail::log_in_double((1.0 + a) / (1.0 - a)) * 0.5);
  F series = fma(ax * ax * (1.0 / 3), ax, ax);
  F border = choose(x, ax == 1.0, infinity, not_a_number);
  return with_sign_of(select(ax < 0x1p-10, series, select(ax < 1.0, result, border)), x);
}

}  // namespace mc::functions::single
