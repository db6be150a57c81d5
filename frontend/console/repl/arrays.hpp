// Vectors and matrices as they are looked at: A = [1, 2, 3].
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "frontend/console/repl/session.hpp"

namespace mc::console {

/// The numbers of an expression that is a vector or a matrix; nothing for others, and where it is random.
std::optional<std::string> array_text(std::string_view expression, const Session& session);

}  // namespace mc::console
