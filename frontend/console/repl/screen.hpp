// What stands above the line that is edited: what was said, for good; below it what is written over again and
// again: a run's figures, and lines that wait for their turn.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "frontend/console/repl/editor.hpp"

namespace mc::console {

class Screen {
 public:
  /// Where it cannot move, what is written over is left out.
  Screen(Editor& editor, bool moves, bool is_utf8, bool colour)
      : editor_(editor), moves_(moves), is_utf8_(is_utf8), colour_(colour) {}

  /// From any thread; drawn soon.
  void say(std::string_view text);

  /// The editor has written these lines, below all else: they are live now too.
  void entered(std::string_view lines) { entered_ += lines; }
  /// What is live stays where it stands.
  void keep();
  bool is_live() const { return !live_.empty() || !entered_.empty(); }

  /// What was said, then `live` instead of what was live.
  void draw(std::string_view live);

  /// Rows that what is live may have: what is taller than the terminal cannot be written over.
  std::size_t room() const;
  std::size_t rows(std::string_view text) const { return rows(text, false); }
  /// The text's last lines, as many as have so many rows, below a line that says how many are left out.
  std::string last_rows(std::string_view text, std::size_t most) const;

 private:
  std::size_t rows(std::string_view text, bool by_editor) const;

  Editor& editor_;
  bool moves_, is_utf8_, colour_;
  std::string live_, entered_;  ///< their rows are counted when they are written over: widths change
  std::mutex mutex_;            ///< of what follows
  std::string said_;
};

}  // namespace mc::console
