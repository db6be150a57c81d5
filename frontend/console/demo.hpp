// `moment demo`: what Moment can do, shown by running it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontend/console/eval.hpp"

namespace mc::console {

/// What stands after `moment demo warmup`, as text.
struct WarmupArguments {
  std::optional<std::string> rounds, samples, python, column;
  std::optional<std::string> plot;  ///< where the picture goes; nothing: no picture
  bool json = false;
};

/// Times calls 1, 2, 3, 10, 100 and 1000 of one moment in every state a process can be in. Throws FlagError
/// or OutputError.
Ending demo_warmup(const WarmupArguments& arguments);

/// The demos with a line on each.
std::string demo_list();

/// Why there is no demo of that name.
std::string no_demo(const std::string& name);

}  // namespace mc::console
