#include "frontend/console/repl/pieces.hpp"

#include <utility>

#include <mc/text.hpp>

#include "frontend/console/words.hpp"

namespace mc::console {

bool is_command(std::string_view line) {
  line = trimmed(line);
  return line.starts_with(':') || line.starts_with('?');
}

bool goes_on_with(std::string_view line) {
  const std::string_view word = first_word(trimmed(line)).first;
  return word == "where" || word == "until";
}

bool may_go_on(std::string_view text) {
  const std::size_t open = text.find('('), is = text.find_first_of("=~");
  return open != text.npos && is != text.npos && open < is;
}

bool Pieces::take(std::string& line) {
  std::optional<std::string> next = ahead_ ? std::exchange(ahead_, {}) : lines_.next();
  if (!next) return false;
  line = *std::move(next);
  ++number_;
  return true;
}

/// Only what defines something is held back until the next line is there, which may go on with it.
std::optional<Piece> Pieces::next() {
  Piece piece;
  if (!take(piece.text)) return {};
  piece.line = number_;
  if (is_command(piece.text)) return piece;
  Unfinished open;
  open.add(piece.text);
  for (std::string line; (open || may_go_on(piece.text)) && take(line);) {
    if (is_command(line) || (!open && !goes_on_with(line))) {
      ahead_ = std::move(line);
      --number_;
      break;
    }
    open.add(line);
    piece.text += "\n" + line;
  }
  return piece;
}

}  // namespace mc::console
