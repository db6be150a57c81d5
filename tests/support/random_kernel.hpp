// Random well-formed kernels for property tests, the same for a seed on every platform: operations of all
// types, nested loops, rows, scalars, arrays. Values are whatever comes out, infinities and NaN too; only
// what nobody promises (the bits of a NaN, shifts by the width, reads outside a row) is kept out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <vector>

#include "engine/ir/builder.hpp"

namespace mc::testing {

struct RandomKernelKnobs {
  unsigned operations = 40;  ///< about so many, besides what loops and rows need
  unsigned loops = 4;        ///< at most
  unsigned max_depth = 2;    ///< of loops
  unsigned max_count = 4;    ///< times a loop runs, at most; some never do
  unsigned rows = 1;
  unsigned scalars = 2;  ///< parameters; the caller supplies as many
  unsigned arrays = 1;   ///< each of kRandomArrayLength elements, from the caller
  unsigned outputs = 3;
  bool f32 = true;         ///< operations on f32 too
  bool integers = true;    ///< operations on u64, u32 and the bits of floats
  bool functions = false;  ///< mathematical functions too
};

inline constexpr std::uint32_t kRandomArrayLength = 8;

class RandomKernel {
 public:
  RandomKernel(std::uint64_t seed, const RandomKernelKnobs& knobs) : knobs_(knobs), random_(seed) {}

  ir::Kernel build() {
    add_leaves();
    for (unsigned r = 0; r < knobs_.rows; ++r) add_row();
    fill(knobs_.operations);
    for (unsigned k = 0; k < knobs_.outputs; ++k)
      builder_.output(k, knobs_.integers && k + 1 == knobs_.outputs ? digest() : recent(Type::f64));
    return builder_.finish(knobs_.scalars, std::vector<std::uint32_t>(knobs_.arrays, kRandomArrayLength));
  }

 private:
  using Op = ir::Op;
  using Rule = ir::Rule;
  using Type = ir::Type;
  using Value = ir::Value;

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::vector<Value>& pool(Type type) { return pools_[static_cast<std::size_t>(type)]; }
  Value any(Type type) { return pool(type)[below(pool(type).size())]; }
  void keep(Value v) { pool(builder_[v].type).push_back(v); }

  /// Most often one of the latest values, so that chains grow.
  Value recent(Type type) {
    const std::size_t n = pool(type).size();
    return pool(type)[n - 1 - (chance(65) ? below(std::min<std::size_t>(n, 5)) : below(n))];
  }

  Type float_type() { return knobs_.f32 && chance(25) ? Type::f32 : Type::f64; }
  Type integer_type() { return chance(50) ? Type::u64 : Type::u32; }

  // ---- leaves

  double number() {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    constexpr std::array<double, 22> kNumbers = {
        0.0,  -0.0, 1.0,   -1.0,  2.0,     0.5,    -0.25,   3.0,     0.1, -7.5,      1e-3,
        1e16, 1e30, 1e300, 4e-16, 0x1p-30, 5e-324, -2e-308, 1.7e308, 1e5, kInfinity, -kInfinity};
    return kNumbers[below(kNumbers.size())];
  }

  std::uint64_t word() { return chance(50) ? below(9) : random_() >> below(64); }

  void add_leaves() {
    for (int k = 0; k < 5; ++k) {
      keep(builder_.constant(number()));
      keep(builder_.constant_f32(static_cast<float>(number())));
      keep(builder_.constant_u64(word()));
      keep(builder_.constant_u32(static_cast<std::uint32_t>(word())));
    }
    keep(builder_.constant_i1(false));
    keep(builder_.constant_i1(true));
    for (Op leaf : {Op::tile, Op::lane, Op::seed, Op::steps}) keep(builder_.leaf(leaf));
    for (unsigned k = 0; k < knobs_.scalars; ++k) keep(builder_.scalar(k));
    for (unsigned k = 0; k < knobs_.arrays; ++k) keep(builder_.element(k, index_below(kRandomArrayLength)));
  }

