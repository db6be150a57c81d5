// What the word before the cursor may become.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "frontend/console/repl/editor.hpp"
#include "frontend/console/repl/prompt.hpp"

namespace mc::console {

/// Of a line up to the cursor.
Completion completion(std::string_view before, const View& view);

}  // namespace mc::console
