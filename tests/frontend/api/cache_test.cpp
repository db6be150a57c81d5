// Signatures: what compiles, how often, how much is kept, and that many threads at once are no trouble.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <bit>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "engine/ir/builder.hpp"
#include "frontend/api/machine_codes.hpp"
#include "tests/support/constant_kernel.hpp"

namespace {

using mc::testing::constant, mc::testing::number_of;

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

/// A host's unordered map may give them in any order.
TEST(Signatures, ParametersHaveNoOrder) {
  const mc::Moment moment = mc::compile("z ~ normal(0, s); E[sum(a_i)*z + K]");
  mc::Parameters parameters{{"K", 1}, {"a", {1.0, 2.0}}, {"s", 2}};
  std::vector<double> values;
  do values.push_back(moment.estimate({.samples = 1000, .parameters = parameters}).value);
  while (std::ranges::next_permutation(parameters, {}, [](const auto& p) { return p.first; }).found);
  EXPECT_EQ(values, std::vector<double>(6, values[0]));
  EXPECT_EQ(moment.signatures().size(), 1u);
  EXPECT_THROW((void)moment.estimate({.parameters = {{"K", 1}, {"a", {1.0, 2.0}}, {"s", 2}, {"t", 2}}}),
               mc::ArgumentError);
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

TEST(Signatures, BothPrecisionsLiveSideBySide) {
  const mc::Moment moment = mc::compile("sum(x_i^2) # in both precisions");
  const auto estimate = [&](mc::Precision precision) {
    return moment.estimate(mc::box(4, 0, 1), {.samples = 10'000, .precision = precision});
  };
  const mc::Estimate twofold = estimate(mc::Precision::f64), single = estimate(mc::Precision::f32);
  EXPECT_NE(twofold.value, single.value) << "the draws are others";
  EXPECT_NEAR(twofold.value, single.value, 6 * twofold.standard_error);
  EXPECT_EQ(estimate(mc::Precision::f64).value, twofold.value);
  EXPECT_EQ(estimate(mc::Precision::f32).value, single.value);
  std::vector<std::string> texts;
  for (const mc::Signature& signature : moment.signatures()) texts.push_back(signature.text.substr(0, 4));
  std::ranges::sort(texts);
  EXPECT_EQ(texts, (std::vector<std::string>{"f32 ", "f64 "}));
}

/// What floats cannot tell apart is said where it shows: in doubles there is nothing to warn of.
TEST(SinglePrecision, WarnsWhereItsOwnErrorIsTheLarger) {
  const auto warnings = [](const char* program, mc::Precision precision, std::uint64_t samples) {
    const mc::Estimate e = mc::compile(program).estimate({.samples = samples, .precision = precision});
    return std::ranges::count_if(
        e.warnings, [](const std::string& text) { return text.starts_with("single precision"); });
  };
  struct {
    const char* program;
    std::uint64_t samples;
    std::ptrdiff_t in_f32;
  } const rows[] = {
      {"z ~ normal(0, 1); E[1e6 + z]", 1'000'000, 1},      // a float's place is 0.06 there
      {"z ~ normal(0, 1); E[double(z) + 1e6]", 1'000, 0},  //
      {"z ~ normal(0, 1); E[z]", 1'000'000, 0},            //
      {"z ~ normal(0, 1); P[z > 6]", 60'000'000, 1},       // beyond the last draw
      {"z ~ normal(0, 1); P[z > 1]", 1'000'000, 0},        //
      {"x ~ uniform(0, 1); E[1e-50*x]", 1'000, 0},         // no float, so in doubles
  };
  for (const auto& row : rows) {
    EXPECT_EQ(warnings(row.program, mc::Precision::f32, row.samples), row.in_f32) << row.program;
    EXPECT_EQ(warnings(row.program, mc::Precision::f64, row.samples), 0) << row.program;
  }
}

TEST(Signatures, ASmallJobIsNotWorthACompiler) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[sum(x_i^2)] # not worth it");
  moment.estimate({.samples = 100});
  EXPECT_EQ(compiled(moment), 0u);
  moment.estimate({.samples = 20'000'000});
  while (compiled(moment) == 0) std::this_thread::yield();  // it is made behind the run
  const mc::Report warm = moment.run({.samples = 100});
  EXPECT_EQ(warm.timing.compile_ms, 0);
  EXPECT_EQ(warm.timing.cache, "memory");
  EXPECT_EQ(warm.tiles[mc::Backend::llvm], 1u) << "once there is machine code, it is used";
}

/// 32 threads that wait for each other and then all call at once.
std::vector<mc::Report> at_once(const std::function<mc::Report(unsigned)>& call) {
  constexpr unsigned kThreads = 32;
  std::vector<mc::Report> reports(kThreads);
  std::barrier together(kThreads);
  std::vector<std::jthread> threads;
  for (unsigned k = 0; k < kThreads; ++k)
    threads.emplace_back([&, k] {
      together.arrive_and_wait();
      reports[k] = call(k);
    });
  return threads.clear(), reports;
}

/// When each signature began to be lowered: as many moments as there were makings.
std::set<std::chrono::steady_clock::time_point> makings(const std::vector<mc::Report>& reports) {
  std::set<std::chrono::steady_clock::time_point> all;
  for (const mc::Report& report : reports)
    for (const mc::Stretch& stage : report.timing.stages)
      if (stage.name == "lower") all.insert(stage.begin);
  return all;
}

void expect_equal_values(const std::vector<mc::Report>& reports) {
  for (const mc::Report& report : reports)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(report.results[0].estimate.value),
              std::bit_cast<std::uint64_t>(reports[0].results[0].estimate.value));
}

const mc::Options kCompiled{.samples = 5000, .backend = mc::Backend::llvm, .threads = 2};

TEST(Signatures, ManyThreadsMakeAndCompileOneOnce) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^3; E[sum(x_i^3)] # many");
  const std::uint64_t before = mc::MachineCodes::shared().compiles();
  const std::vector<mc::Report> reports = at_once([&](unsigned) { return moment.run(kCompiled); });
  EXPECT_EQ(mc::MachineCodes::shared().compiles() - before, 1u);
  EXPECT_EQ(makings(reports).size(), 1u);
  EXPECT_EQ(moment.signatures().size(), 1u);
  expect_equal_values(reports);
}

/// With a stop token the compile is on a thread of its own.
TEST(Signatures, ManyThreadsThatMayBeStoppedCompileOnce) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^3; E[sum(x_i^3) + 0.5] # many");
  std::stop_source source;
  mc::Options options = kCompiled;
  options.stop = source.get_token();
  const std::uint64_t before = mc::MachineCodes::shared().compiles();
  expect_equal_values(at_once([&](unsigned) { return moment.run(options); }));
  EXPECT_EQ(mc::MachineCodes::shared().compiles() - before, 1u);
}

/// What begins in the interpreter and is compiled behind.
TEST(Signatures, ManyThreadsCompileOnceBehindTheirRuns) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^3; E[sum(x_i^3) + 0.75] # many");
  const std::uint64_t before = mc::MachineCodes::shared().compiles();
  expect_equal_values(at_once([&](unsigned) { return moment.run({.samples = 1'000'000, .threads = 1}); }));
  while (compiled(moment) == 0) std::this_thread::yield();
  EXPECT_EQ(mc::MachineCodes::shared().compiles() - before, 1u);
}

/// 32 moments, each with a signature of its own, whose kernels are the same.
TEST(Signatures, ManyMomentsWithEqualKernelsCompileOnce) {
  const std::uint64_t before = mc::MachineCodes::shared().compiles();
  const std::vector<mc::Report> reports = at_once([&](unsigned k) {
    return mc::compile("x ~ uniform(0, 1)^3; E[sum(x_i^3) + 0.25] # " + std::to_string(k)).run(kCompiled);
  });
  EXPECT_EQ(mc::MachineCodes::shared().compiles() - before, 1u);
  EXPECT_EQ(makings(reports).size(), reports.size());
  expect_equal_values(reports);
}

/// An expression whose signature takes a while to make: some ten thousand operations.
std::string large_expression() {
  std::string text = "x_1";
  for (int k = 1; k < 400; ++k) text += " + exp(x_1*" + std::to_string(k) + ")";
  return text;
}

TEST(Signatures, ManyThreadsMakeOneOnce) {
  const mc::Moment moment = mc::compile(large_expression());
  std::vector<mc::Report> reports(8);
  {
    std::vector<std::jthread> threads;
    for (mc::Report& report : reports)
      threads.emplace_back([&] {
        report = moment.run(mc::box(1, 0, 1), {.samples = 100, .backend = mc::Backend::interpreter});
      });
  }
  std::set<double> times;
  for (const mc::Report& report : reports) times.insert(report.timing.lower_ms);
  EXPECT_EQ(times.size(), 1u) << "another instance would have taken another time";
  EXPECT_EQ(moment.signatures().size(), 1u);
}

TEST(Signatures, ASlowOneDoesNotBlockOneThatIsReady) {
  const mc::Moment moment = mc::compile(large_expression());
  const mc::Options options{.samples = 1, .backend = mc::Backend::interpreter, .threads = 1};
  moment.estimate(mc::box(1, 0, 1), options);
  constexpr int kSlow = 12;
  std::atomic<int> begun{0}, made{0};
  std::jthread slow([&] {
    for (std::size_t dim = 2; dim < 2 + kSlow; ++dim, ++made) {
      ++begun;
      moment.estimate(mc::box(dim, 0, 1), options);
    }
  });
  // If it did block, few calls would come through before the next one is made.
  int meanwhile = 0;
  for (int before = made; before < kSlow && meanwhile < 10; before = made) {
    while (begun == before) std::this_thread::yield();
    for (meanwhile = 0; meanwhile < 10 && made == before; ++meanwhile)
      moment.estimate(mc::box(1, 0, 1), options);
  }
  EXPECT_EQ(meanwhile, 10) << "calls while one of the slow ones is made";
}

TEST(Signatures, AFailedOneIsTriedAgain) {
  const mc::Moment moment = mc::compile("sum(x_i*a_i)");
  const mc::Options wrong{.samples = 100, .parameters = {{"a", {1.0, 2.0, 3.0}}, {"b", 1}}};
  for (int k = 0; k < 3; ++k) EXPECT_THROW(moment.estimate(mc::box(3, 0, 1), wrong), mc::ArgumentError);
  EXPECT_TRUE(moment.signatures().empty());
}

TEST(Signatures, AMomentKeepsABoundedNumber) {
  std::string text = "sum(x_i)";
  for (int k = 1; k < 100; ++k) text += " + exp(x_1*" + std::to_string(k) + ")";
  const mc::Moment moment = mc::compile(text);
  const mc::Options options{.samples = 10, .backend = mc::Backend::interpreter, .threads = 1};
  const double first = moment.estimate(mc::box(5, 0, 1), options).value;
  constexpr int kMade = 200;  // of some thousand operations each
  for (int n = 6; n < 5 + kMade; ++n) moment.estimate(mc::box(n, 0, 1), options);
  EXPECT_LT(moment.signatures().size(), kMade / 2u);
  EXPECT_GT(moment.signatures().size(), 10u);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(moment.estimate(mc::box(5, 0, 1), options).value),
            std::bit_cast<std::uint64_t>(first));
}

