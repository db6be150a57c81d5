// One pass over the text. Of our own, as the numbers have to be those that from_chars reads, what is wrong
// has to be said with its place, and how many columns there are only the text tells. (Debian's libfccp has
// their number and types as template arguments, and says a line.)
#include "frontend/api/csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "frontend/api/errors.hpp"
#include "frontend/language/lexer.hpp"

namespace mc::csv {
namespace {

using language::Span;

/// Places in a text are 32 bits wide.
constexpr std::size_t kMostBytes = UINT32_MAX;

constexpr char kSpaces = ' ';  ///< as a separator: any number of spaces or tabs

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// A field without the blanks around it and its quotes.
struct Field {
  std::string_view text;
  Span span;  ///< as it stands there, quotes included
};

std::optional<double> number_in(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  // What is too small or too large for a double is what it rounds to, as everywhere else.
  if (status == std::errc::invalid_argument || end != text.data() + text.size()) return {};
  if (status == std::errc::result_out_of_range) {
    const bool is_negative = text.starts_with('-');
    const double size = language::overflows(text.substr(is_negative)) ? INFINITY : 0.0;
    return is_negative ? -size : size;
  }
  return value;
}

/// What others write where a number is not known (nan is one that is read).
bool stands_for_nothing(std::string_view text) {
  constexpr std::string_view kWords[] = {"", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None"};
  return std::ranges::find(kWords, text) != std::end(kWords);  // Na is sodium
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name, std::string_view wanted)
      : text_(text), name_(name), wanted_(wanted) {}

  Table run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    while (at_ < text_.size()) line();
    if (values_.empty())
      refuse_file("there is no number in it",
                  names_.empty() ? "" : "its first line is taken for the columns' names");
    Table table{.values = std::move(values_), .columns = columns_.size()};
    return table;
  }

 private:
  void line() {
    const std::size_t begin = at_;
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    at_ = end + 1;
    const std::string_view all = text_.substr(begin, end - begin);
    if (all.find('\0') != all.npos)
      refuse_file(fmt::format("no plain text: there is a zero byte in line {}",
                              std::ranges::count(text_.substr(0, begin), '\n') + 1),
                  "UTF-16 is not read: iconv -f UTF-16 -t UTF-8");
    const std::size_t first = all.find_first_not_of(" \t\r");
    if (first == all.npos || all[first] == '#') return;
    if (separator_ == 0) separator_ = separator_of(all);
    split(begin, end);
    if (fields_a_line_ == 0 && begins()) return;
    if (fields_.size() != fields_a_line_)
      refuse({static_cast<std::uint32_t>(begin + first), trimmed_end(begin, end)},
             fmt::format("this line has {} field{}, and the first one {}", fields_.size(),
                         fields_.size() == 1 ? "" : "s", fields_a_line_));
    for (std::size_t column : columns_) take(fields_[column]);
  }

  /// By the first line, outside of quotes.
  static char separator_of(std::string_view line) {
    std::string bare;
    bool is_quoted = false;
    for (char c : line) {
      is_quoted ^= c == '"';
      if (!is_quoted) bare += c;
    }
    for (char c : {'\t', ';', ','})
      if (bare.find(c) != bare.npos) return c;
    return kSpaces;
  }

  std::uint32_t trimmed_end(std::size_t begin, std::size_t end) const {
    while (end > begin && is_blank(text_[end - 1])) --end;
    return static_cast<std::uint32_t>(end);
  }

  void split(std::size_t begin, std::size_t end) {
    fields_.clear();
    end = trimmed_end_keeping_tabs(begin, end);
    for (std::size_t at = begin;;) {
      at = field(at, end);
      if (at >= end) break;
      ++at;  // the separator
      if (separator_ == kSpaces) {
        while (at < end && is_blank(text_[at])) ++at;
        if (at >= end) break;
      } else if (at == end) {
        fields_.push_back({{}, {static_cast<std::uint32_t>(end), static_cast<std::uint32_t>(end)}});
        break;
      }
    }
  }

  /// A tab at a line's end parts the last field, which is empty, from the one before.
  std::size_t trimmed_end_keeping_tabs(std::size_t begin, std::size_t end) const {
    while (end > begin && (text_[end - 1] == '\r' || text_[end - 1] == ' ')) --end;
    return end;
  }

  bool parts(std::size_t at) const {
    return separator_ == kSpaces ? is_blank(text_[at]) : text_[at] == separator_;
  }
  bool is_around(std::size_t at) const { return is_blank(text_[at]) && text_[at] != separator_; }

  /// Takes the field from `at` on; gives where it ends.
  std::size_t field(std::size_t at, std::size_t end) {
    while (at < end && (is_around(at) || (separator_ == kSpaces && is_blank(text_[at])))) ++at;
    if (at < end && text_[at] == '"') return quoted(at, end);
    const std::size_t begin = at;
    while (at < end && !parts(at)) ++at;
    std::size_t last = at;
    while (last > begin && is_blank(text_[last - 1])) --last;
    fields_.push_back({text_.substr(begin, last - begin),
                       {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(last)}});
    return at;
  }

