// Facts about values, each with the reason why it holds.
#include "engine/passes/facts.hpp"

#include <bit>
#include <cmath>

namespace mc::passes {
namespace {

using ir::Builder;
using ir::Node;
using ir::Op;
using ir::Type;
using ir::Value;

constexpr int kDepth = 4;  ///< operations looked through: chains of additions stay linear to simplify

std::uint64_t minus_zero(Type type) { return std::uint64_t{1} << (bit_width(type) - 1); }

/// A constant that is not +0.
bool is_constant_but_zero(const Builder& b, Value v) {
  const auto bits = constant_of(b, v);
  return bits && *bits != 0;
}

/// A constant so large that nothing a fused product leaves of it underflows: see the case of fma.
bool is_large_constant(const Builder& b, Value v) {
  const auto number = number_of(b, v);
  return number && std::abs(*number) >= (b[v].type == Type::f64 ? 0x1p-900 : 0x1p-90);
}

bool never_minus_zero(const Builder& b, Value v, int depth) {
  const Node& n = b[v];
  if (n.op == Op::constant) return n.immediate != minus_zero(n.type);
  if (depth == 0) return false;
  const auto never = [&](std::size_t k) { return never_minus_zero(b, n.operands[k], depth - 1); };
  switch (n.op) {
    // A sum of numbers that cancel is +0, and no sum underflows; only (-0) + (-0) and (-0) - (+0) are -0.
    case Op::add:
      return never(0) || never(1);
    case Op::sub:
      return never(0) || is_constant_but_zero(b, n.operands[1]);
    // Not so for fma, whose exact product may leave a negative remainder too small for the format:
    // fma(-1e-200, 1e-200, 0) is -0. With a large addend whatever remains is a multiple of the smallest
    // subnormal.
    case Op::fma:
      return is_large_constant(b, n.operands[2]);
    case Op::mul:
      return n.operands[0] == n.operands[1];  // a square
    case Op::abs:
      return true;
    // The root and the floor of -0 are the only ones that are -0; ceil, trunc and rint of -0.3 are -0 too.
    case Op::sqrt:
    case Op::floor:
      return never(0);
    // One of two, bit for bit.
    case Op::min:
    case Op::max:
      return never(0) && never(1);
    case Op::select:
      return never(1) && never(2);
    // Integers have one zero; an f32 keeps its own.
    case Op::to_f64:
      return is_integer(b[n.operands[0]].type) || never(0);
    // Its only zero is (2p - 1) F for p = 1/2, which is +0.
    case Op::normicdf_function:
    case Op::exp_function:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<std::uint64_t> constant_of(const Builder& builder, Value v) {
  const Node& node = builder[v];
  return node.op == Op::constant ? std::optional(node.immediate) : std::nullopt;
}

std::optional<double> number_of(const Builder& builder, Value v) {
  const Node& node = builder[v];
  if (node.op != Op::constant || !is_float(node.type)) return std::nullopt;
  if (node.type == Type::f64) return std::bit_cast<double>(node.immediate);
  return std::bit_cast<float>(static_cast<std::uint32_t>(node.immediate));
}

std::uint64_t float_bits(Type type, double number) {
  if (type == Type::f64) return std::bit_cast<std::uint64_t>(number);
  return std::bit_cast<std::uint32_t>(static_cast<float>(number));
}

bool never_minus_zero(const Builder& builder, Value v) { return never_minus_zero(builder, v, kDepth); }

bool is_integral(const Builder& builder, Value v) {
  switch (builder[v].op) {
    case Op::floor:
    case Op::ceil:
    case Op::trunc:
    case Op::rint:
      return true;
    case Op::to_f64:
      return is_integer(builder[builder[v].operands[0]].type);
    default:
      return false;
  }
}

std::optional<std::uint64_t> exact_reciprocal(Type type, std::uint64_t bits) {
  const unsigned fraction_bits = type == Type::f64 ? 52 : 23;
  const std::uint64_t largest = type == Type::f64 ? 2046 : 254;  // 1/2^(e - bias) has the exponent 2 bias - e
  const std::uint64_t sign = bits & minus_zero(type);
  const std::uint64_t exponent = (bits & ~sign) >> fraction_bits;
  const bool is_power = (bits & ((std::uint64_t{1} << fraction_bits) - 1)) == 0;
  if (!is_power || exponent < 1 || exponent >= largest) return std::nullopt;
  return sign | (largest - exponent) << fraction_bits;
}

}  // namespace mc::passes
