// `moment repl`: statements and questions one after the other, from a terminal or from a text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontend/console/eval.hpp"
#include "frontend/console/repl/settings.hpp"

namespace mc::console {

struct ReplArguments {
  std::optional<std::string> file;  ///< to be run instead of standard input
  bool json = false;                ///< one object a question
  Settings settings = {};
  std::vector<std::string> parameters = {};  ///< NAME=VALUE: lines before all others
};

/// Throws FlagError or OutputError; all else is said where it happens, and what follows goes on. Ends with
/// the code of the last error.
Ending repl(const ReplArguments& arguments);

}  // namespace mc::console
