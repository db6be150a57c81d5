// A text of several lines, cut into what is taken at once.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "frontend/console/program_file.hpp"

namespace mc::console {

/// Whether the line is a command, whatever is open before it.
bool is_command(std::string_view line);

/// Whether the line goes on with a definition: where, until.
bool goes_on_with(std::string_view line);

/// Whether `where` and `until` may follow: they belong to functions and distributions, f(u) = …, f(u) ~ ….
bool may_go_on(std::string_view text);

/// What is taken at once: statements that go on over several lines belong together.
struct Piece {
  std::string text;
  std::size_t line = 1;  ///< the number of its first one, from 1
};

/// A text's pieces, as its lines come.
class Pieces {
 public:
  explicit Pieces(Lines lines) : lines_(std::move(lines)) {}
  std::optional<Piece> next();

 private:
  bool take(std::string& line);  ///< the next one; false: there is none

  Lines lines_;
  std::size_t number_ = 0;            ///< of lines taken
  std::optional<std::string> ahead_;  ///< one that was looked at, and belongs to the next piece
};

}  // namespace mc::console
