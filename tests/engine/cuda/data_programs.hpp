// Bare expressions over data as sources: maps and reductions.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "engine/cuda/data.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/language/data.hpp"
#include "frontend/language/parser.hpp"

namespace mc::testing {

/// What a program is applied to: names of one letter, each of the type beside it.
struct DataProgram {
  std::string text;
  std::string names;
  std::vector<ir::Number> types;
  bool is_map = true;
  ir::Type result = ir::Type::f64;
};

inline const std::vector<DataProgram>& data_programs() {
  using enum ir::Number;
  static const std::vector<DataProgram> all{
      {"a*b", "ab", {f32, f32}, true, ir::Type::f32},
      {"a*b", "ab", {f64, f64}},
      {"a*b + sin(c)/sqrt(d*d + 1)", "abcd", {f64, f64, f64, f64}},
      {"exp(a)*normcdf(b)", "ab", {f32, f32}, true, ir::Type::f32},
      {"a + b*c", "abc", {i64, i32, u8}},
      {"sum(a_k*b_k)", "ab", {f32, f32}, false},
      {"sum((a_{k+1} - a_k)^2), max(a), min(b), prod(b)", "ab", {f64, i32}, false},
  };
  return all;
}

/// Of a reduction: its first pass.
inline cuda::Source source_of(const DataProgram& program) {
  const language::Parsed parsed = language::parse(program.text);
  if (!parsed.ok()) throw std::invalid_argument("not a program: " + program.text);
  const language::Source source{parsed.program, {}};
  std::vector<language::DataName> names;
  for (std::size_t k = 0; k < program.names.size(); ++k)
    names.push_back({std::string(1, program.names[k]), ir::read_as(program.types[k])});
  language::Diagnostics diagnostics;
  cuda::DataShape shape;
  if (program.is_map) {
    const ir::Type writes[] = {program.result};
    const language::DataMap map = language::lower_map(source, names, {}, writes, diagnostics);
    for (const std::uint32_t read : map.reads) shape.types.push_back(program.types[read]);
    shape.types.push_back(program.result == ir::Type::f32 ? ir::Number::f32 : ir::Number::f64);
    return cuda::translate(passes::lower(map.kernel), shape);
  }
  const language::DataPass pass = language::lower_reduction(source, names, {}, diagnostics).passes.at(0);
  for (const language::DataRead& read : pass.reads) shape.types.push_back(program.types[read.name]);
  shape.folds = pass.folds;
  return cuda::translate(passes::lower(pass.kernel), shape);
}

}  // namespace mc::testing
