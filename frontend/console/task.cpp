// Flags' texts → a program and what it is run with.
#include "frontend/console/task.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <mc/cxx.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/program_file.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

// ---- the program

std::string program_text(const EvalArguments& arguments) {
  if (arguments.program && arguments.file)
    throw FlagError("PROGRAM and -f FILE exclude each other: give one of them");
  if (arguments.file) return read_program(*arguments.file);
  if (arguments.program) return *arguments.program;
  if (arguments.cxx.size() == 1) return arguments.cxx[0];
  if (!arguments.cxx.empty())
    throw FlagError("--cxx is given several times; write a PROGRAM that calls the functions");
  throw FlagError("there is no program; write moment eval PROGRAM, or -f FILE (- is standard input)");
}

/// FILE:NAME, where NAME may hold :: itself.
cxx::Function function(std::string_view flag, const std::string& text, const EvalArguments& arguments) {
  std::size_t colon = text.find(':');
  while (colon != std::string::npos && text.compare(colon, 2, "::") == 0) colon = text.find(':', colon + 2);
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size())
    throw FlagError(fmt::format("{} {}: write FILE:NAME, for example lecture.cpp:f", flag, in_quotes(text)));
  return {text.substr(0, colon), text.substr(colon + 1), arguments.cxx_flags};
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
}

Options options(const EvalArguments& arguments) {
  constexpr Range any{0};
  Options options;
  if (arguments.samples) options.samples = parse_count("--samples", *arguments.samples);
  set_targets(arguments, options);
  if (arguments.seed) options.seed = parse_count("--seed", *arguments.seed, any);
  if (arguments.threads) {
    options.threads = static_cast<unsigned>(parse_count("--threads", *arguments.threads, kThreads));
  }
  options.backend = choose<Backend>("--backend", arguments.backend.value_or("auto"));
  options.precision = choose<Precision>("--precision", arguments.precision.value_or("f64"));
  if (arguments.generator) options.generator = choose<Generator>("--generator", *arguments.generator);
  options.nonfinite = choose<Nonfinite>("--nonfinite", arguments.nonfinite.value_or("nan"));
  options.parameters = parameters(arguments.parameters);
  if (arguments.part) {
    options.part = parse_part("--part", *arguments.part);
    if (arguments.target_error || arguments.target_relative)
      throw FlagError(
          "--part and a target exclude each other: how many samples a target takes all of them tell");
  }
  return options;
}

}  // namespace

Task task_of(const EvalArguments& arguments) {
  std::string program = program_text(arguments);
  std::optional<Box> box = parse_box(arguments.dim, arguments.box);
  Task task{std::move(program), arguments.density, options(arguments)};
  task.options.box = std::move(box);
  if ((task.density || arguments.density_cxx) && !task.options.box)
    throw FlagError("--dim: it is missing; a density needs the number of coordinates, --dim N");
  return task;
}

Moment compiled(const EvalArguments& arguments, const Task& task) {
  const auto& [program, density, options] = task;
  const Limits limit = limits(arguments.limits);
  std::vector<cxx::Function> functions;
  for (const std::string& text : arguments.cxx) functions.push_back(function("--cxx", text, arguments));
  const bool is_alone = !arguments.program && !arguments.file;
  if (density && !functions.empty())
    throw FlagError("--density and --cxx exclude each other: write --density-cxx");
  if (arguments.density_cxx && (!is_alone || functions.empty()))
    throw FlagError("--density-cxx stands beside --cxx, without a PROGRAM");
  if (functions.empty()) return density ? compile(program, *density, limit) : compile(program, limit);
  if (!is_alone) return cxx::compile_program(program, functions, limit);
  if (!arguments.density_cxx) return cxx::compile(functions[0], limit);
  return cxx::compile(functions[0], function("--density-cxx", *arguments.density_cxx, arguments), limit);
}

}  // namespace mc::console
