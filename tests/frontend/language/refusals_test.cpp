// What the parser refuses: where it points, what it says, what it advises; how it goes on to the other
// errors; and that no text does harm: limits, depth on a small stack, broken bytes.
#include <pthread.h>

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/language/parser.hpp"

namespace mc::language {
namespace {

std::string errors(const Parsed& parsed) { return render(parsed.diagnostics, parsed.program.text()); }

/// A text with one error; under it the place in columns, then what is said and advised.
struct Refused {
  std::string_view text;
  std::string_view marks;
  std::string_view message;
  std::string_view hint;
};

// clang-format off
constexpr Refused refused[] = {
    // nothing there
    {"", "", "the program is empty", "write a moment, for example sum(x_i^2)"},
    {" \n\n", "", "the program is empty", "write a moment, for example sum(x_i^2)"},
    {"# only\n# comments", "", "the program is empty", "write a moment, for example sum(x_i^2)"},
    {";;", "", "the program is empty", "write a moment, for example sum(x_i^2)"},
    // operands
    {"x +",
     "   ", "expected an expression after '+', found the end of the text", ""},
    {"x + * y",
     "    ^", "expected an expression after '+', found '*'", ""},
    {"x +; y",
     "   ^", "expected an expression after '+', found ';'", ""},
    {"* x",
     "^", "expected an expression, found '*'", ""},
    {"f(x, )",
     "     ^", "expected an expression after ',', found ')'", ""},
    {"f(, x)",
     "  ^", "expected an expression after '(', found ','", ""},
    {"()",
     " ^", "expected an expression after '(', found ')'", ""},
    {"[]",
     " ^", "expected an expression after '[', found ']'", ""},
    {"E[]",
     "  ^", "expected an expression after '[', found ']'", ""},
    {"E[x | ]",
     "      ^", "expected an expression after '|', found ']'", ""},
    {"x = ",
     "    ", "expected an expression after '=', found the end of the text", ""},
    {"x ~ ; y",
     "    ^", "expected an expression after '~', found ';'", ""},
    {"not",
     "   ", "expected an expression after 'not', found the end of the text", ""},
    {"x and or y",
     "      ^~", "expected an expression after 'and', found 'or'", ""},
    {"E[x],",
     "     ", "expected an expression after ',', found the end of the text", ""},
    {"= 3",
     "^", "expected an expression, found '='", ""},
    {"2*|x|",
     "  ^", "expected an expression, found '|'", "an absolute value is abs(x), a length norm(x)"},
    {"{1, 2}",
     "^", "braces enclose nothing but subscripts", "use (…) for grouping, [a, b] for a list"},
    {"_1",
     "^", "a subscript needs something before it", "write x_1"},
    {"+x",
     "^", "a + in front of an expression says nothing", "leave it out"},
    {"a + not b",
     "    ^~~", "'not' binds less tightly than what stands before it", "put it in brackets: (not …)"},
    {"2*normal.pdf",
     "  ^~~~~~~~~~", "'normal.pdf' is a function", "give it its arguments, as in normal.pdf(x, 0, 1)"},
    // what follows an operand
    {"x y",
     "  ^", "expected an operator or the end of the statement before 'y'", "write * between two factors"},
    {"2 (x)",
     "  ^", "expected an operator or the end of the statement before '('", "write * between two factors"},
    {"f(x y)",
     "    ^", "expected an operator, ',' or ')' before 'y'", "write * between two factors"},
    {"(x y)",
     "   ^", "expected an operator or ')' before 'y'", "write * between two factors"},
    {"if x > 0",
     "   ^", "expected an operator or the end of the statement before 'x'", "write if(condition, a, b)"},
    {"x where x > 0",
     "  ^~~~~", "expected an operator or the end of the statement before 'where'",
     "a condition stands in a query: E[x | x > 1]"},
    {"log_normal(0, 1)",
     "          ^", "expected an operator or the end of the statement before '('", "_ is never part of a name"},
    {"P[x = 3]",
     "    ^", "expected an operator, ',' or ']', found '='", "write == to compare"},
    {"a = b = c",
     "      ^", "expected an operator or the end of the statement, found '='", "write == to compare"},
    {"E[x ~ normal(0, 1)]",
     "    ^", "expected an operator, ',' or ']', found '~'", "a random variable has a statement of its own: x ~ normal(0, 1)"},
    {"f(x | x > 1)",
     "    ^", "expected an operator, ',' or ')', found '|'", "a condition stands in a query: E[x | x > 1]"},
    {"sum(2..4)",
     "     ^~", "expected an operator, ',' or ')', found '..'", "a range is an argument: sum(x_i, i = 2..4)"},
    {"x{1}",
     " ^", "expected an operator or the end of the statement, found '{'", "braces enclose nothing but subscripts: x_{i+1}"},
    {"a = 1, b = 2",
     "     ^", "expected an operator or the end of the statement, found ','", "statements are separated by ; or a new line"},
    {"(1, 2)",
     "  ^", "a comma cannot stand between plain brackets", "a list is written [a, b]"},
    {"sum(x_i, i = 3)",
     "           ^", "expected '..' before ')'", "a range is i = 1..4; write == to compare"},
    {"if(x = 3, 1, 0)",
     "     ^", "expected '..' before ','", "a range is i = 1..4; write == to compare"},
    // brackets
    {"(1 + 2",
     "      ", "missing ')'", "add it before the end of the text"},
    {"f(x",
     "   ", "missing ')'", "add it before the end of the text"},
    {"[1, 2; x",
     "     ", "missing ']'", "add it before ';'"},
    {"x_{i+1 ",
     "      ", "missing '}'", "add it before the end of the text"},
    {"E[f(x]",
     "     ", "missing ')'", "add it before ']'"},
    {"(1 + 2]",
     "      ", "missing ')'", "add it before ']'"},
    {"E[sum(x)\ny = 2",
     "        ", "missing ']'", "add it here"},
    {"x)",
     " ^", "nothing opens this ')'", "remove it"},
    {"E[x]]",
     "    ^", "nothing opens this ']'", "remove it"},
    {"} x",
     "^", "nothing opens this '}'", "remove it"},
    // subscripts
    {"x_",
     "  ", "expected a subscript after '_', found the end of the text",
     "a subscript is a name, a whole number or {…}; _ is never part of a name"},
    {"x_ + 1",
     "   ^", "expected a subscript after '_', found '+'",
     "a subscript is a name, a whole number or {…}; _ is never part of a name"},
    {"x_\n1",
     "   ^", "expected a subscript after '_', found the end of the line",
     "a subscript is a name, a whole number or {…}; _ is never part of a name"},
    {"x__1",
     "  ^", "expected a subscript after '_', found '_'",
     "a subscript is a name, a whole number or {…}; _ is never part of a name"},
    {"x_1.5",
     "  ^~~", "expected a subscript after '_', found '1.5'",
     "a subscript is a name, a whole number or {…}; _ is never part of a name"},
    {"x_(1)",
     "  ^", "expected a subscript after '_', found '('",
     "a subscript is a name, a whole number or {…}; _ is never part of a name"},
    {"A_i_j",
     "   ^", "a subscript cannot have a subscript", "two subscripts are written A_{i,j}"},
    {"2*x[1]",
     "  ^~", "square brackets are no subscript", "write x_1, x_i or x_{i+1}"},
    // queries
    {"E[x] + 1",
     "     ^", "a query stands alone", "do the arithmetic inside its brackets, or on the result"},
    {"2*E[x]",
     "  ^", "a query cannot stand inside an expression", "a query stands alone: E[x], Var[y]"},
    {"E[x*Var[y | y > 1]]",
     "    ^~~", "a query cannot stand inside an expression", "a query stands alone: E[x], Var[y]"},
    {"m = E[x]",
     "    ^", "a query cannot stand inside an expression", "a query stands alone: E[x], Var[y]"},
    {"E[x, y]",
     "^~~~~~~", "E takes one expression, not 2", "write E[f], E[g]"},
    {"Cov[x | y > 1]",
     "^~~~~~~~~~~~~~", "Cov takes two expressions, not 1", "write Cov[f, g]"},
    {"E[x | a | b]",
     "        ^", "a query has one condition", "join two with and"},
    {"E[x | a, b]",
     "       ^", "a query has one condition", "join two with and"},
    {"var[x]",
     "^~~", "there is no query var[…]", "did you mean Var?"},
    {"E[x], Q[x, 0.5]",
     "      ^", "there is no query Q[…]", "there are E, Var, Std, P, Cov and Corr; a subscript is written x_1"},
    // the left-hand side
    {"x_i = 3",
     "^~~", "only a name can stand before '='", "leave the subscript out: the name stands for the whole vector"},
    {"2*x ~ normal(0, 1)",
     "^~~", "only a name can stand before '~'", "write x ~ …"},
    {"a + b = c",
     "^~~~~", "only a name can stand before '='", "write S = … or f(u, v) = …; == compares"},
    {"f(x, x) = x",
     "     ^", "two parameters are called x", "give the second one another name"},
    {"f(2) = 3",
     "  ^", "a parameter is a plain name", "write f(u, v) = …"},
    {"f(i = 1..2) = 3",
     "  ^~~~~~~~", "a parameter is a plain name", "write f(u, v) = …"},
    {"x ~ normal(0, 1) until x > 0",
     "                 ^~~~~", "only a distribution draws until something holds", "a condition stands in a query: E[x | x > 0]"},
    {"f(x) = x until x > 0",
     "         ^~~~~", "only a distribution draws until something holds", "a condition stands in a query: E[x | x > 0]"},
    {"a = 3 where b > 0",
     "      ^~~~~", "only a function has conditions on its parameters", ""},
};
// clang-format on

TEST(Refusals, SayWhatWhereAndWhatToDo) {
  for (const Refused& row : refused) {
    const Parsed parsed = parse(std::string(row.text));
    EXPECT_FALSE(parsed.ok()) << row.text;
    EXPECT_EQ(parsed.diagnostics.error_count(), 1u) << errors(parsed);
    if (parsed.diagnostics.empty()) continue;
    const Diagnostic& first = parsed.diagnostics[0];
    EXPECT_EQ(first.message, row.message) << row.text;
    EXPECT_EQ(first.hint, row.hint) << row.text;
    const std::size_t caret = row.marks.find('^');
    EXPECT_EQ(first.span.begin, caret == row.marks.npos ? row.marks.size() : caret) << row.text;
    EXPECT_EQ(first.span.end, row.marks.size()) << row.text;
  }
}

TEST(Refusals, PointToTheBracketThatIsNotClosed) {
  EXPECT_EQ(errors(parse("x ~ normal(0, 1)\nE[max(x, 0]")),
            "error: missing ')'\n"
            "  2 | E[max(x, 0]\n"
            "    |           ^  add it before ']'\n"
            "note: this '(' is not closed\n"
            "  2 | E[max(x, 0]\n"
            "    |      ^\n");
}

/// Texts with several errors, and the messages of all of them, in the order of the text.
struct Several {
  std::string_view text;
  std::vector<std::string_view> messages;
};

const Several several[] = {
    {"x ~ uniform(0 1)^2; y = 2 +; E[x y]",
     {"expected an operator, ',' or ')' before '1'", "expected an expression after '+', found ';'",
      "expected an operator, ',' or ']' before 'y'"}},
    {"a = (1\nb = 2)\nE[x",
     {"missing ')'", "this '(' is not closed", "nothing opens this ')'", "missing ']'",
      "this '[' is not closed"}},
    {"f(a b, c d)",
     {"expected an operator, ',' or ')' before 'b'", "expected an operator, ',' or ')' before 'd'"}},
    {"x + * y + * z",
     {"expected an expression after '+', found '*'", "expected an expression after '+', found '*'"}},
    {"2x + 3y $ 4",
     {"the number 2 runs into the name x", "the number 3 runs into the name y", "'$' means nothing here"}},
    {"a && b; c || d; x_; y)",
     {"'&&' means nothing here", "'||' means nothing here", "expected a subscript after '_', found ';'",
      "nothing opens this ')'"}},
    // no cascades: one mistake, one error
    {"x $ y z w; a", {"'$' means nothing here"}},
    {"E[sum(x $ (y, z) w)]", {"'$' means nothing here"}},
    {"f(a, \xFF\xFF, b)", {"the text is not UTF-8"}},
    {"E[f(a,\n  $ + b,\n  c)]\ny = 3", {"'$' means nothing here"}},
    {"[[[[1", {"missing ']'", "this '[' is not closed"}},
    {"]]]]", {"nothing opens this ']'"}},
    {"E[1.5.2]", {"1.5.2 is no number"}},
};

TEST(Refusals, ReportTheOthersToo) {
  for (const Several& row : several) {
    const Parsed parsed = parse(std::string(row.text));
    std::vector<std::string_view> messages;
    for (const Diagnostic& entry : parsed.diagnostics) messages.push_back(entry.message);
    EXPECT_EQ(messages, row.messages) << row.text << '\n' << errors(parsed);
  }
}

TEST(Refusals, KeepTheStatementsThatAreFine) {
  const Parsed parsed = parse("a = 1 +; b = 2; E[a $ b]; Var[b]");
  EXPECT_EQ(parsed.diagnostics.error_count(), 2u);
  EXPECT_EQ(to_text(parsed.program), "a = 1 + <error>; b = 2; E[a]; Var[b]");
}

TEST(Refusals, StopAfterAFewErrors) {
  std::string text;
  for (int k = 0; k < 1000; ++k) text += "x y\n";
  const Parsed parsed = parse(text);
  EXPECT_EQ(parsed.diagnostics.error_count(), Limits{}.errors);
  EXPECT_EQ(parsed.diagnostics[parsed.diagnostics.size() - 1].message, "there are more than 20 errors");
  EXPECT_EQ(parse(text, {.errors = 1000}).diagnostics.error_count(), 1000u);
}

// Limits.

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t k = 0; k < times; ++k) out += part;
  return out;
}

