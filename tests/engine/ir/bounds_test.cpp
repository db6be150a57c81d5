// Whatever a kernel computes lies in the interval that was foretold. What the verifier makes of them:
// verify_test.cpp.
#include "engine/ir/bounds.hpp"

#include <gtest/gtest.h>

#include "engine/ir/builder.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/kernel_text.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::ir {
namespace {

/// Whether the node has been computed: in the last round of the loops around it, if those ran at all.
bool has_run(const Kernel& kernel, const testing::Evaluator& evaluator, RegionId region) {
  for (; region != kEntry; region = kernel[region].parent)
    if (evaluator.bits(kernel[kernel[kernel[region].loop].node].operands[0]) == 0) return false;
  return true;
}

bool contains(const Interval& interval, std::uint64_t bits) {
  const std::uint64_t past_first = (bits - static_cast<std::uint64_t>(interval.first)) & 0xffffffff;
  return past_first <= static_cast<std::uint64_t>(interval.last - interval.first);
}

TEST(Bounds, hold_for_whatever_random_kernels_compute) {
  const double scalars[] = {1.5, -3.0};
  const double array[testing::kRandomArrayLength] = {1, -2, 3e9, 0.5, 7, -1e300, 4, 2};
  const double* const arrays[] = {array};
  unsigned looked_at = 0, told_something = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const Kernel kernel =
        testing::random_kernel(seed, {.operations = 90, .loops = 6, .max_depth = 3, .f32 = false});
    const Bounds bounds(kernel);
    for (const std::uint32_t steps : {0u, 1u, 32u}) {
      const kernels::Arguments arguments{
          .seed = seed, .tile = seed * seed, .scalars = scalars, .arrays = arrays};
      testing::Evaluator evaluator(kernel, arguments, seed % 256, steps);
      evaluator.run();
      for (std::uint32_t k = 0; k < kernel.nodes.size(); ++k) {
        const Node& node = kernel.nodes[k];
        if (node.type != Type::u32 || !has_run(kernel, evaluator, node.region)) continue;
        const Interval& interval = bounds[Value{k}];
        ASSERT_TRUE(contains(interval, evaluator.bits(Value{k})))
            << "seed " << seed << ", node " << k << ", " << info(node.op).name << ": "
            << evaluator.bits(Value{k}) << " in " << interval.first << ".." << interval.last;
        ++looked_at;
        told_something += node.op != Op::constant && interval.last - interval.first < 0xffffffff;
      }
    }
  }
  EXPECT_GT(told_something, looked_at / 10);
}

TEST(Bounds, name_the_first_fault) {
  const Kernel good = testing::kernel_of(
      "kernel scalars 0 arrays 0 outputs 0 rows 3\n%k = constant u32 2\n"
      "%v = load f64 0, %k\nstore 0, %k, %v");
  EXPECT_EQ(Bounds(good).first_fault(), "");
  Kernel shrunk = good;
  shrunk.rows[0] = 2;
  EXPECT_EQ(Bounds(shrunk).first_fault(), "node 1: load: index 2 of row 0 of 2 elements");
}

/// Whether an index that may be anything is inside a row of 3 where it is chosen only if it is less than
/// `below`.
bool is_inside(std::uint32_t below, std::uint32_t otherwise) {
  Builder b;
  const std::uint32_t row = b.row(3);
  const Value any = b.emit(Op::narrow, {b.emit(Op::to_bits, {b.scalar(0)})});
  const Value holds = b.emit(Op::ult, {any, b.constant_u32(below)});
  b.output(0, b.load(row, b.emit(Op::select, {holds, any, b.constant_u32(otherwise)})));
  return Bounds(b.finish(1)).first_fault().empty();
}

TEST(Bounds, know_what_a_choice_keeps_below_a_number) {
  EXPECT_TRUE(is_inside(3, 0));
  EXPECT_TRUE(is_inside(1, 2));
  EXPECT_FALSE(is_inside(4, 0));
  EXPECT_FALSE(is_inside(3, 3));
}

}  // namespace
}  // namespace mc::ir
