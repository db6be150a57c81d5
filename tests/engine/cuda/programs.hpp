// Programs of the language as kernels, with what a call gives them.
#pragma once

#include <memory>
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
#include "tests/engine/cuda/program_table.hpp"

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
    factors.make(model_, binding_, text_, {});
  }

  const std::string& text() const { return text_; }
  const ir::Kernel& kernel() const { return kernel_; }
  const kernels::Layout& layout() const { return layout_; }
  kernels::Arguments arguments(std::uint64_t seed) const { return binding_.arguments(seed); }
  std::vector<double> numbers() const {
    const kernels::Arguments given = arguments(0);
    std::vector<cuda::TablePlace> tables;
    for (std::size_t k = 0; k < kernel_.tables.size(); ++k)
      tables.push_back({reinterpret_cast<std::uintptr_t>(given.tables[k].data), given.tables[k].rows});
    return cuda::numbers(kernel_, given, tables);
  }
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

}  // namespace mc::testing
