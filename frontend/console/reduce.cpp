// Parameters → inputs of a reduction → its values as text or JSON.
#include "frontend/console/reduce.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include "frontend/console/interrupt.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

using Json = nlohmann::ordered_json;
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
          fmt::format("-D {}: it has {} columns, and the program goes over numbers; choose a column, "
                      "@FILE:1, or take its rows in the program: x ~ rows({})",
                      in_quotes(name), value.columns(), name));
    if (value.rank() == 0)
      inputs.push_back({name, value.values()[0]});
    else
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

/// JSON has no NaN and no infinity: they are null here, and value_hex tells which.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string json_text(std::string_view program, const std::vector<std::string>& queries,
                      const std::vector<double>& values, std::uint64_t length, double ms) {
  Json json = {{"program", program}};
  json["results"] = Json::array();
  for (std::size_t k = 0; k < values.size(); ++k)
    json["results"].push_back(
        {{"query", queries[k]}, {"value", number(values[k])}, {"value_hex", hex_text(values[k])}});
  json["numbers"] = length;
  json["contract"] = kContract;
  json["timing"] = {{"total_ms", ms}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string text(const std::vector<std::string>& queries, const std::vector<double>& values,
                 std::uint64_t length, double ms) {
  std::size_t width = 0;
  for (const std::string& query : queries) width = std::max(width, columns(query));
  std::string lines;
  for (std::size_t k = 0; k < values.size(); ++k)
    lines += fmt::format("{}{}{:{}} = {}", k > 0 ? "\n" : "", queries[k], "", width - columns(queries[k]),
                         std::isnan(values[k]) ? "nan" : fmt::format("{}", values[k]));
  const bool colour = has_colour();
  return fmt::format("{}         {}{} number{} · {}{}\n", lines, colour ? "\033[2m" : "", count_text(length),
                     length == 1 ? "" : "s", time_text(ms), colour ? "\033[0m" : "");
}

/// Not counted: what it comes from may be any of its numbers, or only come about in the program.
void warn_of_odd(const std::vector<std::string>& queries, const std::vector<double>& values,
                 std::uint64_t length) {
  for (std::size_t k = 0; k < values.size(); ++k)
    if (!std::isfinite(values[k]))
      spdlog::warn("warning: {} is {}: {}", queries[k], values[k],
                   length == 0
                       ? "there are no numbers"
                       : "a NaN or an infinity is among the numbers, or comes of them in the program");
}

}  // namespace

bool reduces_files(const Moment& moment, const EvalArguments& arguments) {
  return std::ranges::any_of(arguments.parameters, names_file) && !moment.has_variables() && !arguments.dim &&
         !arguments.box && !arguments.density;
}

Ending reduce(const Moment& moment, const EvalArguments& arguments, const std::string& program,
              const Options& options, ProgressLine::When when) {
  refuse_flags(arguments);
  const std::vector<NamedInput> inputs = inputs_of(options.parameters);
  const auto start = Clock::now();
  std::optional<Interrupt> interrupt(std::in_place);
  std::vector<double> values;
  try {
    ProgressLine line(when, "numbers");
    DataOptions how{.backend = options.backend, .threads = options.threads, .stop = interrupt->token()};
    if (line.is_shown()) how.progress = throttled(line);
    values = moment.reduce(inputs, how);
  } catch (const Stopped& stopped) {
    spdlog::warn("interrupted after {} of {} numbers: of a part of them there is no value",
                 count_text(stopped.done), count_text(stopped.all));
    return {interrupt->signal() == SIGTERM ? terminated : interrupted, true};
  }
  interrupt.reset();
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  const std::vector<std::string> queries = moment.queries();
  print(arguments.json ? json_text(program, queries, values, length_of(inputs), ms)
                       : text(queries, values, length_of(inputs), ms));
  warn_of_odd(queries, values, length_of(inputs));
  return {done, true};
}

}  // namespace mc::console
