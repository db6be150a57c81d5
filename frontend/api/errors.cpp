// Exceptions and what they carry.
#include "frontend/api/errors.hpp"

#include <utility>

#include <fmt/format.h>

namespace mc {
namespace {

std::string joined(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += diagnostic.rendered;
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

ErrorKind kind_of(language::Category category) {
  switch (category) {
    case language::Category::syntax:
      return ErrorKind::syntax;
    case language::Category::name:
      return ErrorKind::name;
    case language::Category::shape:
      return ErrorKind::shape;
    case language::Category::argument:
      break;
  }
  return ErrorKind::argument;
}

std::vector<Diagnostic> why_stopped() {
  Diagnostic why;
  why.kind = ErrorKind::stopped;
  why.message = "stopped before there was a value";
  why.rendered = "error: " + why.message + "\n";
  return {why};
}

}  // namespace

Error::Error(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(joined(diagnostics)),
      diagnostics_(std::make_shared<const std::vector<Diagnostic>>(std::move(diagnostics))) {}

void Error::raise() const {
  switch (kind()) {
    case ErrorKind::syntax:
      throw SyntaxError(*diagnostics_);
    case ErrorKind::name:
      throw NameError(*diagnostics_);
    case ErrorKind::shape:
      throw ShapeError(*diagnostics_);
    case ErrorKind::device:
      throw DeviceError(*diagnostics_);
    case ErrorKind::stopped:
      throw Stopped(done_, all_);
    case ErrorKind::argument:
      break;
  }
  throw ArgumentError(*diagnostics_);
}

Stopped::Stopped(std::uint64_t done, std::uint64_t all) : Error(why_stopped()) {
  done_ = done;
  all_ = all;
}

void throw_if_wrong(const language::Diagnostics& found, std::string_view source, std::string_view origin) {
  if (!found.has_errors()) return;
  std::vector<Diagnostic> diagnostics;
  for (const language::Diagnostic& d : found) {
    std::string rendered = language::render(d, source, origin);
    if (d.severity == language::Severity::error)
      diagnostics.push_back(
          {kind_of(d.category), d.message, d.hint, d.span.begin, d.span.end, std::move(rendered)});
    else if (d.severity == language::Severity::note && !diagnostics.empty())
      diagnostics.back().rendered += rendered;  // it explains that one
  }
  Error(std::move(diagnostics)).raise();
}

void refuse(const language::TooLarge& large, std::string_view source) {
  std::string hint = "make it smaller";
  if (!large.limit.empty()) hint += fmt::format(", or raise Limits::{0} (--limit {0}=N)", large.limit);
  if (!large.place) fail<ArgumentError>(large.what(), hint);
  language::Diagnostics diagnostics;
  diagnostics.error(language::Category::argument, *large.place, large.what(), std::move(hint));
  throw_if_wrong(diagnostics, source);
  std::unreachable();
}

}  // namespace mc
