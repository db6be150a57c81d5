// Kernels that take long end soon after they are asked to, on every back end; what they compute does not
// depend on it. Bounds are generous: what is told apart is milliseconds from minutes.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/engine/kernels/back_ends.hpp"
#include "tests/support/kernel_text.hpp"

namespace mc::testing {
namespace {

using namespace std::chrono_literals;

/// A lane's number through `rounds` rounds of x ← x·c + 1, inside the loop over the steps.
ir::Kernel varying(const std::string& rounds) {
  return kernel_of(R"(kernel scalars 0 arrays 0 outputs 1
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = constant f64 0x1.8p-1
    %3 = constant f64 0x1p+0
    %4 = steps u32
    %5 = constant u32 )" +
                   rounds + R"(
    %6 = loop %4 (%1) { %7, %8 ->
      %9 = loop %5 (%8) { %10, %11 ->
        %12 = mul f64 %11, %2
        %13 = add f64 %12, %3
        next %13
      }
      next %9
    }
    output 0, %6
  )");
}

/// The same in all lanes, so that machine code computes it once, before the lanes.
ir::Kernel uniform(const std::string& rounds) {
  return kernel_of(R"(kernel scalars 0 arrays 0 outputs 1
    %0 = constant f64 0x1.8p-1
    %1 = constant f64 0x1p+0
    %2 = constant u32 )" +
                   rounds + R"(
    %3 = loop %2 (%0) { %4, %5 ->
      %6 = mul f64 %5, %0
      %7 = add f64 %6, %1
      next %7
    }
    output 0, %3
  )");
}

/// An iteration that may settle: x ← 3.9·x(1 - x), which never comes to a stand.
ir::Kernel unsettled(const std::string& rounds) {
  return kernel_of(R"(kernel scalars 0 arrays 0 outputs 1
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = constant f64 0x1p-9
    %3 = fma f64 %1, %2, %2
    %4 = constant f64 0x1.f333333333333p+1
    %5 = constant f64 0x1p+0
    %6 = constant i1 false
    %7 = constant u32 )" +
                   rounds + R"(
    %8, %9 = loop %7 (%3, %6) { %10, %11, %12 until %12 ->
      %13 = sub f64 %5, %11
      %14 = mul f64 %11, %13
      %15 = mul f64 %14, %4
      %16 = eq i1 %15, %11
      next %15, %16
    }
    output 0, %8
  )");
}

/// No loop but that over the samples, and a count that is the run's.
ir::Kernel steps_alone() {
  return kernel_of(R"(kernel scalars 0 arrays 0 outputs 1
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = steps u32
    %3 = loop %2 (%1) { %4, %5 ->
      %6 = sqrt f64 %5
      next %6
    }
    output 0, %3
  )");
}

/// Calls of one kernel with a flag of its own.
struct Calls {
  explicit Calls(const kernels::Executable& of) : executable(of) {
    scratch.reserve(of.scratch_bytes());
    out.resize(of.outputs() * kernels::kLanes);
  }
  bool run(std::uint32_t steps = kernels::kSteps) {
    const kernels::Arguments arguments{.seed = 1, .stop = &flag};
    return executable.run(arguments, 0, kernels::kLanes, steps, out.data(), scratch.data());
  }

  const kernels::Executable& executable;
  kernels::StopFlag flag{false};
  kernels::Buffer scratch;
  std::vector<double> out;
};

constexpr auto kSoon = 3s;  // on a machine with other things to do

TEST(Stop, EndsALongRunAmidASample) {
  for (const ir::Kernel& kernel : {varying("1000000000"), uniform("4000000000"), unsettled("4000000000")})
    for (const BackEnd& back_end : back_ends()) {
      SCOPED_TRACE(back_end.name);
      const auto executable = back_end.make(kernel);
      Calls calls(*executable);
      std::chrono::steady_clock::time_point asked;
      std::jthread asking([&] {
        std::this_thread::sleep_for(30ms);
        asked = std::chrono::steady_clock::now();
        calls.flag = true;
      });
      EXPECT_FALSE(calls.run());
      asking.join();
      EXPECT_LT(std::chrono::steady_clock::now() - asked, kSoon);
    }
}

TEST(Stop, IsSeenWhereItWasAskedForBefore) {
  for (const ir::Kernel& kernel : {varying("1000000000"), uniform("4000000000"), unsettled("4000000000")})
    for (const BackEnd& back_end : back_ends()) {
      const auto executable = back_end.make(kernel);
      Calls calls(*executable);
      calls.flag = true;
      EXPECT_FALSE(calls.run()) << back_end.name;
    }
}

TEST(Stop, OfWhatIsDoneAnywayIsNone) {
  for (const BackEnd& back_end : back_ends()) {
    const auto executable = back_end.make(steps_alone());
    Calls calls(*executable);
    calls.flag = true;
    EXPECT_TRUE(calls.run(1)) << back_end.name << ": the only round is the last one";
    EXPECT_EQ(calls.out[9], 3.0);
  }
}

TEST(Stop, ChangesNoBits) {
  // Long enough for machine code to look, short enough for the baseline interpreter.
  const ir::Kernel kernel = varying("3000000");
  std::vector<double> expected;
  for (const BackEnd& back_end : back_ends()) {
    const auto executable = back_end.make(kernel);
    Calls calls(*executable);
    const unsigned granule = executable->granule();
    EXPECT_TRUE(
        executable->run({.stop = &calls.flag}, 0, granule, 1, calls.out.data(), calls.scratch.data()));
    calls.out.resize(1);  // the lanes that every back end computes at once
    if (expected.empty()) expected = calls.out;
    EXPECT_EQ(calls.out, expected) << back_end.name;
  }
}

}  // namespace
}  // namespace mc::testing
