// One row a setting.
#include "frontend/console/repl/settings.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "frontend/console/choices.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

struct Row {
  std::string_view name, help;
  bool decides;             ///< what answers are
  std::string_view values;  ///< words that it may be
  void (*set)(Settings&, std::string_view text);
  std::string (*get)(const Settings&);
};

/// 0 or off: no target.
double target(std::string_view name, std::string_view text) {
  if (text == "off") return 0;
  const double value = parse_number(name, text);
  if (!(value >= 0 && std::isfinite(value)))
    throw FlagError(fmt::format("{}: {} has to be positive and finite, or off", name, in_quotes(text)));
  return value;
}

std::string target_text(double value) { return value == 0 ? "off" : fmt::format("{}", value); }

bool on_off(std::string_view name, std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  throw FlagError(fmt::format("{}: {} is neither on nor off", name, in_quotes(text)));
}

const std::string generator_help = listed<Generator>(), generator_words = listed<Generator>(" ", " ");
const std::string backend_help = listed<Backend>() + "; the result is the same",
                  backend_words = listed<Backend>(" ", " ");

const std::string precision_help = listed<Precision>(), precision_words = listed<Precision>(" ", " ");
const std::string nonfinite_help = "samples that are not finite make the result nan, or are dropped: " +
                                   listed<Nonfinite>(),
                  nonfinite_words = listed<Nonfinite>(" ", " ");

const Row kRows[] = {
    {"samples", "how many a run takes, 1e7 or 10000000; the most, where a target is set; or default", true,
     "default",
     [](Settings& s, std::string_view text) {
       s.options.samples.reset();
       if (text != "default") s.options.samples = parse_count("samples", text);
     },
     [](const Settings& s) { return count_text(s.options.budget()); }},
    {"target", "the standard error at which a run ends, or off", true, "off",
     [](Settings& s, std::string_view text) { s.options.target_error = target("target", text); },
     [](const Settings& s) { return target_text(s.options.target_error); }},
    {"relative", "the same as a part of the value, or off", true, "off",
     [](Settings& s, std::string_view text) { s.options.target_relative = target("relative", text); },
     [](const Settings& s) { return target_text(s.options.target_relative); }},
    {"seed", "of the random numbers", true, "",
     [](Settings& s, std::string_view text) { s.options.seed = parse_count("seed", text, {0}); },
     [](const Settings& s) { return fmt::format("{}", s.options.seed); }},
    {"threads", "how many, 0 for all cores; the result is the same", false, "",
     [](Settings& s, std::string_view text) {
       s.options.threads = static_cast<unsigned>(parse_count("threads", text, kThreads));
     },
     [](const Settings& s) { return fmt::format("{}", s.options.threads); }},
    {"backend", backend_help, false, backend_words,
     [](Settings& s, std::string_view text) { s.options.backend = choose<Backend>("backend", text); },
     [](const Settings& s) { return std::string(name_of(s.options.backend)); }},
    {"precision", precision_help, true, precision_words,
     [](Settings& s, std::string_view text) { s.options.precision = choose<Precision>("precision", text); },
     [](const Settings& s) { return std::string(name_of(s.options.precision)); }},
    {"generator", generator_help, true, generator_words,
     [](Settings& s, std::string_view text) { s.options.generator = choose<Generator>("generator", text); },
     [](const Settings& s) { return std::string(name_of(s.options.generator)); }},
    {"nonfinite", nonfinite_help, true, nonfinite_words,
     [](Settings& s, std::string_view text) { s.options.nonfinite = choose<Nonfinite>("nonfinite", text); },
     [](const Settings& s) { return std::string(name_of(s.options.nonfinite)); }},
    {"digits", "of an error, 1 to 17", false, "",
     [](Settings& s, std::string_view text) {
       s.digits = static_cast<int>(parse_count("digits", text, {1, 17}));
     },
     [](const Settings& s) { return fmt::format("{}", s.digits); }},
    {"time", "say what a run took and who computed it: on or off", false, "on off",
     [](Settings& s, std::string_view text) { s.time = on_off("time", text); },
     [](const Settings& s) { return std::string(s.time ? "on" : "off"); }},
};

}  // namespace

std::string_view setting_named(std::string_view name) {
  std::vector<std::string> known, meant;
  const Row* found = nullptr;
  for (const Row& row : kRows) {
    if (row.name == name) return row.name;
    known.emplace_back(row.name);
    if (name.empty() || !row.name.starts_with(name)) continue;
    meant.emplace_back(row.name);
    found = &row;
  }
  if (meant.size() == 1) return found->name;
  throw FlagError(meant.empty()
                      ? fmt::format("there is no setting {}; there are {}", in_quotes(name), joined(known))
                      : fmt::format("the setting {} may be {}", in_quotes(name), joined(meant, " or ")));
}

void Settings::set(std::string_view name, std::string_view value) {
  const std::string_view whole = setting_named(name);
  std::ranges::find(kRows, whole, &Row::name)->set(*this, value);
}

std::vector<std::string> Settings::decisive() const {
  std::vector<std::string> commands;
  for (const Row& row : kRows) {
    const bool is_default = row.name == "samples" && !options.samples;
    if (row.decides)
      commands.push_back(fmt::format(":set {} {}", row.name, is_default ? "default" : row.get(*this)));
  }
  return commands;
}

std::vector<Setting> shown(const Settings& settings) {
  std::vector<Setting> all;
  for (const Row& row : kRows) all.push_back({row.name, row.help, row.get(settings), row.values});
  return all;
}

}  // namespace mc::console
