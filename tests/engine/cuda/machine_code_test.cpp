// Machine code of every program of the table for every architecture: exact operations only, within the
// bounds. In single precision for two of them: those are minutes, and nothing there is another architecture's
// own.
#include <algorithm>

#include <fmt/format.h>

#include "tests/engine/cuda/machine_code.hpp"
#include "tests/engine/cuda/programs.hpp"
#include "tests/engine/random/reference.hpp"

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

/// How each program is compiled: the table's first way; floats; and of every eighth, what else there is.
std::vector<Way> ways(std::size_t program, cuda::Architecture architecture) {
  std::vector<Way> all{{}};
  if (architecture == 75 || architecture == 90) all.push_back({.single = true});
  if (program % 8 == 0)
    for (const random::Generator generator : kGenerators)
      for (const bool single : {false, true})
        if (generator != Way{}.generator)
          all.push_back({.single = single, .generator = generator, .screened = program % 16 == 0});
  return all;
}

TEST_P(MachineCode, IsExactAndBoundedForTheWholeTable) {
  if (const std::string why = cannot_compile_for(GetParam()); !why.empty()) GTEST_SKIP() << why;
  Line line;
  const std::vector<std::string> table = program_table();
  for (std::size_t k = 0; k < table.size(); ++k)
    for (const Way& way : ways(k, GetParam()))
      line.add(expect_exact_and_bounded(Program(table[k], way).source(), GetParam(), table[k]));
  fmt::print("{}", line.text(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Architectures, MachineCode, ::testing::ValuesIn(kArchitectures),
                         [](const auto& info) { return "sm_" + std::to_string(info.param); });

}  // namespace
}  // namespace mc::testing
