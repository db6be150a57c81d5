// The limits that a caller may raise as the language knows them.
#pragma once

#include <mc/mc.hpp>

#include "frontend/language/limits.hpp"

namespace mc {

/// What the caller left at 0 is the language's default. Throws ArgumentError for a limit beyond what it can
/// be.
language::Limits language_limits(const Limits& limits);

}  // namespace mc
