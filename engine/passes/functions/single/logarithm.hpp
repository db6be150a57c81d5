// log, log2, log10, log1p in single precision, as for doubles: x = 2^k (1 + f), 1 + f in [sqrt(1/2),
// sqrt(2)), log(1 + f) = f + f^2 Q(f).
#pragma once

#include "engine/passes/functions/single/exponential.hpp"
#include "engine/passes/functions/single/number.hpp"

namespace mc::functions::single {

namespace detail {

template <Number F>
struct Parts {
  F k, f;
};

/// The bits of x moved up so that the exponent steps at sqrt(1/2) 2^k instead of 2^k.
template <Number F>
Bits<F> moved_exponent(F x) {
  return to_bits(x) + (0x3f80'0000_u - 0x3f35'04f3_u);
}

/// Positive normal x = 2^(k + bias) (1 + f): k becomes a float by standing in the low bits of 2^23. 7
/// operations.
template <Number F>
Parts<F> split(F x, F bias) {
  Bits<F> moved = moved_exponent(x);
  F k = from_bits((moved >> 23_u) | 0x4b00'0000_u) - bias;
  F f = from_bits((moved & 0x007f'ffff_u) + 0x3f35'04f3_u) - 1.0;
  return {k, f};
}

/// What split subtracts so that k is the exponent itself.
inline constexpr double exponent_bias = 0x1p23 + 127.0;

/// A subnormal argument is scaled by 2^24 first; the bias takes it back. 4 operations.
template <Number F>
Parts<F> split_any(F x) {
  Truth<F> small = x < smallest_normal;
  return split(select(small, x * 0x1p24, x), choose(x, small, exponent_bias + 24.0, exponent_bias));
}

/// Q with log(1 + f) = f + f^2 Q(f), relative error 2^-27.8 of the whole. 8 operations.
template <Number F>
F log_polynomial(F f) {
  return horner(f, {-0x1.fffff8p-2, 0x1.555550p-2, -0x1.000432p-2, 0x1.99a41ap-3, -0x1.5425c4p-3,
                    0x1.226dfcp-3, -0x1.0f3fa6p-3, 0x1.0860cep-3, -0x1.38472ap-4});
}

/// k ln2 + log(1 + f), head = k ln2 + f with its rounding error: see log_of_parts for doubles. 15 operations.
template <Number F>
F log_of_parts(F k, F f) {
  F head = fma(k, ln2_head, f);
  F tail = fma(k, ln2_tail, f - fma(k, -ln2_head, head));
  return head + fma(f * f, log_polynomial(f), tail);
}

/// The exceptional arguments of a logarithm: infinity and NaN stay, 0 gives -infinity, x < 0 gives NaN. 6
/// operations.
template <Number F>
F log_special(F x, F result) {
  F below = choose(x, x == 0.0, -infinity, not_a_number);
  return select(x < infinity, select(x > 0.0, result, below), select(x > 0.0, x, not_a_number));
}

}  // namespace detail

/// log(x) of positive normal finite x, no special cases: for samplers. 22 operations.
template <Number F>
F log_positive_normal(F x) {
  auto [k, f] = detail::split(x, constant(x, detail::exponent_bias));
  return detail::log_of_parts(k, f);
}

/// log(x) for every x.
template <Number F>
F log(F x) {
  auto [k, f] = detail::split_any(x);
  return detail::log_special(x, detail::log_of_parts(k, f));
}

/// log2(x) for every x: k + log2(e) f, doubly, + f^2 Q(f), relative error 2^-29.3.
template <Number F>
F log2(F x) {
  auto [k, f] = detail::split_any(x);
  constexpr double missing = 0x1.4ae0c0p-26;  // of log2(e)
  F scaled = f * log2_e;
  F scaled_lo = fma(f, missing, fma(f, log2_e, -scaled));
  F head = k + scaled;
  F tail = (scaled - (head - k)) + scaled_lo;
  F q = horner(f, {-0x1.715476p-1, 0x1.ec7094p-2, -0x1.7154bcp-2, 0x1.277c3cp-2, -0x1.ec6a46p-3,
                   0x1.a47c86p-3, -0x1.6f87bep-3, 0x1.5d8dc0p-3, -0x1.53831ap-3, 0x1.8a8506p-4});
  return detail::log_special(x, head + fma(f, f * q, tail));
}

/// log10(x) for every x: k log10(2) + log10(e) f, both doubly, + f^2 Q(f), relative error 2^-28.6. The head
/// of log10(2) has 15 bits, so that its product with k is exact.
template <Number F>
F log10(F x) {
  auto [k, f] = detail::split_any(x);
  constexpr double scale = 0x1.bcb7b2p-2, scale_lo = -0x1.5b235ep-27;
  constexpr double of_two = 0x1.344000p-2, of_two_lo = 0x1.3509f8p-18;
  F scaled = f * scale;
  F scaled_lo = fma(f, scale_lo, fma(f, scale, -scaled));
  F head = fma(k, of_two, scaled);
  F tail = fma(k, of_two_lo, (scaled - fma(k, -of_two, head)) + scaled_lo);
  F q = horner(f, {-0x1.bcb7b2p-3, 0x1.287a70p-3, -0x1.bcb6e0p-4, 0x1.63cc64p-4, -0x1.28a1aap-4,
                   0x1.fa99b0p-5, -0x1.b5c91ep-5, 0x1.9e9ca2p-5, -0x1.afc4b2p-5, 0x1.14f568p-5});
  return detail::log_special(x, head + fma(f, f * q, tail));
}

/// log(1 + x) for every x. 1 + x = u + lo exactly; u is split as in log and lo, scaled likewise, joins f,
/// whose own rounding error e then counts as e (1 - f).
template <Number F>
F log1p(F x) {
  F u = x + 1.0;
  F lo = x - (u - 1.0);
  auto [k, f] = detail::split(u, constant(x, detail::exponent_bias));
  // 2^(1 - k): never infinite, and 0 at k = 128, where lo is 0 as well.
  F shrink = from_bits(0x7f80'0000_u - (detail::moved_exponent(u) & 0x7f80'0000_u));
  F f_lo = lo * (shrink * 0.5);
  F g = f + f_lo;
  F g_lo = f_lo - (g - f);
  F head = fma(k, ln2_head, g);
  F tail = fma(k, ln2_tail, (g - fma(k, -ln2_head, head)) + fma(-g_lo, g, g_lo));
  F result = head + fma(g * g, detail::log_polynomial(g), tail);
  F border = select(x == -1.0, -infinity, select(x > 0.0, x, not_a_number));
  return select(Truth<F>((x > -1.0) & (x < infinity)), with_sign_of(result, x), border);
}

}  // namespace mc::functions::single
