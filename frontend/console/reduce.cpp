// Parameters → inputs of a reduction → its values as text or JSON.
#include "frontend/console/reduce.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "frontend/console/interrupt.hpp"
#include "frontend/console/json.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

using Clock = std::chrono::steady_clock;

/// What asks for samples asks for something else.
void refuse_flags(const EvalArguments& arguments) {
  const std::pair<std::string_view, bool> given[] = {
      {"--samples", arguments.samples.has_value()},
      {"--target-error", arguments.target_error.has_value()},
      {"--target-relative", arguments.target_relative.has_value()},
      {"--seed", arguments.seed.has_value()},
      {"--generator", arguments.generator.has_value()},
      {"--precision", arguments.precision.has_value()},
      {"--nonfinite", arguments.nonfinite.has_value()},
      {"--part", arguments.part.has_value()},
      {"--dump", arguments.dump.has_value()},
      {"--trace", arguments.trace.has_value()},
  };
  for (const auto& [flag, is_given] : given)
    if (is_given)
      throw FlagError(fmt::format(
          "{}: nothing is sampled here: the program goes over all numbers of its arrays, once", flag));
}

std::vector<NamedInput> inputs_of(const Parameters& parameters) {
  std::vector<NamedInput> inputs;
  for (const auto& [name, value] : parameters) {
    if (value.rank() == 2)
      throw FlagError(
          fmt::format("{}: it has {} columns, and the program goes over numbers; choose a column, "
                      "@FILE:1, or take its rows in the program: x ~ rows({})",
                      in_quotes(name), value.columns(), name));
    inputs.push_back({name, value.numbers()});
  }
  return inputs;
}

std::uint64_t length_of(const std::vector<NamedInput>& inputs) {
  const auto array =
      std::ranges::find_if(inputs, [](const NamedInput& each) { return each.input.is_array(); });
  return array == inputs.end() ? 0 : array->input.size();
}

/// Called more often than anybody looks.
auto throttled(ProgressLine& line) {
  return [&line, start = Clock::now(), next = Clock::time_point()](std::uint64_t done,
                                                                   std::uint64_t all) mutable {
    const auto now = Clock::now();
    if (now < next) return;
    next = now + std::chrono::milliseconds(50);
    line.hear({.samples_done = done,
               .samples = all,
               .expected = all,
               .seconds = std::chrono::duration<double>(now - start).count()});
  };
}

}  // namespace

std::string value_text(double value) { return std::isnan(value) ? "nan" : fmt::format("{}", value); }

Reduced reduced(const Moment& moment, const Parameters& parameters, const DataOptions& options) {
  const std::vector<NamedInput> inputs = inputs_of(parameters);
  const auto start = Clock::now();
  std::vector<double> values = moment.reduce(inputs, options);
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return {moment.queries(), std::move(values), length_of(inputs), ms};
}

std::string reduced_json(const Reduced& reduced, std::string_view program) {
  const auto& [queries, values, length, ms] = reduced;
  Json json = {{"program", program}};
  json["results"] = Json::array();
  for (std::size_t k = 0; k < values.size(); ++k)
    json["results"].push_back(
        {{"query", queries[k]}, {"value", json_number(values[k])}, {"value_hex", hex_text(values[k])}});
  json["numbers"] = length;
  json["contract"] = contract_version();
  json["timing"] = {{"total_ms", ms}};
  return json_text(json);
}

std::string reduced_text(const Reduced& reduced, bool colour, bool with_cost) {
  const auto& [queries, values, length, ms] = reduced;
  std::size_t width = 0;
  for (const std::string& query : queries) width = std::max(width, columns(query));
  std::string lines;
  for (std::size_t k = 0; k < values.size(); ++k)
    lines += fmt::format("{}{}{:{}} = {}", k > 0 ? "\n" : "", queries[k], "", width - columns(queries[k]),
                         value_text(values[k]));
  if (!with_cost) return lines + "\n";
  return fmt::format("{}         {}{} · {}{}\n", lines, colour ? "\033[2m" : "", counted(length, "number"),
                     time_text(ms), colour ? "\033[0m" : "");
}

/// Not counted: what it comes from may be any of its numbers, or only come about in the program.
std::vector<std::string> reduced_warnings(const Reduced& reduced) {
  std::vector<std::string> warnings;
  for (std::size_t k = 0; k < reduced.values.size(); ++k)
    if (!std::isfinite(reduced.values[k]))
      warnings.push_back(
          fmt::format("{} is {}: {}", reduced.queries[k], value_text(reduced.values[k]),
                      reduced.length == 0
                          ? "it comes so of what is computed"
                          : "a NaN or an infinity is among the numbers, or comes of them in the program"));
  return warnings;
}

bool reduces_files(const Moment& moment, const EvalArguments& arguments) {
  return std::ranges::any_of(arguments.parameters, names_file) && !moment.has_variables() && !arguments.dim &&
         !arguments.box && !arguments.density;
}

Ending reduce(const Moment& moment, const EvalArguments& arguments, const std::string& program,
              const Options& options, ProgressLine::When when) {
  refuse_flags(arguments);
  std::optional<Interrupt> interrupt(std::in_place);
  Reduced found;
  try {
    ProgressLine line(when, "numbers");
    DataOptions how{.backend = options.backend, .threads = options.threads, .stop = interrupt->token()};
    if (line.is_shown()) how.progress = throttled(line);
    found = reduced(moment, options.parameters, how);
  } catch (const Stopped& stopped) {
    log_warning(fmt::format("interrupted after {} of {} numbers: of a part of them there is no value",
                            count_text(stopped.done()), count_text(stopped.all())));
    return {interrupt->signal() == SIGTERM ? terminated : interrupted, true};
  }
  interrupt.reset();
  print(arguments.json ? reduced_json(found, program) : reduced_text(found, has_colour()));
  for (const std::string& warning : reduced_warnings(found)) log_warning(fmt::format("warning: {}", warning));
  // What was compiled here is on its way to the disk; what is compiled behind has no end that is worth
  // waiting for.
  return {done, options.backend != Backend::llvm};
}

}  // namespace mc::console
