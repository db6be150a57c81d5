// Loops, rows, arrays and parts of a tile against the evaluator for single lanes; and how the translator
// keeps loops free of copies.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "engine/interpreter/sequence.hpp"
#include "engine/ir/expression.hpp"
#include "engine/ir/verify.hpp"
#include "engine/random/stream.hpp"
#include "tests/engine/interpreter/running.hpp"
#include "tests/support/cpu_time.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc {
namespace {

using ir::Builder;
using ir::Op;
using ir::Value;
using ir::X;
using Carried = std::span<const Value>;

const double kScalars[] = {1.5, -2.25};
const double kArray[] = {3, 1, 4, 1, 5, 9, 2, 6};
const double* const kArrays[] = {kArray};
const kernels::Arguments kArguments{.seed = 42, .tile = 1000, .scalars = kScalars, .arrays = kArrays};

X lane_number(Builder& b) { return to_f64(X(b, b.leaf(Op::lane))); }

/// Compares every lane in [first, last), and sees that no other is touched.
void expect_as_evaluated(const ir::Kernel& kernel, unsigned first = 0, unsigned last = kernels::kLanes,
                         std::uint32_t steps = 5) {
  ASSERT_EQ(ir::verify(kernel, ir::Level::primitives), std::vector<std::string>{});
  for (Isa isa : testing::isas()) {
    const auto out = testing::run(*interpreter::interpret(kernel, isa), kArguments, first, last, steps);
    for (unsigned lane = 0; lane < kernels::kLanes; ++lane) {
      std::vector<double> got, untouched(kernel.outputs, testing::kUntouched);
      for (unsigned k = 0; k < kernel.outputs; ++k) got.push_back(out[k * kernels::kLanes + lane]);
      const bool computed = first <= lane && lane < last;
      const auto expected = computed ? testing::evaluate(kernel, kArguments, lane, steps) : untouched;
      ASSERT_TRUE(testing::same_numbers(got, expected)) << testing::name(isa) << ", lane " << lane;
    }
  }
}

/// A kernel whose outputs are what `body` gives.
template <class Body>
ir::Kernel kernel_of(Body body) {
  Builder b;
  const std::vector<Value> values = body(b);
  for (std::uint32_t k = 0; k < values.size(); ++k) b.output(k, values[k]);
  return b.finish(2, {8});
}

// ---- leaves and arrays

TEST(Leaves, AreWhatTheCallSays) {
  expect_as_evaluated(kernel_of([](Builder& b) -> std::vector<Value> {
    return {to_f64(X(b, b.leaf(Op::tile))),
            lane_number(b),
            to_f64(X(b, b.leaf(Op::seed))),
            to_f64(X(b, b.leaf(Op::steps))),
            b.scalar(0),
            b.scalar(1),
            b.constant(7.0)};
  }));
}

TEST(Arrays, GiveOneElementOrOneForEachLane) {
  expect_as_evaluated(kernel_of([](Builder& b) -> std::vector<Value> {
    const Value lane = b.emit(Op::bit_and, {b.emit(Op::narrow, {b.leaf(Op::lane)}), b.constant_u32(7)});
    return {b.element(0, b.constant_u32(5)), b.element(0, lane)};
  }));
}

TEST(Uniform, ValuesKeepAllTheirLanesThroughAllWidths) {
  // A truth of u32 chooses between u64, whose low half goes on beside what varies.
  expect_as_evaluated(kernel_of([](Builder& b) -> std::vector<Value> {
    const X steps(b, b.leaf(Op::steps)), lane(b, b.leaf(Op::lane));
    const X few = steps < std::uint64_t{10};
    const X word = select(few, X(b, b.leaf(Op::tile)), X(b, b.leaf(Op::seed)));
    const X half(b, b.emit(Op::narrow, {word}));
    const X sum = half + X(b, b.emit(Op::narrow, {lane}));
    const X single(b, b.emit(Op::to_f32, {b.scalar(0)}));
    const X chosen = select(lane < std::uint64_t{100}, to_f64(single), select(few, X(b, b.scalar(1)), 0.0));
    return {to_f64(sum), to_f64(widen(half) + lane), chosen};
  }));
}

// ---- loops

TEST(Loops, RunAsOftenAsTheyShould) {
  for (std::uint32_t count : {0u, 1u, 2u, 7u})
    expect_as_evaluated(kernel_of([&](Builder& b) {
      const std::vector<Value> start{b.constant(1.0), lane_number(b)};
      return b.loop(b.constant_u32(count), start, [&](Value index, Carried c) -> std::vector<Value> {
        return {X(b, c[0]) * 2.0, X(b, c[1]) + to_f64(X(b, index)) * X(b, c[0])};
      });
    }));
}

TEST(Loops, CountTheSteps) {
  for (std::uint32_t steps : {0u, 1u, 32u})
    expect_as_evaluated(kernel_of([&](Builder& b) {
                          const std::vector<Value> start{lane_number(b)};
                          return b.loop(
                              b.leaf(Op::steps), start,
                              [&](Value, Carried c) -> std::vector<Value> { return {X(b, c[0]) * 1.5}; });
                        }),
                        0, kernels::kLanes, steps);
}

TEST(Loops, CarryCircles) {
  // a, b → b, a; and a, b, c → b, c, a + b: no order of copies does without a spare place.
  for (std::uint32_t count : {0u, 1u, 2u, 3u, 4u, 5u})
    expect_as_evaluated(kernel_of([&](Builder& b) {
      const X x = lane_number(b);
      const std::vector<Value> start{x, x + 1.0, x + 2.0, x + 3.0, x * x};
      return b.loop(b.constant_u32(count), start, [&](Value, Carried c) -> std::vector<Value> {
        return {c[1], c[0], c[3], c[4], X(b, c[2]) + X(b, c[3])};
      });
    }));
}

TEST(Loops, CarryCirclesOfWhatIsTheSameInEveryLane) {
  for (std::uint32_t count : {0u, 1u, 2u, 3u})
    expect_as_evaluated(kernel_of([&](Builder& b) {
      const std::vector<Value> start{b.scalar(0), b.scalar(1), b.constant(3.0), lane_number(b)};
      return b.loop(b.constant_u32(count), start,
                    [&](Value, Carried c) -> std::vector<Value> { return {c[1], c[2], c[0], c[0]}; });
    }));
}

TEST(Loops, KeepWhatIsNeededAfterwardsOrAround) {
  expect_as_evaluated(kernel_of([&](Builder& b) -> std::vector<Value> {
    const X x = lane_number(b), around = x * 3.0;
    const std::vector<Value> start{x, x, b.constant(0.0)};
    const auto end = b.loop(b.constant_u32(4), start, [&](Value, Carried c) -> std::vector<Value> {
      return {X(b, c[0]) + around, c[1], around};
    });
    return {end[0], end[1], end[2], x, around + X(b, end[0])};
  }));
}

TEST(Loops, CarryTheSameValueTwice) {
  expect_as_evaluated(kernel_of([&](Builder& b) {
    const X x = lane_number(b);
    const std::vector<Value> start{x, x};
    return b.loop(b.constant_u32(3), start, [&](Value, Carried c) -> std::vector<Value> {
      const X sum = X(b, c[0]) + X(b, c[1]);
      return {sum, sum};
    });
  }));
}

TEST(Loops, CarryTruthsOfAllWidths) {
  expect_as_evaluated(kernel_of([&](Builder& b) -> std::vector<Value> {
    const X lane(b, b.leaf(Op::lane));
    const X narrow_lane(b, b.emit(Op::narrow, {lane}));
    const X wide = lane < std::uint64_t{100}, narrow = narrow_lane < std::uint64_t{50},
            always(b, b.constant_i1(true));
    const std::vector<Value> start{wide, narrow, always, b.constant(0.0)};
    const auto end = b.loop(b.constant_u32(5), start, [&](Value index, Carried c) -> std::vector<Value> {
      const X p(b, c[0]), q(b, c[1]), r(b, c[2]);
      const X moved = narrow_lane + X(b, index) < std::uint64_t{128};
      return {q ^ r, select(p, q, moved), !(p & moved), select(q, X(b, c[3]) + 1.0, X(b, c[3]) * 0.5)};
    });
    const auto number = [&](Value v) { return select(X(b, v), X(b, b.constant(1.0)), 0.0); };
    const X chosen = select(X(b, end[0]), narrow_lane, narrow_lane.like(std::uint64_t{7}));
    return {number(end[0]), number(end[1]), number(end[2]), end[3], to_f64(chosen)};
  }));
}

/// Lane k's count goes up to limit(k) and stays there.
template <class Limit>
ir::Kernel settling(std::uint32_t rounds, Limit limit, bool keeps_its_promise = true) {
  return kernel_of([&](Builder& b) -> std::vector<Value> {
    const X most = limit(b);
    const std::vector<Value> start{b.constant(0.0), b.constant_i1(false), lane_number(b)};
    const auto body = [&](Value, Carried c) -> std::vector<Value> {
      const X count(b, c[0]), settled(b, c[1]), other(b, c[2]);
      const X next = select(settled, count, count + 1.0);
      return {next, settled | (next >= most),
              keeps_its_promise ? select(settled, other, other * 0.5) : other + 1.0};
    };
    const auto end = b.loop(b.constant_u32(rounds), start, body, 1);
    return {end[0], end[2], select(X(b, end[1]), X(b, b.constant(1.0)), 0.0)};
  });
}

TEST(Loops, SettleInEachLaneByItself) {
  for (std::uint32_t rounds : {0u, 1u, 3u, 300u}) {
    expect_as_evaluated(settling(rounds, lane_number));
    expect_as_evaluated(settling(rounds, lane_number), 48, 64);
    expect_as_evaluated(settling(rounds, [](Builder& b) { return lane_number(b) * -1.0; }));
    expect_as_evaluated(settling(rounds, [](Builder& b) { return to_f64(X(b, b.leaf(Op::steps))); }));
  }
}

/// What a loop gives that changes something after all tells how long it runs: until its last lane has
/// settled.
TEST(Loops, EndWhenAllTheirLanesHaveSettled) {
  const ir::Kernel kernel = settling(1'000'000, lane_number, false);
  for (Isa isa : testing::isas()) {
    const auto executable = interpreter::interpret(kernel, isa);
    for (const unsigned last : {16u, 96u, 256u}) {
      const auto out = testing::run(*executable, kArguments, 0, last);
      EXPECT_EQ(out[kernels::kLanes], last - 1) << testing::name(isa);
    }
  }
}

TEST(Loops, NestAndPassOnWhatTheyCarry) {
  for (std::uint32_t inner : {0u, 1u, 3u})
    expect_as_evaluated(kernel_of([&](Builder& b) {
      const X x = lane_number(b);
      const std::vector<Value> start{x, x * 0.5, b.constant(0.0)};
      return b.loop(b.leaf(Op::steps), start, [&](Value outer_index, Carried o) -> std::vector<Value> {
        const std::vector<Value> within{o[0], o[1]};
        const auto end = b.loop(b.constant_u32(inner), within, [&](Value, Carried c) -> std::vector<Value> {
          return {X(b, c[0]) + X(b, c[1]) * to_f64(X(b, outer_index)), X(b, c[1]) * 1.25 + X(b, o[0])};
        });
        return {end[1], end[0], X(b, o[2]) + X(b, end[0])};
      });
    }));
}

TEST(Loops, CountByTheLoopAround) {
  expect_as_evaluated(kernel_of([&](Builder& b) {
    const std::vector<Value> start{lane_number(b)};
    return b.loop(b.constant_u32(6), start, [&](Value index, Carried o) {
      return b.loop(index, o,
                    [&](Value i, Carried c) -> std::vector<Value> { return {X(b, c[0]) + to_f64(X(b, i))}; });
    });
  }));
}

// ---- rows

TEST(Rows, KeepOrder) {
  expect_as_evaluated(kernel_of([](Builder& b) -> std::vector<Value> {
    const std::uint32_t row = b.row(8), other = b.row(2);
    const X x = lane_number(b);
    const Value zero = b.constant_u32(0), one = b.constant_u32(1);
    b.loop(b.constant_u32(8), {}, [&](Value i, Carried) -> std::vector<Value> {
      b.store(row, i, x * to_f64(X(b, i)));
      return {};
    });
    const Value before = b.load(row, one);
    b.store(row, one, b.constant(0.25));
    b.store(other, zero, before);
    b.store(other, one, b.load(row, one));
    const auto sum = b.loop(b.constant_u32(8), std::vector<Value>{b.constant(0.0)}, [&](Value i, Carried c) {
      return std::vector<Value>{X(b, c[0]) * 3.0 + X(b, b.load(row, i))};
    });
    return {before, b.load(other, zero), b.load(other, one), sum[0]};
  }));
}

TEST(Rows, AreReadAndWrittenByEachLaneWhereItLikes) {
  expect_as_evaluated(kernel_of([](Builder& b) -> std::vector<Value> {
    const std::uint32_t row = b.row(4);
    const X lane(b, b.emit(Op::narrow, {b.leaf(Op::lane)}));
    for (std::uint32_t k = 0; k < 4; ++k) b.store(row, b.constant_u32(k), b.constant(k + 0.5));
    b.store(row, lane & std::uint64_t{3}, lane_number(b));
    b.store(row, (lane >> 2) & std::uint64_t{3}, b.constant(-1.0));
    return {b.load(row, b.constant_u32(0)), b.load(row, b.constant_u32(3)),
            b.load(row, (lane >> 1) & std::uint64_t{3})};
  }));
}

TEST(Rows, TakeWhatIsTheSameInEveryLane) {
  expect_as_evaluated(kernel_of([](Builder& b) -> std::vector<Value> {
    const std::uint32_t row = b.row(2);
    const X lane(b, b.emit(Op::narrow, {b.leaf(Op::lane)}));
    for (std::uint32_t k = 0; k < 2; ++k) b.store(row, b.constant_u32(k), b.constant(k * 2.0));
    b.store(row, lane & std::uint64_t{1}, b.scalar(0));
    return {b.load(row, b.constant_u32(0)), b.load(row, b.constant_u32(1)), b.scalar(1)};
  }));
}

// ---- parts of a tile

ir::Kernel sum_of_squares(std::uint32_t n) {
  return kernel_of([n](Builder& b) -> std::vector<Value> {
    const auto generator = random::Generator::xoshiro256pp;
    std::vector<Value> start = random::initial_state(generator, b);
    start.push_back(b.constant(0.0));
    const auto end = b.loop(b.leaf(Op::steps), start, [&](Value step, Carried o) {
      std::vector<Value> within(o.begin(), o.end());
      return b.loop(b.constant_u32(n), within, [&](Value, Carried c) {
        const auto stream = random::make_stream(generator, b, step, {c.begin(), c.end() - 1});
        const X u = random::uniform(stream->draw(b));
        std::vector<Value> next = stream->state;
        next.push_back(fma(u, u, X(b, c.back())));
        return next;
      });
    });
    return {end.back()};
  });
}

TEST(PartsOfATile, GiveWhatTheWholeTileGives) {
  const ir::Kernel kernel = sum_of_squares(3);
  for (const auto& [first, last] :
       {std::pair{0u, 16u}, {16u, 48u}, {0u, 112u}, {240u, 256u}, {32u, 256u}, {64u, 64u}})
    expect_as_evaluated(kernel, first, last);
}

TEST(PartsOfATile, AreWholeGranules) {
  const auto executable = interpreter::interpret(sum_of_squares(2));
  EXPECT_EQ(executable->granule(), 16u);
  EXPECT_EQ(kernels::kLanes % executable->granule(), 0u);
  EXPECT_EQ(executable->outputs(), 1u);
}

// ---- what the translator makes of it

bool is_copy(interpreter::ColumnOp op) {
  return op == interpreter::ColumnOp::copy_u64 || op == interpreter::ColumnOp::copy_u32;
}

std::vector<interpreter::ColumnOp> translated(const ir::Kernel& kernel) {
  using namespace interpreter;
  Sequence sequence = linearise(kernel);
  fuse(sequence);
  sink(sequence);
  const Program program = assemble(sequence, allocate(sequence), baseline_handlers());
  std::vector<ColumnOp> ops;
  for (const Instruction& instruction : program.instructions) {
    std::uint16_t k = 0;
    while (baseline_handlers()[k] != instruction.handler) ++k;
    ops.push_back(static_cast<ColumnOp>(k));
  }
  return ops;
}

/// What the innermost loop of a kernel with nested loops does each round.
std::vector<interpreter::ColumnOp> innermost_loop(const ir::Kernel& kernel) {
  const auto ops = translated(kernel);
  auto begin = ops.end();
  int depth = 0, deepest = 0;
  for (auto at = ops.begin(); at != ops.end(); ++at) {
    depth += (*at == interpreter::ColumnOp::enter_loop) - (*at == interpreter::ColumnOp::next_round);
    if (depth > deepest) deepest = depth, begin = at + 1;
  }
  return {begin, std::find(begin, ops.end(), interpreter::ColumnOp::next_round)};
}

/// Copies within loops of the kernel, which has no loop after the outermost one.
std::ptrdiff_t copies_in_loops(const ir::Kernel& kernel) {
  const auto ops = translated(kernel);
  const auto begin = std::ranges::find(ops, interpreter::ColumnOp::enter_loop);
  const auto end = std::find(ops.rbegin(), ops.rend(), interpreter::ColumnOp::next_round).base();
  return std::count_if(begin, end, is_copy);
}

TEST(Translation, UpdatesAGeneratorInPlace) {
  const auto ops = innermost_loop(sum_of_squares(10));
  EXPECT_EQ(std::ranges::count_if(ops, is_copy), 0);
  EXPECT_EQ(ops.size(), 8u) << "fused pairs have come apart";
}

TEST(Translation, KeepsTheHotColumnsInTheFirstCache) {
  EXPECT_LT(interpreter::interpret(sum_of_squares(10))->scratch_bytes(), 32u << 10);
}

TEST(Translation, WaitsWithTheNextValueForTheLastUseOfThePresentOne) {
  // y's next value is made before y is used for the last time, in an inner loop at that.
  const auto kernel = kernel_of([](Builder& b) {
    const X x = lane_number(b);
    const std::vector<Value> start{x, x * 0.5};
    return b.loop(b.constant_u32(3), start, [&](Value, Carried c) -> std::vector<Value> {
      const X y(b, c[1]), next = y * 1.5;
      const std::vector<Value> within{c[0]};
      const auto sum = b.loop(b.constant_u32(2), within,
                              [&](Value, Carried i) -> std::vector<Value> { return {X(b, i[0]) * y}; });
      return {sum[0], next};
    });
  });
  expect_as_evaluated(kernel);
  EXPECT_EQ(copies_in_loops(kernel), 0);
}

TEST(Translation, TakesTimeInProportion) {
  const auto cpu_ms = [](unsigned operations) {
    const auto kernel =
        testing::random_kernel(3, {.operations = operations, .loops = operations / 10, .max_depth = 4});
    return testing::least_cpu_ms(5, [&] { interpreter::interpret(kernel); });
  };
  EXPECT_LT(cpu_ms(8000), 16 * cpu_ms(2000));
}

TEST(Translation, DropsWhatNothingNeeds) {
  const auto dead = kernel_of([](Builder& b) -> std::vector<Value> {
    const X x = lane_number(b);
    const std::vector<Value> start{x, x * 2.0};
    const auto end = b.loop(b.constant_u32(3), start, [&](Value, Carried c) -> std::vector<Value> {
      return {X(b, c[0]) + 1.0, sqrt(X(b, c[1]))};
    });
    b.emit(Op::sqrt, {end[0]});
    return {end[0]};
  });
  expect_as_evaluated(dead);
  EXPECT_EQ(innermost_loop(dead).size(), 1u);
}

TEST(Translation, RefusesFunctions) {
  const auto kernel = kernel_of(
      [](Builder& b) -> std::vector<Value> { return {b.emit(Op::exp_function, {lane_number(b)})}; });
  EXPECT_THROW(interpreter::interpret(kernel), std::invalid_argument);
}

}  // namespace
}  // namespace mc
