// What the lexer hands to the parser: a kind, a place, and the value of a number. Names stay in the text.
#pragma once

#include <cstdint>

#include "frontend/language/diagnostics.hpp"

namespace mc::language {

// clang-format off
enum class TokenKind : std::uint8_t {
  end,      // after the last one, always there
  newline,  // never in the list: the parser sees it where a token that starts a line ends a statement
  error,    // text that was reported and is no token
  number, name,
  plus, minus, star, slash, caret, underscore,
  left_paren, right_paren, left_bracket, right_bracket, left_brace, right_brace,
  comma, semicolon, tilde, assign, bar, range,
  less, less_equal, greater, greater_equal, equal, not_equal,
  word_and, word_or, word_not,
};
// clang-format on

struct Token {
  TokenKind kind = TokenKind::end;
  /// First on its line: that ends a statement unless a bracket is open or the line before goes on.
  bool starts_line = false;
  Span span;
  double number = 0.0;
};

}  // namespace mc::language
