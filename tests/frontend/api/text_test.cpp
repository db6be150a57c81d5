// <mc/text.hpp>: what tools are told of a text.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/text.hpp>

namespace {

using Kind = mc::Statement::Kind;

struct Row {
  const char* text;
  Kind kind;
  const char* name;
  std::vector<std::string> uses;
};

TEST(Statements, KnowTheirNamesAndWhatTheyUse) {
  const Row rows[] = {
      {"x ~ normal(m, 1)^3", Kind::sample, "x", {"m", "normal"}},
      {"S = 100*exp(z)", Kind::definition, "S", {"exp", "z"}},
      {"f(u, v) = u*g(v)*k where u > c", Kind::function, "f", {"c", "g", "k"}},
      {"tri(a) ~ a*u until v < h(u)", Kind::distribution, "tri", {"h", "u", "v"}},
      {"Cov[x, y | z > 0]", Kind::query, "", {"x", "y", "z"}},
      {"sum(x_i, i = 2..n)", Kind::expression, "", {"n", "sum", "x"}},
      {"iterate(s = start, s/2, 9)", Kind::expression, "", {"iterate", "start"}},
  };
  for (const Row& row : rows) {
    const std::string text = std::string("q = 1; ") + row.text + "  # said\n";
    const std::vector<mc::Statement> all = mc::statements(text);
    ASSERT_EQ(all.size(), 2u) << row.text;
    EXPECT_EQ(all[1].kind, row.kind) << row.text;
    EXPECT_EQ(all[1].name, row.name);
    EXPECT_EQ(text.substr(all[1].begin, all[1].end - all[1].begin), row.text);
    std::vector<std::string> uses = all[1].uses;
    std::sort(uses.begin(), uses.end());
    EXPECT_EQ(uses, row.uses) << row.text;
  }
}

TEST(Statements, RefuseWhatIsNoProgram) {
  EXPECT_THROW(mc::statements("E[x"), mc::SyntaxError);
  EXPECT_THROW(mc::statements(""), mc::SyntaxError);
}

TEST(Unfinished, IsWhatWaitsForMore) {
  for (const char* text :
       {"E[", "f(x", "[1, 2", "x ~", "x = ", "a +", "a *  # more", "E[x],", "not", "{", "x_", "a and"})
    EXPECT_TRUE(mc::is_unfinished(text)) << text;
  for (const char* text : {"", "E[x]", "x ~ normal(0, 1)", "a)", "# (", "x", "E[x];", "2^-3", "]"})
    EXPECT_FALSE(mc::is_unfinished(text)) << text;
}

TEST(Vocabulary, HasEveryKindOnceByName) {
  const std::vector<mc::Word>& words = mc::vocabulary();
  const auto signature = [&](const std::string& name) {
    std::string found;
    for (const mc::Word& word : words)
      if (word.name == name) found += word.signature;
    return found;
  };
  EXPECT_EQ(signature("beta"), "beta(a, b)");
  EXPECT_EQ(signature("normal.icdf"), "normal.icdf(p, mu, sigma)");
  EXPECT_EQ(signature("exp"), "exp(x)");
  EXPECT_EQ(signature("atan2"), "atan2(y, x)");
  EXPECT_EQ(signature("Cov"), "Cov[f, g | condition]");
  EXPECT_EQ(signature("pi"), "pi");
  EXPECT_EQ(signature("gamma.step"), "");
  EXPECT_TRUE(std::ranges::is_sorted(words, {}, &mc::Word::name));
}

/// Every word is one that a program may use: none is unknown to the checker.
TEST(Vocabulary, IsKnownToTheLanguage) {
  for (const mc::Word& word : mc::vocabulary()) {
    const std::string text =
        word.kind == mc::Word::Kind::distribution ? "q ~ " + word.name + "(1, 1, 1, 1, 1, 1); E[q]"
        : word.kind == mc::Word::Kind::function   ? "E[" + word.name + "(1, 1, 1, 1, 1, 1)]"
        : word.kind == mc::Word::Kind::query      ? word.name + "[1]"
                                                  : "E[" + word.name + "]";
    try {
      mc::compile(text);
    } catch (const mc::Error& error) {
      EXPECT_NE(error.kind(), mc::ErrorKind::name) << text << "\n" << error.what();
    }
  }
}

TEST(Rendered, ShowsTheDiagnosticInAnotherText) {
  mc::Diagnostic diagnostic{.message = "no", .hint = "try", .begin = 2, .end = 4, .rendered = {}};
  EXPECT_EQ(mc::rendered(diagnostic, "a bc d"), "error: no\n  1 | a bc d\n    |   ^~  try\n");
  diagnostic.end = 400;  // beyond the text
  EXPECT_EQ(mc::rendered(diagnostic, "a b"), "error: no\n  1 | a b\n    |   ^  try\n");
}

}  // namespace
