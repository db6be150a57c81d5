// How fast the benchmark's programs can be at most on an H100 or H200, by the machine code of their loops;
// printed as docs/gpu.md has it, beside the same kernels by hand, and kept from growing.
#include "tests/engine/cuda/loops.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "tests/engine/cuda/machine_code.hpp"
#include "tests/engine/cuda/programs.hpp"
#include "tests/gpu/speeds.hpp"

namespace mc::testing {
namespace {

constexpr cuda::Architecture kHopper = 90;
constexpr double kCyclesPerSecond = 132 * 1.98e9;  ///< of all multiprocessors of an H100 or H200 SXM

/// A loop that stays one, with this in it.
std::string loop_of(const std::string& body) {
  return "extern \"C\" __global__ void counted(double* d, float* f, unsigned* u, unsigned rounds) {\n"
         "  double x = d[0], y = d[1], z = d[2];\n  float a = f[0], b = f[1], c = f[2];\n  unsigned p = "
         "u[0], q = u[1];\n"
         "  #pragma unroll 1\n  for (unsigned k = 0; k < rounds; ++k) {\n" +
         body +
         "    const_cast<volatile unsigned*>(u)[3] = k;\n  }\n  d[3] = x;\n  f[3] = a;\n  u[2] = p;\n}\n";
}

Loop counted(const std::string& body) {
  return largest_inner_loop(cuda::Nvrtc::get().compile(loop_of(body), kHopper).cubin, "counted");
}

#define SKIP_WITHOUT_NVRTC() \
  if (const std::string why = cannot_compile_for(kHopper); !why.empty()) GTEST_SKIP() << why

TEST(Loops, AreCountedByWhatTheyKeepBusy) {
  SKIP_WITHOUT_NVRTC();
  const Loop none = counted("");
  EXPECT_EQ(none.doubles + none.floats + none.specials, 0U);
  EXPECT_EQ(counted("x = fma(x, y, z); x = x + y; x = x * z;").doubles, 3U);
  EXPECT_EQ(counted("a = fmaf(a, b, c); a = a + b;").floats, 2U);
  EXPECT_EQ(counted("p = p * q + 5;").products, none.products + 1);
  const Loop turned = counted("p = __funnelshift_l(p, q, 13) ^ k; p = __funnelshift_l(p, q, 13) ^ k;");
  EXPECT_EQ(turned.integers, none.integers + 4);
  EXPECT_EQ(turned.rotations, 1U);
  EXPECT_EQ(counted("asm(\"rcp.approx.ftz.f32 %0, %0;\" : \"+f\"(a));").specials, 1U);
  EXPECT_EQ((Loop{.instructions = 64, .doubles = 32, .integers = 24}.cycles()), 0.5);
  EXPECT_EQ((Loop{.instructions = 64, .doubles = 32, .integers = 48}.cycles()), 0.75);
}

TEST(Loops, WhatIsNoCubinIsRefused) {
  EXPECT_THROW(largest_inner_loop("", "counted"), std::invalid_argument);
  SKIP_WITHOUT_NVRTC();
  const std::string cubin = cuda::Nvrtc::get().compile(loop_of(""), kHopper).cubin;
  EXPECT_THROW(largest_inner_loop(cubin, "another"), std::invalid_argument);
}

/// A program of the benchmark.
struct Case {
  std::size_t speed;  ///< which
  bool single;
  double units_a_word;   ///< that it draws: a normal of floats takes a whole one where a sample has but one
  double most_cycles;    ///< a unit, of one multiprocessor
  const char* by_hand;   ///< its kernel in tests/gpu/curand.cu
  double units_by_hand;  ///< a round there
};

constexpr Case kCases[] = {
    {0, false, 1, 0.27, "7SquaresIdE", 4},  {0, true, 2, 0.14, "7SquaresIfE", 4},
    {1, false, 1, 1.56, "8EuropeanIdE", 4}, {1, true, 1, 0.85, "8EuropeanIfE", 4},
    {2, false, 1, 1.45, "5AsianIdE", 4},    {2, true, 2, 0.80, "5AsianIfE", 4},
};

/// The kernels by hand, as tests/gpu/run compiles them; nothing where there is no nvcc.
std::optional<std::string> cubin_by_hand() {
  if (std::system("command -v nvcc >/dev/null") != 0) return {};
  const std::filesystem::path cubin = std::filesystem::path(::testing::TempDir()) / "by_hand.cubin";
  const std::string compile = fmt::format(
      "nvcc -O3 -std=c++17 -arch=sm_{} -cubin tests/gpu/curand.cu -o '{}'", kHopper, cubin.string());
  if (std::system(compile.c_str()) != 0)
    throw std::runtime_error("nvcc does not compile tests/gpu/curand.cu");
  std::ifstream file(cubin, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// In 10¹² units a second, where all multiprocessors are busy all the time.
double speed(const Loop& loop, double units) { return kCyclesPerSecond * units / loop.cycles() * 1e-12; }

std::string speed_by_hand(const std::optional<std::string>& cubin, const Case& of) {
  if (!cubin) return "no nvcc";
  const Loop loop = largest_inner_loop(*cubin, of.by_hand);
  EXPECT_GT(loop.products, 0U);  // Philox multiplies
  return fmt::format("{:.3g}·10¹²", speed(loop, of.units_by_hand));
}

TEST(Loops, TakeNoMoreThan) {
  SKIP_WITHOUT_NVRTC();
  const std::optional<std::string> by_hand = cubin_by_hand();
  fmt::print(
      "| program | precision | instructions | integer | doubles | at most | by hand, cuRAND |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Case& each : kCases) {
    const gpu::Speed& of = gpu::kSpeeds[each.speed];
    SCOPED_TRACE(of.program);
    const Program program(of.program, {.single = each.single});
    const Loop loop =
        largest_inner_loop(cuda::Nvrtc::get().compile(program.source().text, kHopper).cubin, "moment_tiles");
    ASSERT_GT(loop.rotations, 0U);
    const double units = loop.rotations * each.units_a_word;
    EXPECT_LT(loop.cycles() / units, each.most_cycles);
    fmt::print("| {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.3g}·10¹² {}/s | {} |\n", of.name,
               each.single ? "f32" : "f64", loop.instructions / units, loop.integers / units,
               loop.doubles / units, speed(loop, units), of.unit, speed_by_hand(by_hand, each));
  }
}

}  // namespace
}  // namespace mc::testing
