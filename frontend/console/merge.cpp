// Files → partial results → the report of one run.
#include "frontend/console/merge.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/program_file.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {

namespace {

/// One, or several one after another, as `cat` puts them together.
void read_partials(const std::string& file, std::vector<Partial>& to) {
  constexpr std::string_view kNext = "\n{\"moment_partial\":";
  const std::string text = read_partial(file), name = file == "-" ? "standard input" : file;
  std::size_t begin = 0;
  for (std::size_t line = 1; begin < text.size() || line == 1; ++line) {
    const std::size_t end = std::min(text.find(kNext, begin), text.size());
    const bool is_alone = line == 1 && end == text.size();
    to.push_back(Partial::from_text(std::string_view(text).substr(begin, end - begin),
                                    is_alone ? name : fmt::format("{}, line {},", name, line)));
    begin = end + 1;
  }
}

}  // namespace

Ending merge(const MergeArguments& arguments) {
  if (arguments.files.empty())
    throw FlagError("there are no partial results; write moment merge FILE..., with all parts of a run");
  std::vector<Partial> parts;
  for (const std::string& file : arguments.files) read_partials(file, parts);
  const Report report = mc::merge(parts);
  const Partial& whole = report.partial;
  const Request request{whole.program(), whole.density(), name_of(whole.generator()),
                        name_of(whole.precision()), parts.size()};
  print(arguments.json ? report_json(report, request)
                       : report_text(report, has_colour(), true, 2, parts.size()));
  for (const std::string& warning : report.all_warnings()) log_warning(fmt::format("warning: {}", warning));
  return done;
}

}  // namespace mc::console
