// The estimate of live vectors, and the choices that were measured to be right (interleave.cpp).
#include "engine/llvm/interleave.hpp"

#include <gtest/gtest.h>

#include "engine/ir/builder.hpp"
#include "engine/ir/expression.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::Op;
using ir::Value;
using ir::X;

/// A loop that carries `sums` sums of a number that varies.
ir::Kernel sums(unsigned sums) {
  Builder b;
  const X number = to_f64(X(b, b.leaf(Op::lane)));
  const std::vector<Value> start(sums, b.constant(0.0));
  const auto ends = b.loop(b.leaf(Op::steps), start, [&](Value, std::span<const Value> carried) {
    std::vector<Value> next;
    for (Value v : carried) next.push_back(X(b, v) + X(b, v) * number);
    return next;
  });
  for (unsigned k = 0; k < sums; ++k) b.output(k, ends[k]);
  return b.finish(0);
}

unsigned choice(const ir::Kernel& kernel, unsigned registers) {
  return jit::choose_interleave(kernel, jit::Placement(kernel), registers);
}

TEST(Interleave, live_vectors_are_what_is_carried_used_and_under_way) {
  const ir::Kernel kernel = sums(3);
  const ir::RegionId body = kernel.loops[0].body;
  // three sums (some old, some new), the number from outside, and one product
  EXPECT_EQ(jit::live_vectors(kernel, jit::Placement(kernel), body), 5u);
}

TEST(Interleave, as_many_as_the_registers_hold) {
  EXPECT_EQ(choice(sums(4), 32), 4u);
  EXPECT_EQ(choice(sums(13), 32), 4u);
  EXPECT_EQ(choice(sums(14), 32), 2u);
  EXPECT_EQ(choice(sums(22), 32), 2u);
  EXPECT_EQ(choice(sums(23), 32), 1u);
  EXPECT_EQ(choice(sums(4), 16), 2u);
  EXPECT_EQ(choice(sums(22), 16), 2u);
  EXPECT_EQ(choice(sums(23), 16), 1u);
  EXPECT_EQ(choice(sums(4), 8), 2u);
  EXPECT_EQ(choice(sums(5), 8), 1u);
}

TEST(Interleave, one_for_a_body_that_takes_long_to_compile) {
  Builder b;
  const auto end =
      b.loop(b.leaf(Op::steps), std::array{b.constant(0.5)}, [&](Value, std::span<const Value> carried) {
        X x(b, carried[0]);
        for (unsigned k = 0; k < 1000; ++k) x = x * to_f64(X(b, b.leaf(Op::lane)));
        return std::vector<Value>{x};
      });
  b.output(0, end[0]);
  EXPECT_EQ(choice(b.finish(0), 32), 1u);
}

}  // namespace
}  // namespace mc::testing
