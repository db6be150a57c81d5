// The library is parsed one definition at a time, by a rule of layout: every one of them is found, and
// parses.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "frontend/language/parser.hpp"
#include "frontend/language/prelude.hpp"
#include "frontend/library/library.hpp"

namespace mc::language {
namespace {

/// What a whole text defines, as the parser sees it: its canonical texts.
std::multiset<std::string> definitions(std::string_view text, StatementKind kind) {
  const Parsed parsed = parse(std::string(text));
  EXPECT_TRUE(parsed.ok()) << render(parsed.diagnostics, text);
  std::multiset<std::string> all;
  for (const Statement& each : parsed.program.statements)
    if (each.kind == kind) all.insert(to_text(parsed.program, each));
  return all;
}

std::multiset<std::string> definitions(StatementKind kind) {
  std::multiset<std::string> all;
  for (const library::Text& text : library::texts()) all.merge(definitions(text.content, kind));
  return all;
}

std::string text_of(const Prelude::Entry& entry) {
  EXPECT_EQ(entry.program->statements.size(), 1u) << entry.name;
  EXPECT_EQ(entry.program->text(entry.statement->name), entry.name);
  return to_text(*entry.program, *entry.statement);
}

TEST(Prelude, HasWhatTheTextsDefine) {
  const Prelude prelude;
  std::multiset<std::string> functions, samplers;
  for (std::string_view name : prelude.function_names()) functions.insert(text_of(*prelude.function(name)));
  for (std::string_view name : prelude.sampler_names()) samplers.insert(text_of(*prelude.sampler(name)));
  EXPECT_GT(functions.size(), 100u);
  EXPECT_GT(samplers.size(), 10u);
  EXPECT_EQ(functions, definitions(StatementKind::function));
  EXPECT_EQ(samplers, definitions(StatementKind::sampler));
}

TEST(Prelude, DefinesNothingButFunctionsAndDistributions) {
  for (const library::Text& text : library::texts())
    for (StatementKind kind :
         {StatementKind::sample, StatementKind::definition, StatementKind::query, StatementKind::expression})
      EXPECT_TRUE(definitions(text.content, kind).empty()) << text.name;
}

TEST(Prelude, IsNotThereWhereNothingIsDefined) {
  const Prelude prelude;
  EXPECT_FALSE(prelude.function("normal").has_value()) << "it is a distribution";
  EXPECT_FALSE(prelude.sampler("normal.pdf").has_value()) << "it is a function";
  EXPECT_FALSE(prelude.function("").has_value());
  EXPECT_FALSE(prelude.function("#").has_value());
}

TEST(Prelude, ParsesOnceForAllThreads) {
  const Prelude prelude;
  std::vector<const Program*> seen(8);
  std::vector<std::thread> threads;
  for (const Program*& each : seen)
    threads.emplace_back([&] { each = prelude.function("normal.pdf")->program; });
  for (std::thread& thread : threads) thread.join();
  for (const Program* each : seen) EXPECT_EQ(each, seen[0]);
}

}  // namespace
}  // namespace mc::language
