// How the parser goes on to the other errors of a text, and that no text does harm: limits, depth on a small
// stack, broken bytes. What it says about each mistake: tests/frontend/console/wrong.
#include <pthread.h>

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "frontend/language/parser.hpp"

namespace mc::language {
namespace {

std::string errors(const Parsed& parsed) { return render(parsed.diagnostics, parsed.program.text()); }

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
