// `automatic` and GPUs: taken where that is worth it, behind the caller's back; nothing is lost where one
// fails. tests/engine/cuda/fake_cuda.cpp stands for NVRTC and the driver.
#include <bit>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <dlfcn.h>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace {

using mc::Backend;

bool is_driver_open() { return dlopen(MC_FAKE_CUDA_LIBRARY, RTLD_NOW | RTLD_NOLOAD) != nullptr; }

template <class F>
auto in_fake(const char* name) {
  return reinterpret_cast<F*>(dlsym(dlopen(MC_FAKE_CUDA_LIBRARY, RTLD_NOW), name));
}

class CudaAuto : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("MC_NVRTC", MC_FAKE_CUDA_LIBRARY, 1);
    setenv("MC_CUDA_DRIVER", MC_FAKE_CUDA_LIBRARY, 1);
    setenv("MC_FAKE_CUDA_DEVICES", "3", 1);
  }
  void TearDown() override { unsetenv("MC_FAKE_CUDA"); }
};

/// Some ten thousand operations a sample; and a parameter, which has to be held there.
constexpr const char* kHeavy = "x ~ normal(0, 1)^252; s = cumsum(x); E[max(exp(c*max(s)) - 1, 0)]";
constexpr std::uint64_t kSamples = 60'000;

mc::Options options_for(std::uint64_t samples, Backend backend = Backend::automatic, unsigned threads = 0) {
  return {.samples = samples, .parameters = {{"c", 0.01}}, .backend = backend, .threads = threads};
}

std::uint64_t bits(const mc::Report& report) {
  return std::bit_cast<std::uint64_t>(report.results[0].estimate.value) ^
         std::bit_cast<std::uint64_t>(report.results[0].estimate.standard_error) << 1;
}

/// For what comes once a compiler behind has done its work, as late as that is on a busy machine.
std::chrono::steady_clock::time_point in_minutes(int minutes) {
  return std::chrono::steady_clock::now() + std::chrono::minutes(minutes);
}

std::uint64_t reference(const std::string& program) {
  return bits(mc::compile(program).run(options_for(kSamples, Backend::llvm)));
}

// The first of all: the driver is this process's.
TEST_F(CudaAuto, SmallRunsLookForNothing) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^10; E[sum(x_i^2)]");
  for (const std::uint64_t samples : {1u, 10'000u, 60'000u}) moment.run({.samples = samples});
  moment.run({.samples = 1'000'000'000'000, .target_relative = 1e-3});
  EXPECT_FALSE(is_driver_open());
}

/// Nobody waits: until the GPU is there the CPU goes on, and then both.
TEST_F(CudaAuto, LongRunsTakeTheGpuOnceItIsThere) {
  const mc::Moment moment = mc::compile(kHeavy);
  const std::uint64_t wanted = reference(kHeavy);
  mc::Report report;
  int runs = 0;
  for (const auto end = in_minutes(5);
       std::chrono::steady_clock::now() < end && report.tiles[mc::Backend::cuda] == 0; ++runs) {
    report = moment.run(options_for(kSamples));
    ASSERT_EQ(bits(report), wanted);
  }
  EXPECT_GT(report.tiles[mc::Backend::cuda], 0u) << "after " << runs << " runs";
  EXPECT_GT(runs, 1);
  EXPECT_EQ(report.tiles.total(), (kSamples + 8191) / 8192);
  EXPECT_TRUE(report.device.starts_with("Fake GPU"));
}

/// Without waiting for a sign that it is worth it. (On a busy machine the CPU may have done all before the
/// GPU's thread has begun, so a run that gave it nothing is tried again.)
TEST_F(CudaAuto, WhatIsThereIsTaken) {
  for (const unsigned threads : {1u, 2u, 4u}) {
    std::uint64_t tiles = 0;
    for (int k = 0; k < 20 && tiles == 0; ++k) {
      const mc::Moment moment = mc::compile(kHeavy);  // one that this slow GPU has not been seen at
      moment.run(options_for(1, Backend::cuda));
      const mc::Report report = moment.run(options_for(kSamples, Backend::automatic, threads));
      EXPECT_EQ(bits(report), reference(kHeavy));
      tiles = report.tiles[mc::Backend::cuda];
    }
    EXPECT_GT(tiles, 0u) << threads;
  }
  const mc::Moment moment = mc::compile(kHeavy);
  moment.run(options_for(1, Backend::cuda));
  EXPECT_EQ(moment.run(options_for(100)).tiles[mc::Backend::cuda], 0u) << "one tile is the CPU's";
}

