// Loops, memory, groups of lanes: whole kernels in every shape, against the reference and against tier 0.
#include <gtest/gtest.h>

#include <array>

#include "engine/interpreter/interpreter.hpp"
#include "engine/ir/builder.hpp"
#include "engine/llvm/selection.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/llvm/running.hpp"
#include "tests/support/kernel_text.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::testing {
namespace {

using kernels::kLanes;

const double kScalars[] = {1.25, -0.75};
const double kNumbers[] = {0.5, -1.0, 2.25, 1e10, -0.0, 3.0, 7.5, -4.125};
const double* const kArrays[] = {kNumbers};
const kernels::Arguments kArguments{.seed = 42, .tile = 7, .scalars = kScalars, .arrays = kArrays};

void expect_in_all_shapes(const std::string& text) {
  const ir::Kernel kernel = kernel_of(text);
  for (const jit::Options& options : all_shapes()) expect_kernel(kernel, kArguments, options);
}

TEST(Emitter, gives_leaves) {
  expect_in_all_shapes(R"(kernel scalars 2 arrays 1 (8) outputs 6
    %0 = tile u64
    %1 = to_f64 f64 %0
    output 0, %1
    %2 = seed u64
    %3 = to_f64 f64 %2
    output 1, %3
    %4 = lane u64
    %5 = to_f64 f64 %4
    output 2, %5
    %6 = steps u32
    %7 = to_f64 f64 %6
    output 3, %7
    %8 = scalar f64 1
    output 4, %8
    %9 = constant u32 5
    %10 = element f64 0, %9
    output 5, %10
  )");
}

TEST(Emitter, carries_values_at_once_not_one_after_the_other) {
  // (a, b) ← (b, a + b), once with values that vary and once without.
  expect_in_all_shapes(R"(kernel scalars 2 arrays 0 outputs 4
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = constant f64 0x1p+0
    %3 = constant u32 7
    %4, %5 = loop %3 (%1, %2) { %6, %7, %8 ->
      %9 = add f64 %7, %8
      next %8, %9
    }
    output 0, %4
    output 1, %5
    %10 = scalar f64 0
    %11, %12 = loop %3 (%10, %2) { %13, %14, %15 ->
      %16 = add f64 %14, %15
      next %15, %16
    }
    output 2, %11
    output 3, %12
  )");
}

TEST(Emitter, loops_that_never_run_give_their_initial_values) {
  const ir::Kernel kernel = kernel_of(R"(kernel scalars 1 arrays 0 outputs 3
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = scalar f64 0
    %3 = steps u32
    %4, %5, %6 = loop %3 (%1, %2, %2) { %7, %8, %9, %10 ->
      %11 = add f64 %8, %9
      %12 = mul f64 %10, %10
      next %11, %11, %12
    }
    output 0, %4
    output 1, %5
    output 2, %6
  )");
  for (const jit::Options& options : all_shapes())
    for (std::uint32_t steps : {0u, 1u, 5u}) expect_kernel(kernel, kArguments, options, steps);
}

/// Counts each lane up to its number or to a scalar, if that is less, in so many rounds at most; then tells
/// how often it halved 1, and counts all rounds, which breaks the promise that nothing changes.
std::string settling(unsigned rounds, bool tells_rounds) {
  std::string text = R"(kernel scalars 2 arrays 0 outputs 3
    %rounds = constant u32 )" +
                     std::to_string(rounds) + R"(
    %number = lane u64
    %lane = to_f64 f64 %number
    %no = constant i1 false
    %0 = constant f64 0x0p+0
    %1 = constant f64 0x1p+0
    %half = constant f64 0x1p-1
    %a, %b, %s, %r = loop %rounds (%0, %1, %no, %0) { %i, %count, %small, %settled, %all until %settled ->
      %more = add f64 %count, %1
      %next = select f64 %settled, %count, %more
      %smaller = mul f64 %small, %half
      %kept = select f64 %settled, %small, %smaller
      %there = le i1 %lane, %next
      %done = bit_or i1 %settled, %there
      %round = add f64 %all, %1
      next %next, %kept, %done, %round
    }
    output 0, %a
    output 1, %b
    output 2, )";
  return text + (tells_rounds ? "%r\n" : "%0\n");
}

