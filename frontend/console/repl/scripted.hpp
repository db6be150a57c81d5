// `moment repl < script.mc`.
#pragma once

#include <string_view>

#include "frontend/console/eval.hpp"
#include "frontend/console/program_file.hpp"
#include "frontend/console/repl/repl.hpp"

namespace mc::console {

/// Takes the lines as they come, after the arguments' parameters. `name` is what errors call their text. Ends
/// with the code of the last error.
Ending run_script(std::string_view name, Lines lines, const ReplArguments& arguments);

}  // namespace mc::console
