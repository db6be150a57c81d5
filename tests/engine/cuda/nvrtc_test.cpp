// NVRTC, where it is there: a sample of the table's machine code. machine_code_test.cpp goes through all of
// it.
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>

#include <fmt/format.h>

#include "tests/engine/cuda/data_programs.hpp"
#include "tests/engine/cuda/machine_code.hpp"
#include "tests/engine/cuda/programs.hpp"
#include "tests/engine/random/reference.hpp"

namespace mc::testing {
namespace {

class Nvrtc : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = no_nvrtc(); !why.empty()) GTEST_SKIP() << why;
  }
};

TEST_F(Nvrtc, IsOfCuda12Or13) {
  EXPECT_GE(cuda::Nvrtc::get().major(), 12);
  EXPECT_TRUE(std::ranges::is_sorted(cuda::Nvrtc::get().architectures()));
}

class NvrtcFor : public ::testing::TestWithParam<cuda::Architecture> {
 protected:
  void SetUp() override {
    if (const std::string why = cannot_compile_for(GetParam()); !why.empty()) GTEST_SKIP() << why;
  }
};

INSTANTIATE_TEST_SUITE_P(Architectures, NvrtcFor, ::testing::ValuesIn(kArchitectures),
                         [](const auto& info) { return "sm_" + std::to_string(info.param); });

/// Every sixth program, the architectures in turn; of every kind of kernel some.
TEST_P(NvrtcFor, CompilesASampleOfTheTable) {
  const auto programs = program_table();
  for (std::size_t k = 0; 6 * k < programs.size(); ++k) {
    if (kArchitectures[k % std::size(kArchitectures)] != GetParam()) continue;
    const Way way{.single = k % 2 == 0,
                  .generator = kGenerators[k / 3 % std::size(kGenerators)],
                  .screened = k % 4 == 0};
    expect_exact_and_bounded(Program(programs[6 * k], way).source(), GetParam(), programs[6 * k]);
  }
}

TEST_P(NvrtcFor, CompilesMapsAndReductions) {
  for (const DataProgram& program : data_programs())
    expect_exact_and_bounded(source_of(program), GetParam(), program.text);
}

/// Of more folds than a block's shared memory holds beside each other.
TEST_F(Nvrtc, CompilesAHundredReductions) {
  std::string text = "sum(a)";
  for (int k = 1; k < 100; ++k) text += ", sum(a + " + std::to_string(k) + ")";
  const cuda::Assembled made =
      cuda::Nvrtc::get().compile(source_of({text, "a", {ir::Number::f64}, false}).text, 90);
  EXPECT_FALSE(made.cubin.empty());
  EXPECT_LT(made.shared_bytes, 1024U);
}

/// Four floats go by one instruction, and what is converted is so by the processor.
TEST_F(Nvrtc, ReadsAndWritesFourFloatsAtOnce) {
  const std::string ptx = cuda::Nvrtc::get().compile(source_of(data_programs()[0]).text, 90).ptx;
  EXPECT_EQ(count(ptx, "ld.global.v4"), 2U) << ptx;
  EXPECT_EQ(count(ptx, "st.global.v4"), 1U);
  EXPECT_EQ(count(ptx, "ld.local"), 0U);
  const std::string mixed = cuda::Nvrtc::get().compile(source_of(data_programs()[4]).text, 90).ptx;
  EXPECT_GE(count(mixed, "cvt.rn.f64.s64"), 4U);
  EXPECT_GE(count(mixed, "cvt.rn.f64.s32"), 4U);
}

/// With the kernel's own fmas taken apart, none may be left: so none is made of products and sums.
TEST_F(Nvrtc, ContractsNothing) {
  for (const bool single : {false, true}) {
    const Program program("x ~ normal(0, 1)^3; Var[max(x)*exp(x_1)]", {.single = single});
    const std::string ptx = cuda::Nvrtc::get().compile(program.source().text, 90).ptx;
    EXPECT_GT(count(ptx, "fma.rn"), 20U);
    const std::string apart = cuda::Nvrtc::get().compile(without_fma(program.source().text), 90).ptx;
    EXPECT_EQ(count(apart, "fma"), 0U);
    EXPECT_EQ(inexact_operations(apart), "");
  }
}

