// `moment lint`: the programs in C++ sources, checked where they stand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontend/console/eval.hpp"

namespace mc::console {

struct LintArguments {
  std::vector<std::string> files, flags;
  std::optional<std::string> build;
  bool warm = false;
};

/// What is wrong goes to stderr, and how much was looked at to stdout. Throws FlagError, mc::Error or
/// OutputError.
Ending lint(const LintArguments& arguments);

}  // namespace mc::console
