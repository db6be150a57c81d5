// What a text looks like from outside, for tools: the names that a statement uses, whether a text is
// finished, and the words of the language with how they are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/language/syntax.hpp"

namespace mc::language {

/// The names in a statement that it does not bind itself (as parameters or indices of a range), each once.
std::vector<std::string> names_used(const Program& program, const Statement& statement);

/// Whether a text ends amid a statement: in a bracket, or after what asks for more. Told line by line, so
/// that each is looked at once.
struct Unfinished {
  std::int64_t open = 0;  ///< brackets
  bool waits = false;     ///< an operator or a comma does

  void add(std::string_view line);
  explicit operator bool() const { return open > 0 || waits; }
};

struct Word {
  enum class Kind { function, distribution, query, constant };
  Kind kind = Kind::function;
  std::string name, signature, meaning, example;
};

/// By name, without those that belong to the library alone.
std::vector<Word> vocabulary();

}  // namespace mc::language