  /// An index for `size` elements, a power of two.
  Value index_below(std::uint32_t size) {
    return builder_.emit(Op::bit_and, {any(Type::u32), builder_.constant_u32(size - 1)});
  }

  void add_row() {
    const std::uint32_t row = builder_.row(kRowLength);
    builder_.loop(builder_.constant_u32(kRowLength), {}, [&](Value index, std::span<const Value>) {
      const Value number = builder_.emit(Op::to_f64, {index});
      builder_.store(row, index, builder_.emit(Op::mul, {number, any(Type::f64)}));
      return std::vector<Value>{};
    });
  }

  // ---- statements

  void fill(unsigned operations) {
    for (unsigned k = 0; k < operations; ++k) {
      if (knobs_.rows > 0 && chance(8) && settling_ == 0)
        access_row();
      else if (knobs_.arrays > 0 && chance(4))
        keep(builder_.element(static_cast<std::uint32_t>(below(knobs_.arrays)),
                              index_below(kRandomArrayLength)));
      else if (loops_ < knobs_.loops && depth_ < knobs_.max_depth && chance(12))
        k += add_loop(operations - k);
      else
        add_operation();
    }
  }

  void access_row() {
    const auto row = static_cast<std::uint32_t>(below(knobs_.rows));
    const Value index = index_below(kRowLength);
    if (chance(50))
      keep(builder_.load(row, index));
    else
      builder_.store(row, index, recent(Type::f64));
  }

  Value count() {
    if (chance(25)) return builder_.emit(Op::bit_and, {builder_.leaf(Op::steps), builder_.constant_u32(3)});
    return builder_.constant_u32(static_cast<std::uint32_t>(below(knobs_.max_count + 1)));
  }

  /// Operations used up.
  unsigned add_loop(unsigned operations) {
    ++loops_, ++depth_;
    std::vector<Value> initial;
    for (std::uint64_t k = below(4); k > 0; --k) initial.push_back(recent(any_type()));
    const bool settles = chance(30);
    if (settles) initial.push_back(chance(80) ? builder_.constant_i1(false) : recent(Type::i1));
    settling_ += settles;
    const auto outside = pools_;
    const unsigned inside = static_cast<unsigned>(below(operations + 1)) / 2 + 1;
    const auto body = [&](Value index, std::span<const Value> carried) {
      keep(index);
      for (Value v : carried) keep(v);
      fill(inside);
      std::vector<Value> next;
      for (Value v : carried) next.push_back(recent(builder_[v].type));
      if (settles) settle(carried, next);
      return next;
    };
    const auto last = static_cast<std::uint32_t>(initial.size() - 1);
    const auto results = builder_.loop(count(), initial, body, settles ? last : ir::kNoSlot);
    pools_ = outside;
    settling_ -= settles;
    for (Value v : results) keep(v);
    --depth_;
    return inside;
  }

  /// Keeps the promise of a loop that settles by the last value it carries.
  void settle(std::span<const Value> carried, std::vector<Value>& next) {
    const Value settled = carried.back();
    for (std::size_t k = 0; k + 1 < next.size(); ++k)
      next[k] = builder_.emit(Op::select, {settled, carried[k], next[k]});
    next.back() = builder_.emit(Op::bit_or, {settled, next.back()});
  }

  Type any_type() {
    if (chance(15)) return Type::i1;
    return knobs_.integers && chance(30) ? integer_type() : float_type();
  }

  // ---- outputs

  /// A number in which every bit of the latest values of all types shows.
  Value digest() {
    Value digest = builder_.constant_u64(0);
    for (Type type : {Type::f64, Type::u64, Type::u32, Type::f32, Type::i1})
      for (std::size_t n = pool(type).size(), k = n - std::min<std::size_t>(n, 3); k < n; ++k)
        digest = builder_.emit(Op::bit_xor, {builder_.emit(Op::rotl, {digest, builder_.constant_u64(7)}),
                                             word_of(pool(type)[k])});
    return builder_.emit(Op::to_f64, {builder_.emit(Op::shr, {digest, builder_.constant_u64(11)})});
  }

