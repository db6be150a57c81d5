// <mc/text.hpp>: what tools are told of a text.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/text.hpp>

#include "frontend/language/checker.hpp"
#include "frontend/language/prelude.hpp"

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
      {"sum(x_i, i = 2..i) + i", Kind::expression, "", {"i", "sum", "x"}},
      {"sum(sum(x_i, i = 1..3)*i, j = 1..j)", Kind::expression, "", {"i", "j", "sum", "x"}},
      {"iterate(s = s, s/2, 9)", Kind::expression, "", {"iterate", "s"}},
      {"iterate(s = 1, s/2, s)", Kind::expression, "", {"iterate", "s"}},
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

/// However a text is cut into lines.
TEST(Unfinished, IsToldLineByLine) {
  mc::Unfinished lines;
  for (const char* line : {"E[max(1,", "", "  # a comment", "2) +"}) {
    lines.add(line);
    EXPECT_TRUE(lines) << line;
  }
  lines.add("3]");
  EXPECT_FALSE(lines);
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
  EXPECT_EQ(signature("gamma"), "gamma(x)gamma(shape, rate)") << "a function, and a distribution";
  EXPECT_EQ(signature("normal.icdf"), "normal.icdf(p, mu, sigma)");
  EXPECT_EQ(signature("exp"), "exp(x)");
  EXPECT_EQ(signature("atan2"), "atan2(y, x)");
  EXPECT_EQ(signature("Cov"), "Cov(a, b)Cov[f, g | condition]") << "of two vectors' elements, and a query";
  EXPECT_EQ(signature("data"), "data(A)");
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

/// Each is told in a few words, and has an example that runs and uses it.
TEST(Vocabulary, HasExamples) {
  for (const mc::Word& word : mc::vocabulary()) {
    if (word.name.find('.') != word.name.npos) continue;
    EXPECT_NE(word.meaning, "") << word.name;
    EXPECT_NE(word.example.find(word.name), word.example.npos) << word.name;
    mc::Options options{.samples = 1000};
    if (word.example.find("(A)") != word.example.npos)
      options.parameters = {{"A", std::vector<double>{1, 2, 4}}};
    const mc::Estimate estimate = mc::compile(word.example).run(options).results.front().estimate;
    EXPECT_TRUE(std::isfinite(estimate.value)) << word.example;
  }
}

/// A name without a dot is one for users, who can ask what it is; the library's own names have one.
TEST(Vocabulary, HasEveryNameOfTheLibrary) {
  using Word = mc::Word;
  std::vector<std::pair<std::string_view, Word::Kind>> names;
  for (const std::string_view name : mc::language::builtin_names())
    names.emplace_back(name, Word::Kind::function);
  for (const auto& [name, text] : mc::language::prelude().function_texts())
    names.emplace_back(name, Word::Kind::function);
  for (const auto& [name, text] : mc::language::prelude().sampler_texts())
    names.emplace_back(name, Word::Kind::distribution);
  EXPECT_GT(names.size(), 100u);
  for (const auto& [name, kind] : names) {
    const auto is_it = [&](const Word& word) { return word.name == name && word.kind == kind; };
    if (name.find('.') != name.npos) continue;
    EXPECT_TRUE(std::ranges::any_of(mc::vocabulary(), is_it))
        << "frontend/language/words.def has no row of " << name
        << ", or the name is the library's own and lacks a dot";
  }
}

/// All matches of the pattern in the page's `code` and its indented programs.
std::set<std::string> in_code(const std::string& page, const char* pattern) {
  static const std::regex code("`([^`]+)`|(?:^|\\n)    ([^\\n]*)");
  const std::regex wanted(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator each(page.begin(), page.end(), code), end; each != end; ++each) {
    const std::string text = (*each)[1].str() + (*each)[2].str();
    for (std::sregex_iterator it(text.begin(), text.end(), wanted); it != end; ++it) found.insert((*it)[1]);
  }
  return found;
}

/// docs/language.md and words.def tell of the same words: distributions as they are written, and no call of
/// what there is not.
TEST(Vocabulary, IsThatOfTheLanguageReference) {
  std::ifstream file("docs/language.md");
  ASSERT_TRUE(file) << "run in the project's root";
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::set<std::string> names = in_code(page, "([A-Za-z][A-Za-z0-9.]*)");
  std::set<std::string> known{"f",    "g",   "name.pdf", "name.cdf", "name.icdf", "rayleigh", "rayleigh.pdf",
                              "disc", "pick"};
  for (const mc::Word& word : mc::vocabulary()) {
    known.insert(word.name);
    if (word.name.find('.') != word.name.npos) continue;
    const bool is_told = word.kind == mc::Word::Kind::distribution ? page.find(word.signature) != page.npos
                                                                   : names.contains(word.name);
    EXPECT_TRUE(is_told) << "docs/language.md does not tell of " << word.signature;
  }
  for (const std::string& name : in_code(page, "([A-Za-z][A-Za-z0-9.]*)\\("))
    EXPECT_TRUE(known.contains(name)) << "docs/language.md calls " << name << ", which is no word";
}

/// Its table of functions is words.def's: a row each, and no other. What fails prints the row to be written.
TEST(Vocabulary, HasARowForEachFunctionInTheLanguageReference) {
  std::ifstream file("docs/language.md");
  ASSERT_TRUE(file) << "run in the project's root";
  std::set<std::string> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) is_inside = line == "## All functions";
    if (is_inside && line.starts_with("| `")) {
      EXPECT_TRUE(rows.insert(line).second) << "docs/language.md has it twice:\n" << line;
    }
  }
  for (const mc::Word& word : mc::vocabulary()) {
    if (word.kind != mc::Word::Kind::function || word.name.find('.') != word.name.npos) continue;
    const std::string meaning = std::regex_replace(word.meaning, std::regex(R"(\|)"), R"(\|)");  // of a table
    const std::string row = "| `" + word.signature + "` | " + meaning + " | `" + word.example + "` |";
    EXPECT_EQ(rows.erase(row), 1u) << "docs/language.md, \"All functions\", lacks this row:\n" << row;
  }
  for (const std::string& row : rows)
    ADD_FAILURE() << "docs/language.md, \"All functions\", has a row that words.def has not:\n" << row;
}

TEST(Rendered, ShowsTheDiagnosticInAnotherText) {
  mc::Diagnostic diagnostic{.message = "no", .hint = "try", .begin = 2, .end = 4, .rendered = {}};
  EXPECT_EQ(mc::rendered(diagnostic, "a bc d"), "error: no\n  1 | a bc d\n    |   ^~  try\n");
  diagnostic.end = 400;  // beyond the text
  EXPECT_EQ(mc::rendered(diagnostic, "a b"), "error: no\n  1 | a b\n    |   ^  try\n");
  diagnostic = {.message = "no", .hint = "try", .begin = 5, .end = 6, .rendered = {}};
  EXPECT_EQ(mc::rendered(diagnostic, "a b\nc d", {.first_line = 9}),
            "error: no\n  10 | c d\n     |  ^  try\n");
}

/// The line is cut around the caret, and a hint for which there is no room goes below.
TEST(Rendered, FitsNarrowTerminals) {
  const std::string text = "E[aaaaaaaaaa + bbbbbbbbbb + cc + dddddddddd]";
  const mc::Diagnostic diagnostic{
      .message = "no", .hint = "write something else", .begin = 28, .end = 30, .rendered = {}};
  const std::string shown = mc::rendered(diagnostic, text, {.columns = 24});
  EXPECT_EQ(shown, "error: no\n  1 | …bbbbbb + cc + dd…\n    |           ^~\n  write something else\n");
}

}  // namespace
