// The module with LLVM in it: what it makes is what LLVM linked in would make, its failures are exceptions of
// this side, and where it is missing or of another build that is said.
#include "engine/llvm/loading.hpp"

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <vector>

#include "engine/ir/builder.hpp"

namespace mc::jit {
namespace {

ir::Kernel constant(double value) {
  ir::Builder b;
  b.output(0, b.constant(value));
  return b.finish(0);
}

TEST(Loading, CompilesAndRuns) {
  const auto code = load_and_compile(constant(2.5));
  std::vector<double> out(kernels::kLanes);
  EXPECT_TRUE(code->run({}, 0, kernels::kLanes, 1, out.data(), nullptr));
  EXPECT_EQ(out, std::vector<double>(kernels::kLanes, 2.5));
  EXPECT_EQ(code->outputs(), 1u);
  EXPECT_EQ(kernels::kLanes % code->granule(), 0u);
  EXPECT_GT(code->operations(), 0u);
  EXPECT_GT(code->timing().codegen_ms, 0);
}

TEST(Loading, TextsComeAcross) {
  const auto code = load_and_compile(constant(2.5));
  EXPECT_NE(code->llvm_text().find("mc_kernel"), std::string::npos);
  EXPECT_NE(code->assembly_text().find("ret"), std::string::npos);
}

TEST(Loading, IsDoneOnce) {
  load_and_compile(constant(1));
  EXPECT_EQ(expected_load_ms(), 0);
  EXPECT_EQ(load_and_compile(constant(2))->timing().load_ms, 0);
}

TEST(Loading, FailuresAreThrownOnThisSide) {
  ir::Builder b;
  b.output(0, b.emit(ir::Op::log_function, {b.scalar(0)}));  // no primitive
  const ir::Kernel kernel = b.finish(1);
  for (int k = 0; k < 2; ++k) {
    try {
      load_and_compile(kernel);
      FAIL() << "it compiled";
    } catch (const Error& error) {
      EXPECT_FALSE(std::string(error.what()).empty());
    }
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  }
  Options options;
  options.vector_bits = 333;
  EXPECT_THROW(load_and_compile(constant(1), options), Error);
}

}  // namespace
}  // namespace mc::jit
