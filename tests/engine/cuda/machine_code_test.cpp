// Machine code of every program of the table for every architecture: exact operations only, within the
// bounds.
#include <algorithm>

#include <fmt/format.h>

#include "tests/engine/cuda/machine_code.hpp"
#include "tests/engine/cuda/programs.hpp"

namespace mc::testing {
namespace {

class MachineCode : public ::testing::TestWithParam<cuda::Architecture> {};

TEST_P(MachineCode, IsExactAndBoundedForTheWholeTable) {
  if (const std::string why = no_nvrtc(); !why.empty()) GTEST_SKIP() << why;
  for (const bool single : {false, true})
    for (const std::string& text : program_table())
      expect_exact_and_bounded(Program(text, {.single = single}).source(), GetParam(), text);
}

INSTANTIATE_TEST_SUITE_P(Architectures, MachineCode, ::testing::ValuesIn(kArchitectures),
                         [](const auto& info) { return "sm_" + std::to_string(info.param); });

}  // namespace
}  // namespace mc::testing
