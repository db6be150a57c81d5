// The program, then answers and pictures as they came, where that was computed, and how to have it again.
#include "frontend/console/repl/session_report.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <functional>
#include <ranges>
#include <stdexcept>

#include <sys/utsname.h>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "frontend/console/choices.hpp"
#include "frontend/console/gnuplot.hpp"
#include "frontend/console/new_file.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/pictures/page.hpp"
#include "frontend/console/pictures/ticks.hpp"
#include "frontend/console/reduce.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

/// Of a pass over files' numbers.
std::string reduced_html(const Answered& answered) {
  std::string rows;
  for (std::size_t k = 0; k < answered.reduced->values.size(); ++k)
    rows += fmt::format("<tr><td><code>{}</code></td><td class=\"value\">{}</td></tr>\n",
                        escaped(answered.reduced->queries[k]), value_text(answered.reduced->values[k]));
  std::string html =
      fmt::format("<div class=\"answer\">\n<table>\n{}</table>\n<p class=\"soft\">{} numbers</p>\n", rows,
                  count_text(answered.reduced->length));
  for (const std::string& warning : warnings_of(answered))
    html += fmt::format("<p class=\"warning\">warning: {}</p>\n", escaped(warning));
  return html + "</div>\n";
}

std::string answer_html(const Answered& answered) {
  if (answered.reduced) return reduced_html(answered);
  const Report& report = answered.report;
  std::string rows;
  for (const Line& line : lines(report)) {
    const Interval interval = line.estimate->interval();
    rows += fmt::format(
        "<tr><td><code>{}</code></td><td class=\"value\">{}</td><td class=\"soft\">95% in {} … "
        "{}</td></tr>\n",
        escaped(line.name), escaped(to_string(*line.estimate, answered.digits)), number_text(interval.lower),
        number_text(interval.upper));
  }
  std::string html =
      fmt::format("<div class=\"answer\">\n<table>\n{}</table>\n<p class=\"soft\">{} · seed {}</p>\n", rows,
                  escaped(cost_text(report)), report.seed);
  for (const std::string& warning : report.all_warnings())
    html += fmt::format("<p class=\"warning\">warning: {}</p>\n", escaped(warning));
  if (report.stopped)
    html += fmt::format("<p class=\"warning\">stopped after {} samples: which ones depends on timing</p>\n",
                        count_text(report.samples));
  return html + "</div>\n";
}

std::string journal_html(const Journal& journal, const Draughtsman& by) {
  std::string html;
  std::size_t number = 0;
  for (const auto& entry : journal) {
    if (const auto* answered = std::get_if<Answered>(&entry)) html += answer_html(*answered);
    if (const auto* drawn = std::get_if<Drawn>(&entry))
      html += fmt::format("<figure>\n<figcaption><code>{}</code></figcaption>\n{}</figure>\n",
                          escaped(drawn->line), picture_html(drawn->picture, ++number, by));
  }
  return html.empty() ? "<p class=\"soft\">Nothing was asked.</p>\n" : html;
}

// ---- environment

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name") && line.find(": ") != line.npos)
      return line.substr(line.find(": ") + 2);
  return "not known";
}

std::string system_text() {
  utsname names = {};
  if (uname(&names) != 0) return "not known";
  return fmt::format("{} {}, {}", names.sysname, names.release, names.machine);
}

const Options& options_of(const Journal::value_type& entry) {
  return std::visit([](const auto& each) -> const Options& { return each.options; }, entry);
}

/// What was the same for all of the session, or each value that there was.
std::string values_text(const Journal& journal, const std::function<std::string(const Options&)>& value) {
  std::vector<std::string> values;
  for (const auto& entry : journal)
    if (const std::string text = value(options_of(entry)); std::ranges::count(values, text) == 0)
      values.push_back(text);
  return joined(values);
}

/// The last that was used; empty where none was.
std::string gpu_of(const Journal& journal) {
  for (const auto& entry : journal | std::views::reverse)
    if (const auto* answered = std::get_if<Answered>(&entry);
        answered != nullptr && !answered->report.device.empty())
      return answered->report.device;
  return {};
}

