// Tokens → syntax. Reads on after an error, to report the others: what could not be read becomes an error
// node.
#pragma once

#include <string>

#include "frontend/language/diagnostics.hpp"
#include "frontend/language/limits.hpp"
#include "frontend/language/syntax.hpp"

namespace mc::language {

/// A program and what is wrong with it. With errors in the diagnostics the program is for looking at only.
struct Parsed {
  Program program;
  Diagnostics diagnostics;

  bool ok() const { return !diagnostics.has_errors(); }
};

/// Reads a whole program.
Parsed parse(std::string text, const Limits& limits = {});

/// Reads a single expression, such as a density; it becomes the one statement of the program.
Parsed parse_expression(std::string text, const Limits& limits = {});

}  // namespace mc::language
