// The table of exact rewrites: each keeps every bit of every result (which NaN a NaN is aside), and says why.
// Not in it, because they do not: x - x = 0, x * 0 = 0 (infinities, NaN), x + 0 = x (-0), -(x - y) = y - x
// (zeros), x <= x (NaN).
#include <cmath>
#include <cstdlib>
#include <iterator>

#include "engine/passes/simplifier.hpp"

namespace mc::passes {
namespace {

using ir::Op;
using ir::Type;
using ir::Value;
using S = Simplifier;
using Args = std::span<const Value>;
using Maybe = std::optional<Value>;

constexpr int kMaxPower =
    64;  ///< integer powers up to this are products, at most 6 squarings and 5 other factors

Maybe when(bool applies, Value v) { return applies ? Maybe(v) : std::nullopt; }

/// What `outer` is applied to, if `v` is that.
Maybe inside(const S& s, Op outer, Value v) { return s.is(v, outer) ? Maybe(s.operand(v, 0)) : std::nullopt; }

/// Constants stand on the right, so that the rows below need to look there only.
template <Op op>
Maybe constant_right(S& s, Args a) {
  if (!s.is_constant(a[0]) || s.is_constant(a[1])) return {};
  return a.size() == 2 ? s.emit(op, {a[1], a[0]}) : s.emit(op, {a[1], a[0], a[2]});
}

/// op(-x, -y, …) = op(x, y, …) and op(-x, c, …) = op(x, -c, …), for products and quotients.
template <Op op>
Maybe without_signs(S& s, Args a) {
  if (!s.is(a[0], Op::neg)) return {};
  Value second{};
  if (s.is(a[1], Op::neg)) {
    second = s.operand(a[1], 0);
  } else if (s.is_constant(a[1])) {
    second = s.emit(Op::neg, {a[1]});
  } else {
    return {};
  }
  const Value first = s.operand(a[0], 0);
  return a.size() == 2 ? s.emit(op, {first, second}) : s.emit(op, {first, second, a[2]});
}

template <Op op>
Maybe of_itself_is_it(S&, Args a) {
  return when(a[0] == a[1], a[0]);
}

template <Op op, bool value>
Maybe of_itself_is(S& s, Args a) {
  if (a[0] != a[1]) return {};
  return s.word(op == Op::isub || op == Op::bit_xor ? s.type(a[0]) : Type::i1, value);
}

template <Op op>
Maybe by_zero(S& s, Args a) {
  return when(s.is_word(a[1], 0), a[0]);
}

Maybe of_integral(S& s, Args a) { return when(is_integral(s.builder(), a[0]), a[0]); }

// ---- powers

/// The constant integer exponent, if it is one and small.
std::optional<int> small_integer(const S& s, Value exponent) {
  const auto n = number_of(s.builder(), exponent);
  if (!n || !(std::abs(*n) <= kMaxPower) || *n != std::trunc(*n)) return std::nullopt;
  return static_cast<int>(*n);
}

/// x^n, n >= 1: the product, from left to right, of those of x, x², x⁴, x⁸ … that the bits of n name, the
/// lowest first.
Value power(S& s, Value x, int n) {
  Value product = ir::kNoValue;
  for (Value square = x;; square = s.emit(Op::mul, {square, square})) {
    if (n & 1) product = product == ir::kNoValue ? square : s.emit(Op::mul, {product, square});
    if ((n >>= 1) == 0) return product;
  }
}

Value reciprocal(S& s, Value x) { return s.emit(Op::div, {s.number(s.type(x), 1.0), x}); }

Maybe integer_power(S& s, Args a) {
  const auto n = small_integer(s, a[1]);
  if (!n || *n == 0) return {};
  const Value product = power(s, a[0], std::abs(*n));
  return *n > 0 ? product : reciprocal(s, product);
}

// clang-format off: a row a line, as far as it goes
constexpr Rewrite kRewrites[] = {

    // ---- sums. Subtraction is addition of the negated operand, in IEEE-754 too, zeros included.
    {Op::add, "c + x = x + c", constant_right<Op::add>},  // commutes but for which NaN
    {Op::add, "x + -0 = x",  // also for +0 and -0
     [](S& s, Args a) { return when(s.is_number(a[1], -0.0), a[0]); }},
    {Op::add, "x + 0 = x",  // wrong only for -0, which x is known not to be
     [](S& s, Args a) { return when(s.is_number(a[1], 0.0) && never_minus_zero(s.builder(), a[0]), a[0]); }},
    {Op::add, "x + -y = x - y",  // by definition
     [](S& s, Args a) -> Maybe {
       if (const auto y = inside(s, Op::neg, a[1])) return s.emit(Op::sub, {a[0], *y});
       return {};
     }},
    {Op::add, "-x + y = y - x",  // the same and commuted
     [](S& s, Args a) -> Maybe {
       if (const auto x = inside(s, Op::neg, a[0])) return s.emit(Op::sub, {a[1], *x});
       return {};
     }},
    {Op::sub, "x - 0 = x",  // this is x + -0
     [](S& s, Args a) { return when(s.is_number(a[1], 0.0), a[0]); }},
    {Op::sub, "x - -0 = x",  // this is x + 0: wrong only for -0
     [](S& s, Args a) { return when(s.is_number(a[1], -0.0) && never_minus_zero(s.builder(), a[0]), a[0]); }},
    {Op::sub, "-0 - x = -x",  // -0 + -x; with 0 - x the sign of zero would differ
     [](S& s, Args a) -> Maybe {
       if (s.is_number(a[0], -0.0)) return s.emit(Op::neg, {a[1]});
       return {};
     }},
    {Op::sub, "x - -y = x + y",  // by definition
     [](S& s, Args a) -> Maybe {
       if (const auto y = inside(s, Op::neg, a[1])) return s.emit(Op::add, {a[0], *y});
       return {};
     }},

    // ---- products and quotients. Rounding to nearest is symmetric, so signs move freely.
    {Op::mul, "c * x = x * c", constant_right<Op::mul>},  // commutes but for which NaN
    {Op::mul, "x * 1 = x",  // nothing to round
     [](S& s, Args a) { return when(s.is_number(a[1], 1.0), a[0]); }},
    {Op::mul, "x * -1 = -x",  // nothing to round
     [](S& s, Args a) -> Maybe {
       if (s.is_number(a[1], -1.0)) return s.emit(Op::neg, {a[0]});
       return {};
     }},
    {Op::mul, "-x * -y = x * y, -x * c = x * -c", without_signs<Op::mul>},  // the exact product is the same
    {Op::div, "x / 1 = x",  // nothing to round
     [](S& s, Args a) { return when(s.is_number(a[1], 1.0), a[0]); }},
    {Op::div, "x / -1 = -x",  // nothing to round
     [](S& s, Args a) -> Maybe {
       if (s.is_number(a[1], -1.0)) return s.emit(Op::neg, {a[0]});
       return {};
     }},
    {Op::div, "x / c = x * (1/c)",  // 1/c is exact, so both round the same real number, once
     [](S& s, Args a) -> Maybe {
       const auto c = constant_of(s.builder(), a[1]);
       const auto inverse = c ? exact_reciprocal(s.type(a[1]), *c) : std::nullopt;
       if (!inverse) return {};
       return s.emit(Op::mul, {a[0], s.word(s.type(a[1]), *inverse)});
     }},
    {Op::div, "-x / -y = x / y, -x / c = x / -c", without_signs<Op::div>},  // the exact quotient is the same
    {Op::fma, "fma(c, x, y) = fma(x, c, y)", constant_right<Op::fma>},      // the exact product commutes
    {Op::fma, "fma(x, 1, y) = x + y",  // the product is exact
     [](S& s, Args a) -> Maybe {
       if (s.is_number(a[1], 1.0)) return s.emit(Op::add, {a[0], a[2]});
       return {};
     }},
    {Op::fma, "fma(x, -1, y) = y - x",  // the product is exact; y + -x
     [](S& s, Args a) -> Maybe {
       if (s.is_number(a[1], -1.0)) return s.emit(Op::sub, {a[2], a[0]});
       return {};
     }},
    {Op::fma, "fma(-x, -y, z) = fma(x, y, z), fma(-x, c, z) = fma(x, -c, z)",
     without_signs<Op::fma>},  // the exact product is the same

    // ---- signs, choices and roundings of floats
    {Op::neg, "-(-x) = x",  // the sign bit, flipped twice
     [](S& s, Args a) { return inside(s, Op::neg, a[0]); }},
    {Op::abs, "abs(-x) = abs(x)",  // the sign bit is cleared anyway
     [](S& s, Args a) -> Maybe {
       if (const auto x = inside(s, Op::neg, a[0])) return s.emit(Op::abs, {*x});
       return {};
     }},
    {Op::abs, "abs(abs(x)) = abs(x)",  // cleared already
     [](S& s, Args a) { return when(s.is(a[0], Op::abs), a[0]); }},
    {Op::min, "min(x, x) = x", of_itself_is_it<Op::min>},  // a choice between the two, bit for bit
    {Op::max, "max(x, x) = x", of_itself_is_it<Op::max>},  // likewise
    {Op::floor, "floor(n) = n", of_integral},              // nothing to round, and zeros keep their sign
    {Op::ceil, "ceil(n) = n", of_integral},                // likewise
    {Op::trunc, "trunc(n) = n", of_integral},              // likewise
    {Op::rint, "rint(n) = n", of_integral},                // likewise
    {Op::lt, "x < x = false", of_itself_is<Op::lt, false>},  // for NaN too
    {Op::eq, "c == x = x == c", constant_right<Op::eq>},     // symmetric

    // ---- integers, modulo 2^width
    {Op::iadd, "c + x = x + c (integers)", constant_right<Op::iadd>},  // commutes
    {Op::iadd, "x + 0 = x (integers)", by_zero<Op::iadd>},             // neutral
    {Op::isub, "x - 0 = x (integers)", by_zero<Op::isub>},             // neutral
    {Op::isub, "x - x = 0 (integers)", of_itself_is<Op::isub, false>},  // a group
    {Op::imul, "c * x = x * c (integers)", constant_right<Op::imul>},  // commutes
    {Op::imul, "x * 1 = x (integers)",                                 // neutral
     [](S& s, Args a) { return when(s.is_word(a[1], 1), a[0]); }},
    {Op::imul, "x * 0 = 0 (integers)",  // no infinities here
     [](S& s, Args a) { return when(s.is_word(a[1], 0), a[1]); }},
    {Op::shl, "x << 0 = x", by_zero<Op::shl>},           // moves nothing
    {Op::shr, "x >> 0 = x", by_zero<Op::shr>},           // moves nothing
    {Op::rotl, "rotl(x, 0) = x", by_zero<Op::rotl>},     // moves nothing
    {Op::ult, "x < x = false (integers)", of_itself_is<Op::ult, false>},  // irreflexive
    {Op::ult, "x < 0 = false (integers)",                                 // unsigned
     [](S& s, Args a) -> Maybe {
       if (s.is_word(a[1], 0)) return s.word(Type::i1, false);
       return {};
     }},
    {Op::ule, "x <= x = true (integers)", of_itself_is<Op::ule, true>},  // reflexive
    {Op::ule, "0 <= x = true (integers)",                                // unsigned
     [](S& s, Args a) -> Maybe {
       if (s.is_word(a[0], 0)) return s.word(Type::i1, true);
       return {};
     }},
    {Op::ieq, "c == x = x == c (integers)", constant_right<Op::ieq>},    // symmetric
    {Op::ieq, "x == x = true (integers)", of_itself_is<Op::ieq, true>},  // reflexive

    // ---- bits, truth values among them
    {Op::bit_and, "c & x = x & c", constant_right<Op::bit_and>},    // commutes
    {Op::bit_and, "x & x = x", of_itself_is_it<Op::bit_and>},       // idempotent
    {Op::bit_and, "x & 0 = 0",  // absorbs
     [](S& s, Args a) { return when(s.is_word(a[1], 0), a[1]); }},
    {Op::bit_and, "x & ~0 = x",  // neutral
     [](S& s, Args a) { return when(s.is_all_ones(a[1]), a[0]); }},
    {Op::bit_or, "c | x = x | c", constant_right<Op::bit_or>},      // commutes
    {Op::bit_or, "x | x = x", of_itself_is_it<Op::bit_or>},         // idempotent
    {Op::bit_or, "x | 0 = x", by_zero<Op::bit_or>},                 // neutral
    {Op::bit_or, "x | ~0 = ~0",  // absorbs
     [](S& s, Args a) { return when(s.is_all_ones(a[1]), a[1]); }},
    {Op::bit_xor, "c ^ x = x ^ c", constant_right<Op::bit_xor>},    // commutes
    {Op::bit_xor, "x ^ x = 0", of_itself_is<Op::bit_xor, false>},   // its own inverse
    {Op::bit_xor, "x ^ 0 = x", by_zero<Op::bit_xor>},               // neutral
    {Op::bit_xor, "x ^ ~0 = ~x",                                    // flips every bit
     [](S& s, Args a) -> Maybe {
       if (s.is_all_ones(a[1])) return s.emit(Op::bit_not, {a[0]});
       return {};
     }},
    {Op::bit_not, "~~x = x",  // every bit, flipped twice
     [](S& s, Args a) { return inside(s, Op::bit_not, a[0]); }},

    // ---- selection, bit for bit
    {Op::select, "select(true, x, y) = x",  // by definition
     [](S& s, Args a) { return when(s.is_constant(a[0]), a[s.is_word(a[0], 1) ? 1 : 2]); }},
    {Op::select, "select(c, x, x) = x",  // either way
     [](S&, Args a) { return when(a[1] == a[2], a[1]); }},
    {Op::select, "select(~c, x, y) = select(c, y, x)",  // by definition
     [](S& s, Args a) -> Maybe {
       if (const auto c = inside(s, Op::bit_not, a[0])) return s.emit(Op::select, {*c, a[2], a[1]});
       return {};
     }},
    {Op::select, "select(c, true, false) = c",  // truth values are their own
     [](S& s, Args a) {
       const bool is_truth = s.type(a[1]) == Type::i1;
       return when(is_truth && s.is_word(a[1], 1) && s.is_word(a[2], 0), a[0]);
     }},
    {Op::select, "select(c, false, true) = ~c",  // likewise
     [](S& s, Args a) -> Maybe {
       const bool is_truth = s.type(a[1]) == Type::i1;
       if (is_truth && s.is_word(a[1], 0) && s.is_word(a[2], 1)) return s.emit(Op::bit_not, {a[0]});
       return {};
     }},
    {Op::select, "select(x < y, x, y) = min(x, y)",  // the definition of min, NaN and zeros included
     [](S& s, Args a) -> Maybe {
       const bool is_min = s.is(a[0], Op::lt) && s.operand(a[0], 0) == a[1] && s.operand(a[0], 1) == a[2];
       if (is_min) return s.emit(Op::min, {a[1], a[2]});
       return {};
     }},
    {Op::select, "select(y < x, x, y) = max(x, y)",  // the definition of max
     [](S& s, Args a) -> Maybe {
       const bool is_max = s.is(a[0], Op::lt) && s.operand(a[0], 0) == a[2] && s.operand(a[0], 1) == a[1];
       if (is_max) return s.emit(Op::max, {a[1], a[2]});
       return {};
     }},

    // ---- conversions there and back
    {Op::to_bits, "to_bits(from_bits(x)) = x",  // bits, there and back
     [](S& s, Args a) { return inside(s, Op::from_bits, a[0]); }},
    {Op::from_bits, "from_bits(to_bits(x)) = x",  // likewise
     [](S& s, Args a) { return inside(s, Op::to_bits, a[0]); }},
    {Op::narrow, "narrow(widen(x)) = x",  // the zeros that came in go
     [](S& s, Args a) { return inside(s, Op::widen, a[0]); }},
    {Op::to_f32, "to_f32(to_f64(x)) = x",  // every f32 is an f64; not so for integers, which round twice
     [](S& s, Args a) -> Maybe {
       const auto x = inside(s, Op::to_f64, a[0]);
       return when(x && s.type(*x) == Type::f32, x.value_or(a[0]));
     }},
    {Op::to_f64, "to_f64(widen(x)) = to_f64(x)",  // the same integer, and exact
     [](S& s, Args a) -> Maybe {
       if (const auto x = inside(s, Op::widen, a[0])) return s.emit(Op::to_f64, {*x});
       return {};
     }},

    // ---- powers: docs/contract.md defines those with these constant exponents; `pow` would give others
    {Op::pow_function, "x ^ 0 = 1",  // C's pow, for NaN too
     [](S& s, Args a) -> Maybe {
       if (number_of(s.builder(), a[1]) == 0.0) return s.number(s.type(a[0]), 1.0);
       return {};
     }},
    {Op::pow_function, "1 ^ y = 1",  // C's pow, for NaN too
     [](S& s, Args a) { return when(s.is_number(a[0], 1.0), a[0]); }},
    {Op::pow_function, "x ^ n by repeated squaring", integer_power},
    {Op::pow_function, "x ^ 0.5 = sqrt(x)",
     [](S& s, Args a) -> Maybe {
       if (s.is_number(a[1], 0.5)) return s.emit(Op::sqrt, {a[0]});
       return {};
     }},
    {Op::pow_function, "x ^ -0.5 = 1 / sqrt(x)",
     [](S& s, Args a) -> Maybe {
       if (s.is_number(a[1], -0.5)) return reciprocal(s, s.emit(Op::sqrt, {a[0]}));
       return {};
     }},
};
// clang-format on

/// Whether the rows of each operation stand together, which looking them up relies on.
constexpr bool is_grouped() {
  for (std::size_t i = 1; i < std::size(kRewrites); ++i)
    for (std::size_t j = 0; j + 1 < i; ++j)
      if (kRewrites[j].op == kRewrites[i].op && kRewrites[i - 1].op != kRewrites[i].op) return false;
  return true;
}
static_assert(is_grouped());

}  // namespace

std::span<const Rewrite> rewrites() { return kRewrites; }

}  // namespace mc::passes