/// A device that a kernel has failed on is of no use to the process any more, so each fault wants one of its
/// own.
class CudaAutoLoss : public CudaAuto {
 protected:
  void SetUp() override {
    try {
      mc::compile(kHeavy).run(options_for(1, Backend::cuda));
    } catch (const mc::DeviceError&) {
      GTEST_SKIP() << "an earlier test of this process has lost the devices";
    }
  }
};

/// What has failed is not asked again, and blamed for it by its own name.
TEST_F(CudaAutoLoss, OneThatIsLostIsLostForAll) {
  setenv("MC_FAKE_CUDA", "kernel_fails", 1);
  const auto said_of = [](const char* program) -> std::string {
    try {
      mc::compile(program).run({.samples = 1000, .backend = Backend::cuda});
      return "";
    } catch (const mc::DeviceError& error) {
      return error.what();
    }
  };
  EXPECT_NE(said_of("x ~ uniform(0, 1); E[x^3]").find("an illegal memory access"), std::string::npos);
  unsetenv("MC_FAKE_CUDA");
  const int before = in_fake<int()>("fake_compiles")();
  const std::string later = said_of("x ~ uniform(0, 1); E[x^5]");
  EXPECT_NE(later.find("has failed in this process (error 700), which cannot use it any more"),
            std::string::npos)
      << later;
  EXPECT_EQ(in_fake<int()>("fake_compiles")(), before);
}

class CudaAutoFault : public CudaAutoLoss, public ::testing::WithParamInterface<const char*> {};

