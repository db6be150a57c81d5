// The text that -f names.
#pragma once

#include <string>

namespace mc::console {

/// The file's text; - is standard input. Throws FlagError where it cannot be read, or is too long for one.
std::string read_program(const std::string& name);

}  // namespace mc::console
