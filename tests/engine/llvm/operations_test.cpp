// Every operation of the table in every shape of code, on special values, against the reference: with
// operands that differ from lane to lane, with some that do not, and with none that does.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/ir/builder.hpp"
#include "engine/ir/expression.hpp"
#include "tests/engine/llvm/running.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::Op;
using ir::Rule;
using ir::Type;
using ir::Value;
using kernels::kLanes;

constexpr unsigned kNumbers = 16;  ///< squared, all the lanes there are

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<double, kNumbers> kF64 = {0.0,
                                               -0.0,
                                               1.0,
                                               -1.0,
                                               0.5,
                                               -2.5,
                                               0x1.fffffffffffffp+0,
                                               1e300,
                                               5e-324,
                                               -2.2250738585072014e-308,
                                               kInfinity,
                                               -kInfinity,
                                               kNaN,
                                               4503599627370497.5,
                                               -9007199254740993.0,
                                               0.1};
constexpr std::array<float, kNumbers> kF32 = {0.0F,
                                              -0.0F,
                                              1.0F,
                                              -1.0F,
                                              0.5F,
                                              -2.5F,
                                              0x1.fffffep+0F,
                                              3e38F,
                                              1e-45F,
                                              -1.17549435e-38F,
                                              static_cast<float>(kInfinity),
                                              static_cast<float>(-kInfinity),
                                              static_cast<float>(kNaN),
                                              8388609.0F,
                                              -16777217.0F,
                                              0.1F};
constexpr std::array<std::uint64_t, kNumbers> kWords = {0,
                                                        1,
                                                        2,
                                                        63,
                                                        31,
                                                        0x7fffffff,
                                                        0x80000000,
                                                        0xffffffff,
                                                        0x100000000,
                                                        0x0123456789abcdef,
                                                        0x001fffffffffffff,
                                                        0x0020000000000001,
                                                        0x7fffffffffffffff,
                                                        0x8000000000000000,
                                                        0xfffffffffffff3ff,
                                                        0xffffffffffffffff};

std::uint64_t special(Type type, std::size_t at) {
  switch (type) {
    case Type::f64:
      return std::bit_cast<std::uint64_t>(kF64[at]);
    case Type::f32:
      return std::bit_cast<std::uint32_t>(kF32[at]);
    case Type::u64:
      return kWords[at];
    case Type::u32:
      return static_cast<std::uint32_t>(kWords[at]);
    default:
      return at & 1;
  }
}

/// Which of the special values operand k has in a lane: all pairs of the first two.
std::size_t choice(unsigned k, unsigned lane) {
  return k == 0 ? lane / kNumbers : k == 1 ? lane % kNumbers : (lane * 7 + lane / kNumbers + 3) % kNumbers;
}

/// The three types of an operation's operands where it takes `type`; none where it takes no such.
std::vector<Type> operand_types(Op op, Type type) {
  std::vector<Type> types(ir::info(op).arity, type);
  if (ir::info(op).rule == Rule::select) types[0] = Type::i1;
  if (!ir::result_type(ir::info(op).rule, types)) types.clear();
  return types;
}

/// One operation between operands that come as bits in f64 numbers, and the bits of the results as numbers
/// again: in column c operand k comes from array k where bit k of c is set, else from scalar k.
class OperationKernel {
 public:
  ir::Kernel build(Op op, const std::vector<Type>& types) {
    for (unsigned column = 0; column < 1u << types.size(); ++column) {
      std::vector<Value> operands;
      for (unsigned k = 0; k < types.size(); ++k)
        operands.push_back(operand(types[k], k, (column >> k & 1) != 0));
      if (op == Op::shl || op == Op::shr || op == Op::rotl) operands[1] = below_width(operands[1]);
      b_.output(column, as_number(b_.emit(op, operands)));
    }
    return b_.finish(3, {kLanes, kLanes, kLanes});
  }

 private:
  Value below_width(Value count) {
    const Type type = b_[count].type;
    return b_.emit(Op::bit_and, {count, b_.constant_bits(type, bit_width(type) - 1)});
  }

  Value operand(Type type, unsigned k, bool is_varying) {
    const Value lane = b_.emit(Op::narrow, {b_.leaf(Op::lane)});
    const Value number = is_varying ? b_.element(k, lane) : b_.scalar(k);
    if (type == Type::f64) return number;
    const Value word = b_.emit(Op::to_bits, {number});
    if (type == Type::u64) return word;
    const Value half = b_.emit(Op::narrow, {word});
    if (type == Type::f32) return b_.emit(Op::from_bits, {half});
    return type == Type::u32 ? half : b_.emit(Op::ieq, {half, b_.constant_u32(1)});
  }