/// The only error of a text, with its advice.
std::string refusal(const Parsed& parsed) {
  if (parsed.diagnostics.size() != 1) return errors(parsed);
  return parsed.diagnostics[0].message + "; " + parsed.diagnostics[0].hint;
}

TEST(Limits, NameThemselves) {
  EXPECT_EQ(refusal(parse(std::string(1'000'000, 'x'))),
            "the program is 1000000 bytes long, the limit is 65536; raise Limits::text_bytes (--limit "
            "text_bytes=N)");
  EXPECT_EQ(refusal(parse("a + b + c", {.tokens = 3})),
            "the program has more than 3 tokens; raise Limits::tokens (--limit tokens=N)");
  EXPECT_EQ(refusal(parse("f(a, b, c)", {.nodes = 3})),
            "the program has more than 3 nodes; raise Limits::nodes (--limit nodes=N)");
  EXPECT_EQ(refusal(parse(repeated("(", 300) + "x")),
            "the program nests more than 256 brackets; name a part of it in a definition, or raise "
            "Limits::depth (--limit depth=N)");
  EXPECT_EQ(refusal(parse(repeated("-", 300) + "x")),
            "the expression nests more than 256 deep; name a part of it in a definition, or raise "
            "Limits::depth (--limit depth=N)");
}

