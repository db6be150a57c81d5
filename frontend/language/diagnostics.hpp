// What is wrong with a program, where, and what to do about it. Every stage of the language adds to one
// Diagnostics; `render` prints an entry with its line and a caret. Nothing here writes to a terminal: the
// host does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/language/limits.hpp"

namespace mc::language {

/// A stretch of the source text in bytes, [begin, end). Empty ones are places between two characters.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(Span, Span) = default;
};

/// The smallest span that holds both.
constexpr Span join(Span a, Span b) {
  return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

/// A note belongs to the entry before it.
enum class Severity : std::uint8_t { error, note };

/// Which of the public exceptions an error becomes: SyntaxError, NameError, ShapeError, ArgumentError.
enum class Category : std::uint8_t { syntax, name, shape, argument };

/// One thing to say about the text. `message` names what is wrong, `hint` what to do; both start in lower
/// case and end without a stop, and either may quote the text as it is: what is too long for a terminal is
/// cut when it is added, and `render` escapes.
struct Diagnostic {
  Severity severity = Severity::error;
  Category category = Category::syntax;
  std::string message;
  Span span;
  std::string hint;
  std::string meant = {};  ///< the name that was probably meant in place of the span
};

/// Collects what the stages report, in order. After `limit` errors it says so once and takes no more.
class Diagnostics {
 public:
  explicit Diagnostics(std::size_t limit = Limits{}.errors) : limit_(limit) {}

  void add(Diagnostic diagnostic);
  void error(Category category, Span span, std::string message, std::string hint = {},
             std::string_view meant = {});
  /// Explains the entry before it; dropped together with it once the limit is reached.
  void note(Span span, std::string message, std::string hint = {});

  /// Puts the entries in the order of the text, each with its notes.
  void sort();

  bool has_errors() const { return errors_ > 0 || full_; }
  std::size_t error_count() const { return errors_; }
  /// True once an error was dropped: a stage may stop early.
  bool full() const { return full_; }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  const Diagnostic& operator[](std::size_t k) const { return entries_[k]; }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  std::size_t limit_;
  std::size_t errors_ = 0;
  bool full_ = false;
  std::vector<Diagnostic> entries_;
};

/// The entry as text that may go to a terminal, ending in a newline:
///
///     error: index i is free: nothing sums over it
///       1 | x ~ uniform(0, 1)^20; E[x_i^2]
///         |                         ^~~  did you mean sum(x_i^2)?
///
/// With an `origin` (a file's name) the first line begins `origin:line:column: `.
std::string render(const Diagnostic& diagnostic, std::string_view source, std::string_view origin = {});

/// How the line is shown.
struct Excerpt {
  std::size_t first_line = 1;  ///< the number of the source's first line
  std::size_t columns = 0;     ///< that there are, its number's among them; 0: as many as are good to read
};
std::string render(const Diagnostic& diagnostic, std::string_view source, std::string_view origin,
                   const Excerpt& excerpt);

/// All entries, one after the other.
std::string render(const Diagnostics& diagnostics, std::string_view source, std::string_view origin = {});

/// `text` fit for a terminal: control characters, invisible ones and bytes that are not UTF-8 are escaped.
std::string printable(std::string_view text);

/// `text` with its names cut after 40 characters, and all of it after 400: a message may quote what a program
/// gave in full, and goes to a terminal.
std::string shortened(std::string_view text);

/// The candidate that was probably meant, or an empty view: the same but for upper and lower case, else the
/// one with the fewest typing slips (insertion, deletion, substitution, swap), if there are few for the
/// name's length.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace mc::language
