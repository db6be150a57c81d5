// <mc/cxx.hpp>: from sources to moments. A function alone becomes the bare expression that calls it.
#include <mc/cxx.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "frontend/api/compiling.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/limits.hpp"
#include "frontend/cxx/loading.hpp"
#include "frontend/cxx/lowering.hpp"

namespace mc::cxx {
namespace {

Request request(const Function& function) {
  Request request{
      .file = "source.cpp", .text = function.source, .function = function.name, .flags = function.flags};
  if (function.source.find_first_of("{\n") != std::string::npos) return request;
  std::ifstream file(function.source, std::ios::binary);
  request.file = function.source;
  request.text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file)
    fail<ArgumentError>(fmt::format("{}: this file cannot be read", language::printable(function.source)));
  return request;
}

Unit read(const Function& function) {
  Outcome outcome = load_and_read(request(function));
  if (outcome.problems.empty()) return std::move(outcome.unit);
  std::vector<Diagnostic> diagnostics;
  for (Problem& problem : outcome.problems)
    diagnostics.push_back({.kind = ErrorKind::syntax,
                           .message = std::move(problem.message),
                           .hint = {},
                           .rendered = std::move(problem.rendered)});
  throw SyntaxError(std::move(diagnostics));
}

/// What a program of the language calls the function: the last part of ns::f<double, 3>, without _, which is
/// a subscript there.
std::string called(const std::string& name) {
  const std::string plain = name.substr(0, name.find('<'));
  const std::size_t colon = plain.rfind(':');
  std::string last = colon == std::string::npos ? plain : plain.substr(colon + 1);
  std::erase(last, '_');
  return last;
}

std::shared_ptr<const language::External> callable(Unit unit, const Function& function,
                                                   const Limits& limits) {
  unit.functions[0].name = called(function.name);
  return external(std::move(unit), language_limits(limits).passes);
}

/// A name that programs can have too: these get a value at the call.
void check_name(const Unit& unit, const Variable& variable) {
  constexpr std::string_view kTaken[] = {"pi", "e", "inf", "lo", "hi", "and", "or", "not", "where", "until"};
  const bool is_plain = !variable.name.empty() && std::ranges::all_of(variable.name, [](unsigned char c) {
    return std::isalnum(c) != 0;
  });
  if (is_plain && std::ranges::find(kTaken, variable.name) == std::end(kTaken)) return;
  const std::string message = fmt::format(
      "a moment cannot have a parameter named '{}'; give it a name of letters and digits that means nothing "
      "else",
      variable.name);
  throw NameError({Diagnostic{.kind = ErrorKind::name,
                              .message = message,
                              .hint = {},
                              .rendered = rendered(unit.places[variable.place], message)}});
}

bool is_bound(const Variable& variable) {
  return variable.is_array && (variable.name == "lo" || variable.name == "hi");
}

/// The parameter that is sampled: the first vector, else the first number.
const Variable* sampled(const Unit& unit, bool is_density) {
  const auto& function = unit.functions[0];
  const Variable* found = nullptr;
  for (std::uint32_t id : function.parameters) {
    const Variable& variable = function.variables[id];
    if (is_density && is_bound(variable)) continue;
    if (variable.is_array) return &variable;
    if (found == nullptr) found = &variable;
  }
  return found;
}

/// f(x, K), with what is sampled named as the moment does.
std::string expression(const Function& asked, const Unit& unit, bool is_density, std::string_view variable) {
  const auto& function = unit.functions[0];
  const Variable* own = sampled(unit, is_density);
  std::string text = called(asked.name) + "(";
  for (std::uint32_t id : function.parameters) {
    const Variable& parameter = function.variables[id];
    const bool is_sampled = &parameter == own;
    if (!(is_density && (is_bound(parameter) || is_sampled))) check_name(unit, parameter);
    if (id != function.parameters[0]) text += ", ";
    text += is_sampled ? variable : std::string_view(parameter.name);
  }
  return text + ")";
}

}  // namespace

Moment compile(std::string_view source_or_file, std::string_view name, const Limits& limits) {
  return compile(Function{.source = std::string(source_or_file), .name = std::string(name)}, limits);
}

Moment compile(const Function& moment, const Limits& limits) {
  Unit unit = read(moment);
  const Variable* variable = sampled(unit, false);
  const std::string text = expression(moment, unit, false, variable != nullptr ? variable->name : "");
  return compile_with(text, {}, {callable(std::move(unit), moment, limits)}, limits);
}

Moment compile(const Function& moment, const Function& density, const Limits& limits) {
  if (called(moment.name) == called(density.name))
    fail<ArgumentError>(fmt::format("the moment and the density are both called {}", called(moment.name)),
                        "give one of them another name");
  Unit unit = read(moment), weight = read(density);
  const Variable* variable = sampled(unit, false);
  const std::string name = variable != nullptr ? variable->name : "";
  const std::string text = expression(moment, unit, false, name);
  const std::string density_text = expression(density, weight, true, name);
  return compile_with(
      text, density_text,
      {callable(std::move(unit), moment, limits), callable(std::move(weight), density, limits)}, limits);
}

Moment compile_program(std::string_view program, std::span<const Function> functions, const Limits& limits) {
  Externals externals;
  for (const Function& function : functions) {
    externals.push_back(callable(read(function), function, limits));
    const auto same = [&](const auto& other) { return other->name == externals.back()->name; };
    if (std::ranges::count_if(externals, same) > 1)
      fail<ArgumentError>(fmt::format("two functions are called {}", externals.back()->name),
                          "give one of them another name");
  }
  return compile_with(program, {}, std::move(externals), limits);
}

}  // namespace mc::cxx
