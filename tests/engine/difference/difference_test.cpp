// A back end that takes one operation for another is found out: which operation, in which tile, lane and
// sample.
#include "engine/difference/difference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <stop_token>
#include <vector>

#include "engine/difference/watch.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/ir/verify.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/passes/passes.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/kernel_text.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::testing {
namespace {

using ir::Op;
using ir::Value;

constexpr std::uint64_t kTile = kernels::kTileSamples;

std::unique_ptr<kernels::Executable> interpreted(const ir::Kernel& kernel) {
  return interpreter::interpret(kernel);
}

/// The operation that it is taken for; itself: for none.
Op mistaken(Op op) {
  static const std::map<Op, Op> others{
      {Op::add, Op::sub}, {Op::sub, Op::add},        {Op::mul, Op::add},      {Op::min, Op::max},
      {Op::max, Op::min}, {Op::sqrt, Op::neg},       {Op::iadd, Op::bit_xor}, {Op::bit_xor, Op::bit_or},
      {Op::lt, Op::le},   {Op::bit_and, Op::bit_or}, {Op::floor, Op::trunc},  {Op::imul, Op::iadd},
      {Op::ult, Op::ule}, {Op::abs, Op::neg}};
  const auto found = others.find(op);
  return found == others.end() ? op : found->second;
}

ir::Kernel with_mistake(ir::Kernel kernel, Value wrong) {
  Op& op = kernel.nodes[position(wrong)].op;
  op = mistaken(op);
  return kernel;
}

/// An interpreter of kernels in which `wrong` is mistaken; a watched kernel's nodes keep their places.
difference::Make mistaking(Value wrong) {
  return [wrong](const ir::Kernel& kernel) { return interpreter::interpret(with_mistake(kernel, wrong)); };
}

struct Inputs {
  double scalars[2] = {1.5, -0.25};
  double numbers[kRandomArrayLength] = {1, 2, 3, 4, 5, 6, 7, 8};
  const double* arrays[1] = {numbers};
  kernels::Arguments arguments{.seed = 3, .scalars = scalars, .arrays = arrays};
};

TEST(Watched, KernelsAreSoundAndTellTheSame) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const ir::Kernel kernel = passes::simplify(random_kernel(seed));
    std::vector<Value> values;
    for (std::size_t k = 0; k < kernel.nodes.size(); ++k)
      if (kernel.nodes[k].type != ir::Type::none) values.push_back(static_cast<Value>(k));
    const ir::Kernel watched = difference::watched(kernel, values);
    ASSERT_EQ(ir::verify(watched, ir::Level::primitives).size(), 0U) << seed;
    Inputs in;
    const double scalars[] = {in.scalars[0], in.scalars[1], 1e9};
    kernels::Arguments arguments = in.arguments;
    arguments.scalars = scalars;
    const auto plain = Evaluator(kernel, in.arguments, 7, 3).run(),
               told = Evaluator(watched, arguments, 7, 3).run();
    for (std::size_t k = 0; k < plain.size(); ++k)
      EXPECT_TRUE(plain[k] == told[k] || (plain[k] != plain[k] && told[k] != told[k])) << seed;
  }
}

TEST(Difference, IsFoundWhereItArises) {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const ir::Kernel kernel = passes::simplify(random_kernel(seed));
    Inputs in;
    for (std::size_t k = seed % 5; k < kernel.nodes.size(); k += 5) {
      const auto wrong = static_cast<Value>(k);
      if (mistaken(kernel[wrong].op) == kernel[wrong].op) continue;
      if (!ir::verify(with_mistake(kernel, wrong), ir::Level::primitives).empty()) continue;  // an index
      const auto difference =
          difference::compare(kernel, interpreted, mistaking(wrong), in.arguments, 2 * kTile).difference;
      if (!difference) continue;  // nothing that is put out depends on it
      ++found;
      EXPECT_EQ(position(difference->value), k) << "seed " << seed << ", " << ir::info(kernel[wrong].op).name;
      EXPECT_NE(difference->bits[0], difference->bits[1]);
    }
  }
  EXPECT_GT(found, 100U);
}

