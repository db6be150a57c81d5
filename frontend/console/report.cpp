// Text and JSON from one mc::Report; nothing is written here.
#include "frontend/console/report.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ranges>
#include <thread>

#include <fmt/format.h>

#include "frontend/console/choices.hpp"
#include "frontend/console/json.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

/// Where the equals signs of several lines stand below each other. A very long query does not push the others
/// out of sight.
std::size_t name_columns(const std::vector<Line>& lines) {
  constexpr std::size_t widest = 50;
  std::size_t width = 0;
  for (const Line& line : lines) {
    if (columns(line.name) <= widest) width = std::max(width, columns(line.name));
  }
  return width;
}

/// The back end that did most of the work, if any did some, and with what: "llvm 2 threads", "cuda NVIDIA
/// H200".
std::string workers(const Report& report) {
  const std::string threads = counted(report.threads, "thread");
  if (report.tiles.total() == 0) return threads;
  const auto& [name, most] = *std::ranges::max_element(
      std::views::reverse(names<Backend>()),  // of two that did as much the quicker, which comes later
      {}, [&](const auto& each) { return report.tiles[each.second]; });
  return fmt::format("{} {}", name, most == Backend::cuda ? report.device : threads);
}

std::string line_text(const Line& line, std::size_t width, int digits) {
  const std::size_t padding = width - std::min(width, columns(line.name));
  return fmt::format("{}{:{}} = {}", line.name, "", padding, to_string(*line.estimate, digits));
}

Json estimate_json(const Estimate& e) {
  const Interval interval = e.interval();
  return {{"value", json_number(e.value)},
          {"value_hex", hex_text(e.value)},
          {"standard_error", json_number(e.standard_error)},
          {"variance", json_number(e.variance)},
          {"standard_error_hex", hex_text(e.standard_error)},
          {"interval", Json::array({json_number(interval.lower), json_number(interval.upper)})},
          {"samples", e.samples},
          {"nonfinite", e.nonfinite},
          {"warnings", e.warnings}};
}

Json result_json(const Report::Result& result) {
  Json json = {{"query", result.query}};
  json.update(estimate_json(result.estimate));
  return json;
}

Json integral_json(const Report::Integral& integral) {
  Json json = {{"variable", integral.variable}, {"normalized", integral.normalized}};
  json.update(estimate_json(integral.estimate));
  return json;
}

Json integrals_json(const Report& report) {
  Json integrals = Json::array();
  for (const Report::Integral& integral : report.integrals) integrals.push_back(integral_json(integral));
  return integrals;
}

Json results_json(const Report& report) {
  Json results = Json::array();
  for (const Report::Result& result : report.results) results.push_back(result_json(result));
  return results;
}

/// A sample counts once, however many queries it spoils: so the query with the most of them says how many
/// there are.
std::uint64_t nonfinite(const Report& report) {
  std::uint64_t most = 0;
  for (const Report::Result& result : report.results) most = std::max(most, result.estimate.nonfinite);
  return most;
}

/// Each stage's milliseconds; what ran twice, as the simplifier does, is added up.
Json stages_json(const Timing& timing) {
  Json stages = Json::object();
  for (const Stretch& stage : timing.stages) {
    const double ms = std::chrono::duration<double, std::milli>(stage.length).count();
    const std::string key = fmt::format("{}_ms", stage.name);
    stages[key] = stages.value(key, 0.0) + ms;
  }
  return stages;
}

Json timing_json(const Timing& timing) {
  return {{"parse_ms", timing.parse_ms},     {"lower_ms", timing.lower_ms},
          {"compile_ms", timing.compile_ms}, {"cache", timing.cache},
          {"run_ms", timing.run_ms},         {"total_ms", timing.parse_ms + timing.total_ms},
          {"stages", stages_json(timing)}};
}

}  // namespace

std::vector<Line> lines(const Report& report) {
  std::vector<Line> all;
  for (const Report::Result& result : report.results) all.push_back({result.query, &result.estimate});
  for (const Report::Integral& integral : report.integrals)
    if (integral.is_worth_a_line())
      all.push_back({fmt::format("∫ of {}'s density", integral.variable), &integral.estimate});
  return all;
}

std::string cost_text(const Report& report, std::size_t parts) {
  const std::string of_parts = parts == 0 ? "" : counted(parts, "part") + ", the longest ";
  return fmt::format("{} · {}{} · {}{}", counted(report.samples, "sample"), of_parts,
                     time_text(report.timing.parse_ms + report.timing.total_ms), workers(report),
                     parts > 1 ? " in all" : "");
}

unsigned threads_of(const Options& options) {
  return options.threads > 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1U);
}

std::string time_text(double ms) {
  if (ms < 9.95) return fmt::format("{:.1f} ms", ms);
  if (ms < 999.5) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.{}f} s", ms / 1000, ms < 9950 ? 2 : ms < 99500 ? 1 : 0);
}

std::string report_text(const Report& report, bool colour, bool with_cost, int digits, std::size_t parts) {
  const std::vector<Line> all = lines(report);
  const std::size_t width = name_columns(all);
  std::string text;
  for (const Line& line : all) {
    if (!text.empty()) text += '\n';
    text += line_text(line, width, digits);
  }
  if (!with_cost) return text + "\n";
  return fmt::format("{}         {}{}{}\n", text, colour ? "\033[2m" : "", cost_text(report, parts),
                     colour ? "\033[0m" : "");
}

std::string report_json(const Report& report, const Request& request) {
  Json json = {{"program", request.program}};
  if (!request.density.empty()) json["density"] = request.density;
  json["results"] = results_json(report);
  if (!report.integrals.empty()) json["integrals"] = integrals_json(report);
  json["samples"] = report.samples;
  json["seed"] = report.seed;
  json["generator"] = request.generator;
  json["precision"] = request.precision;
  json["contract"] = contract_version();
  json["threads"] = report.threads;
  if (request.parts > 0) json["parts"] = request.parts;
  json["nonfinite"] = nonfinite(report);
  for (const auto& [name, backend] : names<Backend>())
    if (backend != Backend::automatic) json["tiles"][std::string(name)] = report.tiles[backend];
  json["timing"] = timing_json(report.timing);
  json["warnings"] = report.warnings;
  if (report.stopped) json["interrupted"] = true;
  return json_text(json);
}

}  // namespace mc::console
