// Statements, queries and the call that runs the program.
#include "tests/fuzz/grower.hpp"

#include <algorithm>
#include <regex>
#include <utility>

#include <fmt/format.h>

namespace mc::fuzz {
namespace {

/// What a call may give: a program takes of these what it uses.
const Parameters& known_parameters() {
  static const Parameters all = {
      {"a", 1.25},
      {"b", -0.5},
      {"p", 0.375},
      {"q", 2.5},
      {"c", Parameter{0.5, -1.0, 2.0}},
      {"w", Parameter{1.0, 0.25, 3.0, 0.5, 2.0, 1.5, 0.75}},
      {"A", Parameter{{2.0, 1.0}, {1.0, 3.0}}},
      {"B", Parameter{{1.0, -2.0, 0.5}, {0.0, 4.0, 1e-3}}},
  };
  return all;
}

}  // namespace

Grown grow(std::span<const std::uint8_t> bytes) { return Grower(bytes).grow(); }

std::string Grown::text() const {
  std::string text = program + "\n";
  if (density) text += Written{"# density: {}\n", *density}.text;
  if (box)
    text += Written{"# box: {} coordinates on ({}, {})\n", box->dim(), box->lo()[0], box->hi()[0]}.text;
  for (const auto& [name, value] : options.parameters)
    text += Written{"# {}: {}\n", name, fmt::join(value.values(), ", ")}.text;
  return text + Written{"# {} samples, seed {}, generator {}, nonfinite {}\n", options.budget(), options.seed,
                        static_cast<int>(options.generator), static_cast<int>(options.nonfinite)}
                    .text;
}

Grown Grower::grow() {
  call();
  if (decide_.chance(15))
    grow_bare();
  else
    grow_program();
  parameters();
  return std::move(grown_);
}

/// A number of samples that is no multiple of the 256 lanes, most often of one tile.
void Grower::call() {
  constexpr std::uint64_t kSamples[] = {300, 300, 300, 300, 300, 300, 700, 257, 1, 8193};
  constexpr std::uint64_t kSeeds[] = {1, 0, 42, ~std::uint64_t{0}};
  grown_.options.samples = decide_.of(kSamples);
  grown_.options.seed = decide_.of(kSeeds);
  grown_.options.generator = generators()[decide_.below(static_cast<unsigned>(generators().size()))].second;
  grown_.options.nonfinite = decide_.chance(40) ? Nonfinite::drop : Nonfinite::nan;
}

/// Those that stand in the program: a call that gives others is refused.
void Grower::parameters() {
  for (const auto& [name, value] : known_parameters())
    if (std::regex_search(grown_.program, std::regex("(^|[^A-Za-z0-9])" + name + "([^A-Za-z0-9]|$)")))
      grown_.options.parameters.emplace_back(name, value);
}

std::string Grower::fresh(std::string_view stem) { return Written{"{}{}", stem, ++names_}.text; }

// ---- a program

void Grower::grow_program() {
  sample();
  for (unsigned statements = decide_.below(6); statements > 0 && nodes_left_ > 10; --statements) statement();
  unsigned queries = decide_.below(4) + 1;
  nodes_left_ = std::max(nodes_left_, 10);
  do query();
  while (--queries > 0 && nodes_left_ > 0);
}

void Grower::statement() {
  switch (decide_.below(10)) {
    case 0:
    case 1:
    case 2:
      return sample();
    case 8:
      return sample_joint();
    case 9:
      return sample_own();
    case 3:
      return sample_density();
    case 4:
      return matrix();
    case 5:
      return function();
    default:
      return definition();
  }
}

void Grower::definition() {
  if (decide_.chance(50)) {
    const int length = some_length();
    std::string body = vector(length, 3);
    vectors_.push_back({fresh("y"), length});
    grown_.program += Written{"{} = {}\n", vectors_.back().name, body}.text;
  } else {
    std::string body = number(4);
    scalars_.push_back(fresh("s"));
    grown_.program += Written{"{} = {}\n", scalars_.back(), body}.text;
  }
}

void Grower::matrix() {
  const int rows = 1 + static_cast<int>(decide_.below(3)), columns = 1 + static_cast<int>(decide_.below(3));
  std::vector<std::string> lines;
  for (int row = 0; row < rows; ++row) lines.push_back(array(columns, decide_.chance(30) ? 1 : 0));
  matrices_.push_back({fresh("M"), rows, columns});
  grown_.program += Written{"{} = [{}]\n", matrices_.back().name, fmt::join(lines, ", ")}.text;
}

/// Called at once: a parameter that only a function nobody calls names would be one too many.
void Grower::function() {
  Function function{.name = fresh("f"), .arity = 1 + decide_.below(3), .of_vector = decide_.chance(30)};
  std::vector<std::string> parameters;
  for (unsigned k = 0; k < function.arity; ++k) parameters.push_back(fresh(k == 0 ? "u" : "v"));
  const std::size_t scalars = scalars_.size();
  scalars_.insert(scalars_.end(), parameters.begin() + (function.of_vector ? 1 : 0), parameters.end());
  std::string body;
  if (function.of_vector) body = Written{body_on_vector(), parameters[0]}.text + " + ";
  body += number(3);
  scalars_.resize(scalars);
  grown_.program += Written{"{}({}) = {}\n", function.name, fmt::join(parameters, ", "), body}.text;
  functions_.push_back(std::move(function));
  std::string called = call(Function(functions_.back()), 2);
  scalars_.push_back(fresh("s"));
  grown_.program += Written{"{} = {}\n", scalars_.back(), called}.text;
}

/// What may be said of a vector whose length is not known; {0} is its name.
const char* Grower::body_on_vector() {
  constexpr const char* kBodies[] = {
      "sum({0})",
      "mean({0}^2)",
      "norm({0} - 1)",
      "max({0}) - min({0})",
      "sum({0}_i*{0}_j)",
      "sum(i*{0}_i)",
      "cumsum({0})_1",
      "prod({0}/2)",
      "sum(cumsum({0})_i*{0}_i)",
      "dot({0}, cumprod({0}))",
      "sum({0}_{{i+1}} - {0}_i)",
      "dim({0})",
      "any({0} > 1)",
      "sum(sum({0}_j, j = 1..1)*{0}_i)",
  };
  return decide_.of(kBodies);
}

// ---- queries

void Grower::query() {
  std::string text = asked();
  while (decide_.chance(20) && nodes_left_ > 0) text += ", " + asked();
  grown_.program += text + "\n";
}

std::string Grower::asked() {
  constexpr const char* kPlain[] = {"E", "E", "Var", "Std"};
  const unsigned kind = decide_.below(8);
  std::string inside;
  if (kind == 7)
    inside = Written{"P[{}", truth(3)}.text;
  else if (kind == 6)
    inside = Written{"{}[{}, {}", decide_.chance(50) ? "Corr" : "Cov", number(3), number(3)}.text;
  else
    inside = Written{"{}[{}", decide_.of(kPlain), number(4)}.text;
  if (decide_.chance(25)) inside += " | " + truth(2);
  return inside + "]";
}

// ---- a bare expression on a box, perhaps with a density beside it

void Grower::grow_bare() {
  const int length = 2 + static_cast<int>(decide_.below(6));
  const bool is_cube = decide_.chance(60);
  const auto size = static_cast<std::size_t>(length);
  grown_.box =
      is_cube ? mc::box(length, -1.0, 2.0) : mc::box(std::vector(size, -0.5), std::vector(size, 1.5));
  vectors_.push_back({"x", length});
  grown_.program = Written{"sum(x_i)*{}", number(4)}.text;
  if (decide_.chance(40)) grown_.program += Written{", {}", number(3)}.text;
  if (!decide_.chance(50)) return;
  constexpr const char* kDensities[] = {"prod(1/(hi_i - lo_i))", "exp(-sum(x_i^2))", "sum(x^2)/10",
                                        "exp(-sum(x_i*x_{i+1})/2)*prod(hi - lo)"};
  grown_.density = decide_.of(kDensities);
}

}  // namespace mc::fuzz
