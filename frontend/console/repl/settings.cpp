// One row a setting.
#include "frontend/console/repl/settings.hpp"

#include <cmath>

#include <fmt/format.h>

#include "frontend/console/choices.hpp"
#include "frontend/console/eval.hpp"
#include "frontend/console/numbers.hpp"

namespace mc::console {
namespace {

struct Row {
  std::string_view name, help;
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

void set_target(Settings& s, double Options::* which, double value) {
  s.options.*which = value;
  const bool has_target = s.options.target_error > 0 || s.options.target_relative > 0;
  if (!s.has_samples) s.options.samples = has_target ? most_for_target : Options{}.samples;
}

bool on_off(std::string_view name, std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  throw FlagError(fmt::format("{}: {} is neither on nor off", name, in_quotes(text)));
}

template <class T>
std::string text_of(T value, Names<T> names) {
  return std::string(name_of<T>(value, names));
}

constexpr Row kRows[] = {
    {"samples", "how many a run takes, 1e7 or 10000000; the most, where a target is set",
     [](Settings& s, std::string_view text) {
       s.options.samples = parse_count("samples", text);
       s.has_samples = true;
     },
     [](const Settings& s) { return count_text(s.options.samples); }},
    {"target", "the standard error at which a run ends, or off",
     [](Settings& s, std::string_view text) {
       set_target(s, &Options::target_error, target("target", text));
     },
     [](const Settings& s) { return target_text(s.options.target_error); }},
    {"relative", "the same as a part of the value, or off",
     [](Settings& s, std::string_view text) {
       set_target(s, &Options::target_relative, target("relative", text));
     },
     [](const Settings& s) { return target_text(s.options.target_relative); }},
    {"seed", "of the random numbers",
     [](Settings& s, std::string_view text) { s.options.seed = parse_count("seed", text, {0}); },
     [](const Settings& s) { return fmt::format("{}", s.options.seed); }},
    {"threads", "how many, 0 for all cores; the result is the same",
     [](Settings& s, std::string_view text) {
       s.options.threads = static_cast<unsigned>(parse_count("threads", text, {0, 4096}));
     },
     [](const Settings& s) { return fmt::format("{}", s.options.threads); }},
    {"backend", "auto, interpreter, llvm or cuda; the result is the same",
     [](Settings& s, std::string_view text) {
       s.options.backend = choose<Backend>("backend", text, backends);
     },
     [](const Settings& s) { return text_of<Backend>(s.options.backend, backends); }},
    {"precision", "f64 or f32",
     [](Settings& s, std::string_view text) {
       s.options.precision = choose<Precision>("precision", text, precisions);
     },
     [](const Settings& s) { return text_of<Precision>(s.options.precision, precisions); }},
    {"generator", "xoshiro256++ or philox4x32-10",
     [](Settings& s, std::string_view text) {
       s.options.generator = choose<Generator>("generator", text, generators);
     },
     [](const Settings& s) { return text_of<Generator>(s.options.generator, generators); }},
    {"nonfinite", "samples that are not finite make the result nan, or are dropped: nan or drop",
     [](Settings& s, std::string_view text) {
       s.options.nonfinite = choose<Nonfinite>("nonfinite", text, nonfinites);
     },
     [](const Settings& s) { return text_of<Nonfinite>(s.options.nonfinite, nonfinites); }},
    {"time", "say what a run took and who computed it: on or off",
     [](Settings& s, std::string_view text) { s.time = on_off("time", text); },
     [](const Settings& s) { return std::string(s.time ? "on" : "off"); }},
};

}  // namespace

void Settings::set(std::string_view name, std::string_view value) {
  std::string known;
  for (const Row& row : kRows) {
    if (row.name == name) return row.set(*this, value);
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw FlagError(fmt::format("there is no setting {}; there are {}", in_quotes(name), known));
}

std::vector<Setting> shown(const Settings& settings) {
  std::vector<Setting> all;
  for (const Row& row : kRows) all.push_back({row.name, row.help, row.get(settings)});
  return all;
}

}  // namespace mc::console
