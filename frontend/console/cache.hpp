// `moment cache`: what of machine code is on the disk.
#pragma once

#include <string>

#include "frontend/console/eval.hpp"

namespace mc::console {

/// `what` is list, clear or stats. Throws FlagError or OutputError.
Ending cache(const std::string& what);

}  // namespace mc::console
