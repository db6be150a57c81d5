// Every operation on columns against plain C++, bit for bit, on special values and on random ones: with each
// instruction set, and with each operand either different from lane to lane or the same in all.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "engine/ir/expression.hpp"
#include "tests/engine/interpreter/running.hpp"

namespace mc {
namespace {

using ir::Builder;
using ir::Op;
using ir::Type;
using ir::Value;
using testing::isas;

using Words = std::array<std::uint64_t, 3>;
using Expected = std::function<std::uint64_t(Words)>;

/// An operation on operands of these types, and the bits it should give.
struct Case {
  Op op;
  std::vector<Type> operands;
  Expected expected;
};

double f64(std::uint64_t bits) { return std::bit_cast<double>(bits); }
float f32(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }
std::uint64_t word(double value) { return std::bit_cast<std::uint64_t>(value); }
std::uint64_t word(float value) { return std::bit_cast<std::uint32_t>(value); }
std::uint64_t word(bool value) { return value; }

// ---- the table

template <class Float, class F>
Case floats(Op op, std::size_t arity, F f) {
  const auto number = [](std::uint64_t bits) {
    if constexpr (sizeof(Float) == 8)
      return f64(bits);
    else
      return f32(bits);
  };
  const auto expected = [=](Words w) {
    if constexpr (std::is_invocable_v<F, Float>)
      return word(f(number(w[0])));
    else if constexpr (std::is_invocable_v<F, Float, Float>)
      return word(f(number(w[0]), number(w[1])));
    else
      return word(f(number(w[0]), number(w[1]), number(w[2])));
  };
  return {op, std::vector(arity, sizeof(Float) == 8 ? Type::f64 : Type::f32), expected};
}

template <class F>
void add_floats(std::vector<Case>& cases) {
  const auto add = [&](Op op, std::size_t arity, auto f) { cases.push_back(floats<F>(op, arity, f)); };
  add(Op::add, 2, [](F a, F b) { return a + b; });
  add(Op::sub, 2, [](F a, F b) { return a - b; });
  add(Op::mul, 2, [](F a, F b) { return a * b; });
  add(Op::div, 2, [](F a, F b) { return a / b; });
  add(Op::fma, 3, [](F a, F b, F c) { return std::fma(a, b, c); });
  add(Op::sqrt, 1, [](F a) { return std::sqrt(a); });
  add(Op::neg, 1, [](F a) { return -a; });
  add(Op::abs, 1, [](F a) { return std::fabs(a); });
  add(Op::min, 2, [](F a, F b) { return a < b ? a : b; });
  add(Op::max, 2, [](F a, F b) { return a > b ? a : b; });
  add(Op::floor, 1, [](F a) { return std::floor(a); });
  add(Op::ceil, 1, [](F a) { return std::ceil(a); });
  add(Op::trunc, 1, [](F a) { return std::trunc(a); });
  add(Op::rint, 1, [](F a) { return std::nearbyint(a); });
  add(Op::lt, 2, [](F a, F b) { return a < b; });
  add(Op::le, 2, [](F a, F b) { return a <= b; });
  add(Op::eq, 2, [](F a, F b) { return a == b; });
}

template <class U>
void add_integers(std::vector<Case>& cases) {
  const Type type = sizeof(U) == 8 ? Type::u64 : Type::u32;
  const auto add = [&](Op op, auto f) {
    cases.push_back({op, {type, type}, [=](Words w) -> std::uint64_t {
                       return f(static_cast<U>(w[0]), static_cast<U>(w[1]));
                     }});
  };
  add(Op::iadd, [](U a, U b) { return static_cast<U>(a + b); });
  add(Op::isub, [](U a, U b) { return static_cast<U>(a - b); });
  add(Op::imul, [](U a, U b) { return static_cast<U>(a * b); });
  add(Op::shl, [](U a, U b) { return static_cast<U>(a << b); });
  add(Op::shr, [](U a, U b) { return static_cast<U>(a >> b); });
  add(Op::rotl, [](U a, U b) { return std::rotl(a, static_cast<int>(b)); });
  add(Op::ult, [](U a, U b) { return a < b; });
  add(Op::ule, [](U a, U b) { return a <= b; });
  add(Op::ieq, [](U a, U b) { return a == b; });
  add(Op::bit_and, [](U a, U b) { return a & b; });
  add(Op::bit_or, [](U a, U b) { return a | b; });
  add(Op::bit_xor, [](U a, U b) { return a ^ b; });
  cases.push_back({Op::bit_not, {type}, [](Words w) -> std::uint64_t { return static_cast<U>(~w[0]); }});
}

void add_truths(std::vector<Case>& cases) {
  const std::vector two(2, Type::i1);
  cases.push_back({Op::bit_and, two, [](Words w) { return w[0] & w[1]; }});
  cases.push_back({Op::bit_or, two, [](Words w) { return w[0] | w[1]; }});
  cases.push_back({Op::bit_xor, two, [](Words w) { return w[0] ^ w[1]; }});
  cases.push_back({Op::bit_not, {Type::i1}, [](Words w) { return w[0] ^ 1; }});
  for (Type type : {Type::i1, Type::u32, Type::u64, Type::f32, Type::f64})
    cases.push_back({Op::select, {Type::i1, type, type}, [](Words w) { return w[0] != 0 ? w[1] : w[2]; }});
}

void add_conversions(std::vector<Case>& cases) {
  const auto same = [](Words w) { return w[0]; };
  for (Type type : {Type::f64, Type::f32}) cases.push_back({Op::to_bits, {type}, same});
  for (Type type : {Type::u64, Type::u32}) cases.push_back({Op::from_bits, {type}, same});
  for (Type type : {Type::u64, Type::u32})
    cases.push_back({Op::to_f64, {type}, [](Words w) { return word(static_cast<double>(w[0])); }});
  cases.push_back({Op::to_f64, {Type::f32}, [](Words w) { return word(static_cast<double>(f32(w[0]))); }});
  cases.push_back({Op::to_f32, {Type::f64}, [](Words w) { return word(static_cast<float>(f64(w[0]))); }});
  cases.push_back({Op::widen, {Type::u32}, same});
  cases.push_back({Op::narrow, {Type::u64}, [](Words w) { return w[0] & 0xFFFFFFFFu; }});
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  add_floats<double>(cases);
  add_floats<float>(cases);
  add_integers<std::uint64_t>(cases);
  add_integers<std::uint32_t>(cases);
  add_truths(cases);
  add_conversions(cases);
  return cases;
}

// ---- values

template <class F, class Bits>
std::vector<std::uint64_t> special_floats() {
  using Limits = std::numeric_limits<F>;
  std::vector<std::uint64_t> bits{std::bit_cast<Bits>(Limits::quiet_NaN()),
                                  std::bit_cast<Bits>(-Limits::quiet_NaN())};
  const F huge = std::ldexp(F{1}, Limits::digits);  // from here on all floats are even integers
  for (F magnitude : {F{0},
                      Limits::denorm_min(),
                      std::nextafter(Limits::min(), F{0}),
                      Limits::min(),
                      F(0.25),
                      F(0.5),
                      std::nextafter(F(0.5), F{0}),
                      std::nextafter(F(0.5), F{1}),
                      F(1),
                      std::nextafter(F(1), F{0}),
                      F(1.5),
                      F(2),
                      F(2.5),
                      F(3),
                      F(1e5),
                      huge / 4 + F(0.5),
                      huge / 2 - F(0.5),
                      huge / 2 + F(1),
                      huge,
                      huge + 2,
                      std::ldexp(F{1}, 31),
                      std::ldexp(F{1}, 63),
                      std::sqrt(Limits::max()),
                      Limits::max(),
                      Limits::infinity()})
    for (F value : {magnitude, -magnitude}) bits.push_back(std::bit_cast<Bits>(value));
  return bits;
}

std::vector<std::uint64_t> special_integers(unsigned width) {
  std::vector<std::uint64_t> words;
  for (unsigned k = 0; k < width; ++k)
    for (std::uint64_t near : {std::uint64_t{0} - 1, std::uint64_t{0}, std::uint64_t{1}})
      words.push_back(((std::uint64_t{1} << k) + near) & (~std::uint64_t{0} >> (64 - width)));
  return words;
}

std::vector<std::uint64_t> special_values(Type type) {
  switch (type) {
    case Type::f64:
      return special_floats<double, std::uint64_t>();
    case Type::f32:
      return special_floats<float, std::uint32_t>();
    case Type::i1:
      return {0, 1};
    default:
      return special_integers(ir::bit_width(type));
  }
}

/// Values to try: special ones, and random bits, which as floats are of all magnitudes.
class Values {
 public:
  std::uint64_t operator()(Type type) {
    const std::uint64_t bits = random_();
    if (type == Type::i1) return bits >> 63;
    const auto& special = special_[type == Type::f64 ? 0 : type == Type::f32 ? 1 : type == Type::u64 ? 2 : 3];
    if (bits % 3 != 0) return special[random_() % special.size()];
    return random_() >> (64 - ir::bit_width(type));
  }

