// Exceptions and what they carry.
#include "frontend/api/errors.hpp"

#include <algorithm>

namespace mc {
namespace {

std::string joined(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += diagnostic.rendered;
  return text;
}

[[noreturn]] void throw_as(language::Category category, std::vector<Diagnostic> diagnostics) {
  switch (category) {
    case language::Category::syntax:
      throw SyntaxError(std::move(diagnostics));
    case language::Category::name:
      throw NameError(std::move(diagnostics));
    case language::Category::shape:
      throw ShapeError(std::move(diagnostics));
    case language::Category::argument:
      break;
  }
  throw ArgumentError(std::move(diagnostics));
}

}  // namespace

Error::Error(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(joined(diagnostics)),
      diagnostics_(std::make_shared<const std::vector<Diagnostic>>(std::move(diagnostics))) {}

void throw_if_wrong(const language::Diagnostics& found, std::string_view source, std::string_view origin) {
  if (!found.has_errors()) return;
  std::vector<Diagnostic> diagnostics;
  for (const language::Diagnostic& d : found)
    diagnostics.push_back({d.message, d.hint, d.span.begin, d.span.end, language::render(d, source, origin)});
  const auto first = std::ranges::find(found, language::Severity::error, &language::Diagnostic::severity);
  throw_as((*first).category, std::move(diagnostics));
}

}  // namespace mc
