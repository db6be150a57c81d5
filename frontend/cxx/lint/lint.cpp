// <mc/lint.hpp>: each source is looked through by the module, which asks here what is wrong with a text.
#include <mc/lint.hpp>

#include <filesystem>
#include <set>
#include <system_error>
#include <tuple>

#include <fmt/format.h>

#include "frontend/api/errors.hpp"
#include "frontend/cxx/lint/check.hpp"
#include "frontend/cxx/lint/warm.hpp"
#include "frontend/cxx/loading.hpp"

namespace mc::cxx {
namespace {

/// Headers are read with each source that includes them: what stands there counts once.
class Linting {
 public:
  LintReport report;
  std::vector<Site> known;

  void check(const Site& site, const std::function<void(const Remark&)>& remark) {
    const bool is_new = seen_.emplace(site.place, site.program, site.density).second;
    if (!site.is_known) {
      report.unknown += is_new ? 1 : 0;
      return;
    }
    for (const Remark& each : remarks(site)) remark(each);
    if (!is_new) return;
    ++report.texts;
    known.push_back(site);
  }

  void wrong(const Problem& problem) {
    if (!problem.place.empty() && !said_.emplace(problem.place, problem.message).second) return;
    report.problems.push_back(
        {.kind = ErrorKind::syntax, .message = problem.message, .hint = {}, .rendered = problem.rendered});
  }

 private:
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
  std::set<std::pair<std::string, std::string>> said_;
};

void warm_all(Linting& linting) {
  if (const CacheState state = cache_state(); !state.trouble.empty() || state.folder.empty())
    fail<ArgumentError>(fmt::format("machine code cannot be kept: {}",
                                    state.trouble.empty() ? "there is no folder for it" : state.trouble));
  for (const Site& site : linting.known) {
    if (site.has_functions) {
      linting.report.cold.push_back(site.place + ": it calls C++ functions, which are not known here");
      continue;
    }
    const Warmed warmed = warm(site);
    linting.report.warmed += warmed.kernels;
    for (const std::string& why : warmed.cold)
      linting.report.cold.push_back(fmt::format("{}: {}", site.place, why));
  }
}

/// What Clang would say of these at greater length.
void check_there(const std::vector<std::string>& files, const std::string& build) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!build.empty() && !fs::exists(fs::path(build) / "compile_commands.json", ignored))
    fail<ArgumentError>(fmt::format("{}: there is no compile_commands.json", language::printable(build)),
                        "cmake makes it with -D CMAKE_EXPORT_COMPILE_COMMANDS=ON");
  for (const std::string& file : files)
    if (!fs::is_regular_file(file, ignored))
      fail<ArgumentError>(fmt::format("{}: there is no such file", language::printable(file)));
}

}  // namespace

LintReport lint(const std::vector<std::string>& files, const LintOptions& options) {
  check_there(files, options.build);
  Linting linting;
  for (const std::string& file : files)
    load_and_lint({.file = file, .build = options.build, .flags = options.flags, .colour = options.colour},
                  {.check = [&](const Site& site, const auto& remark) { linting.check(site, remark); },
                   .wrong = [&](const Problem& problem) { linting.wrong(problem); }});
  if (options.warm && linting.report.problems.empty()) warm_all(linting);
  return std::move(linting.report);
}

}  // namespace mc::cxx
