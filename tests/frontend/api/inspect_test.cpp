// What inspect() shows, of kernels made from texts: every stage, and in the assembly the loop over
// coordinates that the whole project is about.
#include <string>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "engine/host.hpp"
#include "tests/support/assembly.hpp"

namespace {

TEST(Inspect, ShowsEveryStage) {
  const mc::Moment moment = mc::compile("x ~ normal(0, 1)^3; E[max(x)]");
  EXPECT_TRUE(moment.inspect(mc::Stage::ir).starts_with("kernel "));
  EXPECT_EQ(moment.inspect(mc::Stage::ir, moment.signatures().at(0)), moment.inspect(mc::Stage::ir));
  EXPECT_THROW((void)moment.inspect(mc::Stage::ir, mc::Signature{}), mc::ArgumentError);
  EXPECT_NE(moment.inspect(mc::Stage::llvm).find("define "), std::string::npos);
  EXPECT_NE(moment.inspect(mc::Stage::assembly).find(".text"), std::string::npos);
  EXPECT_NE(moment.inspect(mc::Stage::cuda).find("__global__"), std::string::npos);
  try {
    EXPECT_NE(moment.inspect(mc::Stage::ptx).find(".visible .entry moment_tiles"), std::string::npos);
  } catch (const mc::DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("NVRTC"), std::string::npos) << error.what();
  }
}

/// Each pass does what it is for: x/4 becomes a product, a product and a sum one operation, exp many.
TEST(Inspect, ShowsWhatThePassesMake) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1); E[3*(exp(x)/4) + 2]");
  const auto count = [&](mc::Stage stage, const std::string& operation) {
    const std::string text = moment.inspect(stage);
    EXPECT_TRUE(text.starts_with("kernel "));
    int found = 0;
    for (std::size_t at = 0; (at = text.find(operation, at)) != text.npos; ++at) ++found;
    return found;
  };
  using enum mc::Stage;
  EXPECT_EQ(count(simplified, " = div "), count(lowered, " = div ") - 1);
  EXPECT_EQ(count(simplified, " = fma "), count(lowered, " = fma "));
  EXPECT_GT(count(contracted, " = fma "), count(simplified, " = fma "));
  EXPECT_EQ(count(contracted, " = exp "), 1);
  EXPECT_EQ(count(expanded, " = exp "), 0);
  EXPECT_EQ(count(ir, " = exp "), 0);
  EXPECT_LE(moment.inspect(ir).size(), moment.inspect(expanded).size());
}

#if defined(__x86_64__)
TEST(Inspect, TheLoopOverCoordinatesIsNothingButVectorArithmetic) {
  if (mc::host_isa() == mc::Isa::baseline) GTEST_SKIP() << "without AVX the loop looks otherwise";
  for (const char* program :
       {"x ~ uniform(0, 1)^10; E[sum(x_i^2)]", "x ~ uniform(0, 1)^1000; E[sum(x_i^2)]"}) {
    const std::string text = mc::compile(program).inspect(mc::Stage::assembly);
    EXPECT_EQ(text.find("call"), std::string::npos);
    const auto loop = mc::testing::coordinate_loop(text);
    ASSERT_FALSE(loop.empty()) << text;
    EXPECT_LE(loop.size(), 68u);  // four vectors of 16 where there are 32 registers, two of 21 where 16
    for (const std::string& line : loop)
      EXPECT_TRUE(mc::testing::is_vector_arithmetic(line) || mc::testing::is_loop_control(line)) << line;
  }
}
#endif

}  // namespace
