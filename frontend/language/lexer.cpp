// Text → tokens, in one pass over the bytes. Common ASCII goes straight through `step`; whatever is no token
// of the language ends in one of the functions at the bottom, which say what to write instead.
#include "frontend/language/lexer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "frontend/language/utf8.hpp"

namespace mc::language {
namespace {

/// A sign of mathematics or another language, what to write instead, and the token it stands for if that is
/// clear.
struct Lookalike {
  char32_t code;
  TokenKind kind;
  std::string_view hint;
};

// clang-format off
constexpr Lookalike lookalikes[] = {
    {U'≤', TokenKind::less_equal, "write <="},      {U'≥', TokenKind::greater_equal, "write >="},
    {U'≠', TokenKind::not_equal, "write !="},       {U'·', TokenKind::star, "write *"},
    {U'⋅', TokenKind::star, "write *"},             {U'×', TokenKind::star, "write *"},
    {U'∗', TokenKind::star, "write *"},             {U'÷', TokenKind::slash, "write /"},
    {U'−', TokenKind::minus, "write -"},            {U'–', TokenKind::minus, "write -"},
    {U'—', TokenKind::minus, "write -"},            {U'∼', TokenKind::tilde, "write ~"},
    {U'∧', TokenKind::word_and, "write and"},       {U'∨', TokenKind::word_or, "write or"},
    {U'¬', TokenKind::word_not, "write not"},       {U'…', TokenKind::range, "write .."},
    {U'∞', TokenKind::error, "write inf"},          {U'√', TokenKind::error, "write sqrt(…)"},
    {U'∑', TokenKind::error, "write sum(…)"},       {U'∏', TokenKind::error, "write prod(…)"},
    {U'²', TokenKind::error, "write ^2"},           {U'³', TokenKind::error, "write ^3"},
    {U'\u037E', TokenKind::semicolon, "write ;"},   {U'\u0387', TokenKind::star, "write *"},
    {U'\u00A0', TokenKind::newline, "write a plain space"},  // newline: no token at all
};
// clang-format on

constexpr TokenKind keyword(std::string_view word) {
  if (word == "and") return TokenKind::word_and;
  if (word == "or") return TokenKind::word_or;
  return word == "not" ? TokenKind::word_not : TokenKind::name;
}

class Lexer {
 public:
  Lexer(std::string_view text, const Limits& limits, Diagnostics& diagnostics)
      : text_(text), limits_(limits), diagnostics_(diagnostics) {}

  std::vector<Token> run();

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  std::string_view text(Span span) const { return text_.substr(span.begin, span.end - span.begin); }
  Span from(std::size_t begin) const {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)};
  }

  bool within_limits();
  void step();
  void push(TokenKind kind, std::size_t size);
  void push_from(TokenKind kind, std::size_t begin, double number = 0.0);
  void pair(char second, TokenKind both, TokenKind alone);

  void word();
  bool letters();
  void number();
  void digits();
  bool exponent();
  double value(Span span);
  void after_number(std::size_t begin);

  void comment();
  void dot();
  void equals();
  void less();
  void exclamation();
  void star();
  void beyond_ascii();
  void invalid_bytes();
  void controls();
  void stray(std::string_view hint);
  void refuse(TokenKind meant, std::size_t size, std::string_view hint);
  void error(Span span, std::string message, std::string hint = {});

  std::string_view text_;
  const Limits& limits_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool starts_line_ = true;
};

std::vector<Token> Lexer::run() {
  if (within_limits()) {
    tokens_.reserve(std::min(text_.size(), limits_.tokens) / 2 + 8);
    if (text_.starts_with("\uFEFF")) at_ = 3;  // editors on Windows put it there
    while (at_ < text_.size() && tokens_.size() < limits_.tokens) step();
    if (at_ < text_.size()) {
      error(from(at_), fmt::format("the program has more than {} tokens", limits_.tokens),
            "raise Limits::tokens (--limit tokens=N)");
      push_from(TokenKind::error, at_);
      at_ = text_.size();
    }
  } else {
    at_ = std::min<std::size_t>(text_.size(), std::numeric_limits<std::uint32_t>::max());
  }
  // What is missing at the end is missing after the last word, not after the blank lines behind it.
  if (!tokens_.empty()) at_ = tokens_.back().span.end;
  push_from(TokenKind::end, at_);
  return std::move(tokens_);
}

bool Lexer::within_limits() {
  const std::size_t addressable = std::numeric_limits<std::uint32_t>::max();
  const std::size_t limit = std::min(limits_.text_bytes, addressable);
  if (text_.size() <= limit) return true;
  error({}, fmt::format("the program is {} bytes long, the limit is {}", text_.size(), limit),
        limit < addressable ? "raise Limits::text_bytes (--limit text_bytes=N)" : "positions have 32 bits");
  return false;
}

