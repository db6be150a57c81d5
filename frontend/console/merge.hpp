// `moment merge`: what `moment eval --part` has printed, made one result.
#pragma once

#include <string>
#include <vector>

#include "frontend/console/eval.hpp"

namespace mc::console {

struct MergeArguments {
  std::vector<std::string> files;
  bool json = false;
};

/// Reads, merges and prints. Throws FlagError, mc::Error or OutputError.
Ending merge(const MergeArguments& arguments);

}  // namespace mc::console
