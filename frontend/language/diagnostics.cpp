// Collecting diagnostics, printing them under their line, and finding the name that was meant. A line is
// printed as cells, one a character, each with the columns it takes; so carets stand right under Greek
// letters and escapes.
#include "frontend/language/diagnostics.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/utf8.hpp"

namespace mc::language {

void Diagnostics::add(Diagnostic diagnostic) {
  if (full_) return;
  if (diagnostic.severity == Severity::error && errors_ == limit_) {
    full_ = true;
    diagnostic = {Severity::note, diagnostic.category, fmt::format("there are more than {} errors", limit_),
                  diagnostic.span, "the rest is left out; raise Limits::errors (--limit errors=N)"};
  }
  diagnostic.message = shortened(diagnostic.message);
  diagnostic.hint = shortened(diagnostic.hint);
  errors_ += diagnostic.severity == Severity::error;
  entries_.push_back(std::move(diagnostic));
}

void Diagnostics::error(Category category, Span span, std::string message, std::string hint,
                        std::string_view meant) {
  add({Severity::error, category, std::move(message), span, std::move(hint), std::string(meant)});
}

void Diagnostics::note(Span span, std::string message, std::string hint) {
  add({Severity::note, entries_.empty() ? Category::syntax : entries_.back().category, std::move(message),
       span, std::move(hint)});
}

void Diagnostics::sort() {
  std::vector<std::pair<std::size_t, std::size_t>> order;  // position, index: no two are equal
  for (std::size_t k = 0, position = 0; k < entries_.size(); ++k) {
    if (entries_[k].severity != Severity::note) position = entries_[k].span.begin;
    order.emplace_back(position, k);
  }
  if (full_) order.back().first = static_cast<std::size_t>(-1);  // the word that more were left out
  std::ranges::sort(order);
  std::vector<Diagnostic> sorted;
  sorted.reserve(entries_.size());
  for (const auto& [position, k] : order) sorted.push_back(std::move(entries_[k]));
  entries_ = std::move(sorted);
}

namespace {

/// A character as the terminal gets it.
struct Cell {
  std::string text;
  std::size_t width = 0;
  std::size_t at = 0;  // byte in the source
};

/// The columns of a line that are shown at most, and the part of them that lies before the caret when it is
/// cut.
constexpr std::size_t shown_columns = 100;
constexpr double shown_before = 0.6;
/// No need to look further from the caret than this many bytes: cells have at most four, marks of no width
/// aside.
constexpr std::size_t reach = 8 * shown_columns;

Cell cell(std::string_view text, std::size_t at) {
  const Character c = decode(text, at);
  std::string shown;
  if (!c.valid) {
    shown = fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
  } else if (c.code == '\t') {
    return {"\t", 1, at};
  } else if (is_invisible(c.code)) {
    shown = c.code < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c.code))
                          : fmt::format("\\u{{{:04X}}}", static_cast<unsigned>(c.code));
  } else {
    return {std::string(text.substr(at, c.size)), column_width(c.code), at};
  }
  const std::size_t width = shown.size();
  return {std::move(shown), width, at};
}

struct Line {
  std::size_t number = 1;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The line that holds byte `at`. Lines end in \n, \r\n or \r.
Line line_at(std::string_view source, std::size_t at) {
  Line line;
  for (std::size_t k = 0; k < at; ++k) {
    const bool first_of_pair = source[k] == '\r' && k + 1 < source.size() && source[k + 1] == '\n';
    if ((source[k] != '\n' && source[k] != '\r') || (first_of_pair && k + 1 >= at)) continue;
    if (first_of_pair) ++k;
    ++line.number;
    line.begin = k + 1;
  }
  if (line.begin == 0 && source.starts_with("\uFEFF")) line.begin = std::min<std::size_t>(3, source.size());
  line.end = std::max(line.begin, std::min(source.find_first_of("\r\n", line.begin), source.size()));
  return line;
}

/// The span within its first line, at least a place in it.
struct Marked {
  std::size_t begin;
  std::size_t end;
};

Marked within(const Line& line, Span span) {
  const std::size_t begin = std::clamp<std::size_t>(span.begin, line.begin, line.end);
  return {begin, std::clamp<std::size_t>(span.end, begin, line.end)};
}

std::size_t character_boundary(std::string_view source, std::size_t at, std::size_t low) {
  for (int k = 0; k < 3 && at > low && at < source.size() && is_continuation(source[at]); ++k) --at;
  return at;
}

/// The cells of the line, or of what lies near the caret if the line is long.
std::vector<Cell> cells_near(std::string_view source, const Line& line, Marked marked) {
  const std::size_t low = marked.begin - line.begin > reach ? marked.begin - reach : line.begin;
  const std::size_t high = std::min(line.end, marked.begin + reach);
  std::vector<Cell> cells;
  for (std::size_t at = character_boundary(source, low, line.begin); at < high;) {
    cells.push_back(cell(source, at));
    at += decode(source, at).size;
  }
  return cells;
}

/// Drops cells at both ends until the rest fits, putting … in their place.
void cut(std::vector<Cell>& cells, std::size_t most, std::size_t caret, bool more_before, bool more_after) {
  std::size_t first = 0, before = 0, total = 0;
  for (const Cell& c : cells) before += c.at < caret ? c.width : 0;
  for (const Cell& c : cells) total += c.width;
  const bool fits = total <= most && !more_before && !more_after;
  if (fits) return;
  while (before > static_cast<std::size_t>(shown_before * static_cast<double>(most))) {
    before -= cells[first].width;
    ++first;
  }
  std::size_t last = first, shown = 0;
  while (last < cells.size() && shown + cells[last].width <= most) shown += cells[last++].width;
  if (last < cells.size() || more_after) {
    const std::size_t at = last < cells.size() ? cells[last].at : cells.back().at + 1;
    cells.resize(last);
    cells.push_back({"…", 1, at});
  }
  if (first > 0 || more_before) {
    const std::size_t at = first > 0 ? cells[first - 1].at : 0;
    cells.erase(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(first));
    cells.insert(cells.begin(), {"…", 1, at});
  }
}

/// What stands under the line: blanks (tabs where the line has tabs), a caret, and ~ to the end of the span.
std::string underline(const std::vector<Cell>& cells, Marked marked) {
  std::string under;
  std::size_t marks = 0;
  for (const Cell& c : cells) {
    if (c.at < marked.begin) {
      under += c.text == "\t" ? std::string("\t") : std::string(c.width, ' ');
    } else if (c.at < marked.end) {
      marks += c.width;
    }
  }
  under += '^';
  if (marks > 1) under.append(marks - 1, '~');
  return under;
}

std::size_t count_columns(std::string_view source, const Line& line, Marked marked) {
  std::size_t column = 1;
  for (std::size_t at = line.begin; at < marked.begin; at += decode(source, at).size) ++column;
  return column;
}

std::string_view word(Severity severity) {
  constexpr std::string_view words[] = {"error", "note"};
  return words[static_cast<std::size_t>(severity)];
}

}  // namespace

