// compare: each back end's rate, and whether all give the same bits.
#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/pictures/pictures.hpp"
#include "frontend/console/pictures/ticks.hpp"

namespace mc::console {
namespace {

/// Random coordinates a sample draws: of each variable as many as it has; 0 where that is not known.
double coordinates(const Question& question) {
  double all = 0;
  std::string definitions;
  for (const Statement& statement : statements(question.program)) {
    const std::string text = question.program.substr(statement.begin, statement.end - statement.begin);
    if (statement.kind == Statement::Kind::query || statement.kind == Statement::Kind::expression) continue;
    definitions += text + "\n";
    if (statement.kind != Statement::Kind::sample) continue;
    try {
      all += compile(definitions + "E[dim(" + statement.name + ")]").estimate({.samples = 1}).value;
    } catch (const Error&) {
      all += 1;  // a number has no dimensions
    }
  }
  return all;
}

/// 71 M, 1.2 G, 950
std::string rate_text(double rate) {
  constexpr std::array kUnits{"", " k", " M", " G", " T"};
  std::size_t unit = 0;
  while (rate >= 999.5 && unit + 1 < kUnits.size()) rate /= 1000, ++unit;
  return fmt::format("{:.{}f}{}", rate, rate < 9.95 ? 2 : rate < 99.5 ? 1 : 0, kUnits[unit]);
}

struct Measured {
  std::string_view name;
  double rate;
  Estimate estimate;
  std::uint64_t samples;
  unsigned threads;
};

/// The best of three runs, after one that leaves nothing to be made.
std::optional<Measured> measured(const Easel& easel, const Question& question, std::string_view name,
                                 Backend backend, double from, double to) {
  Options options = easel.options;
  options.backend = backend;
  options.samples = std::clamp<std::uint64_t>(options.budget(), 100'000, 10'000'000);
  options.target_error = options.target_relative = 0;
  Measured best{name, 0, {}, 0, 0};
  for (int k = 0; k < 4; ++k) {
    const Report report = easel.run(question, easel.request.asked.front(), options,
                                    from + (to - from) * k / 4, from + (to - from) * (k + 1) / 4);
    if (report.stopped) return {};
    best.estimate = report.results.front().estimate;
    best.samples = report.samples;
    best.threads = report.threads;
    if (k > 0)
      best.rate = std::max(best.rate, static_cast<double>(report.samples) / report.timing.run_ms * 1000);
  }
  return best;
}

bool has_same_bits(const Estimate& a, const Estimate& b) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  return bits(a.value) == bits(b.value) && bits(a.standard_error) == bits(b.standard_error);
}

std::string bits_text(const std::vector<Measured>& all) {
  const Measured& first = all.front();
  for (const Measured& each : all)
    if (!has_same_bits(each.estimate, first.estimate))
      return fmt::format("warning: {} gives {} and {} {}: please report that", each.name,
                         hex_text(each.estimate.value), first.name, hex_text(first.estimate.value));
  return fmt::format("{} {}: {}", to_string(first.estimate),
                     all.size() > 1 ? "by all, the same bits" : "to the bit", hex_text(first.estimate.value));
}

}  // namespace

Picture compare(const Easel& easel) {
  const Question question = ask(easel.request, easel.request.asked.front(), easel.session);
  const double a_sample = coordinates(question);
  std::vector<Measured> all;
  Chart chart{.title = question.labels.front(), .unit = "samples a second, and coordinates", .bars = {}};
  double done = 0;
  for (const auto& [name, backend] : names<Backend>()) {
    if (backend == Backend::automatic) continue;
    const double from = done;
    done += 1 / static_cast<double>(names<Backend>().size() - 1);
    try {
      const auto one = measured(easel, question, name, backend, from, done);
      if (!one) break;
      all.push_back(*one);
    } catch (const DeviceError& error) {
      const std::string& why = error.diagnostics().front().message;
      chart.notes.push_back(fmt::format("{} is left out: {}", name, why.substr(0, why.find(" ("))));
      continue;
    }
    chart.bars.push_back({std::string(name), all.back().rate, rate_text(all.back().rate) + "/s"});
    if (a_sample > 0) chart.bars.back().text += fmt::format(", {}/s", rate_text(all.back().rate * a_sample));
  }
  if (all.empty()) throw Stopped(0, 1);
  const Measured& first = all.front();
  chart.notes.insert(
      chart.notes.begin(),
      {bits_text(all), fmt::format("the best of three runs of {} samples, {} thread{}",
                                   count_text(first.samples), first.threads, first.threads == 1 ? "" : "s")});
  if (easel.is_stopped()) chart.notes.push_back("stopped before the last");
  return chart;
}

}  // namespace mc::console