/// In tile t, lane l, sample s the kernel compares 1000·(t + s) + l with 6007: it has < where a mistake has
/// <=.
const ir::Kernel& comparing() {
  static const ir::Kernel kernel = kernel_of(R"(kernel scalars 0 arrays 0 outputs 1
%0 = steps u32
%1 = constant f64 0
%2 = tile u64
%3 = lane u64
%4 = constant u64 1000
%5 = constant f64 1
%6 = loop %0 (%1) { %7, %8 ->
  %9 = imul u64 %2, %4
  %10 = iadd u64 %9, %3
  %11 = widen u64 %7
  %12 = imul u64 %11, %4
  %13 = iadd u64 %10, %12
  %14 = constant u64 6007
  %15 = ult i1 %13, %14
  %16 = select f64 %15, %5, %1
  %17 = add f64 %8, %16
  next %17
}
output 0, %6
)");
  return kernel;
}

Value first_of(const ir::Kernel& kernel, Op op) {
  const auto at = std::ranges::find(kernel.nodes, op, &ir::Node::op);
  return static_cast<Value>(at - kernel.nodes.begin());
}

/// Where the two are equal: in sample 6 of lane 7 in tile 0. An addition that is a subtraction is one from
/// the first sample on.
TEST(Difference, TellsTileLaneSampleAndBits) {
  struct Row {
    Op wrong;
    unsigned lane;
    std::uint32_t step;
    std::uint64_t bits, mistaken;
  };
  for (const Row& row : {Row{Op::ult, 7, 6, 0, 1}, Row{Op::add, 0, 0, std::bit_cast<std::uint64_t>(1.0),
                                                       std::bit_cast<std::uint64_t>(-1.0)}}) {
    const Value wrong = first_of(comparing(), row.wrong);
    const auto found = difference::compare(comparing(), interpreted, mistaking(wrong), {}, 10 * kTile);
    ASSERT_TRUE(found.difference.has_value());
    EXPECT_EQ(found.samples, kTile);
    EXPECT_EQ(found.difference->tile, 0U);
    EXPECT_EQ(found.difference->lane, row.lane);
    EXPECT_EQ(found.difference->step, row.step);
    EXPECT_EQ(found.difference->value, wrong);
    EXPECT_EQ(found.difference->bits, (std::array{row.bits, row.mistaken}));
  }
}

/// Sample 6·256 + 7, counted from 0, is the only one of tile 0 that differs: it is looked at where it is the
/// last one, and no earlier.
TEST(Difference, IsLookedForInWhatIsNoWholeTile) {
  constexpr std::uint64_t kSample = 6 * 256 + 7;
  const auto make = mistaking(first_of(comparing(), Op::ult));
  for (const std::uint64_t samples : {std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256}, kSample}) {
    const auto found = difference::compare(comparing(), interpreted, make, {}, samples);
    EXPECT_FALSE(found.difference.has_value()) << samples;
    EXPECT_EQ(found.samples, samples);
  }
  for (const std::uint64_t samples : {kSample + 1, kSample + 200, kSample + 300}) {
    const auto found = difference::compare(comparing(), interpreted, make, {}, samples);
    ASSERT_TRUE(found.difference.has_value()) << samples;
    EXPECT_EQ(found.difference->lane, 7U);
    EXPECT_EQ(found.difference->step, 6U);
  }
}

TEST(Difference, StopsWhenToldTo) {
  std::stop_source source;
  source.request_stop();
  const auto found = difference::compare(comparing(), interpreted, mistaking(first_of(comparing(), Op::ult)),
                                         {}, 10 * kTile, source.get_token());
  EXPECT_EQ(found.samples, 0U);
  EXPECT_FALSE(found.difference.has_value());
}

TEST(Difference, IsNoneBetweenBackEndsThatAgree) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Inputs in;
    const auto found = difference::compare(
        passes::simplify(random_kernel(seed)), interpreted,
        [](const ir::Kernel& kernel) { return jit::compile(kernel); }, in.arguments, 2 * kTile + 777);
    EXPECT_FALSE(found.difference.has_value());
    EXPECT_EQ(found.samples, 2 * kTile + 777);
  }
}

}  // namespace
}  // namespace mc::testing