std::string render(const Diagnostic& diagnostic, std::string_view source, std::string_view origin) {
  return render(diagnostic, source, origin, {});
}

std::string render(const Diagnostic& diagnostic, std::string_view source, std::string_view origin,
                   const Excerpt& excerpt) {
  const Line line = line_at(source, std::min<std::size_t>(diagnostic.span.begin, source.size()));
  const Marked marked = within(line, diagnostic.span);
  const std::string number = fmt::format("  {} ", line.number - 1 + excerpt.first_line);
  const std::string margin = std::string(number.size(), ' ') + "| ";
  std::vector<Cell> cells = cells_near(source, line, marked);
  const std::size_t seen =
      cells.empty() ? line.begin : cells.back().at + decode(source, cells.back().at).size;
  const bool is_narrow = excerpt.columns != 0 && excerpt.columns < margin.size() + shown_columns;
  // Two for the signs that stand for what is left out; and a caret's surroundings are worth some columns.
  const std::size_t room =
      is_narrow ? std::max<std::size_t>(excerpt.columns, margin.size() + 10) - margin.size() - 2
                : shown_columns;
  cut(cells, room, marked.begin, !cells.empty() && cells.front().at > line.begin, seen < line.end);

  std::string out;
  if (!origin.empty()) {
    out += fmt::format("{}:{}:{}: ", printable(origin), line.number, count_columns(source, line, marked));
  }
  out += fmt::format("{}: {}\n", word(diagnostic.severity), printable(diagnostic.message));
  out += number + "| ";
  for (const Cell& c : cells) out += c.text;
  const std::string under = margin + underline(cells, marked), hint = printable(diagnostic.hint);
  out += "\n" + under;
  const bool is_beside = !is_narrow || under.size() + 2 + hint.size() <= excerpt.columns;
  if (!hint.empty()) out += (is_beside ? "  " : "\n  ") + hint;
  return out + '\n';
}

std::string render(const Diagnostics& diagnostics, std::string_view source, std::string_view origin) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render(diagnostic, source, origin);
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += decode(text, at).size) {
    const Cell c = cell(text, at);
    out += c.text == "\t" ? "\\x09" : c.text;
  }
  return out;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t name_characters = 40, all_characters = 400;
  std::string out;
  std::size_t in_name = 0, in_all = 0, size = 0;
  for (std::size_t at = 0; at < text.size(); at += size) {
    size = decode(text, at).size;
    const bool is_plain = text[at] >= ' ' && text[at] <= '~';
    const bool in_a_name = !is_plain || is_digit(text[at]) || is_ascii_letter(text[at]);
    in_name = in_a_name ? in_name + 1 : 0;
    if (in_name > name_characters + 1) continue;
    const bool is_last = ++in_all > all_characters;
    out += in_name > name_characters || is_last ? std::string_view("…") : text.substr(at, size);
    if (is_last) break;
  }
  return out;
}

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// Damerau-Levenshtein distance (a swap of neighbours counts one; upper and lower case are the same), by
/// three rows of the table.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      row[j] = std::min({substituted, above[j] + 1, row[j - 1] + 1});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 64;  // a longer name is no typing slip, and the table is quadratic
  for (const std::string_view candidate : candidates) {
    if (equal_but_for_case(name, candidate)) return candidate;
  }
  std::string_view best;
  std::size_t least = name.size() < 3 ? 0 : name.size() < 6 ? 2 : name.size() / 3 + 1;
  if (name.size() > longest) return best;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > name.size() + least || name.size() > candidate.size() + least) continue;
    const std::size_t slips = distance(name, candidate);
    if (slips < least) {
      least = slips;
      best = candidate;
    }
  }
  return best;
}

}  // namespace mc::language
