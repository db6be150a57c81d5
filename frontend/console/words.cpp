#include "frontend/console/words.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

#include "frontend/console/numbers.hpp"

namespace mc::console {
namespace {

/// Where a line that is broken goes on: under what follows the first gap of a table, if that leaves room.
std::size_t hanging(std::string_view line, std::size_t width) {
  const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t gap = line.find("  ", first);
  const std::size_t second = gap == line.npos ? line.npos : line.find_first_not_of(' ', gap);
  if (second != line.npos && columns(line.substr(0, second)) <= width / 2)
    return columns(line.substr(0, second));
  return std::min(first + 2, width / 2);
}

std::string wrapped_line(std::string_view line, std::size_t width) {
  const std::size_t indent = hanging(line, width);
  std::string text;
  constexpr std::size_t kLeast = 2;  // any sign has room there
  for (std::size_t room = std::max(width, kLeast); columns(line) > room;
       room = std::max(width - indent, kLeast)) {
    const std::size_t most = first_columns(line, room).size();
    const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t blank = line.substr(0, most + 1).rfind(' ');
    const bool is_between = blank != line.npos && blank > begin;
    const std::string_view head = line.substr(0, is_between ? blank : most);
    text += head.substr(0, head.find_last_not_of(' ') + 1);
    text += "\n" + std::string(indent, ' ');
    line.remove_prefix(head.size());
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  }
  return text.append(line);
}

/// Whether it shows a line of a program, `  1 | E[x]`, or stands below one: `    |   ^`.
bool is_excerpt(std::string_view line) {
  const std::size_t bar = line.find("| ");
  return bar != line.npos && line.starts_with("  ") &&
         line.substr(0, bar).find_first_not_of(" 0123456789") == line.npos;
}

std::string coloured_line(std::string_view line) {
  constexpr std::pair<std::string_view, std::string_view> kNews[] = {
      {"error: ", "\033[1;31m"}, {"warning: ", "\033[1;33m"}, {"note: ", "\033[1;36m"}};
  for (const auto& [word, colour] : kNews) {
    const std::size_t at = line.find(word);
    if (at != 0 && (at == line.npos || !line.substr(0, at).ends_with(": ")))
      continue;  // after a file's place
    return fmt::format("{}{}{}\033[0m{}", line.substr(0, at), colour, word.substr(0, word.size() - 1),
                       line.substr(at + word.size() - 1));
  }
  const std::size_t bar = line.find("| "), caret = line.find('^');
  if (!is_excerpt(line) || caret == line.npos || line.find_first_not_of(' ') != bar ||
      line.find_first_not_of(" \t", bar + 1) != caret)
    return std::string(line);
  const std::size_t end = std::min(line.find_first_not_of('~', caret + 1), line.size());
  return fmt::format("{}\033[1;31m{}\033[0m{}", line.substr(0, caret), line.substr(caret, end - caret),
                     line.substr(end));
}

template <class Change>
std::string line_by_line(std::string_view text, Change change) {
  std::string all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    all += change(text.substr(0, end));
    if (end < text.size()) all += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

std::pair<std::string_view, std::string_view> first_word(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {text.substr(0, end), trimmed(text.substr(end))};
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count_text(count), what, count == 1 ? "" : "s");
}

bool is_in_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

std::string wrapped(std::string_view text, const Look& look) {
  return line_by_line(text, [&](std::string_view line) {
    const std::string shown = look.is_ascii ? in_ascii(line, is_excerpt(line)) : std::string(line);
    return look.width == 0 || is_excerpt(line) ? shown : wrapped_line(shown, look.width);
  });
}

std::string coloured(std::string_view text) { return line_by_line(text, coloured_line); }

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::string at_home(std::string_view name) {
  const char* home = std::getenv("HOME");
  const bool is_there = home != nullptr && (name == "~" || name.starts_with("~/"));
  return is_there ? home + std::string(name.substr(1)) : std::string(name);
}

}  // namespace mc::console