TEST(Emitter, loops_settle_in_each_lane_by_itself) {
  for (unsigned rounds : {0u, 1u, 3u, 300u}) expect_in_all_shapes(settling(rounds, false));
  // The same in all lanes.
  expect_in_all_shapes(R"(kernel scalars 2 arrays 0 outputs 1
    %rounds = constant u32 100
    %most = scalar f64 0
    %no = constant i1 false
    %0 = constant f64 0x0p+0
    %1 = constant f64 0x1p+0
    %a, %s = loop %rounds (%0, %no) { %i, %count, %settled until %settled ->
      %more = add f64 %count, %1
      %next = select f64 %settled, %count, %more
      %done = le i1 %most, %next
      next %next, %done
    }
    output 0, %a
  )");
}

TEST(Emitter, leaves_a_loop_when_all_lanes_side_by_side_have_settled) {
  for (const jit::Options& options : all_shapes()) {
    const auto executable = jit::compile(kernel_of(settling(1'000'000, true)), options);
    const std::vector<double> out = run(*executable, kArguments);
    const unsigned group = executable->granule();
    for (unsigned lane = 0; lane < kLanes; ++lane)
      EXPECT_EQ(out[2 * kLanes + lane], lane / group * group + group - 1)
          << text(options) << " lane " << lane;
  }
}

TEST(Emitter, rows_keep_what_lanes_stored) {
  // Written by a common index, read by one of each lane's own, and the other way round.
  expect_in_all_shapes(R"(kernel scalars 0 arrays 0 outputs 2 rows 3 8
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = constant u32 8
    loop %2 () { %3 ->
      %4 = to_f64 f64 %3
      %5 = fma f64 %4, %1, %4
      store 1, %3, %5
      next
    }
    %6 = narrow u32 %0
    %7 = constant u32 7
    %8 = bit_and u32 %6, %7
    %9 = load f64 1, %8
    output 0, %9
    store 1, %8, %1
    %10 = constant u32 3
    %11 = load f64 1, %10
    output 1, %11
  )");
}

class RandomKernels : public ::testing::TestWithParam<unsigned> {};

RandomKernelKnobs knobs_for(std::uint64_t seed) {
  RandomKernelKnobs knobs;
  knobs.operations = 20 + static_cast<unsigned>(seed % 5) * 25;
  knobs.rows = static_cast<unsigned>(seed % 3);
  knobs.max_depth = 1 + static_cast<unsigned>(seed % 3);
  return knobs;
}

