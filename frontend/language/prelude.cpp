// Finding the definitions in the library's texts, and parsing one.
#include "frontend/language/prelude.hpp"

#include <algorithm>
#include <stdexcept>

#include "frontend/library/library.hpp"

namespace mc::language {

namespace {

bool is_parameter(const Program& program, const Statement& function, NodeId id) {
  const auto is_named = [&](NodeId parameter) { return program.name(parameter) == program.name(id); };
  return program[id].kind == NodeKind::name &&
         std::ranges::any_of(program.list(function.parameters), is_named);
}

/// It has a loop, and subscripts none of its parameters.
bool loops_over_numbers(const Program& program, const Statement& function) {
  std::vector<NodeId> pending{function.body};
  bool loops = false;
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    const NodeKind kind = program[id].kind;
    loops |= kind == NodeKind::range_binding || kind == NodeKind::value_binding;
    if (kind == NodeKind::subscript && is_parameter(program, function, program.child(id, 0))) return false;
    const auto children = program.children_of(id);
    pending.insert(pending.end(), children.begin(), children.end());
  }
  return loops;
}

/// Whether a definition begins with this line: others are comments, empty, or go on with one and are
/// indented.
bool begins_definition(std::string_view text) {
  return !text.empty() && text[0] != ' ' && text[0] != '#' && text[0] != '\n';
}

/// Where the next line begins.
std::size_t after_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == text.npos ? text.size() : end + 1;
}

}  // namespace

Prelude::Prelude() {
  for (const library::Text& text : library::texts()) {
    std::size_t first = 0;
    for (std::size_t at = 0; at < text.content.size();) {
      at = after_line(text.content, at);
      if (at < text.content.size() && !begins_definition(text.content.substr(at))) continue;
      add(text.content.substr(first, at - first));
      first = at;
    }
  }
}

/// A text begins with comments of its own.
void Prelude::add(std::string_view text) {
  if (!begins_definition(text)) return;
  const std::size_t opened = text.find('(');
  const std::size_t sign = text.find_first_not_of(' ', text.find(')') + 1);
  const bool is_sampler = sign < text.size() && text[sign] == '~';
  (is_sampler ? samplers_ : functions_).emplace_back(text.substr(0, opened), text);
}

void Prelude::Definition::parse() const {
  Parsed parsed = language::parse(std::string(text));
  if (!parsed.ok()) throw std::logic_error(render(parsed.diagnostics, text, name));
  const Statement& statement = parsed.program.statements[0];
  takes_numbers = statement.kind == StatementKind::function && loops_over_numbers(parsed.program, statement);
  program = std::make_unique<const Program>(std::move(parsed.program));
}

Prelude::Entry Prelude::Definition::entry() const {
  std::call_once(once, [this] { parse(); });
  return {name, program.get(), &program->statements[0], takes_numbers};
}

std::optional<Prelude::Entry> Prelude::find(const Definitions& definitions, std::string_view name) {
  const auto found = std::ranges::find(definitions, name, &Definition::name);
  if (found == definitions.end()) return {};
  return found->entry();
}

std::vector<std::string_view> Prelude::names(const Definitions& definitions) {
  std::vector<std::string_view> names;
  for (const Definition& definition : definitions) names.push_back(definition.name);
  return names;
}

std::vector<std::pair<std::string_view, std::string_view>> Prelude::texts(const Definitions& definitions) {
  std::vector<std::pair<std::string_view, std::string_view>> texts;
  for (const Definition& definition : definitions) texts.emplace_back(definition.name, definition.text);
  return texts;
}

const Prelude& prelude() {
  static const Prelude library;
  return library;
}

}  // namespace mc::language
