// The GPU path end to end without a GPU: tests/engine/cuda/fake_cuda.cpp stands for NVRTC and the driver.
#include <bit>
#include <cmath>
#include <cstdlib>
#include <stop_token>
#include <thread>

#include <dlfcn.h>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "tests/support/temporary_folder.hpp"

namespace {

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

class Cuda : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("MC_NVRTC", MC_FAKE_CUDA_LIBRARY, 1);
    setenv("MC_CUDA_DRIVER", MC_FAKE_CUDA_LIBRARY, 1);
  }
};

void expect_same(const mc::Moment& moment, mc::Options options) {
  options.backend = mc::Backend::cuda;
  const mc::Report gpu = moment.run(options);
  options.backend = mc::Backend::interpreter;
  const mc::Report cpu = moment.run(options);
  ASSERT_EQ(gpu.results.size(), cpu.results.size());
  EXPECT_EQ(gpu.samples, cpu.samples);
  for (std::size_t k = 0; k < gpu.results.size(); ++k) {
    const mc::Estimate &a = gpu.results[k].estimate, &b = cpu.results[k].estimate;
    EXPECT_EQ(bits(a.value), bits(b.value)) << gpu.results[k].query;
    EXPECT_EQ(bits(a.standard_error), bits(b.standard_error)) << gpu.results[k].query;
    EXPECT_EQ(a.warnings, b.warnings);
  }
  const std::uint64_t tiles = (gpu.samples + 8191) / 8192;
  EXPECT_EQ(gpu.tiles[mc::Backend::cuda] + gpu.tiles[mc::Backend::interpreter], tiles);
}

TEST_F(Cuda, GivesTheSameBitsForAnyNumberOfSamples) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^3; E[max(x)*K], Var[sum(a_i*x_i)]");
  for (const std::uint64_t samples : {1u, 100u, 8192u, 50'001u, 400'000u})
    expect_same(moment,
                {.samples = samples, .seed = samples, .parameters = {{"K", 3.5}, {"a", {1.0, -2.0, 0.5}}}});
}

