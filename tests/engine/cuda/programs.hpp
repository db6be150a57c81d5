// The test table: programs of the language as kernels, with what a call gives them.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/cuda/translate.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/factors.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/parser.hpp"

namespace mc::testing {

/// What a program may be computed by.
struct Way {
  bool single = false;
  random::Generator generator = random::Generator::xoshiro256pp;
  bool screened = false;
};

class Program {
 public:
  Program(std::string text, const Way& way)
      : text_(std::move(text)), model_(model_of(text_, way)), layout_(language::groups(model_)) {
    kernel_ = passes::lower(language::lower(model_, way.generator, way.screened));
    const Factors factors(model_, {});
    binding_.bind(model_, {}, nullptr);
    factors.make(model_, binding_, text_);
  }

  const std::string& text() const { return text_; }
  const ir::Kernel& kernel() const { return kernel_; }
  const kernels::Layout& layout() const { return layout_; }
  kernels::Arguments arguments(std::uint64_t seed) const { return binding_.arguments(seed); }
  std::vector<double> numbers() const { return cuda::numbers(kernel_, arguments(0)); }
  cuda::Source source() const { return cuda::translate(kernel_, layout_); }

  /// The record of one tile by the interpreter, which is the reference.
  std::vector<double> record(std::uint64_t seed, std::uint64_t tile, std::uint64_t samples) const {
    if (!interpreted_) interpreted_ = interpreter::interpret(kernel_);
    kernels::TileWorkspace workspace;
    workspace.reserve(layout_, *interpreted_);
    std::vector<double> record(layout_.size);
    kernels::Arguments arguments = binding_.arguments(seed);
    arguments.tile = tile;
    kernels::compute_tile(layout_, *interpreted_, arguments, samples, workspace, record.data());
    return record;
  }

 private:
  static language::Model model_of(const std::string& text, const Way& way) {
    const language::Parsed parsed = language::parse(text);
    language::Setting setting;
    setting.single = way.single;
    language::Checked checked = language::check({parsed.program, {}}, setting);
    if (!parsed.ok() || !checked.ok()) throw std::invalid_argument("not a program: " + text);
    return std::move(checked.model);
  }

  std::string text_;
  language::Model model_;
  kernels::Layout layout_;
  ir::Kernel kernel_;
  Binding binding_;
  mutable std::unique_ptr<kernels::Executable> interpreted_;
};

/// Programs with exact values, and some for the corners: settling loops, rows, conditions, densities, samples
/// that are not finite, more groups than shared memory holds.
inline std::vector<std::string> program_table() {
  std::vector<std::string> programs{
      "x ~ normal(0, 1)^3; Var[max(x)*exp(x_1)]",
      "x ~ exponential(1)^7; E[sum(x_{i+1}/x_i)]",
      "x ~ uniform(0, 1)^6; f(k) = max(cumsum(x - 0.1*k)); E[sum(f(i)*x_i)]",
      "x ~ normal(0, 1)^7; Var[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]",
      "x ~ uniform(-1, 1); E[log(x)]",
      "x ~ uniform(-1, 1); E[log(x) | x > 0.9]",
      "x ~ normal(0, 1)^2; Corr[x_1, x_1*x_2 | x_1 > 1]",
      "x ~ normal(0, 1)^2; Cov[x_1, x_2], Corr[x_1, x_1*x_2], P[x_1 < x_2]",
      "x ~ unnormalized(exp(-x^4), -4, inf); Std[x | x > -1]",
      "x ~ gamma(0.4, 2)^6; k ~ poisson(sum(x)); y ~ beta(2, k + 1); E[y*k]",
      "m ~ gamma(2, 1); x ~ binomial(20, 1/(1 + m))^3; Var[max(x) + m]",
      "a = [1, 2, 3, 4, 5, 6]; x ~ beta(a, 0.7); E[prod(x)]",
      "x ~ normal(0, 1e6)^2; E[sin(x_1)*tan(x_2)]",
      "x ~ normal(0, 1)^252; s = cumsum(x); E[max(exp(0.01*max(s)) - 1, 0)]",
      "x ~ normal(1e200, 1e200); Var[x]",
      "x ~ uniform(0, 1)^5; E[x_1], E[x_2], E[x_3], E[x_4], E[x_5], E[x_1*x_2], Var[x_1], Var[x_2]",
      "E[2]",
  };
  for (const char* table : {"moments", "integrals"}) {
    std::ifstream file("tests/conformance/" + std::string(table) + ".tsv");
    std::string line, id, text;
    std::getline(file, line);  // the columns' names
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::getline(fields, id, '\t');
      std::getline(fields, text, '\t');
      programs.push_back(text);
    }
  }
  return programs;
}

}  // namespace mc::testing