  /// Two quotes stand for one; no number and hardly a name has such, so they are left as they are.
  std::size_t quoted(std::size_t begin, std::size_t end) {
    std::size_t at = begin + 1;
    while (at < end && (text_[at] != '"' || (at + 1 < end && text_[at + 1] == '"')))
      at += text_[at] == '"' ? 2 : 1;
    const Span span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(std::min(at + 1, end))};
    if (at >= end) refuse(span, "a quote is not closed in its line");
    fields_.push_back({text_.substr(begin + 1, at - begin - 1), span});
    ++at;
    while (at < end && is_around(at)) ++at;
    if (at < end && !parts(at))
      refuse({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + 1)},
             "something stands behind a closing quote");
    return at;
  }

  /// The first line; true where it only names the columns.
  bool begins() {
    fields_a_line_ = fields_.size();
    const bool is_header =
        std::ranges::none_of(fields_, [](const Field& f) { return number_in(f.text).has_value(); });
    if (is_header)
      for (const Field& each : fields_) {
        // An unnamed first column is pandas's index.
        const bool is_index = each.text.empty() && names_.empty() && fields_.size() > 1;
        if (stands_for_nothing(each.text) && !is_index)
          refuse(each.span, fmt::format("{} is no column's name", each.text.empty() ? "nothing" : each.text),
                 "for a number that is not known write nan");
        names_.push_back(each.text);
      }
    choose();
    return is_header;
  }

  void choose() {
    if (wanted_.empty())
      for (std::size_t k = 0; k < fields_a_line_; ++k) columns_.push_back(k);
    for (std::string_view left = wanted_; !left.empty();) {
      const std::size_t comma = left.find(',');
      columns_.push_back(column_of(left.substr(0, comma)));
      left.remove_prefix(comma == left.npos ? left.size() : comma + 1);
    }
  }

  std::size_t column_of(std::string_view wanted) const {
    if (const auto named = std::ranges::find(names_, wanted); named != names_.end()) {
      if (std::find(named + 1, names_.end(), wanted) != names_.end())
        refuse_file(fmt::format("several columns are called {}", language::printable(wanted)),
                    fmt::format("give the column's number: FILE:{}", named - names_.begin() + 1));
      return static_cast<std::size_t>(named - names_.begin());
    }
    std::size_t number = 0;
    const auto [end, wrong] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    const bool is_number = wrong == std::errc{} && end == wanted.data() + wanted.size();
    if (is_number && 1 <= number && number <= fields_a_line_) return number - 1;
    if (is_number || names_.empty())
      refuse_file(fmt::format("there is no column {}", language::printable(wanted)),
                  is_number ? fmt::format("it has {}, counted from 1", fields_a_line_)
                            : "its first line names none: give a column's number");
    const std::string_view close = language::nearest(wanted, names_);
    refuse_file(fmt::format("there is no column {}", language::printable(wanted)),
                close.empty() ? all_names() : fmt::format("did you mean {}?", language::printable(close)));
  }

  std::string all_names() const {
    constexpr std::size_t kMost = 12;
    std::string text = "there are ";
    for (std::size_t k = 0; k < std::min(names_.size(), kMost); ++k)
      text += (k > 0 ? ", " : "") + language::printable(names_[k]);
    if (names_.size() > kMost) text += fmt::format(" and {} more", names_.size() - kMost);
    return text;
  }

  void take(const Field& field) {
    if (const auto value = number_in(field.text)) {
      values_.push_back(*value);
      return;
    }
    if (field.text.empty()) refuse(field.span, "a number is missing", "for one that is not known write nan");
    const bool has_comma = std::ranges::count(field.text, ',') == 1;
    refuse(field.span, fmt::format("{} is not a number", field.text),
           has_comma ? "a decimal point is written ."
                     : "leave the column out: FILE:2 takes the second, FILE:2,4 two of them");
  }

  [[noreturn]] void refuse(Span span, std::string message, std::string hint = {}) const {
    language::Diagnostics diagnostics;
    diagnostics.error(language::Category::syntax, span, std::move(message), std::move(hint));
    throw_if_wrong(diagnostics, text_, name_);
    throw std::logic_error("csv: an error that is none");
  }
  [[noreturn]] void refuse_file(std::string_view why, std::string hint = {}) const {
    fail<ArgumentError>(fmt::format("{}: {}", language::printable(name_), why), std::move(hint));
  }

  std::string_view text_;
  const std::string& name_;
  std::string_view wanted_;
  std::size_t at_ = 0;
  char separator_ = 0;  ///< 0: not known yet
  std::size_t fields_a_line_ = 0;
  std::vector<Field> fields_;  ///< of the line at hand
  std::vector<std::string_view> names_;
  std::vector<std::size_t> columns_;  ///< that are wanted
  std::vector<double> values_;
};

}  // namespace

Table read(std::string_view text, const std::string& name, std::string_view wanted) {
  if (text.size() > kMostBytes)
    fail<ArgumentError>(fmt::format("{}: text of more than 4 GB", language::printable(name)),
                        "make it a .npy, which takes no time to read: numpy.save");
  return Parser(text, name, wanted).run();
}

}  // namespace mc::csv
