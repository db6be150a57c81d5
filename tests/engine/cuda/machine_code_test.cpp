// Machine code of every program of the table for every architecture: exact operations only, within the
// bounds.
#include <algorithm>

#include <fmt/format.h>

#include "tests/engine/cuda/machine_code.hpp"
#include "tests/engine/cuda/programs.hpp"

namespace mc::testing {
namespace {

class MachineCode : public ::testing::TestWithParam<cuda::Architecture> {};

/// The table's line for an architecture.
class Line {
 public:
  void add(const cuda::Assembled& made) {
    ++programs_;
    registers_ = std::max(registers_, made.registers);
    spilling_ += made.spill_bytes > 0 ? 1 : 0;
    spilled_ = std::max(spilled_, made.spill_bytes);
    stack_ = std::max(stack_, made.stack_bytes);
  }
  std::string text(cuda::Architecture architecture) const {
    return fmt::format("| sm_{} | {} | {} | {} of {} | {} | {} |\n", architecture, programs_, registers_,
                       spilling_, programs_, spilled_, stack_);
  }

 private:
  unsigned programs_ = 0, registers_ = 0, spilling_ = 0, spilled_ = 0, stack_ = 0;
};

TEST_P(MachineCode, IsExactAndBoundedForTheWholeTable) {
  if (const std::string why = no_nvrtc(); !why.empty()) GTEST_SKIP() << why;
  Line line;
  for (const bool single : {false, true})
    for (const std::string& text : program_table())
      if (const auto made =
              expect_exact_and_bounded(Program(text, {.single = single}).source(), GetParam(), text))
        line.add(*made);
  fmt::print("{}", line.text(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Architectures, MachineCode, ::testing::ValuesIn(kArchitectures),
                         [](const auto& info) { return "sm_" + std::to_string(info.param); });

}  // namespace
}  // namespace mc::testing
