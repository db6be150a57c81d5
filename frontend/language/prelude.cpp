// Parsing the library's texts and looking up what they define.
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

}  // namespace

Prelude::Prelude() {
  for (const library::Text& text : library::texts()) {
    Parsed parsed = parse(std::string(text.content));
    if (!parsed.ok()) throw std::logic_error(render(parsed.diagnostics, text.content, text.name));
    const Program& program = programs_.emplace_back(std::move(parsed.program));
    for (const Statement& statement : program.statements) {
      const Entry entry{program.text(statement.name), &program, &statement};
      if (statement.kind == StatementKind::function) functions_.push_back(entry);
      if (statement.kind == StatementKind::function && loops_over_numbers(program, statement))
        takes_numbers_.insert(&statement);
      if (statement.kind == StatementKind::sampler) samplers_.push_back(entry);
    }
  }
}

std::optional<Prelude::Entry> Prelude::find(const std::vector<Entry>& entries, std::string_view name) {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  if (found == entries.end()) return {};
  return *found;
}

std::vector<std::string_view> Prelude::names(const std::vector<Entry>& entries) {
  std::vector<std::string_view> names;
  for (const Entry& entry : entries) names.push_back(entry.name);
  return names;
}

const Prelude& prelude() {
  static const Prelude parsed;
  return parsed;
}

}  // namespace mc::language
