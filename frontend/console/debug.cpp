#include "frontend/console/debug.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mc/text.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

constexpr std::string_view kParse = "parse";

void check_is_stage(std::string_view name) {
  const auto has_name = [&](const auto& stage) { return stage.first == name; };
  if (name == kParse || std::ranges::any_of(names<Stage>(), has_name)) return;
  std::string known(kParse);
  for (const auto& [stage, value] : names<Stage>()) known += fmt::format(", {}", stage);
  throw FlagError(fmt::format("MC_DEBUG: {} is none of {}", in_quotes(name), known));
}

std::vector<std::string> named() {
  const char* given = std::getenv("MC_DEBUG");
  std::vector<std::string> names;
  for (std::string_view rest = given != nullptr ? given : ""; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find(','));
    names.emplace_back(name);
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    check_is_stage(name);
  }
  return names;
}

bool is_named(std::string_view stage) {
  const std::vector<std::string> all = named();
  return std::ranges::find(all, stage) != all.end();
}

std::string_view name_of(Statement::Kind kind) {
  constexpr std::array<std::string_view, 6> kNames{"sample",       "definition", "function",
                                                   "distribution", "query",      "expression"};
  return kNames[static_cast<std::size_t>(kind)];
}

void show(std::string_view stage, std::string_view text) {
  fmt::print(stderr, "---- {}\n{}{}", stage, text, text.ends_with('\n') ? "" : "\n");
}

}  // namespace

void show_parsed(const std::string& program) {
  if (!is_named(kParse)) return;
  std::string text;
  for (const Statement& each : statements(program))
    text += fmt::format("{}: {}{}\n", name_of(each.kind), program.substr(each.begin, each.end - each.begin),
                        each.uses.empty() ? "" : fmt::format("  # of {}", fmt::join(each.uses, " ")));
  show(kParse, text);
}

void show_stages(const Moment& moment, const Task& task) {
  for (const auto& [name, stage] : names<Stage>())
    if (is_named(name)) show(name, moment.inspect(stage, task.options));
}

void show_no_stages() {
  const std::vector<std::string> all = named();
  if (std::ranges::any_of(all, [](const std::string& name) { return name != kParse; }))
    log_warning(fmt::format("MC_DEBUG: of a program that goes over arrays only {} is shown", kParse));
}

void log_run(const Report& report) {
  const Timing& timing = report.timing;
  if (report.compiling)
    log_debug("machine code: still being compiled, for later");
  else if (timing.cache != "miss")
    log_debug("machine code: from {}, {:.1f} ms", timing.cache, timing.compile_ms);
  else if (timing.compile_ms > 0)
    log_debug("machine code: compiled in {:.1f} ms", timing.compile_ms);
  else
    log_debug("machine code: none");
  for (const auto& [name, backend] : names<Backend>()) {
    const auto first = std::ranges::find(report.stretches, name, &Stretch::name);
    if (first == report.stretches.end()) continue;
    const std::chrono::duration<double, std::milli> after = first->begin - report.stretches.front().begin;
    log_debug("{}: {}, the first after {:.1f} ms", name, counted(report.tiles[backend], "tile"),
              after.count());
  }
  log_debug("device: {}", report.device.empty() ? "none" : report.device);
}

}  // namespace mc::console
