// Signatures: what compiles, how often, and that many threads at once are no trouble.
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace {

std::size_t compiled(const mc::Moment& moment) {
  std::size_t count = 0;
  for (const mc::Signature& signature : moment.signatures()) count += signature.compiled;
  return count;
}

TEST(Signatures, NewValuesNeverRecompile) {
  const mc::Moment moment = mc::compile("z ~ normal(0, 1); E[max(S0*exp(s*z - s^2/2) - K, 0)]");
  for (int k = 0; k < 20; ++k)
    moment.estimate({.samples = 1000,
                     .seed = static_cast<std::uint64_t>(k),
                     .parameters = {{"S0", 100}, {"s", 0.2}, {"K", 90.0 + k}},
                     .backend = mc::Backend::llvm});
  EXPECT_EQ(moment.signatures().size(), 1u);
  EXPECT_EQ(compiled(moment), 1u);
}

TEST(Signatures, NewTypesDo) {
  const mc::Moment moment = mc::compile("sum(x_i^2)");
  moment.estimate(mc::box(2, 0, 1));
  moment.estimate(mc::box(2, -1, 1));
  EXPECT_EQ(moment.signatures().size(), 1u) << "bounds are numbers";
  moment.estimate(mc::box(3, 0, 1));
  moment.estimate(mc::box({0, 0}, {1, 2}));
  moment.estimate(mc::box(2, 0, 1), {.generator = mc::Generator::philox4x32});
  EXPECT_EQ(moment.signatures().size(), 4u);
}

TEST(Signatures, ASmallJobIsNotWorthACompiler) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[sum(x_i^2)] # not worth it");
  moment.estimate({.samples = 100});
  EXPECT_EQ(compiled(moment), 0u);
  moment.estimate({.samples = 20'000'000});
  EXPECT_EQ(compiled(moment), 1u);
  const mc::Report warm = moment.run({.samples = 100});
  EXPECT_EQ(warm.timing.compile_ms, 0);
  EXPECT_EQ(warm.timing.cache, "memory");
  EXPECT_EQ(warm.tiles_llvm, 1u) << "once there is machine code, it is used";
}

TEST(Signatures, ManyThreadsCompileOnce) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^3; E[sum(x_i^3)] # many");
  std::vector<mc::Report> reports(16);
  std::vector<std::thread> threads;
  for (mc::Report& report : reports)
    threads.emplace_back(
        [&] { report = moment.run({.samples = 5000, .backend = mc::Backend::llvm, .threads = 2}); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(moment.signatures().size(), 1u);
  for (const mc::Report& report : reports)
    EXPECT_EQ(report.results[0].estimate.value, reports[0].results[0].estimate.value);
}

TEST(Signatures, EqualKernelsShareTheirCode) {
  const mc::Options options{.samples = 1000, .backend = mc::Backend::llvm};
  mc::compile("x ~ uniform(0, 1)^4; E[sum(x_i^4)]").estimate(options);
  EXPECT_EQ(mc::compile("y ~ uniform(0, 1)^4; E[sum(y_k^4)]").run(options).timing.cache, "memory");
}

TEST(Inspect, ShowsEveryStage) {
  const mc::Moment moment = mc::compile("sum(x_i^2)");
  const mc::Box box = mc::box(10, 0, 1);
  EXPECT_NE(moment.inspect(mc::Stage::ir, box).find("rotl u64"), std::string::npos);
  EXPECT_NE(moment.inspect(mc::Stage::llvm, box).find("fshl"), std::string::npos);
  EXPECT_NE(moment.inspect(mc::Stage::assembly, box).find("ret"), std::string::npos);
  EXPECT_THROW(moment.inspect(mc::Stage::cuda, box), mc::DeviceError);
}

}  // namespace
