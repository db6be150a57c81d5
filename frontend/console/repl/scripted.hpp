// `moment repl < script.mc`.
#pragma once

#include <string_view>

#include "frontend/console/eval.hpp"

namespace mc::console {

/// `name` is what errors call the text. Ends with the code of the last error.
Ending run_script(std::string_view name, std::string_view text, bool json);

}  // namespace mc::console