std::string environment_html(const Journal& journal) {
  std::string html = "<dl>\n";
  const auto row = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, escaped(value));
  };
  const auto set = [&](std::string_view name, const std::function<std::string(const Options&)>& value) {
    row(name, values_text(journal, value));
  };
  row("Moment", fmt::format("{}, contract {}", version(), contract_version()));
  row("Processor", processor());
  row("System", system_text());
  set("Threads",
      [](const Options& o) { return fmt::format("{}, if there is work for them", threads_of(o)); });
  set("Seed", [](const Options& o) { return fmt::format("{}", o.seed); });
  set("Generator", [](const Options& o) { return std::string(name_of(o.generator)); });
  set("Precision", [](const Options& o) { return std::string(name_of(o.precision)); });
  row("GPU", gpu_of(journal));
  return html + "</dl>\n";
}

// ---- once more

/// The one run, whatever the definitions are now. A target was reached after so many samples: they are what
/// tells the bits.
std::string eval_line(const Answered& answered) {
  const Options &options = answered.options, standard;
  std::string line =
      fmt::format("moment eval --samples {} --seed {}", count_text(answered.report.samples), options.seed);
  if (options.generator != standard.generator)
    line += fmt::format(" --generator {}", name_of(options.generator));
  if (options.precision != standard.precision)
    line += fmt::format(" --precision {}", name_of(options.precision));
  if (options.nonfinite != standard.nonfinite)
    line += fmt::format(" --nonfinite {}", name_of(options.nonfinite));
  return line + " -- " + shell_quoted(answered.question.program);
}

/// Each answer of samples alone, but for those of files, then all in its order: what a picture was drawn with
/// stands before it there.
std::string again_html(const std::string& program, const Journal& journal) {
  std::string lines;
  for (const auto& entry : journal) {
    const auto* answered = std::get_if<Answered>(&entry);
    if (answered == nullptr || answered->reduced || !answered->question.parameters.empty()) continue;
    lines += eval_line(*answered) + "\n";
  }
  std::string html =
      "<p>The numbers are the same to the last bit with any number of threads, any back end and on any "
      "machine that follows the contract.</p>\n";
  if (!lines.empty()) html += fmt::format("<p>An answer alone:</p>\n<pre>{}</pre>\n", escaped(lines));
  return html + fmt::format("<p>The session, with its pictures:</p>\n<pre>{}</pre>\n",
                            escaped(fmt::format("moment repl <<'END'\n{}END\n", program)));
}

std::string session_report(const std::string& program, const Journal& journal, const Draughtsman& by) {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::string when = fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(now));
  std::string body =
      fmt::format("<h1>Moment session</h1>\n<p class=\"soft\">{} · moment {}, contract {}</p>\n", when,
                  version(), contract_version());
  if (!program.empty()) body += fmt::format("<h2>Program</h2>\n<pre>{}</pre>\n", escaped(program));
  body += "<h2>Answers</h2>\n" + journal_html(journal, by);
  body += "<h2>Where it was computed</h2>\n" + environment_html(journal);
  if (!journal.empty()) body += "<h2>To have it again</h2>\n" + again_html(program, journal);
  return page("Moment session, " + when, body);
}

}  // namespace

void write_report(const std::string& name, const std::string& program, const Journal& journal,
                  const Studio& studio) {
  if (!name.ends_with(".html"))
    throw FlagError(fmt::format("{}: a report is a page, and its name ends with .html", in_quotes(name)));
  NewFile file(name);
  const bool has_pictures =
      std::ranges::any_of(journal, [](const auto& entry) { return std::holds_alternative<Drawn>(entry); });
  bool is_gnuplot = true;
  std::string text;
  studio.work([&](const std::stop_token& stop, const Studio::Hear&) {
    is_gnuplot = !has_pictures || has_gnuplot(stop);
    try {
      text = session_report(program, journal, {is_gnuplot, stop});
    } catch (const std::runtime_error& error) {  // gnuplot's
      if (stop.stop_requested()) throw Stopped(0, 1);
      throw FlagError(error.what());
    }
  });
  if (!is_gnuplot) studio.note(fmt::format("note: {}\n", no_gnuplot(kTextOnPages)));
  file.write(text);
  studio.note(fmt::format("{} is written\n", name));
}

}  // namespace mc::console