TEST_P(CudaAutoFault, LeavesTheResultIntact) {
  const std::uint64_t wanted = reference(kHeavy);
  const mc::Moment moment = mc::compile(kHeavy);
  moment.run(options_for(1, Backend::cuda));
  setenv("MC_FAKE_CUDA", GetParam(), 1);
  for (int k = 0; k < 2; ++k) {  // the second time it is not asked any more
    const mc::Report report = moment.run(options_for(kSamples, Backend::automatic, 3));
    EXPECT_EQ(bits(report), wanted);
    EXPECT_EQ(report.samples, kSamples);
    if (k == 1) {
      EXPECT_EQ(report.tiles[mc::Backend::cuda], 0u);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, CudaAutoFault,
                         ::testing::Values("kernel_fails", "device_0_fails", "fails_later", "no_memory"),
                         [](const auto& info) { return std::string(info.param); });

/// What the compiler or the driver refuses behind the caller's back nobody hears of.
TEST_F(CudaAuto, OneThatCannotBeMadeIsNotMissed) {
  int number = 0;  // what one fault's run has kept is not another one's
  for (const char* fault : {"no_compiler", "no_image"}) {
    SCOPED_TRACE(fault);
    setenv("MC_FAKE_CUDA", fault, 1);
    const std::string program = std::string(kHeavy) + ", P[max(s) > " + std::to_string(++number) + "]";
    const std::uint64_t wanted = reference(program);
    const mc::Moment moment = mc::compile(program);
    const auto compiles = in_fake<int()>("fake_compiles");
    const int before = compiles();
    for (int k = 0, since = 0; k < 500 && since<3; ++k, since += compiles()> before ? 1 : 0) {
      const mc::Report report = moment.run(options_for(kSamples));
      EXPECT_EQ(bits(report), wanted);
      EXPECT_EQ(report.tiles[mc::Backend::cuda], 0u);
    }
    EXPECT_EQ(compiles(), before + 1) << "asked for, and never again";
    unsetenv("MC_FAKE_CUDA");
  }
}

TEST_F(CudaAuto, TargetsAndSamplesThatAreNotFiniteGiveTheSame) {
  for (const char* program : {"x ~ uniform(-1, 1)^200; E[log(c*sum(cumsum(x)))]", kHeavy}) {
    const mc::Moment moment = mc::compile(program);
    mc::Options options = options_for(1, Backend::cuda);
    moment.run(options);
    options = options_for(400'000);
    options.target_error = 2e-3;
    options.nonfinite = mc::Nonfinite::drop;
    const mc::Report mixed = moment.run(options);
    options.backend = Backend::llvm;
    const mc::Report cpu = moment.run(options);
    EXPECT_EQ(mixed.samples, cpu.samples);
    EXPECT_EQ(bits(mixed), bits(cpu));
    EXPECT_EQ(mixed.results[0].estimate.nonfinite, cpu.results[0].estimate.nonfinite);
  }
}

/// Arrays of which much is computed are tried there, twice: the first time is streams' and memory's. This GPU
/// is slow, and not taken again.
TEST_F(CudaAuto, ArraysGoWhereTheyAreQuicker) {
  const auto launches = in_fake<int()>("fake_launches");
  const mc::Moment heavy =
      mc::compile("normcdf(sin(x)*exp(-x*x)) + lgamma(1 + x*x) + erf(x)*atan(x)*log1p(x*x)");
  std::vector<double> x(200'000), out(x.size()), wanted(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = 1e-5 * static_cast<double>(k) - 1;
  heavy.map(wanted, {{"x", x}}, {.backend = Backend::llvm});
  const int before = launches();
  int calls = 0;
  for (const auto end = in_minutes(5); std::chrono::steady_clock::now() < end && launches() == before;
       ++calls)
    heavy.map(out, {{"x", x}}, {.threads = 1});
  EXPECT_GT(launches(), before) << "after " << calls << " calls";
  EXPECT_EQ(out, wanted);
  heavy.map(out, {{"x", x}}, {.threads = 1});
  for (int k = 0; k < 5; ++k) heavy.map(out, {{"x", x}}, {.backend = Backend::llvm, .threads = 1});
  const int after = launches();
  for (int k = 0; k < 3; ++k) heavy.map(out, {{"x", x}}, {.threads = 1});
  EXPECT_EQ(launches(), after);
  EXPECT_EQ(out, wanted);
}

TEST_F(CudaAutoLoss, ArraysAreTheCpusWhereTheGpuFails) {
  const mc::Moment heavy =
      mc::compile("normcdf(sin(x)*exp(-x*x)) + lgamma(1 + x*x) + erf(x)*atan(x)*log1p(x*x) + 1");
  std::vector<double> x(200'000, 0.5), out(x.size()), wanted(x.size());
  heavy.map(wanted, {{"x", x}}, {.backend = Backend::llvm});
  setenv("MC_FAKE_CUDA", "kernel_fails", 1);
  const auto launches = in_fake<int()>("fake_launches");
  const int before = launches();
  int calls = 0;
  for (const auto end = in_minutes(5); std::chrono::steady_clock::now() < end && launches() == before;
       ++calls) {
    heavy.map(out, {{"x", x}}, {.threads = 1});
    ASSERT_EQ(out, wanted);
  }
  EXPECT_GT(launches(), before) << "after " << calls << " calls";
  heavy.map(out, {{"x", x}}, {.threads = 1});
  EXPECT_EQ(out, wanted);
}

TEST_F(CudaAuto, SeveralDevicesShareWhatIsLarge) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^2; E[norm(x)]");
  const mc::Report report = moment.run({.samples = 30'000'000, .backend = Backend::cuda});
  EXPECT_EQ(report.device, "Fake GPU and 2 more");
  EXPECT_EQ(bits(report), bits(moment.run({.samples = 30'000'000, .backend = Backend::llvm})));
  const mc::Report small = moment.run({.samples = 1'000'000, .backend = Backend::cuda});
  EXPECT_EQ(small.device, "Fake GPU");
}

}  // namespace