  Value word_of(Value v) {
    const Type type = builder_[v].type;
    if (type == Type::i1)
      return builder_.emit(Op::select, {v, builder_.constant_u64(1), builder_.constant_u64(0)});
    const Value bits = ir::is_float(type) ? builder_.emit(Op::to_bits, {without_nan(v)}) : v;
    return ir::bit_width(type) == 64 ? bits : builder_.emit(Op::widen, {bits});
  }

  // ---- operations

  /// Draws an operation, then operands of types that suit it.
  void add_operation() {
    for (;;) {
      const auto op = static_cast<Op>(below(ir::op_count()));
      if (ir::info(op).arity == 0 || ir::is_pinned(op) || ir::is_read(op)) continue;
      if (ir::info(op).is_function && !knobs_.functions) continue;
      if (const auto types = operand_types(op); !types.empty()) return emit(op, types);
    }
  }

  std::vector<Type> operand_types(Op op) {
    const auto all = [&](Type type) { return std::vector<Type>(ir::info(op).arity, type); };
    const bool integers = knobs_.integers;
    switch (ir::info(op).rule) {
      case Rule::floats:
      case Rule::compare_floats:
        return all(float_type());
      case Rule::integers:
      case Rule::compare_integers:
        return integers ? all(integer_type()) : std::vector<Type>{};
      case Rule::bits:
        return all(integers && chance(60) ? integer_type() : Type::i1);
      case Rule::select: {
        const Type type = any_type();
        return {Type::i1, type, type};
      }
      case Rule::to_bits:
        return integers ? all(float_type()) : std::vector<Type>{};
      case Rule::from_bits:
        return integers ? all(knobs_.f32 ? integer_type() : Type::u64) : std::vector<Type>{};
      case Rule::to_f64:
        return all(chance(50) ? integer_type() : float_type() == Type::f32 ? Type::f32 : Type::u32);
      case Rule::to_f32:
        return knobs_.f32 ? all(Type::f64) : std::vector<Type>{};
      case Rule::widen:
        return integers ? all(Type::u32) : std::vector<Type>{};
      case Rule::narrow:
        return integers ? all(Type::u64) : std::vector<Type>{};
      default:
        return {};
    }
  }

  void emit(Op op, const std::vector<Type>& types) {
    std::vector<Value> operands;
    for (Type type : types) operands.push_back(recent(type));
    if (op == Op::to_bits) operands[0] = without_nan(operands[0]);
    if (op == Op::shl || op == Op::shr || op == Op::rotl)
      operands[1] = builder_.emit(
          Op::bit_and, {operands[1], builder_.constant_bits(types[1], ir::bit_width(types[1]) - 1)});
    keep(builder_.emit(op, operands));
  }

  Value without_nan(Value v) {
    const Value one = builder_[v].type == Type::f64 ? builder_.constant(1.0) : builder_.constant_f32(1.0F);
    return builder_.emit(Op::select, {builder_.emit(Op::eq, {v, v}), v, one});
  }

  static constexpr std::uint32_t kRowLength = 8;

  RandomKernelKnobs knobs_;
  std::mt19937_64 random_;
  ir::Builder builder_;
  std::array<std::vector<Value>, 6> pools_;  ///< values in sight, by type
  unsigned loops_ = 0, depth_ = 0;
  unsigned settling_ = 0;  ///< loops that settle around here: nothing is stored in them
};

inline ir::Kernel random_kernel(std::uint64_t seed, const RandomKernelKnobs& knobs = {}) {
  return RandomKernel(seed, knobs).build();
}

}  // namespace mc::testing