TEST_P(RandomKernels, agree_with_reference_and_interpreter) {
  const std::vector<jit::Options> shapes = all_shapes();
  for (std::uint64_t seed = GetParam(); seed < 96; seed += 8) {
    SCOPED_TRACE(seed);
    const ir::Kernel kernel = random_kernel(seed, knobs_for(seed));
    const auto steps = static_cast<std::uint32_t>(seed % (kernels::kSteps + 1));
    const auto expected = expected_columns(kernel, kArguments, steps);
    expect_same(run(*interpreter::interpret(kernel), kArguments, 0, kLanes, steps), expected);
    for (std::size_t k = seed % 3; k < shapes.size(); k += 3) {
      SCOPED_TRACE(text(shapes[k]));
      expect_same(run(*jit::compile(kernel, shapes[k]), kArguments, 0, kLanes, steps), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomKernels, ::testing::Range(0u, 8u));

TEST(Emitter, computes_the_lanes_it_is_told_to) {
  const ir::Kernel kernel = random_kernel(5);
  for (const jit::Options& options : all_shapes()) {
    SCOPED_TRACE(text(options));
    const auto compiled = jit::compile(kernel, options);
    const unsigned granule = compiled->granule();
    ASSERT_EQ(granule, options.vector_bits / (options.lane_bits == 32 ? 32 : 64) * options.interleave);
    const auto all = run(*compiled, kArguments);
    for (const auto& [first, last] :
         {std::pair{granule, 3 * granule}, {kLanes - granule, kLanes}, {granule, granule}}) {
      const auto some = run(*compiled, kArguments, first, last);
      for (std::size_t k = 0; k < all.size(); ++k) {
        const bool is_asked = k % kLanes >= first && k % kLanes < last;
        ASSERT_TRUE(same_number(some[k], is_asked ? all[k] : kUntouched)) << k;
      }
    }
  }
}

TEST(Emitter, writes_what_no_lane_changes_once) {
  const ir::Kernel kernel = kernel_of(R"(kernel scalars 2 arrays 1 (8) outputs 1
    %0 = scalar f64 0
    %1 = constant u32 8
    %2 = loop %1 (%0) { %3, %4 ->
      %5 = element f64 0, %3
      %6 = fma f64 %5, %5, %4
      next %6
    }
    %7 = lane u64
    %8 = to_f64 f64 %7
    %9 = mul f64 %8, %2
    output 0, %9
  )");
  const std::string text = jit::compile(kernel)->llvm_text();
  EXPECT_LT(text.find("loop:"), text.find("group:"));
  EXPECT_NE(text.find("call double @llvm.fma.f64"), std::string::npos);
  expect_kernel(kernel, kArguments, {});
}

TEST(Emitter, a_loop_whose_next_value_changes_with_the_lanes_is_not_written_once) {
  // Its body is empty and its initial value a constant: only what it carries round keeps it in the group.
  expect_in_all_shapes(R"(kernel scalars 1 arrays 0 outputs 1
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = scalar f64 0
    %3 = constant u32 3
    %4, %5 = loop %3 (%1, %2) { %6, %7, %8 ->
      %9 = add f64 %7, %8
      %10 = add f64 %8, %8
      next %9, %10
    }
    %11 = loop %3 (%2) { %12, %13 ->
      next %5
    }
    output 0, %11
  )");
}

/// A loop whose body is a straight line of so many operations, each with a constant of its own.
ir::Kernel straight_line(unsigned length) {
  ir::Builder b;
  const ir::Value lane = b.emit(ir::Op::to_f64, {b.leaf(ir::Op::lane)});
  const auto end = b.loop(b.constant_u32(3), std::array{lane}, [&](ir::Value, std::span<const ir::Value> c) {
    ir::Value x = c[0];
    for (unsigned k = 0; k < length; ++k)
      x = b.emit(k % 2 ? ir::Op::mul : ir::Op::add, {x, b.constant(1 + 0.001 * k)});
    return std::vector{x};
  });
  b.output(0, end[0]);
  return b.finish(0);
}

std::size_t blocks_of_straight_line(unsigned length, const jit::Options& options) {
  const std::string text = jit::compile(straight_line(length), options)->llvm_text();
  std::size_t count = 0;
  for (auto at = text.find("\nstraight"); at != std::string::npos; at = text.find("\nstraight", at + 1))
    ++count;
  return count;
}

TEST(Emitter, writes_long_straight_lines_in_blocks) {
  EXPECT_EQ(blocks_of_straight_line(100, shape(128, 1)), 0u);
  EXPECT_GE(blocks_of_straight_line(1000, shape(128, 1)), 3u);
  EXPECT_GE(blocks_of_straight_line(1000, shape(128, 4)), 15u) << "each of four vectors counts";
  for (const jit::Options& options : all_shapes()) expect_kernel(straight_line(400), {}, options);
}

TEST(Emitter, counts_registers_where_a_vector_takes_several) {
  jit::Instructions avx2{.registers = 16, .register_bits = 256};
  EXPECT_EQ(avx2.registers_a_vector(8), 2u);
  EXPECT_EQ(avx2.registers_a_vector(4), 1u);
  EXPECT_EQ(avx2.registers_a_vector(2), 1u);
}

TEST(Emitter, refuses_what_it_cannot_say) {
  ir::Builder b;
  b.output(0, b.emit(ir::Op::exp_function, {b.scalar(0)}));
  EXPECT_THROW(jit::compile(b.finish(1)), jit::Error);
  const ir::Value lane = b.emit(ir::Op::narrow, {b.leaf(ir::Op::lane)});
  b.loop(lane, {}, [](ir::Value, std::span<const ir::Value>) { return std::vector<ir::Value>{}; });
  const ir::Kernel varying = b.finish(0);
  try {
    jit::compile(varying);
    FAIL() << "compiled a loop with a count for each lane";
  } catch (const jit::Error& error) {
    EXPECT_NE(std::string(error.what()).find("count"), std::string::npos);
  }
}

}  // namespace
}  // namespace mc::testing
