// Text → tokens. Reports what is no token, puts the one that was probably meant in its place, and goes on.
#pragma once

#include <string_view>
#include <vector>

#include "frontend/language/diagnostics.hpp"
#include "frontend/language/limits.hpp"
#include "frontend/language/token.hpp"

namespace mc::language {

/// The tokens of `text`, the last of them `end`. A text above a limit yields only the tokens before it.
std::vector<Token> lex(std::string_view text, const Limits& limits, Diagnostics& diagnostics);

/// Whether a decimal number without a sign that from_chars found out of range is too large, not too small:
/// the power of ten of its leading digit decides. Such a number is far from 1, so one digit more or less does
/// not matter.
bool overflows(std::string_view number);

}  // namespace mc::language