 private:
  std::mt19937_64 random_{1};
  std::array<std::vector<std::uint64_t>, 4> special_{special_values(Type::f64), special_values(Type::f32),
                                                     special_values(Type::u64), special_values(Type::u32)};
};

// ---- kernels

/// Operand k, from array k: this lane's element or the first one.
Value operand(Builder& b, std::uint32_t k, Type type, bool varies) {
  const Value lane = b.emit(Op::narrow, {b.leaf(Op::lane)});
  const Value bits = b.emit(Op::to_bits, {b.element(k, varies ? lane : b.constant_u32(0))});
  switch (type) {
    case Type::f64:
      return b.emit(Op::from_bits, {bits});
    case Type::u64:
      return bits;
    case Type::u32:
      return b.emit(Op::narrow, {bits});
    case Type::f32:
      return b.emit(Op::from_bits, {b.emit(Op::narrow, {bits})});
    default:
      return b.emit(Op::ieq, {bits, b.constant_u64(1)});
  }
}

Value as_f64(Builder& b, Value v) {
  switch (b[v].type) {
    case Type::f64:
      return v;
    case Type::u64:
      return b.emit(Op::from_bits, {v});
    case Type::u32:
      return b.emit(Op::from_bits, {b.emit(Op::widen, {v})});
    case Type::f32:
      return as_f64(b, b.emit(Op::to_bits, {v}));
    default:
      return as_f64(b, b.emit(Op::select, {v, b.constant_u64(1), b.constant_u64(0)}));
  }
}

/// The operation as a kernel of its operands; bit k of `varying`: operand k differs from lane to lane.
ir::Kernel kernel_of(const Case& c, unsigned varying) {
  Builder b;
  std::vector<Value> operands;
  for (std::uint32_t k = 0; k < c.operands.size(); ++k)
    operands.push_back(operand(b, k, c.operands[k], (varying >> k & 1) != 0));
  b.output(0, as_f64(b, b.emit(c.op, operands)));
  return b.finish(0, {kernels::kLanes, kernels::kLanes, kernels::kLanes});
}

// ---- the comparison

bool is_shift(Op op) { return op == Op::shl || op == Op::shr || op == Op::rotl; }

struct Input {
  std::array<std::vector<double>, 3> arrays;
  std::array<const double*, 3> pointers;

