#include "frontend/console/lint.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <mc/lint.hpp>

#include "frontend/console/log.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

std::string counted(std::size_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

std::string summary(const cxx::LintReport& report, bool warms) {
  std::string text = counted(report.texts, "program", "programs") + ", ";
  text += report.problems.empty() ? "nothing is wrong" : counted(report.problems.size(), "error", "errors");
  if (report.unknown > 0)
    text += fmt::format("; {} not known here",
                        counted(report.unknown, "call has a text that is", "calls have texts that are"));
  if (warms && report.problems.empty())
    text += fmt::format("; {} on disk", counted(report.warmed, "kernel", "kernels"));
  return text + "\n";
}

}  // namespace

Ending lint(const LintArguments& arguments) {
  if (arguments.files.empty()) throw FlagError("lint: say which C++ sources: moment lint src/*.cpp -p build");
  const cxx::LintReport report = cxx::lint(arguments.files, {.build = arguments.build.value_or(""),
                                                             .flags = arguments.flags,
                                                             .colour = has_colour(STDERR_FILENO),
                                                             .warm = arguments.warm});
  for (const Diagnostic& problem : report.problems)
    log_error(problem.rendered.substr(0, problem.rendered.find_last_not_of('\n') + 1));
  for (const std::string& cold : report.cold) log_warning(cold);
  print(summary(report, arguments.warm));
  return report.problems.empty() ? done : bad_input;
}

}  // namespace mc::console
