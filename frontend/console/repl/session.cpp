// A question is compiled as a program of the definitions it needs and itself. Every definition is compiled
// with what it needs too, so that a mistake shows where it was made.
#include "frontend/console/repl/session.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace mc::console {
namespace {

using Definitions = std::vector<Session::Definition>;

const Session::Definition* find(const Definitions& definitions, std::string_view name) {
  const auto found = std::ranges::find(definitions, name, &Session::Definition::name);
  return found == definitions.end() ? nullptr : &*found;
}

/// The definitions that `uses` asks for, each after those that it uses itself. Depth first; what is met while
/// it is looked at would be a circle, and those are refused when they are made.
class Closure {
 public:
  explicit Closure(const Definitions& all) : all_(all) {}
  void add(const std::vector<std::string>& uses) {
    for (const std::string& name : uses) {
      const Session::Definition* definition = find(all_, name);
      if (definition == nullptr || !seen_.insert(definition->name).second) continue;
      add(definition->uses);
      ordered.push_back(*definition);
    }
  }
  Definitions ordered;

 private:
  const Definitions& all_;
  std::set<std::string_view> seen_;
};

Definitions needed(const Definitions& all, const std::vector<std::string>& uses) {
  Closure closure(all);
  closure.add(uses);
  return std::move(closure.ordered);
}

std::string joined(const Definitions& definitions) {
  std::string text;
  for (const Session::Definition& each : definitions) text += each.text + "\n";
  return text;
}

[[noreturn]] void refuse(std::string_view text, Diagnostic diagnostic) {
  diagnostic.rendered = rendered(diagnostic, text);
  throw NameError({std::move(diagnostic)});
}

/// An error about a program that ends with a piece of `text` from `begin` on, as one about the text. What
/// stands before the piece was compiled once already, so what is wrong there is that something has another
/// meaning now.
Error placed(const Error& error, std::size_t before, std::string_view text, std::size_t begin) {
  std::vector<Diagnostic> moved = error.diagnostics();
  for (Diagnostic& each : moved) {
    if (each.end <= each.begin && each.begin == 0) continue;  // about no place
    if (each.begin < before) continue;
    each.begin = begin + each.begin - before;
    each.end = begin + each.end - before;
    each.rendered = rendered(each, text);
  }
  return Error(std::move(moved));
}

/// Compiles `before` and text[begin, end). A definition alone asks for nothing, which is an error: `after`
/// does.
mc::Moment compiled(const std::string& before, std::string_view text, std::size_t begin, std::size_t end,
                    std::string_view after = {}) {
  try {
    return mc::compile(before + std::string(text.substr(begin, end - begin)) + std::string(after));
  } catch (const Error& error) {
    throw placed(error, before.size(), text, begin);
  }
}

bool is_question(const Statement& statement) {
  return statement.kind == Statement::Kind::query || statement.kind == Statement::Kind::expression;
}

/// `name` is about to be defined with these uses: none of them may come back to it.
void refuse_circles(const Definitions& all, std::string_view text, const Statement& statement) {
  for (const Session::Definition& each : needed(all, statement.uses)) {
    if (!std::ranges::count(each.uses, statement.name)) continue;
    refuse(text, {.kind = ErrorKind::name,
                  .message = fmt::format("{} would depend on itself: {} uses it", statement.name, each.name),
                  .hint = fmt::format("define {} anew first, or take another name", each.name),
                  .begin = statement.begin,
                  .end = statement.begin + statement.name.size(),
                  .rendered = {}});
  }
}

}  // namespace

std::vector<Question> Session::take(std::string_view text) {
  const std::vector<Statement> all = statements(text);
  Definitions definitions = definitions_;
  std::vector<Question> questions;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (!is_question(all[k])) {
      define(definitions, text, all[k]);
      continue;
    }
    const std::size_t first = k;  // questions beside each other share their samples
    while (k + 1 < all.size() && is_question(all[k + 1])) ++k;
    questions.push_back(question(definitions, text, std::span(all).subspan(first, k + 1 - first)));
  }
  if (!std::ranges::all_of(all, is_question)) before_.push_back(std::exchange(definitions_, definitions));
  for (const Question& each : questions) asked_.push_back({each.text, each.uses});
  return questions;
}

void Session::define(Definitions& definitions, std::string_view text, const Statement& statement) {
  Definitions others = definitions;
  std::erase_if(others, [&](const Definition& each) { return each.name == statement.name; });
  refuse_circles(others, text, statement);
  compiled(joined(needed(others, statement.uses)), text, statement.begin, statement.end, "\nE[0]");
  Definition made{statement.name, std::string(text.substr(statement.begin, statement.end - statement.begin)),
                  statement.uses, statement.kind};
  const auto place = std::ranges::find(definitions, statement.name, &Definition::name);
  if (place == definitions.end())
    definitions.push_back(std::move(made));
  else
    *place = std::move(made);
}

Question Session::question(const Definitions& definitions, std::string_view text,
                           std::span<const Statement> parts) {
  const std::size_t begin = parts.front().begin, end = parts.back().end;
  std::vector<std::string> uses, labels;
  for (const Statement& part : parts) {
    uses.insert(uses.end(), part.uses.begin(), part.uses.end());
    labels.emplace_back(text.substr(part.begin, part.end - part.begin));
  }
  const std::string before = joined(needed(definitions, uses)), asked(text.substr(begin, end - begin));
  return {asked, std::move(uses), std::move(labels), before + asked, compiled(before, text, begin, end)};
}

Error Question::placed(const Error& error) const {
  return console::placed(error, program.size() - text.size(), text, 0);
}

void Session::answer(double value) {
  const std::string number = std::isnan(value)   ? "0/0"
                             : std::isinf(value) ? (value > 0 ? "inf" : "-inf")
                                                 : fmt::format("{}", value);
  std::erase_if(definitions_, [](const Definition& each) { return each.name == "ans"; });
  definitions_.push_back({"ans", "ans = " + number, {}, Statement::Kind::definition});
}

bool Session::undo() {
  if (before_.empty()) return false;
  definitions_ = std::move(before_.back());
  before_.pop_back();
  return true;
}

void Session::clear() { *this = Session(); }

std::vector<Session::Definition> Session::definitions() const {
  std::vector<std::string> names;
  for (const Definition& each : definitions_) names.push_back(each.name);
  return needed(definitions_, names);
}

/// What was answered last is left out where nothing asks for it.
std::string Session::text() const {
  std::vector<std::string> uses;
  for (const Definition& each : definitions_)
    if (each.name != "ans") uses.push_back(each.name);
  for (const Asked& each : asked_) uses.insert(uses.end(), each.uses.begin(), each.uses.end());
  std::string text = joined(needed(definitions_, uses));
  for (const Asked& each : asked_) text += each.text + "\n";
  return text;
}

}  // namespace mc::console