TEST(MachineCodes, AreBoundedAndLiveWhileTheyAreUsed) {
  mc::MachineCodes codes(3 * mc::MachineCodes::kPages + 100);
  const auto used = codes.get({constant(0), 256}).value;
  for (int k = 1; k < 20; ++k) EXPECT_TRUE(codes.get({constant(k), 256}).made);
  EXPECT_EQ(codes.size(), 3u);
  EXPECT_FALSE(codes.get({constant(19), 256}).made);
  EXPECT_EQ(number_of(*used), 0) << "it is no longer kept there, but in use";
  const auto again = codes.get({constant(0), 256});
  EXPECT_TRUE(again.made);
  EXPECT_NE(again.value, used);
  EXPECT_TRUE(codes.get({constant(0), 128}).made) << "another width is other code";
}

TEST(MachineCodes, AreMadeForTheNextWhoAsksWhereAStopCameFirst) {
  mc::MachineCodes codes;
  std::stop_source source;
  EXPECT_EQ(number_of(*codes.get({constant(1), 256}, source.get_token())->value), 1);
  source.request_stop();
  EXPECT_FALSE(codes.get({constant(2), 256}, source.get_token()).has_value());
  while (codes.size() < 2) std::this_thread::yield();
  EXPECT_FALSE(codes.get({constant(2), 256}).made);
}

