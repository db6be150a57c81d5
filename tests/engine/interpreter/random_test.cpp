// Random kernels against the evaluator for single lanes.
#include <gtest/gtest.h>

#include "tests/engine/interpreter/running.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc {
namespace {

const double kScalars[] = {0.75, -3.0};
const double kArray[testing::kRandomArrayLength] = {1, -2, 0.5, 1e10, -0.0, 1e-300, 3, 7};
const double* const kArrays[] = {kArray};
constexpr std::uint32_t kSteps = 3;

void compare(std::uint64_t seed, const testing::RandomKernelKnobs& knobs) {
  const ir::Kernel kernel = testing::random_kernel(seed, knobs);
  const kernels::Arguments arguments{
      .seed = seed, .tile = seed * seed, .scalars = kScalars, .arrays = kArrays};
  for (Isa isa : testing::isas()) {
    const auto out = testing::run(*interpreter::interpret(kernel, isa), arguments, 16, 80, kSteps);
    for (unsigned lane : {16u, 17u, 31u, 40u, 79u}) {
      std::vector<double> got;
      for (unsigned k = 0; k < kernel.outputs; ++k) got.push_back(out[k * kernels::kLanes + lane]);
      const auto expected = testing::evaluate(kernel, arguments, lane, kSteps);
      ASSERT_TRUE(testing::same_numbers(got, expected))
          << testing::name(isa) << ", seed " << seed << ", lane " << lane;
    }
  }
}

TEST(RandomKernels, GiveWhatTheEvaluatorGives) {
  for (std::uint64_t seed = 0; seed < 1500 && !HasFatalFailure(); ++seed) compare(seed, {});
}

TEST(RandomKernels, OfF64Alone) {
  for (std::uint64_t seed = 0; seed < 500 && !HasFatalFailure(); ++seed)
    compare(seed, {.operations = 60, .f32 = false, .integers = false});
}

TEST(RandomKernels, OfManyLoops) {
  for (std::uint64_t seed = 0; seed < 500 && !HasFatalFailure(); ++seed)
    compare(seed, {.operations = 120, .loops = 12, .max_depth = 4, .max_count = 3, .rows = 2});
}

}  // namespace
}  // namespace mc
