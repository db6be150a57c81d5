// Arguments → mc::Options → a run → what report.hpp makes of it. Whether this build can do what a flag asks
// for (a device, a precision, a stage) is for the library to say.
#include "frontend/console/eval.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <mc/mc.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/interrupt.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/program_file.hpp"
#include "frontend/console/progress.hpp"
#include "frontend/console/reduce.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/trace.hpp"

namespace mc::console {
namespace {

// ---- the program

std::string program_text(const EvalArguments& arguments) {
  if (arguments.program && arguments.file)
    throw FlagError("PROGRAM and -f FILE exclude each other: give one of them");
  if (arguments.file) return read_program(*arguments.file);
  if (arguments.program) return *arguments.program;
  throw FlagError("there is no program; write moment eval PROGRAM, or -f FILE (- is standard input)");
}

// ---- the options

Parameters parameters(const std::vector<std::string>& texts) {
  Parameters all;
  for (const std::string& text : texts) {
    all.push_back(parse_parameter(text));
    const auto same = [&](const auto& other) { return other.first == all.back().first; };
    if (std::ranges::count_if(all, same) == 1) continue;
    throw FlagError(fmt::format("-D {}: it is given twice", in_quotes(all.back().first)));
  }
  return all;
}

Limits limits(const std::vector<std::string>& texts) {
  Limits limits;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
      throw FlagError(fmt::format("--limit {}: write NAME=VALUE, for example depth=500", in_quotes(text)));
    limits.set(text.substr(0, equals), parse_count("--limit", text.substr(equals + 1)));
  }
  return limits;
}

double positive(std::string_view flag, const std::string& text) {
  const double value = parse_number(flag, text);
  if (!(value > 0 && std::isfinite(value)))
    throw FlagError(fmt::format("{}: {} has to be positive and finite", flag, in_quotes(text)));
  return value;
}

void set_targets(const EvalArguments& arguments, Options& options) {
  if (arguments.target_error) options.target_error = positive("--target-error", *arguments.target_error);
  if (arguments.target_relative)
    options.target_relative = positive("--target-relative", *arguments.target_relative);
  if ((arguments.target_error || arguments.target_relative) && !arguments.samples)
    options.samples = most_for_target;
}

Options options(const EvalArguments& arguments) {
  constexpr Range any{0}, threads{0, 4096};
  Options options;
  if (arguments.samples) options.samples = parse_count("--samples", *arguments.samples);
  set_targets(arguments, options);
  if (arguments.seed) options.seed = parse_count("--seed", *arguments.seed, any);
  if (arguments.threads) {
    options.threads = static_cast<unsigned>(parse_count("--threads", *arguments.threads, threads));
  }
  options.backend = choose<Backend>("--backend", arguments.backend.value_or("auto"), backends);
  options.precision = choose<Precision>("--precision", arguments.precision.value_or("f64"), precisions);
  options.generator =
      choose<Generator>("--generator", arguments.generator.value_or("xoshiro256++"), generators);
  options.nonfinite = choose<Nonfinite>("--nonfinite", arguments.nonfinite.value_or("nan"), nonfinites);
  options.parameters = parameters(arguments.parameters);
  return options;
}

// ---- the run

/// A program with the box it runs on, if it needs one.
struct Task {
  std::string program;
  std::optional<std::string> density;
  std::optional<Box> box;
  Options options;
};

Task task(const EvalArguments& arguments) {
  Task task{program_text(arguments), arguments.density, parse_box(arguments.dim, arguments.box),
            options(arguments)};
  if (task.density && !task.box)
    throw FlagError("--dim: it is missing; --density needs the number of coordinates, --dim N");
  return task;
}

std::string dump(const Moment& moment, const Task& task, Stage stage) {
  std::string text =
      task.box ? moment.inspect(stage, *task.box, task.options) : moment.inspect(stage, task.options);
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
  spdlog::debug("running; Ctrl-C gives the estimate so far");
  return task.box ? moment.run(*task.box, task.options) : moment.run(task.options);
}

Ending conclude(const Report& report, int signal) {
  for (const std::string& warning : report_warnings(report)) spdlog::warn("warning: {}", warning);
  if (!report.stopped) return {done, report.compiling};
  spdlog::warn("interrupted after {} of {} samples", count_text(report.samples), count_text(report.asked));
  return {signal == SIGTERM ? terminated : interrupted, true};
}

/// Comes last: where it cannot be written, nothing else is lost.
Ending write_trace(TraceFile& trace, const std::string& text, Ending ending) {
  try {
    trace.write(text);
  } catch (const std::system_error& error) {
    spdlog::error("error: {}", error.what());
    if (ending.code == done) ending.code = internal_error;
  }
  return ending;
}

}  // namespace

Ending eval(const EvalArguments& arguments) {
  Task asked = task(arguments);
  std::optional<Stage> stage;
  if (arguments.dump) stage = choose<Stage>("--dump", *arguments.dump, stages);
  const Limits limit = limits(arguments.limits);
  if (arguments.no_cache) use_no_cache();
  std::optional<TraceFile> trace;
  if (arguments.trace) trace.emplace(*arguments.trace);
  if (arguments.debug_jit) debug_jit();
  const Moment moment =
      asked.density ? compile(asked.program, *asked.density, limit) : compile(asked.program, limit);
  if (reduces_files(moment, arguments))
    return reduce(moment, arguments, asked.program, asked.options, when_shown(arguments.progress));
  if (stage) {
    print(dump(moment, asked, *stage));
    return done;
  }
  std::optional<Interrupt> interrupt(std::in_place);
  asked.options.stop = interrupt->token();
  const Report report = run(moment, asked, when_shown(arguments.progress));
  // What came late, or twice, does not cut short what a stopped run prints. Otherwise signals have their
  // usual effect again: nobody may ever read what is printed.
  const int signal = interrupt->signal();
  if (signal == 0) interrupt.reset();
  const Request request{asked.program, asked.density ? std::string_view(*asked.density) : std::string_view(),
                        name_of<Generator>(asked.options.generator, generators),
                        name_of<Precision>(asked.options.precision, precisions)};
  print(arguments.json ? report_json(report, request) : report_text(report, has_colour()));
  const Ending ending = conclude(report, signal);
  return trace ? write_trace(*trace, trace_json(report, asked.program), ending) : ending;
}

}  // namespace mc::console
