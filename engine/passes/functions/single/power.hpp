// pow in single precision: 2^(y log2|x|) in double, then the sign and C's special cases as for doubles.
#pragma once

#include "engine/passes/functions/single/in_double.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

namespace detail {

/// |x|^y. Where |x| is 0, infinite or NaN its logarithm is replaced by (|x| - 1) infinity. |y| is cut to
/// 2^40, which still over- and underflows for every x but 1 and leaves no infinity to meet a zero.
template <Number F>
F magnitude_of_power(F ax, F y) {
  auto t = to_f64(min(0x1p40, max(-0x1p40, y))) * log2_in_double(to_f64(ax));
  Truth<F> ordinary = to_bits(ax) - 1_u < 0x7f7f'ffff_u;
  auto exponent = select(ordinary, t, to_f64((ax - 1.0) * infinity * y));
  return to_f32(exp2_in_double(min(130.0, max(-160.0, exponent))));
}

}  // namespace detail

/// x^y for all x and y, special cases as C's Annex F has them.
template <Number F>
F pow(F x, F y) {
  F half = y * 0.5;
  Truth<F> whole = rint(y) == y;
  Truth<F> odd = whole & !(rint(half) == half);
  Truth<F> no_root = (!whole) & (x < 0.0) & (x > -infinity);
  F magnitude = detail::magnitude_of_power(abs(x), y);
  F powered = from_bits(to_bits(magnitude) | select(odd, to_bits(x) & sign_bit_of(x), word(x, 0)));
  F real = select(no_root, not_a_number, powered);
  return select(Truth<F>((y == 0.0) | (x == 1.0)), 1.0, real);
}

}  // namespace mc::functions::single