void Lexer::step() {
  const char c = text_[at_];
  if (is_ascii_letter(c)) return word();
  if (is_digit(c)) return number();
  switch (c) {
      // clang-format off
    case ' ':
    case '\t': ++at_; return;
    case '\r':
    case '\n': ++at_; starts_line_ = true; return;
    case '#': return comment();
    case '+': return push(TokenKind::plus, 1);
    case '-': return push(TokenKind::minus, 1);
    case '*': return star();
    case '/': return push(TokenKind::slash, 1);
    case '^': return push(TokenKind::caret, 1);
    case '_': return push(TokenKind::underscore, 1);
    case '(': return push(TokenKind::left_paren, 1);
    case ')': return push(TokenKind::right_paren, 1);
    case '[': return push(TokenKind::left_bracket, 1);
    case ']': return push(TokenKind::right_bracket, 1);
    case '{': return push(TokenKind::left_brace, 1);
    case '}': return push(TokenKind::right_brace, 1);
    case ',': return push(TokenKind::comma, 1);
    case ';': return push(TokenKind::semicolon, 1);
    case '~': return push(TokenKind::tilde, 1);
    case '.': return dot();
    case '=': return equals();
    case '<': return less();
    case '>': return pair('=', TokenKind::greater_equal, TokenKind::greater);
    case '|': return peek(1) == '|' ? refuse(TokenKind::word_or, 2, "use or") : push(TokenKind::bar, 1);
    case '&': return refuse(TokenKind::word_and, peek(1) == '&' ? 2 : 1, "use and");
    case '!': return exclamation();
    case ':': return peek(1) == '=' ? refuse(TokenKind::assign, 2, "use =") : stray("use i = 1..4 for a range");
    case '%': return stray("use mod(a, b)");
    case '?': return stray("use if(condition, a, b)");
    case '"':
    case '\'': return stray("there are no strings; names stand bare");
    default: break;
      // clang-format on
  }
  if (static_cast<unsigned char>(c) >= 0x80) return beyond_ascii();
  if (is_invisible(static_cast<unsigned char>(c))) return controls();
  stray({});
}

void Lexer::push(TokenKind kind, std::size_t size) {
  const std::size_t begin = at_;
  at_ += size;
  push_from(kind, begin);
}

void Lexer::push_from(TokenKind kind, std::size_t begin, double number) {
  tokens_.push_back({kind, starts_line_, from(begin), number});
  starts_line_ = false;
}

void Lexer::pair(char second, TokenKind both, TokenKind alone) {
  if (peek(1) == second) return push(both, 2);
  push(alone, 1);
}

// Names. A dotted one, `normal.pdf`, is one token.

void Lexer::word() {
  const std::size_t begin = at_;
  bool ours = letters();
  while (peek(0) == '.' && is_ascii_letter(peek(1))) {
    ++at_;
    ours = letters() && ours;
  }
  if (ours) return push_from(keyword(text(from(begin))), begin);
  error(from(begin), fmt::format("'{}' cannot be a name", text(from(begin))),
        "names are made of Latin and Greek letters and digits");
  push_from(TokenKind::name, begin);
}

/// Passes letters and digits; false if some belong to neither alphabet.
bool Lexer::letters() {
  bool ours = true;
  while (at_ < text_.size()) {
    if (is_ascii_letter(text_[at_]) || is_digit(text_[at_])) {
      ++at_;
      continue;
    }
    const Character c = decode(text_, at_);
    if (!c.valid || (!is_greek_letter(c.code) && !is_foreign_letter(c.code))) break;
    ours = ours && is_greek_letter(c.code);
    at_ += c.size;
  }
  return ours;
}

// Numbers: digits, a point, an exponent. `2..4` is a range, so a point before a point is none of ours.

void Lexer::number() {
  const std::size_t begin = at_;
  digits();
  if (peek(0) == '.' && peek(1) != '.') {
    ++at_;
    digits();
  }
  if (!exponent()) {
    error(from(begin), fmt::format("the number {} has no digits in its exponent", text(from(begin))),
          "write 1e3 for a power of ten, 2*e for the constant");
    return push_from(TokenKind::error, begin);
  }
  if (peek(0) == '.' && is_digit(peek(1))) {
    while (is_digit(peek(0)) || peek(0) == '.') ++at_;
    error(from(begin), fmt::format("{} is no number", text(from(begin))),
          "a number has one point, before its exponent");
    return push_from(TokenKind::error, begin);
  }
  push_from(TokenKind::number, begin, value(from(begin)));
  after_number(begin);
}

void Lexer::digits() {
  while (is_digit(peek(0))) ++at_;
}

/// Passes an exponent if there is one; false if one is begun and has no digits. In `2exp(x)` there is none.
bool Lexer::exponent() {
  if (peek(0) != 'e' && peek(0) != 'E') return true;
  const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
  if (is_digit(peek(1 + sign))) {
    at_ += 1 + sign;
    digits();
    return true;
  }
  if (sign == 0 && is_ascii_letter(peek(1))) return true;
  at_ += 1 + sign;
  return false;
}

double Lexer::value(Span span) {
  const std::string_view digits = text(span);
  double number = 0.0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (status != std::errc::result_out_of_range) return number;
  if (!overflows(digits)) return 0.0;
  error(span, fmt::format("the number {} is too large for 64 bits", digits), "write inf for infinity");
  return std::numeric_limits<double>::infinity();
}

