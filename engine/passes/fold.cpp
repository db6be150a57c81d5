// The operations as plain C++, a line each. Needs round to nearest and no contraction by the compiler.
#include "engine/passes/fold.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

namespace mc::passes {
namespace {

using ir::Op;
using ir::Type;
using Words = std::span<const std::uint64_t>;
using Folded = std::optional<std::uint64_t>;

template <class Float>
using BitsOf = std::conditional_t<sizeof(Float) == 8, std::uint64_t, std::uint32_t>;

template <class Float>
Float number(std::uint64_t word) {
  return std::bit_cast<Float>(static_cast<BitsOf<Float>>(word));
}

template <class Float>
std::uint64_t bits(Float value) {
  return std::bit_cast<BitsOf<Float>>(value);
}

/// The result of arithmetic: processors differ in the NaN they give, so here it is always the same one.
template <class Float>
std::uint64_t rounded(Float value) {
  return bits(std::isnan(value) ? std::numeric_limits<Float>::quiet_NaN() : value);
}

template <class Float>
Folded fold_floats(Op op, Words w) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << (8 * sizeof(Float) - 1);
  const Float a = number<Float>(w[0]);
  const Float b = w.size() > 1 ? number<Float>(w[1]) : Float{};
  switch (op) {
    case Op::add:
      return rounded(a + b);
    case Op::sub:
      return rounded(a - b);
    case Op::mul:
      return rounded(a * b);
    case Op::div:
      return rounded(a / b);
    case Op::fma:
      return rounded(std::fma(a, b, number<Float>(w[2])));
    case Op::sqrt:
      return rounded(std::sqrt(a));
    case Op::neg:
      return w[0] ^ kSign;
    case Op::abs:
      return w[0] & ~kSign;
    case Op::min:
      return a < b ? w[0] : w[1];
    case Op::max:
      return a > b ? w[0] : w[1];
    case Op::floor:
      return rounded(std::floor(a));
    case Op::ceil:
      return rounded(std::ceil(a));
    case Op::trunc:
      return rounded(std::trunc(a));
    case Op::rint:
      return rounded(std::nearbyint(a));
    case Op::lt:
      return a < b;
    case Op::le:
      return a <= b;
    case Op::eq:
      return a == b;
    case Op::to_bits:
      return w[0];
    case Op::to_f64:
      return rounded(static_cast<double>(a));
    case Op::to_f32:
      return rounded(static_cast<float>(a));
    default:
      return std::nullopt;
  }
}

template <class Word>
Folded fold_integers(Op op, Words w) {
  constexpr unsigned kWidth = 8 * sizeof(Word);
  const auto a = static_cast<Word>(w[0]);
  const auto b = static_cast<Word>(w.size() > 1 ? w[1] : 0);
  const bool shifts = op == Op::shl || op == Op::shr || op == Op::rotl;
  if (shifts && b >= kWidth) return std::nullopt;
  switch (op) {
    case Op::iadd:
      return static_cast<Word>(a + b);
    case Op::isub:
      return static_cast<Word>(a - b);
    case Op::imul:
      return static_cast<Word>(a * b);
    case Op::shl:
      return static_cast<Word>(a << b);
    case Op::shr:
      return static_cast<Word>(a >> b);
    case Op::rotl:
      return std::rotl(a, static_cast<int>(b));
    case Op::ult:
      return a < b;
    case Op::ule:
      return a <= b;
    case Op::ieq:
      return a == b;
    case Op::bit_and:
      return a & b;
    case Op::bit_or:
      return a | b;
    case Op::bit_xor:
      return a ^ b;
    case Op::bit_not:
      return static_cast<Word>(~a);
    case Op::from_bits:
      return a;
    case Op::to_f64:
      return bits(static_cast<double>(a));
    case Op::widen:
      return a;
    case Op::narrow:
      return static_cast<std::uint32_t>(a);
    default:
      return std::nullopt;
  }
}

Folded fold_truths(Op op, Words w) {
  switch (op) {
    case Op::bit_and:
      return w[0] & w[1];
    case Op::bit_or:
      return w[0] | w[1];
    case Op::bit_xor:
      return w[0] ^ w[1];
    case Op::bit_not:
      return w[0] ^ 1;
    default:
      return std::nullopt;
  }
}

}  // namespace

Folded fold(Op op, Type type, Words operands) {
  if (operands.empty() || ir::is_pinned(op) || ir::is_read(op)) return std::nullopt;
  if (op == Op::select) return operands[0] != 0 ? operands[1] : operands[2];
  switch (type) {
    case Type::f64:
      return fold_floats<double>(op, operands);
    case Type::f32:
      return fold_floats<float>(op, operands);
    case Type::u64:
      return fold_integers<std::uint64_t>(op, operands);
    case Type::u32:
      return fold_integers<std::uint32_t>(op, operands);
    case Type::i1:
      return fold_truths(op, operands);
    case Type::none:
      break;
  }
  return std::nullopt;
}

}  // namespace mc::passes
