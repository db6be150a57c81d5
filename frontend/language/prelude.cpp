// Parsing the library's texts and looking up what they define.
#include "frontend/language/prelude.hpp"

#include <algorithm>
#include <stdexcept>

#include "frontend/library/library.hpp"

namespace mc::language {

Prelude::Prelude() {
  for (const library::Text& text : library::texts()) {
    Parsed parsed = parse(std::string(text.content));
    if (!parsed.ok()) throw std::logic_error(render(parsed.diagnostics, text.content, text.name));
    const Program& program = programs_.emplace_back(std::move(parsed.program));
    for (const Statement& statement : program.statements) {
      const Entry entry{program.text(statement.name), &program, &statement};
      if (statement.kind == StatementKind::function) functions_.push_back(entry);
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
