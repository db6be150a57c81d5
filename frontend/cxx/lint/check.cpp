// As mc::compile() checks it, but for both texts at once, and with the names that were meant.
#include "frontend/cxx/lint/check.hpp"

#include <utility>

#include "frontend/language/checker.hpp"
#include "frontend/language/parser.hpp"

namespace mc::cxx {
namespace {

void add(std::vector<Remark>& to, const language::Diagnostics& found, bool in_density) {
  for (const language::Diagnostic& each : found) {
    const std::string hint = each.hint.empty() ? "" : "; " + each.hint;
    to.push_back({.is_note = each.severity == language::Severity::note,
                  .in_density = in_density,
                  .begin = each.span.begin,
                  .end = each.span.end,
                  .message = language::printable(each.message + hint),
                  .meant = each.meant});
  }
}

}  // namespace

std::vector<Remark> remarks(const Site& site) {
  std::vector<Remark> all;
  language::Parsed program = language::parse(site.program);
  add(all, program.diagnostics, false);
  language::Source source{.program = std::move(program.program), .density = {}};
  if (site.has_density) {
    language::Parsed density = language::parse_expression(site.density);
    add(all, density.diagnostics, true);
    source.density = std::move(density.program);
  }
  if (!all.empty() || site.has_functions) return all;
  language::Setting setting;
  setting.settled = false;
  const language::Checked checked = language::check(source, setting);
  add(all, checked.diagnostics, false);
  add(all, checked.density_diagnostics, true);
  return all;
}

}  // namespace mc::cxx