  Value as_number(Value v) {
    switch (b_[v].type) {
      case Type::f64:
        return v;
      case Type::f32:
        return b_.emit(Op::to_f64, {v});
      case Type::u32:
        return b_.emit(Op::to_f64, {v});
      case Type::u64:
        return b_.emit(Op::from_bits, {v});
      default:
        return b_.emit(Op::select, {v, b_.constant(1.0), b_.constant(0.0)});
    }
  }

  Builder b_;
};

/// Special values of the operands' types, in arrays and scalars.
struct Inputs {
  explicit Inputs(const std::vector<Type>& types) {
    for (unsigned k = 0; k < types.size(); ++k)
      for (unsigned lane = 0; lane < kLanes; ++lane)
        numbers[k][lane] = std::bit_cast<double>(special(types[k], choice(k, lane)));
    arrays = {numbers[0].data(), numbers[1].data(), numbers[2].data()};
  }
  /// With the scalars that lane `lane` has in its arrays.
  kernels::Arguments arguments(unsigned lane) {
    scalars = {numbers[0][lane], numbers[1][lane], numbers[2][lane]};
    return {.seed = 1, .tile = 2, .scalars = scalars.data(), .arrays = arrays.data()};
  }
  std::array<std::array<double, kLanes>, 3> numbers{};
  std::array<const double*, 3> arrays{};
  std::array<double, 3> scalars{};
};

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

class Operations : public ::testing::TestWithParam<jit::Options> {
 protected:
  void check(Op op, Type type) {
    const std::vector<Type> types = operand_types(op, type);
    if (types.empty()) return;
    SCOPED_TRACE(std::string(ir::info(op).name) + " of " + std::string(name(type)));
    Inputs inputs(types);
    const bool is_float = ir::is_float(*ir::result_type(ir::info(op).rule, types));
    const ir::Kernel kernel = OperationKernel().build(op, types);
    const auto compiled = jit::compile(kernel, GetParam());
    for (unsigned lane = 3; lane < kLanes; lane += 49) {  // whose values the scalars have
      const kernels::Arguments arguments = inputs.arguments(lane);
      const std::vector<double> actual = run(*compiled, arguments);
      const std::vector<double> expected = expected_columns(kernel, arguments);
      for (std::size_t k = 0; k < actual.size(); ++k)
        ASSERT_TRUE((is_float ? same_number : same_bits)(actual[k], expected[k]))
            << "column " << k / kLanes << " lane " << k % kLanes << ": " << actual[k] << " instead of "
            << expected[k];
    }
  }
};

TEST_P(Operations, give_the_bits_of_the_reference) {
  unsigned checked = 0;
  for (std::size_t at = 0; at < ir::op_count(); ++at) {
    const auto op = static_cast<Op>(at);
    if (ir::info(op).is_function || ir::info(op).arity == 0 || ir::is_pinned(op) || ir::is_read(op)) continue;
    ++checked;
    for (Type type : {Type::f64, Type::f32, Type::u64, Type::u32, Type::i1}) check(op, type);
  }
  EXPECT_GT(checked, 35u);
}

INSTANTIATE_TEST_SUITE_P(AllShapes, Operations, ::testing::ValuesIn(all_shapes()),
                         [](const auto& info) { return text(info.param); });

// The table says "a < b ? a : b": which zero, and which operand beside a NaN, is part of it.
TEST(Operations, minimum_and_maximum_take_the_second_of_equal_or_unordered_ones) {
  for (const jit::Options& options : all_shapes()) {
    Builder b;
    b.output(0,
             b.emit(Op::min,
                    {b.scalar(0),
                     b.emit(Op::mul, {b.scalar(1), b.element(0, b.emit(Op::narrow, {b.leaf(Op::lane)}))})}));
    const auto compiled = jit::compile(b.finish(2, {kLanes}), options);
    const std::vector<double> ones(kLanes, 1.0);
    const double* arrays[] = {ones.data()};
    const auto minimum = [&](double x, double y) {
      const double scalars[] = {x, y};
      return run(*compiled, {.seed = 0, .tile = 0, .scalars = scalars, .arrays = arrays})[0];
    };
    EXPECT_TRUE(std::signbit(minimum(0.0, -0.0)));
    EXPECT_FALSE(std::signbit(minimum(-0.0, 0.0)));
    EXPECT_EQ(minimum(kNaN, 3.0), 3.0);
    EXPECT_TRUE(std::isnan(minimum(3.0, kNaN)));
  }
}

}  // namespace
}  // namespace mc::testing
