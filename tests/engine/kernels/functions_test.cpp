// Every mathematical function, in both precisions, on every back end and at every width: the bits of its
// template in plain C++. Once in a straight line and once in a loop, where machine code has its constants
// from elsewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

#include "engine/ir/expression.hpp"
#include "engine/passes/functions/functions.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/kernels/back_ends.hpp"
#include "tests/support/evaluate.hpp"

namespace mc::testing {
namespace {

using functions::Single;
using ir::Builder;
using ir::Op;
using ir::Type;
using ir::Value;
using ir::X;
using kernels::kLanes;

struct Row {
  std::string_view name;
  Op op;
  double (*of_doubles)(double, double);
  float (*of_floats)(float, float);
};

#define MC_ROW1(name)                                                               \
  {#name, Op::name##_function, [](double x, double) { return functions::name(x); }, \
   [](float x, float) { return functions::f32::name(Single(x)).value(); }},
#define MC_ROW2(name)                                                                    \
  {#name, Op::name##_function, [](double x, double y) { return functions::name(x, y); }, \
   [](float x, float y) { return functions::f32::name(Single(x), Single(y)).value(); }},
constexpr Row kRows[] = {
#define MC_FUNCTION(name, arity) MC_ROW##arity(name)
#include "engine/ir/functions.def"
#undef MC_FUNCTION
};
#undef MC_ROW1
#undef MC_ROW2

constexpr std::uint32_t kRounds = 2;
constexpr std::uint32_t kNumbers = kRounds * kLanes;

/// Arguments of any size, and of those sizes where functions are not yet 0, 1 or infinite; the special ones
/// first. All are floats.
std::vector<double> arguments(std::uint64_t seed) {
  using Limits = std::numeric_limits<float>;
  std::vector<double> numbers;
  for (float x : {0.0F, Limits::denorm_min(), Limits::min(), 0x1p-30F, 0.5F, 1.0F, 1.5F, 2.0F, 3.0F, 88.7F,
                  12867.0F, 0x1p50F, 0x1p104F, Limits::max(), Limits::infinity()})
    numbers.insert(numbers.end(), {x, -x});
  numbers.push_back(Limits::quiet_NaN());
  std::mt19937_64 random(seed);
  while (numbers.size() < kNumbers) {
    const auto word = static_cast<std::uint32_t>(random());
    numbers.push_back(std::bit_cast<float>(word));
    numbers.push_back(std::bit_cast<float>((word & 0x83ff'ffff) + 0x3e00'0000));  // 2^-3 … 2^5
  }
  std::ranges::shuffle(numbers, random);
  numbers.resize(kNumbers);
  return numbers;
}

/// Every function of elements `at` of the two arrays.
std::vector<Value> results(Builder& b, Type type, X at) {
  const auto argument = [&](std::uint32_t array) {
    const X x{b, b.element(array, at)};
    return type == Type::f32 ? to_f32(x) : x;
  };
  const X x = argument(0), y = argument(1);
  std::vector<Value> values;
  for (const Row& row : kRows)
    values.push_back(ir::info(row.op).arity == 1 ? b.emit(row.op, {x}) : b.emit(row.op, {x, y}));
  return values;
}

/// Column k is function k of each lane's last arguments.
ir::Kernel kernel_of_all(Type type, bool is_looped) {
  Builder b;
  const X lane = narrow(X(b, b.leaf(Op::lane)));
  std::vector<Value> values;
  if (is_looped) {
    const Value zero = type == Type::f32 ? b.constant_f32(0) : b.constant(0);
    const std::vector<Value> initial(std::size(kRows), zero);
    values = b.loop(b.constant_u32(kRounds), initial, [&](Value round, std::span<const Value>) {
      return results(b, type, lane + X(b, round) * std::uint64_t{kLanes});
    });
  } else {
    values = results(b, type, lane + std::uint64_t{kNumbers - kLanes});
  }
  for (std::uint32_t k = 0; k < values.size(); ++k)
    b.output(k, type == Type::f32 ? b.emit(Op::to_f64, {values[k]}) : values[k]);
  return passes::lower(b.finish(0, {kNumbers, kNumbers}));
}

double expected(const Row& row, Type type, double x, double y) {
  if (type == Type::f64) return row.of_doubles(x, y);
  return row.of_floats(static_cast<float>(x), static_cast<float>(y));
}

struct Case {
  Type type;
  bool is_looped;
};

class Functions : public ::testing::TestWithParam<Case> {};

TEST_P(Functions, have_the_bits_of_their_templates) {
  const auto [type, is_looped] = GetParam();
  const std::vector<double> xs = arguments(1), ys = arguments(2);
  const double* arrays[] = {xs.data(), ys.data()};
  const ir::Kernel kernel = kernel_of_all(type, is_looped);
  for (const BackEnd& each : back_ends()) {
    const auto columns = columns_of(*each.make(kernel), {.arrays = arrays});
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const Row& row = kRows[k / kLanes];
      const double x = xs[kNumbers - kLanes + k % kLanes], y = ys[kNumbers - kLanes + k % kLanes];
      ASSERT_TRUE(same_number(columns[k], expected(row, type, x, y)))
          << row.name << " of " << ir::name(type) << ' ' << x << ' ' << y << " on " << each.name << " is "
          << columns[k] << ", not " << expected(row, type, x, y);
    }
  }
}

constexpr Case kCases[] = {{Type::f64, false}, {Type::f64, true}, {Type::f32, false}, {Type::f32, true}};

INSTANTIATE_TEST_SUITE_P(all, Functions, ::testing::ValuesIn(kCases), [](const auto& info) {
  return std::string(ir::name(info.param.type)) + (info.param.is_looped ? "_looped" : "_straight");
});

}  // namespace
}  // namespace mc::testing
