// Argument reduction of the trigonometric functions: x = (quadrant) pi/2 + r. Two straight-line versions:
// `near` is cheap and right up to 2^26 quadrants, `far` is right for every double and costs four times as
// much. reduce() picks by lane.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// x = quadrant * pi/2 + r - minus_tail, |r| < pi/4 (1 + tiny), minus_tail below half an ulp of r or so: what
/// r lacks. The low two bits of `quadrant` are those of the quadrant's number. (The tail is kept negated
/// because this way sin(-0) comes out as -0 without a thought.)
template <Number F>
struct Angle {
  F r, minus_tail;
  Bits<F> quadrant;
};

namespace angle {

inline constexpr double two_over_pi = 0x1.45f306dc9c883p-1;
/// pi/2 in three parts. The middle one has 27 bits, so that j * middle is exact for |j| <= 2^26; together
/// they miss pi/2 by 2^-141.8.
inline constexpr double half_pi_head = 0x1.921fb54442d18p+0;
inline constexpr double half_pi_middle = 0x1.1a62634000000p-54;
inline constexpr double half_pi_tail = -0x1.d747f23e32ed7p-83;
inline constexpr double two_pi_head = 0x1.921fb54442d18p+2;
inline constexpr double two_pi_tail = 0x1.1a62633145c07p-52;

/// The bound of near(): 2^26 quadrants.
inline constexpr double near_bound = 0x1.921fb4p+26;

/// 1/(2 pi) in digits of 53 bits, number k worth 2^(-53 (k - 1)); a leading zero makes room for small
/// arguments.
inline constexpr std::array<double, 24> turn_digits{0.0,
                                                    0x1.45f306dc9c880p-3,
                                                    0x1.529fc2757d1f5p-1,
                                                    0x1.a6ee06db14accp-3,
                                                    0x1.3c439041fe514p-3,
                                                    0x1.1d5ef5de2b0dbp-1,
                                                    0x1.246e3a424dd2ep-1,
                                                    0x1.924bba8274600p-10,
                                                    0x1.21cfe1deb1cb0p-3,
                                                    0x1.29a73ee88235ep-2,
                                                    0x1.52ebb4484e99cp-1,
                                                    0x1.c09ad17df904ep-2,
                                                    0x1.91d639835339cp-3,
                                                    0x1.a4e422fc5defcp-1,
                                                    0x1.283b1ff897ffdp-1,
                                                    0x1.c0b301fde5e23p-1,
                                                    0x1.6b414da3eda68p-4,
                                                    0x1.3f6793e584dbap-1,
                                                    0x1.e8c7ecd3cbfd4p-2,
                                                    0x1.6ba93dd63f5f0p-3,
                                                    0x1.7c5ecf41ce7dep-1,
                                                    0x1.4a525d4d7f6bcp-3,
                                                    0x1.b11f8d5d08560p-1,
                                                    0x1.98237e3db5d5cp-3};

/// v as a multiple of the last bit of `anchor` and the rest, exactly, where v + anchor stays in anchor's
/// binade. 3 operations.
template <Number F>
Sum<F> split_at_grid(F v, double anchor) {
  F hi = (v + anchor) - anchor;
  return {hi, v - hi};
}

/// v less the nearest integer.
template <Number F>
F fraction(F v) {
  return v - rint(v);
}

/// For |x| <= near_bound. Cody and Waite's scheme with fma: x - j head is exact however large j is, because
/// both are multiples of 2^-53 (or x is small and j = 0) and the difference is below 1. 7 operations.
template <Number F>
Angle<F> near(F x) {
  F shifted = fma(x, two_over_pi, rounding_magic);
  F j = shifted - rounding_magic;
  F head = fma(j, -half_pi_head, x);
  F r = fma(j, -half_pi_middle, head);
  F minus_tail = fma(j, half_pi_tail, fma(j, half_pi_middle, r - head));
  return {r, minus_tail, to_bits(shifted)};
}

/// The first Keep of the digits, or of those from number Step on where `skip`.
template <std::size_t Step, std::size_t Keep, Number F, std::size_t N>
std::array<F, Keep> skip_digits(Truth<F> skip, const std::array<F, N>& digits) {
  auto pick = [&](std::size_t i) {
    return i + Step < N ? select(skip, digits[i + Step], digits[i]) : digits[i];
  };
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<F, Keep>{pick(I)...};
  }(std::make_index_sequence<Keep>());
}

