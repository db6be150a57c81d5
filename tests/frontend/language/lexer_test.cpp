// The lexer: what each text splits into, and what it says about text that is no token. A token is shown as
// its own text, a number by its value; what the lexer put there by itself shows as the token that was meant.
#include "frontend/language/lexer.hpp"

#include <clocale>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mc::language {
namespace {

std::string show(const Token& token, std::string_view text) {
  switch (token.kind) {
    case TokenKind::end:
      return "$";
    case TokenKind::error:
      return "?";
    case TokenKind::number:
      return fmt::format("{}", token.number);
    case TokenKind::word_and:
      return "<and>";
    case TokenKind::word_or:
      return "<or>";
    case TokenKind::word_not:
      return "<not>";
    case TokenKind::star:
      return "*";
    case TokenKind::caret:
      return "^";
    case TokenKind::not_equal:
      return "!=";
    case TokenKind::less_equal:
      return "<=";
    case TokenKind::semicolon:
      return ";";
    default:
      return std::string(text.substr(token.span.begin, token.span.end - token.span.begin));
  }
}

/// The tokens separated by blanks, with a / before those that start a line.
std::string tokens(std::string_view text, Diagnostics& diagnostics) {
  std::string out;
  for (const Token& token : lex(text, {}, diagnostics)) {
    if (!out.empty()) out += token.starts_line ? " / " : " ";
    out += show(token, text);
  }
  return out;
}

struct Accepted {
  std::string_view text;
  std::string_view tokens;
};

constexpr Accepted accepted[] = {
    {"", "$"},
    {" \t ", "$"},
    {"x", "x $"},
    {"x*x + y*y", "x * x + y * y $"},
    {"x1 x12y Sigma", "x1 x12y Sigma $"},
    {"x_i x_10 A_{i,j}", "x _ i x _ 10 A _ { i , j } $"},
    {"μ σ2 Ωm", "μ σ2 Ωm $"},
    {"and or not android", "<and> <or> <not> android $"},
    {"normal.pdf(x)", "normal.pdf ( x ) $"},
    {"a.b.c", "a.b.c $"},
    // numbers
    {"1 1.5 .5 1. 1e6 2.5e-3 1E+2 007", "1 1.5 0.5 1 1000000 0.0025 100 7 $"},
    {"2..4", "2 .. 4 $"},
    {"1.5..2.5", "1.5 .. 2.5 $"},
    {"n..m", "n .. m $"},
    {"1...5", "1 .. 0.5 $"},
    {"1e-400 0e999 0.0e-999", "0 0 0 $"},
    {"-1", "- 1 $"},
    // signs
    {"+-*/^_()[]{},;~", "+ - * / ^ _ ( ) [ ] { } , ; ~ $"},
    {"= == != < <= > >= |", "= == != < <= > >= | $"},
    {"a<b", "a < b $"},
    {"a<=-b", "a <= - b $"},
    {"x==-1", "x == - 1 $"},
    // lines and comments
    {"a\nb", "a / b $"},
    {"a\r\nb", "a / b $"},
    {"a\rb", "a / b $"},
    {"a\n\n\n  b\n", "a / b / $"},
    {"a # b\nc", "a / c $"},
    {"# nothing", "$"},
    {"a # κόσμε ≤ \"§\"", "a $"},
    {"\xEF\xBB\xBFx", "x $"},
};

TEST(Lexer, Accepts) {
  for (const Accepted& row : accepted) {
    Diagnostics diagnostics;
    EXPECT_EQ(tokens(row.text, diagnostics), row.tokens) << row.text;
    EXPECT_TRUE(diagnostics.empty()) << render(diagnostics, row.text);
  }
}

/// One refusal: the text, under it the span in columns of bytes, and what is said. The tokens show how it
/// goes on.
struct Refused {
  std::string_view text;
  std::string_view marks;
  std::string_view message;
  std::string_view hint;
  std::string_view tokens;
};

// clang-format off
constexpr Refused refused[] = {
    // numbers
    {"1.5.2",
     "^~~~~", "1.5.2 is no number", "a number has one point, before its exponent", "? $"},
    {"1e5.5",
     "^~~~~", "1e5.5 is no number", "a number has one point, before its exponent", "? $"},
    {"1e",
     "^~", "the number 1e has no digits in its exponent", "write 1e3 for a power of ten, 2*e for the constant", "? $"},
    {"3 + 1e+",
     "    ^~~", "the number 1e+ has no digits in its exponent",
     "write 1e3 for a power of ten, 2*e for the constant", "3 + ? $"},
    {"2x",
     "^~", "the number 2 runs into the name x", "write 2*x", "2 * x $"},
    {"2exp(x)",
     "^~~~", "the number 2 runs into the name exp", "write 2*exp", "2 * exp ( x ) $"},
    {"1.5e3y",
     "^~~~~~", "the number 1.5e3 runs into the name y", "write 1.5e3*y", "1500 * y $"},
    {"2π",
     "^~~", "the number 2 runs into the name π", "write 2*π", "2 * π $"},
    {"x_1a",
     "  ^~", "the number 1 runs into the name a", "put braces round a longer subscript: x_{…}", "x _ 1 * a $"},
    {"1e999",
     "^~~~~", "the number 1e999 is too large for 64 bits", "write inf for infinity", "inf $"},
    // other languages' operators
    {"x**2", " ^~", "'**' means nothing here", "use ^", "x ^ 2 $"},
    {"a && b", "  ^~", "'&&' means nothing here", "use and", "a <and> b $"},
    {"a & b", "  ^", "'&' means nothing here", "use and", "a <and> b $"},
    {"a || b", "  ^~", "'||' means nothing here", "use or", "a <or> b $"},
    {"!a", "^", "'!' means nothing here", "use not", "<not> a $"},
    {"n!", " ^", "'!' means nothing here", "a factorial is gamma(n + 1)", "n ? $"},
    {"a <> b", "  ^~", "'<>' means nothing here", "use !=", "a != b $"},
    {"a =< b", "  ^~", "'=<' means nothing here", "use <=", "a <= b $"},
    {"a := b", "  ^~", "':=' means nothing here", "use =", "a := b $"},
    {"a : b", "  ^", "':' means nothing here", "use i = 1..4 for a range", "a ? b $"},
    {"a % b", "  ^", "'%' means nothing here", "use mod(a, b)", "a ? b $"},
    {"\"a\"b", "^", "'\"' means nothing here", "there are no strings; names stand bare", "? a ? b $"},
    {"a . b", "  ^", "'.' means nothing here", "a range has two: i = 1..4", "a ? b $"},
    {"a $ b", "  ^", "'$' means nothing here", "", "a ? b $"},
    // signs of mathematics
    {"a ≤ b", "  ^~~", "'≤' means nothing here", "write <=", "a <= b $"},
    {"a · b", "  ^~", "'·' means nothing here", "write *", "a * b $"},
    {"x²", " ^~", "'²' means nothing here", "write ^2", "x ? $"},
    {"∞", "^~~", "'∞' means nothing here", "write inf", "? $"},
    {"a\u00A0b", " ^~", "'\u00A0' means nothing here", "write a plain space", "a b $"},
    {"a\u037E b", " ^~", "'\u037E' means nothing here", "write ;", "a ; b $"},
    // names
    {"größe + 1", "^~~~~~~", "'größe' cannot be a name", "names are made of Latin and Greek letters and digits",
     "größe + 1 $"},
    {"µ", "^~", "'µ' cannot be a name", "names are made of Latin and Greek letters and digits", "µ $"},
    {"面积", "^~~~~~", "'面积' cannot be a name", "names are made of Latin and Greek letters and digits", "面积 $"},
    // bytes
    {"a \xFF\xFE\xFD b", "  ^~~", "the text is not UTF-8", "save the file as UTF-8", "a ? b $"},
    {"a # \xC3( \n b", "    ^", "the text is not UTF-8", "save the file as UTF-8", "a / b $"},
    {"\xE2\x89", "^~", "the text is not UTF-8", "save the file as UTF-8", "? $"},
    {"\xC0\xAF", "^~", "the text is not UTF-8", "save the file as UTF-8", "? $"},           // overlong
    {"\xED\xA0\x80", "^~~", "the text is not UTF-8", "save the file as UTF-8", "? $"},      // surrogate
    {"\xF4\x90\x80\x80", "^~~~", "the text is not UTF-8", "save the file as UTF-8", "? $"},  // above U+10FFFF
    {std::string_view("a\0\0b", 4), " ^~", "an invisible character stands here", "remove it", "a b $"},
    {"a\u200Bb", " ^~~", "an invisible character stands here", "remove it", "a b $"},
    {"a \x1B[31m", "  ^", "an invisible character stands here", "remove it", "a [ 31 * m $"},
};
// clang-format on

TEST(Lexer, Refuses) {
  for (const Refused& row : refused) {
    Diagnostics diagnostics;
    EXPECT_EQ(tokens(row.text, diagnostics), row.tokens) << row.text;
    ASSERT_FALSE(diagnostics.empty()) << row.text;
    const Diagnostic& first = diagnostics[0];
    EXPECT_EQ(first.message, row.message);
    EXPECT_EQ(first.hint, row.hint) << row.text;
    EXPECT_EQ(first.span.begin, row.marks.find('^')) << row.text;
    EXPECT_EQ(first.span.end, row.marks.size()) << row.text;
    EXPECT_EQ(first.severity, Severity::error);
    EXPECT_EQ(first.category, Category::syntax);
  }
}

TEST(Lexer, ReportsARunOfBadBytesOnce) {
  Diagnostics diagnostics;
  lex(std::string(1000, '\xFF') + " + " + std::string(1000, '\0'), {}, diagnostics);
  EXPECT_EQ(diagnostics.error_count(), 2u);
}

TEST(Lexer, RoundsNumbersCorrectly) {
  const std::pair<std::string_view, double> numbers[] = {
      {"0.1", 0x1.999999999999ap-4},
      {"9007199254740993", 9007199254740992.0},  // half way, to even
      {"5e-324", std::numeric_limits<double>::denorm_min()},
      {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"1e-999999999999999999999", 0.0},
      {"0.00000000000000000000000000000000000000000001e40", 1e-4},
  };
  for (const auto& [text, value] : numbers) {
    Diagnostics diagnostics;
    EXPECT_EQ(lex(text, {}, diagnostics)[0].number, value) << text;
    EXPECT_TRUE(diagnostics.empty()) << text;
  }
}

TEST(Lexer, TellsOverflowFromUnderflow) {
  const std::string zeros(400, '0');
  const std::pair<std::string, bool> numbers[] = {
      {"1" + zeros, true},
      {"0." + zeros + "1", false},
      {"1e400", true},
      {"0." + zeros + "1e9", false},
      {"0." + zeros + "1e800", true},
      {"1" + zeros + "e-800", false},
      {"1e99999999999999999999", true},
      {"123456.5e-99999999999999999999", false},
  };
  for (const auto& [text, overflow] : numbers) {
    Diagnostics diagnostics;
    const double value = lex(text, {}, diagnostics)[0].number;
    EXPECT_EQ(diagnostics.has_errors(), overflow) << text;
    EXPECT_EQ(std::isinf(value), overflow) << text;
  }
}

TEST(Lexer, DoesNotReadTheLocale) {
  const char* const before = std::setlocale(LC_NUMERIC, nullptr);
  const std::string saved = before;
  std::setlocale(LC_NUMERIC, "de_DE.UTF-8");  // has no effect where it is not installed
  Diagnostics diagnostics;
  EXPECT_EQ(lex("1.5", {}, diagnostics)[0].number, 1.5);
  std::setlocale(LC_NUMERIC, saved.c_str());
}

TEST(Lexer, LimitsTheText) {
  const std::string text(1'000'000, 'x');
  Diagnostics diagnostics;
  const std::vector<Token> list = lex(text, {}, diagnostics);
  EXPECT_EQ(list.size(), 1u);
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].message, "the program is 1000000 bytes long, the limit is 65536");
  EXPECT_EQ(diagnostics[0].hint, "raise Limits::text_bytes (--limit text_bytes=N)");
  Diagnostics none;
  EXPECT_EQ(lex(text, {.text_bytes = 1'000'000}, none).size(), 2u);
  EXPECT_TRUE(none.empty());
}

TEST(Lexer, LimitsTheTokens) {
  Diagnostics diagnostics;
  const std::vector<Token> list = lex("a+b+c+d", {.tokens = 4}, diagnostics);
  EXPECT_EQ(list.size(), 6u);  // four, one that says that reading ends, and the end
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].message, "the program has more than 4 tokens");
  EXPECT_EQ(diagnostics[0].hint, "raise Limits::tokens (--limit tokens=N)");
  EXPECT_EQ(diagnostics[0].span, (Span{4, 4}));
}

}  // namespace
}  // namespace mc::language
