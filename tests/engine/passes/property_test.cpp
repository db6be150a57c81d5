// Random kernels through the passes: well formed after each, and the same numbers from those that are exact.
#include <gtest/gtest.h>

#include "engine/ir/text.hpp"
#include "engine/ir/verify.hpp"
#include "engine/passes/passes.hpp"
#include "engine/passes/rewriter.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::passes {
namespace {

constexpr double kScalars[] = {1.25, -3.0};
constexpr double kArray[testing::kRandomArrayLength] = {0.5, -0.0, 2.0, 1e-3, -7.0, 1e10, 3.0, 0.1};
constexpr const double* kArrays[] = {kArray};

std::vector<double> results(const ir::Kernel& kernel, std::uint32_t steps) {
  return testing::evaluate(kernel, {.seed = 77, .tile = 5, .scalars = kScalars, .arrays = kArrays}, 9, steps);
}

constexpr testing::RandomKernelKnobs kKnobs[] = {
    {},
    {.operations = 120, .loops = 8, .max_depth = 3, .rows = 2},
    {.operations = 60, .loops = 0, .rows = 0, .arrays = 0, .f32 = false, .integers = false},
    {.operations = 25, .loops = 6, .max_depth = 4, .max_count = 1},
};

template <class Pass>
void expect_same_results(Pass pass) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const ir::Kernel before = testing::random_kernel(seed, kKnobs[seed % std::size(kKnobs)]);
    const ir::Kernel after = pass(before);
    const auto faults = verify(after, ir::Level::primitives);
    ASSERT_TRUE(faults.empty()) << seed << ": " << faults.front() << "\n" << print(after);
    for (std::uint32_t steps : {0U, 1U, 3U})
      ASSERT_TRUE(testing::same_numbers(results(before, steps), results(after, steps)))
          << "seed " << seed << "\n"
          << print(before) << "becomes\n"
          << print(after);
  }
}

TEST(Property, copying_keeps_every_bit) {
  expect_same_results([](const ir::Kernel& k) { return rewrite(k, keep); });
}

TEST(Property, simplifying_keeps_every_bit) { expect_same_results(simplify); }

TEST(Property, expanding_what_has_no_functions_keeps_every_bit) {
  expect_same_results([](const ir::Kernel& k) { return expand(k); });
}

TEST(Property, printing_and_parsing_keeps_every_bit) {
  expect_same_results([](const ir::Kernel& k) { return *ir::parse(print(k)); });
}

TEST(Property, contracted_and_lowered_kernels_are_well_formed) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const ir::Kernel kernel = testing::random_kernel(seed, kKnobs[seed % std::size(kKnobs)]);
    EXPECT_TRUE(verify(contract(kernel), ir::Level::primitives).empty()) << seed;
    EXPECT_TRUE(verify(lower(kernel), ir::Level::primitives).empty()) << seed;
  }
}

/// Loops that dissolve leave things unused, which the next copy drops; then copies change nothing any more.
TEST(Property, copies_of_copies_soon_stay_the_same) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    ir::Kernel kernel = testing::random_kernel(seed, kKnobs[seed % std::size(kKnobs)]);
    for (int k = 0; k < 4; ++k) kernel = rewrite(kernel, keep);
    EXPECT_EQ(print(rewrite(kernel, keep)), print(kernel)) << seed;
  }
}

}  // namespace
}  // namespace mc::passes
