// A task → a run → what report.hpp makes of it. Whether this build can do what a flag asks
// for (a device, a precision, a stage) is for the library to say.
#include "frontend/console/eval.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/debug.hpp"
#include "frontend/console/interrupt.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/progress.hpp"
#include "frontend/console/reduce.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/task.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/trace.hpp"

namespace mc::console {
namespace {

std::string dump(const Moment& moment, const Task& task, Stage stage) {
  std::string text = moment.inspect(stage, task.options);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

ProgressLine::When when_shown(std::optional<bool> asked) {
  if (!asked) return ProgressLine::When::if_long;
  return *asked ? ProgressLine::When::at_once : ProgressLine::When::never;
}

Report run(const Moment& moment, Task& task, ProgressLine::When when) {
  ProgressLine line(when, task.options);
  if (line.is_shown()) task.options.progress = [&](const Progress& now) { line.hear(now); };
  log_debug("running; Ctrl-C gives the estimate so far");
  return moment.run(task.options);
}

/// What may be said of a part is not yet true of the whole.
Ending conclude(const Report& report, int signal, bool is_part) {
  if (!is_part)
    for (const std::string& warning : report.all_warnings()) log_warning(fmt::format("warning: {}", warning));
  if (!report.stopped) return {done, report.compiling};
  if (signal == 0) return {no_device, true};  // a warning says why
  log_warning(fmt::format("interrupted after {} of {} samples", count_text(report.samples),
                          count_text(report.planned)));
  return {signal == SIGTERM ? terminated : interrupted, true};
}

/// Comes last: where it cannot be written, nothing else is lost.
Ending write_trace(TraceFile& trace, const std::string& text, Ending ending) {
  try {
    trace.write(text);
  } catch (const std::system_error& error) {
    log_error(fmt::format("error: {}", error.what()));
    if (ending.code == done) ending.code = internal_error;
  }
  return ending;
}

}  // namespace

Ending eval(const EvalArguments& arguments) {
  Task asked = task_of(arguments);
  std::optional<Stage> stage;
  if (arguments.dump) stage = choose<Stage>("--dump", *arguments.dump);
  if (arguments.no_cache) use_no_cache();
  if (arguments.debug_jit) debug_jit();
  show_parsed(asked.program);
  const Moment moment = compiled(arguments, asked);
  if (reduces_files(moment, arguments)) {
    show_no_stages();
    return reduce(moment, arguments, asked.program, asked.options, when_shown(arguments.progress));
  }
  show_stages(moment, asked);
  std::optional<TraceFile> trace;
  if (arguments.trace) trace.emplace(*arguments.trace);
  if (stage) {
    print(dump(moment, asked, *stage));
    return done;
  }
  std::optional<Interrupt> interrupt(std::in_place);
  asked.options.stop = interrupt->token();
  const Report report = run(moment, asked, when_shown(arguments.progress));
  log_run(report);
  // What came late, or twice, does not cut short what a stopped run prints. Otherwise signals have their
  // usual effect again: nobody may ever read what is printed.
  const int signal = interrupt->signal();
  if (signal == 0) interrupt.reset();
  const Request request{asked.program, asked.density ? std::string_view(*asked.density) : std::string_view(),
                        name_of(asked.options.generator), name_of(asked.options.precision)};
  print(arguments.part   ? report.partial.to_text() + "\n"
        : arguments.json ? report_json(report, request)
                         : report_text(report, has_colour()));
  const Ending ending = conclude(report, signal, arguments.part.has_value());
  return trace ? write_trace(*trace, trace_json(report, asked.program), ending) : ending;
}

}  // namespace mc::console
