// What a program is said to come to.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/text.hpp>

namespace {

using Words = std::vector<std::string>;

mc::Explanation explained(const char* program, const mc::Options& options = {}) {
  return mc::compile(program).explain(options);
}

TEST(Explain, NamesWhatIsFused) {
  const mc::Explanation one = explained("x ~ uniform(0, 1)^10; E[sum(x_i^2)], E[max(x)]");
  ASSERT_EQ(one.loops.size(), 1u);
  EXPECT_EQ(one.loops[0].rounds, 10u);
  EXPECT_EQ(one.loops[0].draws, Words{"x"});
  EXPECT_EQ(one.loops[0].folds, (Words{"sum(x_i^2)", "max(x)"}));
  EXPECT_FALSE(one.loops[0].hoisted);
  EXPECT_EQ(one.draws, 10u);
  EXPECT_EQ(one.stored, 0u);
  EXPECT_FALSE(one.rejects);
}

TEST(Explain, NamesWhatIsStoredForLater) {
  const mc::Explanation two = explained("x ~ normal(0, 1)^12; E[sum((x_i - mean(x))^2)]");
  ASSERT_EQ(two.loops.size(), 2u);
  EXPECT_EQ(two.loops[0].draws, Words{"x"});
  EXPECT_EQ(two.loops[1].draws, Words());
  EXPECT_EQ(two.stored, 12u);
  const mc::Explanation nest = explained("x ~ uniform(0, 1)^10; E[sum(x_i*x_j)]");
  ASSERT_EQ(nest.loops.size(), 2u);
  EXPECT_EQ(nest.loops[1].rounds, 100u);
  EXPECT_EQ(nest.loops[1].folds, Words{"sum(x_i*x_j)"});
}

TEST(Explain, CountsDraws) {
  const mc::Explanation mixed =
      explained("z ~ normal(0, 1); x ~ gamma(2, 1)^5; y ~ data([1, 2, 3]); E[z*sum(x) + y]");
  EXPECT_TRUE(mixed.rejects);
  EXPECT_GE(mixed.draws, 1u + 5u * 2u + 1u);
  EXPECT_EQ(explained("x ~ rows([1, 2, 3]); E[x]").draws, 0u);
}

TEST(Explain, LeavesOutWhatIsNotComputedAgain) {
  const mc::Explanation with = explained("x ~ uniform(0, 1); E[x*sum(exp(i), i = 1..1000)]");
  EXPECT_TRUE(with.loops.back().hoisted || with.loops.front().hoisted);
  EXPECT_LT(with.operations, 100);
}

/// As the times do that are told beside them.
TEST(Explain, CountsTheRoundsOfIterations) {
  const auto of = [](int rounds) {
    return explained(("x ~ uniform(0, 1); E[iterate(y = x, 3.9*y*(1 - y), " + std::to_string(rounds) + ")]")
                         .c_str())
        .operations;
  };
  EXPECT_GT(of(500), 10 * of(5));
  EXPECT_EQ(of(500) - of(400), of(400) - of(300));
}

/// Of a loop, as many as it has rounds: the same for each coordinate.
TEST(Explain, CountsOperationsBySample) {
  const auto of = [](int n) {
    return explained(("x ~ uniform(0, 1)^" + std::to_string(n) + "; E[sum(x_i^2)]").c_str());
  };
  const mc::Explanation ten = of(10), twenty = of(20), forty = of(40);
  EXPECT_EQ(forty.operations - twenty.operations, 2 * (twenty.operations - ten.operations));
  EXPECT_EQ(forty.floating - twenty.floating, 2 * (twenty.floating - ten.floating));
  EXPECT_EQ(forty.kernel, ten.kernel);
  // Each coordinate: a uniform variate by one bit pattern and a subtraction, a square and its sum.
  EXPECT_EQ((twenty.floating - ten.floating) / 10, 4) << "bitcast, sub, and one fma or mul and add";
  EXPECT_GT((twenty.operations - ten.operations) / 10, 10) << "the generator's words";
}

TEST(Explain, SaysWhatMachineCodeWouldCost) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^7; E[sum(x_i^2*exp(x_i))]");
  const mc::Explanation before = moment.explain({.samples = 1'000'000});
  EXPECT_FALSE(before.compiled);
  EXPECT_GT(before.compile_ms, 0);
  EXPECT_NEAR(moment.explain({.samples = 3'000'000}).interpreter_ms, 3 * before.interpreter_ms,
              0.5 * before.interpreter_ms);
  moment.run({.samples = 10, .backend = mc::Backend::llvm});
  EXPECT_TRUE(moment.explain().compiled);
}

TEST(Explain, RefusesWhatARunWouldRefuse) {
  EXPECT_THROW(explained("x ~ uniform(0, a); E[x]"), mc::Error);
  EXPECT_NO_THROW(explained("x ~ uniform(0, a); E[x]", {.parameters = {{"a", 2}}}));
  EXPECT_THROW(explained("x ~ uniform(0, 1); E[x]", {.samples = 0}), mc::ArgumentError);
}

}  // namespace
