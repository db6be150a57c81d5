#include "frontend/console/repl/screen.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {

void Screen::say(std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    said_ += text;
  }
  editor_.wake();
}

void Screen::keep() {
  live_.clear();
  entered_.clear();
}

void Screen::draw(std::string_view live) {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text = std::exchange(said_, {});
  }
  if (colour_) text = coloured(text);
  if (!is_utf8_) text = in_ascii(text);
  if (!moves_) return text.empty() ? void() : print(text);
  if (text.empty() && live.empty() && !is_live()) return;
  const std::size_t before = rows(live_, false) + rows(entered_, true);
  entered_.clear();
  live_ = is_utf8_ ? std::string(live) : in_ascii(live);
  editor_.replace_above(before, text + live_);
}

/// A row less than there are: a line that ends at the terminal's edge may take the next one too.
std::size_t Screen::room() const {
  const std::size_t taken = editor_.rows() + 1;
  return editor_.height() - std::min(editor_.height(), taken);
}

/// The editor puts the cursor of a line that is as wide as the terminal into the next row.
std::size_t Screen::rows(std::string_view text, bool by_editor) const {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const Filled line = filled_rows(text.substr(0, end), editor_.width());
    const bool has_more = line.columns > 0 || line.rows == 0 || by_editor;
    count += line.rows + (has_more ? 1 : 0);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return count;
}

std::string Screen::last_rows(std::string_view text, std::size_t most) const {
  if (rows(text) <= most) return std::string(text);
  if (most == 0) return {};
  std::size_t left_out = 0;
  while (rows(text) > most - 1) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    ++left_out;
  }
  return fmt::format("… {}\n{}", counted(left_out, "more line"), text);
}

}  // namespace mc::console