/// In `2x` a product was meant: says so and goes on as if it were written.
void Lexer::after_number(std::size_t begin) {
  const Character next = at_ < text_.size() ? decode(text_, at_) : Character{};
  const bool letter =
      next.valid && (next.code < 0x80 ? is_ascii_letter(static_cast<char>(next.code))
                                      : is_greek_letter(next.code) || is_foreign_letter(next.code));
  if (!letter) return;
  const Span number = from(begin);
  const std::size_t name = at_;
  letters();
  const bool subscript = tokens_.size() > 1 && tokens_[tokens_.size() - 2].kind == TokenKind::underscore;
  error(from(begin), fmt::format("the number {} runs into the name {}", text(number), text(from(name))),
        subscript ? "put braces round a longer subscript: x_{…}"
                  : fmt::format("write {}*{}", text(number), text(from(name))));
  at_ = name;
  push_from(TokenKind::star, name);
}

// Signs of more than one byte, and what is no token.

void Lexer::comment() {
  while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') {
    const Character c = decode(text_, at_);
    if (!c.valid) {
      invalid_bytes();
    } else {
      at_ += c.size;
    }
  }
}

void Lexer::dot() {
  if (is_digit(peek(1))) return number();
  if (peek(1) == '.') return push(TokenKind::range, 2);
  stray("a range has two: i = 1..4");
}

void Lexer::equals() {
  if (peek(1) == '<') return refuse(TokenKind::less_equal, 2, "use <=");
  if (peek(1) == '>') return refuse(TokenKind::greater_equal, 2, "use >=");
  pair('=', TokenKind::equal, TokenKind::assign);
}

void Lexer::less() {
  if (peek(1) == '>') return refuse(TokenKind::not_equal, 2, "use !=");
  pair('=', TokenKind::less_equal, TokenKind::less);
}

void Lexer::exclamation() {
  if (peek(1) == '=') return push(TokenKind::not_equal, 2);
  const TokenKind before = tokens_.empty() ? TokenKind::semicolon : tokens_.back().kind;
  const bool factorial =
      before == TokenKind::number || before == TokenKind::name || before == TokenKind::right_paren;
  if (factorial) return refuse(TokenKind::error, 1, "a factorial is gamma(n + 1)");
  refuse(TokenKind::word_not, 1, "use not");
}

void Lexer::star() {
  if (peek(1) == '*') return refuse(TokenKind::caret, 2, "use ^");
  push(TokenKind::star, 1);
}

void Lexer::beyond_ascii() {
  const Character c = decode(text_, at_);
  if (!c.valid) {
    invalid_bytes();
    return push_from(TokenKind::error, at_);
  }
  if (is_greek_letter(c.code) || is_foreign_letter(c.code)) return word();
  for (const Lookalike& known : lookalikes) {
    if (known.code == c.code) return refuse(known.kind, c.size, known.hint);
  }
  if (is_invisible(c.code)) return controls();
  stray({});
}

void Lexer::invalid_bytes() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !decode(text_, at_).valid) ++at_;
  error(from(begin), "the text is not UTF-8", "save the file as UTF-8");
}

void Lexer::controls() {
  const std::size_t begin = at_;
  for (Character c; at_ < text_.size(); at_ += c.size) {
    c = decode(text_, at_);
    if (!c.valid || !is_invisible(c.code) || c.code == '\n' || c.code == '\r' || c.code == '\t') break;
  }
  error(from(begin), "an invisible character stands here", "remove it");
}

void Lexer::stray(std::string_view hint) { refuse(TokenKind::error, decode(text_, at_).size, hint); }

/// Reports the next `size` bytes and puts the token that was meant in their place.
void Lexer::refuse(TokenKind meant, std::size_t size, std::string_view hint) {
  const std::size_t begin = at_;
  at_ += size;
  error(from(begin), fmt::format("'{}' means nothing here", text(from(begin))), std::string(hint));
  if (meant != TokenKind::newline) push_from(meant, begin);
}

void Lexer::error(Span span, std::string message, std::string hint) {
  diagnostics_.error(Category::syntax, span, std::move(message), std::move(hint));
}

}  // namespace

bool overflows(std::string_view number) {
  const std::size_t e = number.find_first_of("eE");
  const std::string_view digits = number.substr(0, e);
  std::int64_t exponent = 0;
  if (e != number.npos) {
    const std::size_t sign = number[e + 1] == '+' || number[e + 1] == '-' ? 1 : 0;
    const std::string_view tail = number.substr(e + 1 + sign);
    const auto [end, status] = std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
    if (status == std::errc::result_out_of_range) exponent = std::numeric_limits<std::int64_t>::max() / 2;
    if (number[e + 1] == '-') exponent = -exponent;
  }
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto leading = static_cast<std::int64_t>(digits.find_first_not_of("0."));
  return exponent + point - leading > 0;
}

std::vector<Token> lex(std::string_view text, const Limits& limits, Diagnostics& diagnostics) {
  return Lexer(text, limits, diagnostics).run();
}

}  // namespace mc::language
