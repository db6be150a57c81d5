// `moment diff`: where two back ends part.
#pragma once

#include <optional>
#include <string>

#include "frontend/console/eval.hpp"

namespace mc::console {

struct DiffArguments {
  EvalArguments eval;
  std::optional<std::string> between;  ///< two back ends, each NAME or NAME:BITS
};

/// Throws FlagError, mc::Error or OutputError. Ends with 1 where they part.
Ending diff(const DiffArguments& arguments);

}  // namespace mc::console
