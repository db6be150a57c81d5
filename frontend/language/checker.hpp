// Syntax → model: names, shapes, indices and queries. Reports everything it finds wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/language/diagnostics.hpp"
#include "frontend/language/model.hpp"
#include "frontend/language/parser.hpp"

namespace mc::language {

/// A name a program leaves free, for the call to give a meaning.
struct FreeName {
  std::string name;
  Span span;
};

/// A parsed program, with the density that stands beside a moment in the two-string form, if any.
struct Source {
  Program program;
  std::optional<Program> density;
  Limits limits = {};
  std::vector<std::shared_ptr<const External>> externals = {};  ///< that both may call
};

struct Checked {
  Model model;
  Diagnostics diagnostics;
  Diagnostics density_diagnostics;  ///< about the density's text
  std::vector<FreeName> free_names;

  bool ok() const { return !diagnostics.has_errors() && !density_diagnostics.has_errors(); }
};

/// Whether the name stands with a subscript anywhere: then it is a vector, even one of a single coordinate.
bool is_subscripted(const Source& source, std::string_view name);

/// The names that data(A) and rows(A) take: parameters whose number of rows is no part of a signature.
std::vector<std::string> table_names(const Source& source);

/// What can be called without being defined anywhere: sum, exp, …
std::vector<std::string_view> builtin_names();

/// Checks for the given setting. With errors the model is for looking at only.
Checked check(const Source& source, const Setting& setting);

}  // namespace mc::language