TEST_F(Cuda, GivesTheSameBitsOfOtherParametersWithoutCompilingAgain) {
  const mc::Moment moment = mc::compile("x ~ normal(0, 1); E[exp(s*x)]");
  const auto run = [&](double s) {
    return moment.run({.samples = 10'000, .parameters = {{"s", s}}, .backend = mc::Backend::cuda});
  };
  const mc::Report first = run(0.1), second = run(0.2);
  EXPECT_STREQ(std::string(first.timing.cache).c_str(), "miss");
  EXPECT_GT(first.timing.compile_ms, 0);
  EXPECT_STREQ(std::string(second.timing.cache).c_str(), "memory");
  EXPECT_EQ(second.timing.compile_ms, 0);
  EXPECT_EQ(second.tiles[mc::Backend::cuda], 2u);
  expect_same(moment, {.samples = 10'000, .parameters = {{"s", 0.2}}});
}

TEST_F(Cuda, GivesTheSameBitsInSinglePrecisionOfRowsAndRejection) {
  for (const char* count : {"5", "40"}) {  // rows of the lane's own, and in the device's memory
    const mc::Moment moment =
        mc::compile(std::string("x ~ gamma(0.4, 2)^") + count + "; E[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]");
    expect_same(moment, {.samples = 20'000, .precision = mc::Precision::f32});
  }
}

/// Copied there: of every type, rows that lie apart, from back to front.
TEST_F(Cuda, DrawsFromDataThatAreCopiedThere) {
  std::vector<float> f(3000);
  std::vector<std::int64_t> i(1000);
  std::vector<std::uint8_t> u(999);
  for (std::size_t k = 0; k < f.size(); ++k) f[k] = 0.1F * static_cast<float>(k % 71);
  for (std::size_t k = 0; k < i.size(); ++k) i[k] = static_cast<std::int64_t>(k * k);
  for (std::size_t k = 0; k < u.size(); ++k) u[k] = static_cast<std::uint8_t>(k);
  const mc::Parameters parameters{{"F", mc::Parameter::view(f, 3)},
                                  {"I", mc::Parameter::view({&i[999], 500, -2})},
                                  {"U", mc::Parameter::view(u)}};
  const mc::Moment moment =
      mc::compile("x ~ data(F); y ~ data(I); z ~ data(U); E[x_1*x_3 + y], Var[z + x_2]");
  for (const mc::Precision precision : {mc::Precision::f64, mc::Precision::f32})
    expect_same(moment, {.samples = 50'000, .parameters = parameters, .precision = precision});
  const mc::Moment rows = mc::compile("x ~ rows(F); E[x_1*x_3]");
  expect_same(rows, {.parameters = {{"F", mc::Parameter::view(f, 3)}}});
}

/// Half the samples are not a number: every tile is computed again by the screened kernel, on the CPU.
TEST_F(Cuda, LeavesSamplesThatAreNotFiniteToTheScreenedKernel) {
  const mc::Moment moment = mc::compile("x ~ uniform(-1, 1); E[log(x)]");
  expect_same(moment, {.samples = 20'000, .nonfinite = mc::Nonfinite::drop});
  const mc::Report report = moment.run({.samples = 20'000, .backend = mc::Backend::cuda});
  EXPECT_EQ(report.tiles[mc::Backend::interpreter], 3u);
  EXPECT_TRUE(std::isnan(report.results[0].estimate.value));
}

/// Many such tiles are computed again by the device, all but the first few.
TEST_F(Cuda, ScreensManyTilesThere) {
  const mc::Moment moment = mc::compile("x ~ uniform(-1, 1); E[log(x)], P[x > 0.3]");
  const mc::Options options{.samples = 1'000'000, .nonfinite = mc::Nonfinite::drop};
  expect_same(moment, options);
  mc::Options gpu = options;
  gpu.backend = mc::Backend::cuda;
  const mc::Report report = moment.run(gpu);
  EXPECT_LE(report.tiles[mc::Backend::interpreter], 16u);
  EXPECT_GE(report.tiles[mc::Backend::cuda], 123u - 16);
  EXPECT_GT(report.results[0].estimate.nonfinite, 400'000u);
}

/// Where the device's screened kernel cannot be made, the CPU does all of them.
TEST_F(Cuda, ScreensWithoutACompiler) {
  const mc::testing::TemporaryFolder folder;
  mc::use_cache(folder.path());
  const std::string program = "x ~ uniform(-1, 1); E[log(x)]";
  const mc::Options options{.samples = 300'000, .nonfinite = mc::Nonfinite::drop};
  mc::Options few = options;
  few.samples = 8192;
  few.backend = mc::Backend::cuda;
  mc::compile(program).run(few);
  setenv("MC_FAKE_CUDA", "no_compiler", 1);
  expect_same(mc::compile(program), options);
  unsetenv("MC_FAKE_CUDA");
  mc::use_no_cache();
}

/// A compile takes long, and goes on behind who no longer waits for it.
TEST_F(Cuda, StopsBeforeItIsCompiled) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[norm(x) + 3.25]");
  std::stop_source stop;
  const std::jthread soon([&] { stop.request_stop(); });
  const mc::Report report = moment.run({.backend = mc::Backend::cuda, .stop = stop.get_token()});
  EXPECT_TRUE(report.stopped);
  EXPECT_TRUE(report.compiling);
  EXPECT_EQ(report.samples, 0U);
  EXPECT_EQ(report.timing.compile_ms, 0);
  expect_same(moment, {.samples = 10'000});
}

TEST_F(Cuda, StopsWhereTheTargetIsReached) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[norm(x)]");
  expect_same(moment, {.samples = 1'000'000, .target_error = 1e-3});
}

/// From what the CPU has done, and the CPU from what this has.
TEST_F(Cuda, GoesOnWithWhatIsDone) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[norm(x)], Var[x_1 | x_2 > 0.5]");
  mc::Options next{.samples = 9 * 8192 + 5};
  for (const mc::Backend backend : {mc::Backend::interpreter, mc::Backend::cuda, mc::Backend::interpreter}) {
    next.backend = backend;
    const mc::Report report = moment.run(next);
    EXPECT_EQ(report.reused, next.from.samples());
    next.from = {};
    const mc::Report whole = moment.run(next);
    for (std::size_t k = 0; k < 2; ++k) {
      EXPECT_EQ(bits(report.results[k].estimate.value), bits(whole.results[k].estimate.value));
      EXPECT_EQ(bits(report.results[k].estimate.variance), bits(whole.results[k].estimate.variance));
    }
    next.from = report.partial;
    next.samples = next.budget() + 20 * 8192;
  }
}

TEST_F(Cuda, TellsItsProgressAndStopsWhenTold) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[norm(x)]");
  std::stop_source stop;
  unsigned heard = 0;
  const mc::Report report = moment.run({.samples = 1'000'000'000'000,
                                        .backend = mc::Backend::cuda,
                                        .stop = stop.get_token(),
                                        .progress = [&](const mc::Progress&) {
                                          if (++heard == 2) stop.request_stop();
                                        }});
  EXPECT_TRUE(report.stopped);
  EXPECT_GT(report.samples, 0u);
  EXPECT_EQ(report.samples, report.tiles[mc::Backend::cuda] * 8192);
  EXPECT_GE(heard, 2u);
  const mc::Estimate& e = report.results[0].estimate;
  EXPECT_NEAR(e.value, 0.765195716, 5 * e.standard_error);
}

TEST_F(Cuda, KeepsMachineCodeOnTheDisk) {
  const mc::testing::TemporaryFolder folder;
  mc::use_cache(folder.path());
  const auto run = [](const char* program) {
    return mc::compile(program).run({.samples = 10'000, .backend = mc::Backend::cuda});
  };
  const mc::Report made = run("x ~ uniform(0, 1)^2; E[norm(x)]");
  EXPECT_EQ(made.timing.cache, "miss");
  ASSERT_EQ(mc::cache_entries().size(), 1u);
  const mc::CacheEntry entry = mc::cache_entries()[0];
  EXPECT_EQ(entry.processor, "sm_90");
  EXPECT_TRUE(entry.usable);
  EXPECT_GT(entry.operations, 100u);
  setenv("MC_FAKE_CUDA", "no_compiler", 1);  // none is needed
  const mc::Report kept = run("y ~ uniform(0, 1)^2; E[norm(y)]");
  unsetenv("MC_FAKE_CUDA");
  EXPECT_EQ(kept.timing.cache, "disk");
  EXPECT_GT(kept.timing.compile_ms, 0);  // to find it and load it
  EXPECT_EQ(bits(kept.results[0].estimate.value), bits(made.results[0].estimate.value));
  mc::use_no_cache();
}

/// What the driver does not take is compiled anew.
TEST_F(Cuda, DoesNotTrustWhatLiesOnTheDisk) {
  const mc::testing::TemporaryFolder folder;
  mc::use_cache(folder.path());
  const auto run = [] {
    return mc::compile("x ~ uniform(0, 1)^3; E[norm(x)]")
        .run({.samples = 1000, .backend = mc::Backend::cuda});
  };
  run();
  setenv("MC_FAKE_CUDA", "refuses_once", 1);
  const mc::Report again = run();
  unsetenv("MC_FAKE_CUDA");
  EXPECT_EQ(again.timing.cache, "miss");
  EXPECT_EQ(again.tiles[mc::Backend::cuda], 1u);
  mc::use_no_cache();
}

/// What a call has used serves the next one, whichever moment that is of; what is large is given back.
/// (Which, as the driver has it, is done only where its context is the thread's.)
TEST_F(Cuda, MomentsShareItsMemory) {
  void* fake = dlopen(MC_FAKE_CUDA_LIBRARY, RTLD_NOW);
  ASSERT_NE(fake, nullptr) << dlerror();
  const auto live = reinterpret_cast<int (*)()>(dlsym(fake, "fake_live_allocations"));
  ASSERT_NE(live, nullptr);
  std::vector<mc::Moment> moments;
  const auto run = [&](const std::string& program, const mc::Parameters& parameters = {}) {
    moments.push_back(mc::compile(program));
    (void)moments.back().estimate(
        {.samples = 10'000, .parameters = parameters, .backend = mc::Backend::cuda});
  };
  const int none = live();
  // Parameters and rows that do not fit into shared memory: device memory of both kinds.
  run("x ~ normal(m, 1)^200; E[max(x)*sum(sum(x_i*x_j))]", {{"m", 2}});
  const int of_one = live();
  EXPECT_GT(of_one, none);
  for (int k = 1; k <= 5; ++k) run("x ~ normal(m, 1)^3; E[sum(x_i^" + std::to_string(k) + ")]", {{"m", 2}});
  EXPECT_EQ(live(), of_one);
  const std::vector<std::uint8_t> large((std::size_t{64} << 20) + 1);
  run("x ~ data(A); E[x]", {{"A", mc::Parameter::view(large)}});
  EXPECT_EQ(live(), of_one);
  setenv("MC_FAKE_CUDA", "crowded", 1);  // what is idle is given back before there is not enough
  EXPECT_EQ(mc::DeviceArray<double>(10).size(), 10u);
  EXPECT_EQ(live(), none);
  EXPECT_THROW(run("x ~ normal(m, 1)^200; E[min(x)*sum(sum(x_i*x_j))]", {{"m", 2}}), mc::DeviceError);
  unsetenv("MC_FAKE_CUDA");
  run("x ~ normal(m, 1); E[x]", {{"m", 2}});
  dlclose(fake);
}

TEST_F(Cuda, ShowsThePtxOfItsOwnArchitecture) {
  const std::string ptx = mc::compile("x ~ uniform(0, 1); E[x]").inspect(mc::Stage::ptx);
  EXPECT_NE(ptx.find("_90"), std::string::npos) << ptx;
}

TEST_F(Cuda, MayBeUsedByManyThreads) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[norm(x)]");
  const mc::Estimate reference = moment.estimate({.samples = 100'000, .backend = mc::Backend::interpreter});
  std::vector<double> values(4);
  {
    std::vector<std::jthread> threads;
    for (double& value : values)
      threads.emplace_back(
          [&] { value = moment.estimate({.samples = 100'000, .backend = mc::Backend::cuda}).value; });
  }
  for (const double value : values) EXPECT_EQ(bits(value), bits(reference.value));
}

}  // namespace