TEST(MachineCodes, FailuresComeThroughWhoeverMakesThem) {
  mc::ir::Builder b;
  b.output(0, b.emit(mc::ir::Op::log_function, {b.scalar(0)}));  // no primitive
  const mc::ir::Kernel kernel = b.finish(1);
  mc::MachineCodes codes;
  std::stop_source source;
  for (int k = 0; k < 2; ++k) {
    EXPECT_THROW(codes.get({kernel, 256}, source.get_token()), mc::jit::Error);
    EXPECT_THROW(codes.get({kernel, 256}), mc::jit::Error);
  }
  EXPECT_EQ(codes.size(), 0u);
}

TEST(Signatures, EqualKernelsShareTheirCode) {
  const mc::Options options{.samples = 1000, .backend = mc::Backend::llvm};
  mc::compile("x ~ uniform(0, 1)^4; E[sum(x_i^4)]").estimate(options);
  EXPECT_EQ(mc::compile("y ~ uniform(0, 1)^4; E[sum(y_k^4)]").run(options).timing.cache, "memory");
}

TEST(Inspect, ShowsEveryStage) {
  const mc::Moment moment = mc::compile("sum(x_i^2)");
  const mc::Box box = mc::box(10, 0, 1);
  EXPECT_NE(moment.inspect(mc::Stage::ir, {.box = box}).find("rotl u64"), std::string::npos);
  EXPECT_NE(moment.inspect(mc::Stage::llvm, {.box = box}).find("fshl"), std::string::npos);
  EXPECT_NE(moment.inspect(mc::Stage::assembly, {.box = box}).find("ret"), std::string::npos);
  EXPECT_NE(moment.inspect(mc::Stage::cuda, {.box = box}).find("rotl("), std::string::npos);
}

}  // namespace
