// :report: a session as a page, for who was not there.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "frontend/console/pictures/drawing.hpp"
#include "frontend/console/repl/prompt.hpp"

namespace mc::console {

/// A file of that name, which ends with .html. `program` is the session as it stands, `journal` what was
/// asked, in order. Throws FlagError.
void write_report(const std::string& name, const std::string& program, const Journal& journal,
                  const Studio& studio);

}  // namespace mc::console
