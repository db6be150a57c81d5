// What the machine code of the kernels that matter looks like: read from its text, for processors named, so
// on any x86.
#include <gtest/gtest.h>

#if defined(__x86_64__)

#include <string>
#include <tuple>

#include "tests/engine/llvm/running.hpp"
#include "tests/support/assembly.hpp"
#include "tests/support/kernel_text.hpp"
#include "tests/support/rolled_sum.hpp"

namespace mc::testing {
namespace {

std::string assembly(const ir::Kernel& kernel, unsigned bits, const std::string& processor,
                     unsigned interleave = 0) {
  return jit::compile(kernel, shape(bits, interleave, processor))->assembly_text();
}

TEST(Assembly, the_loop_over_coordinates_is_nothing_but_vector_arithmetic) {
  for (const auto& [processor, bits, most] : {std::tuple{"icelake-server", 512u, 34u},
                                              {"znver4", 512u, 34u},
                                              {"skylake-avx512", 512u, 36u},
                                              {"haswell", 256u, 48u},
                                              {"haswell", 128u, 48u}}) {
    SCOPED_TRACE(std::string(processor) + " " + std::to_string(bits));
    for (unsigned dimension : {2u, 10u}) {
      const auto loop = coordinate_loop(assembly(square_sum(dimension), bits, processor, 2));
      ASSERT_FALSE(loop.empty());
      EXPECT_LE(loop.size(), most);
      for (const std::string& line : loop)
        EXPECT_TRUE(is_vector_arithmetic(line) || is_loop_control(line)) << line;
    }
  }
}

TEST(Assembly, calls_nothing_and_allocates_nothing) {
  const std::string text = assembly(square_sum(10), 512, "icelake-server");
  EXPECT_EQ(text.find("call"), std::string::npos);
  EXPECT_NE(text.find("%zmm"), std::string::npos);
}

TEST(Assembly, width_limits_registers_not_instructions) {
  EXPECT_EQ(assembly(square_sum(10), 256, "icelake-server").find("%zmm"), std::string::npos);
  EXPECT_NE(assembly(square_sum(10), 256, "icelake-server").find("vpternlogq"), std::string::npos);
  EXPECT_EQ(assembly(square_sum(10), 128, "icelake-server").find("%ymm"), std::string::npos);
  EXPECT_NE(assembly(square_sum(10), 512, "znver4").find("%zmm"), std::string::npos);
}

struct Instruction {
  const char* operation;
  const char* expected;
};

TEST(Assembly, operations_are_single_instructions) {
  for (const auto& [operation, expected] : {Instruction{"min f64 %1, %2", "vminpd"},
                                            {"max f64 %1, %2", "vmaxpd"},
                                            {"sqrt f64 %1", "vsqrtpd"},
                                            {"floor f64 %1", "vrndscalepd"},
                                            {"ceil f64 %1", "vrndscalepd"},
                                            {"trunc f64 %1", "vrndscalepd"},
                                            {"rint f64 %1", "vrndscalepd"},
                                            {"fma f64 %1, %2, %1", "vfmadd"},
                                            {"div f64 %1, %2", "vdivpd"},
                                            {"abs f64 %1", "vp"}}) {
    const ir::Kernel kernel =
        kernel_of(std::string("kernel scalars 1 arrays 0 outputs 1\n%0 = lane u64\n%1 = to_f64 f64 %0\n"
                              "%2 = scalar f64 0\n%3 = ") +
                  operation + "\noutput 0, %3\n");
    const std::string text = assembly(kernel, 512, "icelake-server");
    EXPECT_NE(text.find(expected), std::string::npos) << operation << "\n" << text;
    EXPECT_EQ(text.find("call"), std::string::npos) << operation;
  }
}

TEST(Assembly, multiplication_and_addition_are_not_contracted) {
  const ir::Kernel kernel = kernel_of(R"(kernel scalars 1 arrays 0 outputs 1
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = scalar f64 0
    %3 = mul f64 %1, %2
    %4 = add f64 %3, %1
    output 0, %4
  )");
  const std::string text = assembly(kernel, 512, "icelake-server");
  EXPECT_EQ(text.find("vfmadd"), std::string::npos);
  EXPECT_NE(text.find("vmulpd"), std::string::npos);
}

TEST(Assembly, without_fma_instructions_fma_is_the_correctly_rounded_function) {
  const ir::Kernel kernel = kernel_of(R"(kernel scalars 1 arrays 0 outputs 1
    %0 = lane u64
    %1 = to_f64 f64 %0
    %2 = scalar f64 0
    %3 = fma f64 %1, %2, %1
    output 0, %3
  )");
  EXPECT_NE(assembly(kernel, 128, "x86-64").find("fma@PLT"), std::string::npos);
}

}  // namespace
}  // namespace mc::testing

#endif