/// What far() multiplies: x = scaled * 2^(53 n), and the digits of 1/(2 pi) from number n on, n so that the
/// digits left out contribute whole turns only and 2^0 <= 2 scaled < 2^54 where n > 0.
template <Number F>
struct Window {
  F scaled;
  std::array<F, 5> digits;
};

/// A barrel shifter: skip 16 digits or not, 8 or not, ... by comparing x. Seen from the end: five digits are
/// needed.
template <Number F>
Window<F> window(F x) {
  auto all = [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<F, 24>{constant(x, turn_digits[I])...};
  }(std::make_index_sequence<24>());
  Truth<F> skip16 = abs(x) >= 0x1p848;
  F x16 = select(skip16, x * 0x1p-848, x);
  Truth<F> skip8 = abs(x16) >= 0x1p424;
  F x8 = select(skip8, x16 * 0x1p-424, x16);
  Truth<F> skip4 = abs(x8) >= 0x1p212;
  F x4 = select(skip4, x8 * 0x1p-212, x8);
  Truth<F> skip2 = abs(x4) >= 0x1p106;
  F x2 = select(skip2, x4 * 0x1p-106, x4);
  Truth<F> skip1 = abs(x2) >= 0x1p53;
  F x1 = select(skip1, x2 * 0x1p-53, x2);
  auto d16 = skip_digits<16, 20, F>(skip16, all);
  auto d8 = skip_digits<8, 12, F>(skip8, d16);
  auto d4 = skip_digits<4, 8, F>(skip4, d8);
  auto d2 = skip_digits<2, 6, F>(skip2, d4);
  return {x1, skip_digits<1, 5, F>(skip1, d2)};
}

/// A fraction of a turn, S + lo: S a multiple of 2^-52, |S| <= 2, lo two numbers.
template <Number F>
struct Turns {
  F coarse, fine, finest;
};

/// x / (2 pi) modulo 1 to 2^-118 and better: the products x * digit with their exact errors, whole turns
/// dropped, summed on two grids, 2^-52 and 2^-105, on which all additions are exact.
template <Number F>
Turns<F> turns(const Window<F>& w) {
  F x0 = w.scaled * 0x1p53, x1 = w.scaled, x2 = w.scaled * 0x1p-53, x3 = w.scaled * 0x1p-106;
  F p0 = x0 * w.digits[0], e0 = fma(x0, w.digits[0], -p0);
  F p1 = x1 * w.digits[1], e1 = fma(x1, w.digits[1], -p1);
  F p2 = x2 * w.digits[2], e2 = fma(x2, w.digits[2], -p2);
  F p3 = x3 * w.digits[3], e3 = fma(x3, w.digits[3], -p3);
  auto [c1, f1] = split_at_grid(fraction(p1), 1.5);
  auto [c2, f2] = split_at_grid(e1, 1.5);
  auto [c3, f3] = split_at_grid(p2, 3.0);  // |p2| < 1, the others are at most 1/2
  F coarse = fraction(fraction(p0) + fraction(e0) + c1) + (c2 + c3);
  auto [s1, r1] = two_sum(f1 + f2, f3);
  auto [s2, r2] = two_sum(s1, p3);
  auto [s3, r3] = two_sum(s2, e2);
  F finest = (r1 + r2) + (r3 + fma(w.scaled * 0x1p-159, w.digits[4], e3));
  return {coarse, s3, finest};
}

/// For |x| >= 1 of any size. Payne and Hanek (1983) in floating point: only those digits of 1/(2 pi) are
/// multiplied that leave a fraction of a turn. Infinity and NaN give NaN. About 130 operations.
template <Number F>
Angle<F> far(F x) {
  auto [coarse, fine, finest] = turns(window(x));
  F shifted = fma(coarse, 4.0, rounding_magic);
  F rest = fma(shifted - rounding_magic, -0.25, coarse);
  auto [hi, lo] = two_sum(rest, fine);
  F low = lo + finest;
  F r = hi * two_pi_head;
  F tail = fma(hi, two_pi_head, -r) + fma(hi, two_pi_tail, low * two_pi_head);
  return {r, -tail, to_bits(shifted)};
}

template <Number F>
Angle<F> choose(Truth<F> first, const Angle<F>& a, const Angle<F>& b) {
  return {select(first, a.r, b.r), select(first, a.minus_tail, b.minus_tail),
          select(first, a.quadrant, b.quadrant)};
}

}  // namespace angle

/// The reduction of every x. Where the caller can skip work that no lane needs, `angle::far` is what to skip.
template <Number F>
Angle<F> reduce(F x) {
  return angle::choose<F>(abs(x) <= angle::near_bound, angle::near(x), angle::far(x));
}

}  // namespace mc::functions
