// Which loops look whether they are to stop: those that go on for long, and no other.
#include "engine/llvm/checkpoints.hpp"

#include <gtest/gtest.h>

#include "engine/ir/builder.hpp"
#include "engine/ir/expression.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/llvm/running.hpp"
#include "tests/support/rolled_sum.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::Op;
using ir::Value;
using ir::X;

/// A sample of so many operations in a row.
ir::Kernel straight(unsigned operations) {
  Builder b;
  const auto end =
      b.loop(b.leaf(Op::steps), std::array{b.constant(0.5)}, [&](Value, std::span<const Value> carried) {
        X x(b, carried[0]);
        for (unsigned k = 0; k < operations; ++k) x = x * to_f64(X(b, b.leaf(Op::lane)));
        return std::vector<Value>{x};
      });
  b.output(0, end[0]);
  return b.finish(0);
}

jit::Checkpoints checkpoints(const ir::Kernel& kernel, unsigned vectors = 2, unsigned groups = 16) {
  return {kernel, jit::Placement(kernel), vectors, groups};
}

// square_sum: the first loop fills the generator's state; of the two others the inner one has the higher
// number, as the outer one is begun first.
constexpr ir::LoopId kSteps{1}, kCoordinates{2};

TEST(Checkpoints, CheapKernelsHaveNone) {
  for (unsigned dimension : {2u, 10u}) {
    EXPECT_FALSE(checkpoints(square_sum(dimension)).any()) << dimension;
    EXPECT_EQ(jit::compile(square_sum(dimension))->llvm_text().find("load atomic"), std::string::npos);
  }
}

TEST(Checkpoints, StandWhereALoopGoesOnForLong) {
  const auto groups = checkpoints(square_sum(1000));
  EXPECT_TRUE(groups.is_between_groups());
  EXPECT_FALSE(groups.is_in(kSteps));
  const auto samples = checkpoints(square_sum(10'000));
  EXPECT_TRUE(samples.is_in(kSteps));
  EXPECT_FALSE(samples.is_in(kCoordinates));
  const auto coordinates = checkpoints(square_sum(1'000'000));
  EXPECT_TRUE(coordinates.is_in(kSteps));
  EXPECT_TRUE(coordinates.is_in(kCoordinates));
  EXPECT_NE(jit::compile(square_sum(1'000'000))->llvm_text().find("load atomic i8"), std::string::npos);
}

TEST(Checkpoints, CountWhatIsComputedSideBySideAndSlowOperations) {
  EXPECT_FALSE(checkpoints(straight(50'000), 1, 1).any());
  EXPECT_TRUE(checkpoints(straight(50'000), 8, 1).any());
  EXPECT_TRUE(checkpoints(straight(50'000), 1, 8).is_between_groups());
  Builder b;
  const auto end =
      b.loop(b.leaf(Op::steps), std::array{b.constant(0.5)}, [&](Value, std::span<const Value> carried) {
        X x(b, carried[0]);
        for (unsigned k = 0; k < 10'000; ++k) x = to_f64(X(b, b.leaf(Op::lane))) / x;
        return std::vector<Value>{x};
      });
  b.output(0, end[0]);
  EXPECT_TRUE(checkpoints(b.finish(0), 2, 1).any());
}

TEST(Checkpoints, ManyShortLoopsAreOneLongOne) {
  const auto loops = [](unsigned count, std::uint32_t rounds) {
    Builder b;
    const X lane = to_f64(X(b, b.leaf(Op::lane)));
    Value sum = b.constant(0.0);
    for (unsigned k = 0; k < count; ++k)
      sum = b.loop(b.constant_u32(rounds), std::array{sum}, [&](Value, std::span<const Value> carried) {
        return std::vector<Value>{X(b, carried[0]) + lane};
      })[0];
    b.output(0, sum);
    return b.finish(0);
  };
  EXPECT_FALSE(checkpoints(loops(1, 100'000), 1, 1).any());
  EXPECT_TRUE(checkpoints(loops(1000, 100'000), 1, 1).is_in(ir::LoopId{500}));
}

TEST(Checkpoints, ACountThatIsNotKnownMayBeLarge) {
  Builder b;
  const Value count = b.emit(Op::narrow, {b.leaf(Op::seed)});
  const X lane = to_f64(X(b, b.leaf(Op::lane)));
  const auto end = b.loop(count, std::array{b.constant(0.0)}, [&](Value, std::span<const Value> carried) {
    return std::vector<Value>{X(b, carried[0]) + lane};
  });
  b.output(0, end[0]);
  EXPECT_TRUE(checkpoints(b.finish(0), 1, 1).is_in(ir::LoopId{0}));
}

// A rejection sampler's does so early. An iteration need not settle at all.
TEST(Checkpoints, OfLoopsThatSettleOnlyASamplersIsShort) {
  const auto kernel = [](std::uint32_t rounds, bool settles, unsigned times) {
    Builder b;
    const X lane = to_f64(X(b, b.leaf(Op::lane)));
    const auto body = [&](Value, std::span<const Value> c) -> std::vector<Value> {
      const X sum(b, c[0]), settled(b, c[1]);
      return {select(settled, sum, sum + lane), settled | (sum > 1.0)};
    };
    const auto end =
        b.loop(b.constant_u32(times), std::array{b.constant(0.0)}, [&](Value, std::span<const Value> c) {
          const std::array start{c[0], b.constant_i1(false)};
          const auto inner = b.loop(b.constant_u32(rounds), start, body, settles ? 1 : ir::kNoSlot);
          return std::vector<Value>{inner[0]};
        });
    b.output(0, end[0]);
    return b.finish(0);
  };
  constexpr unsigned kTimes = 10'000;
  EXPECT_TRUE(checkpoints(kernel(ir::kMostTrials, false, kTimes), 1, 1).any());
  EXPECT_FALSE(checkpoints(kernel(ir::kMostTrials, true, kTimes), 1, 1).any());
  const auto iterated = checkpoints(kernel(10'000'000, true, 1), 1, 1);
  EXPECT_TRUE(iterated.is_in(ir::LoopId{0}) && iterated.is_in(ir::LoopId{1}));
  EXPECT_FALSE(checkpoints(kernel(50, true, kTimes), 1, 1).is_in(ir::LoopId{1})) << "a short one is tight";
}

}  // namespace
}  // namespace mc::testing