TEST(Limits, ATextAtTheLimitIsFine) {
  const std::string text = "x" + repeated(" + x", 16'000);
  const Parsed parsed = parse(text);
  ASSERT_TRUE(parsed.ok()) << errors(parsed);
  EXPECT_EQ(parsed.program[parsed.program.statements[0].body].height, 1u);  // one node, however long
  EXPECT_EQ(to_text(parsed.program), text);
}

TEST(Limits, AMillionBracketsDoNoHarm) {
  const Limits wide{.text_bytes = 8'000'000, .tokens = 8'000'000, .nodes = 8'000'000};
  for (const std::string_view part :
       {"(", ")", "[", "f(", "x_{", "-", "not ", "x^", "(]", "x_", "+", "E[", "a ", "{"}) {
    const Parsed parsed = parse(repeated(part, 1'000'000), wide);
    EXPECT_FALSE(parsed.ok()) << part;
    EXPECT_LE(parsed.diagnostics.error_count(), wide.errors) << part;
    EXPECT_FALSE(parse(repeated(part, 1'000'000)).ok()) << part;
  }
}

/// Everything that nests, `depth` levels of it.
std::vector<std::string> deep_texts(std::size_t depth) {
  const std::pair<std::string_view, std::string_view> layers[] = {
      {"(", ")"},   {"[", "]"}, {"f(", ")"},    {"x_{", "}"},       {"-", ""},
      {"not ", ""}, {"2^", ""}, {"f(a, ", ")"}, {"f(i = 1..", ")"},
  };
  std::vector<std::string> texts;
  for (const auto& [before, after] : layers) {
    texts.push_back(repeated(before, depth) + "x" + repeated(after, depth));
  }
  const std::size_t steps = depth / 7;  // each of these is seven levels high
  texts.push_back(repeated("a or b and c < d + e*-f^(", steps) + "x" + repeated(")", steps));
  return texts;
}

TEST(Limits, DepthIsExact) {
  const std::size_t depth = Limits{}.depth;
  for (const std::string& text : deep_texts(depth / 2)) EXPECT_TRUE(parse(text).ok()) << text;
  EXPECT_TRUE(parse(deep_texts(depth)[0]).ok());
  EXPECT_TRUE(parse(deep_texts(depth)[2]).ok());
  EXPECT_TRUE(parse(deep_texts(depth)[4]).ok());
  for (const std::string& text : deep_texts(depth + 8)) EXPECT_FALSE(parse(text).ok()) << text;
}

void* parse_deep_texts(void*) {
  for (const std::size_t depth : {Limits{}.depth / 2, Limits{}.depth, Limits{}.depth + 8}) {
    for (const std::string& text : deep_texts(depth)) to_text(parse(text).program);
  }
  return nullptr;
}

TEST(Limits, TheDeepestTextFitsASmallStack) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, parse_deep_texts, nullptr), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(Limits, AnyPrefixOfAProgramIsSafe) {
  const std::string text =
      "f(u, v) = u^-v where v > 0\nx ~ normal(0, σ)^3; E[sum(A_{i,j}*x_i, i = 1..2) | x_1 > 0 and not x_2 < "
      "1], Var[2e3]";
  ASSERT_TRUE(parse(text).ok()) << errors(parse(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    const Parsed parsed = parse(text.substr(0, size));
    errors(parsed);
    EXPECT_LE(parsed.diagnostics.error_count(), 3u) << errors(parsed);
  }
}

}  // namespace
}  // namespace mc::language