/// The check itself: what it has to find.
TEST(InexactOperations, AreFound) {
  EXPECT_EQ(inexact_operations("\tadd.rn.f64 %fd1, %fd2, %fd3;\n\tfma.rn.f32 %f1, %f2, %f3, %f4;\n"), "");
  EXPECT_EQ(inexact_operations("\tmul.f64 %fd1, %fd2, %fd3;\n"), "mul.f64 ");
  EXPECT_EQ(inexact_operations("\t@%p1 div.full.f32 %f1, %f2, %f3;\n"), "div.full.f32 ");
  EXPECT_EQ(inexact_operations("\tsqrt.approx.ftz.f32 %f1, %f2;\n"), "sqrt.approx.ftz.f32 .ftz.approx");
  EXPECT_EQ(inexact_operations("\tex2.approx.f32 %f1, %f2;\n"), "ex2.approx.f32 .approx");
}

/// Literals are the shortest decimals that mean a number: the compiler must read them as that. PTX stores
/// them as integers, or as floats by their bits.
TEST_F(Nvrtc, ReadsLiteralsAsTheNumbersTheyAre) {
  std::mt19937_64 random(5);
  std::string source = "extern \"C\" __global__ void k(double* a, float* b) {\n";
  std::vector<std::array<std::string, 2>> expected;
  for (int k = 0; k < 300; ++k) {
    const bool is_subnormal = k % 3 == 0;
    const std::uint64_t bits = is_subnormal ? random() >> 13 : random();
    const auto half = static_cast<std::uint32_t>(is_subnormal ? random() >> 42 : random());
    const auto number = std::bit_cast<double>(bits);
    const auto single = std::bit_cast<float>(half);
    if (!std::isfinite(number) || !std::isfinite(single)) continue;
    const auto literal = [](auto x) {
      return fmt::format("{}{}", x, std::trunc(x) == x && std::fabs(x) < 1e16 ? ".0" : "");
    };
    source += fmt::format("  a[{0}] = {1};\n  b[{0}] = {2}f;\n", k, literal(number), literal(single));
    expected.push_back(
        {fmt::format(", {};", static_cast<std::int64_t>(bits)), fmt::format(", 0d{:016X};", bits)});
    expected.push_back(
        {fmt::format(", {};", static_cast<std::int32_t>(half)), fmt::format(", 0f{:08X};", half)});
  }
  const std::string ptx = cuda::Nvrtc::get().compile(source + "}\n", 90).ptx;
  for (const auto& [integer, bits] : expected) ASSERT_GE(count(ptx, integer) + count(ptx, bits), 1U) << bits;
}

TEST_F(Nvrtc, SaysWhatIsWrong) {
  try {
    cuda::Nvrtc::get().compile("extern \"C\" __global__ void k() { nonsense; }", 90);
    FAIL();
  } catch (const cuda::Error& error) {
    EXPECT_NE(std::string(error.what()).find("identifier \"nonsense\" is undefined"), std::string::npos)
        << error.what();
  }
}

/// A device of a generation that it does not know gets PTX of the latest, one that is too old nothing.
TEST_F(Nvrtc, ServesDevicesThatItDoesNotKnow) {
  const std::string source = "extern \"C\" __global__ void k(double* a) { *a = 1; }";
  const cuda::Assembled late = cuda::Nvrtc::get().compile(source, 990);
  EXPECT_EQ(late.architecture, cuda::Nvrtc::get().architectures().back());
  EXPECT_TRUE(late.cubin.empty());
  EXPECT_NE(late.ptx.find(".visible .entry k"), std::string::npos);
  EXPECT_THROW(cuda::Nvrtc::get().compile(source, 20), cuda::Error);
}

}  // namespace
}  // namespace mc::testing
