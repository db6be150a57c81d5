// The demo's table for people, and as JSON.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "frontend/console/demo_warmup.hpp"
#include "frontend/console/json.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console::warmup {
namespace {

/// Three figures. Never 1e+03.
std::string figures(double value) {
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string head(const Result& result) {
  return fmt::format("{}\n{} samples a call, one thread; {}\n\n", kProgram,
                     count_text(result.settings.samples), rounds_text(result));
}

/// fmt's width counts columns of a terminal, as µ is one.
std::string latencies(const Result& result) {
  std::string text = fmt::format("{:<16}", "call");
  for (const std::size_t k : kShown) text += fmt::format("{:>9}", k);
  text += fmt::format("{:>10}\n", "all 1000");
  for (const Measured& column : result.columns) {
    text += fmt::format("{:<16}", column.column->label);
    for (const std::size_t k : kShown)
      text += fmt::format("{:>9}", duration_text(column.calls.microseconds.at(k - 1)));
    text += fmt::format("{:>10}\n", duration_text(column.all_ms * 1000));
  }
  return text + "\n";
}

std::string code_from_text(const Measured& column) {
  if (column.calls.code_from == 0) return "–";
  return fmt::format("call {}", column.calls.code_from);
}

std::string summaries(const Result& result) {
  std::string text = fmt::format("{:<16}{:>20}{:>20}{:>22}\n", "", "slowest / fastest", "machine code from",
                                 "whole process*");
  for (const Measured& column : result.columns)
    text +=
        fmt::format("{:<16}{:>20}{:>20}{:>22}\n", column.column->label, figures(column.ratio()),
                    code_from_text(column), column.whole_ms ? duration_text(*column.whole_ms * 1000) : "–");
  return text + "* from start to end, for one call\n\n";
}

std::string lecture(const Result& result) {
  std::string text;
  for (const Measured& column : result.columns)
    if (column.column->name == "auto" || column.column->name == "numba")
      text += fmt::format("{}: The slowest run took {:.2f} times longer than the fastest.\n",
                          column.column->label, column.ratio());
  return text + "\n";
}

/// A title, and below it the stages in lines of 80 columns.
std::string stage_lines(std::string_view title, const Stages& stages) {
  if (stages.empty()) return "";
  std::string text = fmt::format("{}: {}\n", title, duration_text(sum(stages) * 1000)), line = " ";
  for (const auto& [name, ms] : stages) {
    const std::string part = fmt::format(" {} {},", name, duration_text(ms * 1000));
    if (columns(line) + columns(part) > 80) text += std::exchange(line, " ") + "\n";
    line += part;
  }
  line.pop_back();
  return text + line + "\n";
}

std::string stages(const Result& result) {
  const Measured &waited = *result.find("llvm"), &loaded = *result.find("auto_disk");
  const auto [first, compile] = split_stages(result, waited);
  std::string text = stage_lines("Before the first sample", first);
  text += stage_lines("Machine code (llvm waits for it, auto goes on meanwhile)", compile);
  text += stage_lines("Machine code from the disk", split_stages(result, loaded).second);
  if (const Measured* numba = result.find("numba"))
    text += fmt::format("Numba {}, imports: {}\n", numba->calls.version,
                        duration_text(numba->calls.imports_ms * 1000));
  return text;
}

std::string values(const Result& result) {
  const bool is_one = std::ranges::all_of(result.columns, [&](const Measured& column) {
    return column.column->is_numba ||
           (column.calls.is_one_value && column.calls.value == result.columns.front().calls.value);
  });
  if (!is_one) throw std::runtime_error("back ends gave different values, which they never may");
  return fmt::format("Every call gave {}, whatever computed it.\n", result.columns.front().calls.value);
}

Json stages_json(const Stages& stages) {
  Json json = Json::object();
  for (const auto& [name, ms] : stages) json[name + "_ms"] = ms;
  return json;
}

Json column_json(const Measured& column) {
  Json latency = Json::object();
  for (const std::size_t k : kShown) latency[std::to_string(k)] = column.calls.microseconds.at(k - 1);
  Json json = {{"column", column.column->name},
               {"latency_us", latency},
               {"all_ms", column.all_ms},
               {"slowest_over_fastest", column.ratio()},
               {"machine_code_from", column.calls.code_from},
               {"whole_process_ms", column.whole_ms ? Json(*column.whole_ms) : Json(nullptr)},
               {"value", column.calls.value}};
  if (!column.column->is_numba) json["stages"] = stages_json(column.calls.stages);
  if (column.column->is_numba) json["imports_ms"] = column.calls.imports_ms;
  if (column.column->is_numba) json["version"] = column.calls.version;
  return json;
}

}  // namespace

std::string rounds_text(const Result& result) {
  if (result.settings.rounds == 1) return "a single round";
  return fmt::format("medians of {} rounds", result.settings.rounds);
}

std::string duration_text(double microseconds) {
  if (microseconds < 999.5) return figures(microseconds) + " µs";
  if (microseconds < 999.5e3) return figures(microseconds / 1e3) + " ms";
  return figures(microseconds / 1e6) + " s";
}

double sum(const Stages& stages) {
  double all = 0;
  for (const auto& stage : stages) all += stage.second;
  return all;
}

std::pair<Stages, Stages> split_stages(const Result& result, const Measured& of) {
  const Stages& interpreted = result.find("interpreter")->calls.stages;
  std::pair<Stages, Stages> parts;
  for (const auto& stage : of.calls.stages) {
    const bool is_common =
        std::ranges::find(interpreted, stage.first, &Stages::value_type::first) != interpreted.end();
    (is_common ? parts.first : parts.second).push_back(stage);
  }
  return parts;
}

std::string result_text(const Result& result) {
  return head(result) + latencies(result) + summaries(result) + lecture(result) + stages(result) +
         values(result);
}

std::string result_json(const Result& result) {
  values(result);
  Json columns = Json::array();
  for (const Measured& column : result.columns) columns.push_back(column_json(column));
  Json json = {{"demo", "warmup"},  {"program", kProgram}, {"samples", result.settings.samples},
               {"threads", 1},      {"calls", kCalls},     {"rounds", result.settings.rounds},
               {"columns", columns}};
  if (!result.no_numba.empty()) json["no_numba"] = result.no_numba;
  return json_text(json);
}

}  // namespace mc::console::warmup