  Input(const Case& c, Values& values) {
    for (std::size_t k = 0; k < 3; ++k) {
      arrays[k].resize(kernels::kLanes);
      if (k < c.operands.size())
        for (double& x : arrays[k]) {
          std::uint64_t bits = values(c.operands[k]);
          if (k == 1 && is_shift(c.op)) bits %= ir::bit_width(c.operands[0]);
          x = f64(bits);
        }
      pointers[k] = arrays[k].data();
    }
  }
};

bool is_nan(Type type, std::uint64_t bits) {
  return type == Type::f64 ? std::isnan(f64(bits)) : type == Type::f32 && std::isnan(f32(bits));
}

Type result_type(const Case& c) { return *ir::result_type(ir::info(c.op).rule, c.operands); }

void compare(const Case& c, const kernels::Executable& executable, unsigned varying, Values& values) {
  const Input input(c, values);
  const auto out = testing::run(executable, {.arrays = input.pointers.data()});
  const Type type = result_type(c);
  for (std::size_t lane = 0; lane < kernels::kLanes; ++lane) {
    Words words{};
    for (std::size_t k = 0; k < 3; ++k) words[k] = word(input.arrays[k][(varying >> k & 1) != 0 ? lane : 0]);
    const std::uint64_t expected = c.expected(words), got = word(out[lane]);
    if (is_nan(type, expected) ? is_nan(type, got) : expected == got) continue;
    FAIL() << ir::info(c.op).name << ' ' << ir::name(c.operands.back()) << std::hex << " of " << words[0]
           << ' ' << words[1] << ' ' << words[2] << " is " << got << ", not " << expected << "; varying "
           << varying;
  }
}

TEST(Operations, GiveTheBitsOfPlainCpp) {
  for (Isa isa : isas()) {
    SCOPED_TRACE(testing::name(isa));
    Values values;
    for (const Case& c : all_cases()) {
      for (unsigned varying = 0; varying < 1u << c.operands.size(); ++varying) {
        const auto executable = interpreter::interpret(kernel_of(c, varying), isa);
        const int runs = varying + 1 == 1u << c.operands.size() ? 40 : 25;
        for (int k = 0; k < runs; ++k) compare(c, *executable, varying, values);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Operations, AreAllTested) {
  std::vector<bool> tested(ir::op_count(), false);
  for (const Case& c : all_cases()) tested[static_cast<std::size_t>(c.op)] = true;
  for (std::size_t k = 0; k < tested.size(); ++k) {
    const auto& info = ir::info(static_cast<Op>(k));
    const bool is_pure = info.arity > 0 && !info.is_function && !ir::is_pinned(static_cast<Op>(k));
    EXPECT_TRUE(tested[k] || !is_pure || ir::is_read(static_cast<Op>(k))) << info.name;
  }
}

}  // namespace
}  // namespace mc
