// <mc/text.hpp>: the language's outline in the API's words.
#include <mc/text.hpp>

#include <algorithm>

#include "frontend/api/errors.hpp"
#include "frontend/api/limits.hpp"
#include "frontend/language/outline.hpp"
#include "frontend/language/parser.hpp"

namespace mc {
namespace {

Statement::Kind kind_of(language::StatementKind kind) {
  using From = language::StatementKind;
  using To = Statement::Kind;
  switch (kind) {
    case From::sample:
      return To::sample;
    case From::definition:
      return To::definition;
    case From::function:
      return To::function;
    case From::sampler:
      return To::distribution;
    case From::query:
      return To::query;
    case From::expression:
      break;
  }
  return To::expression;
}

}  // namespace

std::vector<Statement> statements(std::string_view text, const Limits& limits) {
  const language::Parsed parsed = language::parse(std::string(text), language_limits(limits));
  throw_if_wrong(parsed.diagnostics, text);
  const language::Program& program = parsed.program;
  std::vector<Statement> all;
  for (const language::Statement& each : program.statements) {
    const bool has_name = each.kind != language::StatementKind::query;
    all.push_back({.kind = kind_of(each.kind),
                   .name = has_name ? std::string(program.text(each.name)) : std::string(),
                   .uses = language::names_used(program, each),
                   .begin = each.span.begin,
                   .end = each.span.end});
  }
  return all;
}

void Unfinished::add(std::string_view line) {
  language::Unfinished so_far{open, waits};
  so_far.add(line);
  open = so_far.open;
  waits = so_far.waits;
}

bool is_unfinished(std::string_view text) {
  Unfinished whole;
  whole.add(text);
  return static_cast<bool>(whole);
}

std::string rendered(const Diagnostic& diagnostic, std::string_view text, const Excerpt& excerpt) {
  const auto at = [&](std::size_t byte) { return static_cast<std::uint32_t>(std::min(byte, text.size())); };
  const bool is_note = diagnostic.rendered.starts_with("note: ");  // else it is a diagnostic of its own
  return language::render({.severity = is_note ? language::Severity::note : language::Severity::error,
                           .message = diagnostic.message,
                           .span = {at(diagnostic.begin), at(std::max(diagnostic.begin, diagnostic.end))},
                           .hint = diagnostic.hint},
                          text, {}, {.first_line = excerpt.first_line, .columns = excerpt.columns});
}

const std::vector<Word>& vocabulary() {
  static_assert(static_cast<int>(Word::Kind::constant) == static_cast<int>(language::Word::Kind::constant));
  static const std::vector<Word> words = [] {
    std::vector<Word> all;
    for (const language::Word& word : language::vocabulary())
      all.push_back(
          {static_cast<Word::Kind>(word.kind), word.name, word.signature, word.meaning, word.example});
    return all;
  }();
  return words;
}

}  // namespace mc
