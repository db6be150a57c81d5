// What a model's terms mean, as plainly as can be: every fold is a loop, every element of a running sum a
// fold of its own, nothing is stored or shared. The reference for what the lowering makes of loops.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "frontend/language/model.hpp"

namespace mc::testing {

class TermValue {
 public:
  /// `variables` are the values of the model's vector variables.
  TermValue(const language::Model& model, std::vector<std::vector<double>> variables)
      : model_(model), terms_(model.terms), variables_(std::move(variables)) {}

  double operator()(language::TermId id) {
    using enum language::TermKind;
    const language::Term& term = terms_[id];
    switch (term.kind) {
      case number:
        return term.number;
      case index:
        return static_cast<double>(levels_[term.id]);
      case variable:
        return variables_.at(term.id).at(at(term.subscripts[0]));
      case element: {
        const language::Array& array = model_.arrays[term.id];
        return array.values.at(at(term.subscripts[0]));
      }
      case apply:
        return applied(term);
      case reduce: {
        const language::Reduce& reduce = terms_.reduce_of(id);
        return fold(reduce.reduction, reduce.ranges, reduce.body, start(reduce.reduction));
      }
      case scan: {
        const language::Scan& scan = terms_.scan_of(id);
        const std::array range = {
            language::Range{scan.range.level, 1, static_cast<std::int64_t>(at(term.subscripts[0])) + 1}};
        return fold(scan.reduction, range, scan.body, start(scan.reduction));
      }
      default:
        throw std::logic_error("term_value: not for this kind of term");
    }
  }

 private:
  /// From 0.
  std::size_t at(const language::Subscript& s) const {
    const std::int64_t value = (s.is_plain() ? 0 : s.scale * levels_[s.level]) + s.offset;
    if (value < 1) throw std::out_of_range("term_value: a subscript below 1");
    return static_cast<std::size_t>(value - 1);
  }

  static double start(language::Reduction reduction) {
    using enum language::Reduction;
    return reduction == sum ? 0 : reduction == product ? 1 : reduction == minimum ? INFINITY : -INFINITY;
  }

  static double step(language::Reduction reduction, double folded, double value) {
    using enum language::Reduction;
    return reduction == sum       ? folded + value
           : reduction == product ? folded * value
           : reduction == minimum ? std::min(folded, value)
                                  : std::max(folded, value);
  }

  double fold(language::Reduction reduction, std::span<const language::Range> ranges, language::TermId body,
              double folded) {
    if (ranges.empty()) return step(reduction, folded, (*this)(body));
    const std::int64_t outside = levels_[ranges[0].level];
    for (std::int64_t k = ranges[0].first; k <= ranges[0].last; ++k) {
      levels_[ranges[0].level] = k;
      folded = fold(reduction, ranges.subspan(1), body, folded);
    }
    levels_[ranges[0].level] = outside;
    return folded;
  }

  double applied(const language::Term& term) {
    const double a = (*this)(term.operands[0]);
    const double b = term.inputs().size() > 1 ? (*this)(term.operands[1]) : 0;
    switch (term.op) {
      case ir::Op::add:
        return a + b;
      case ir::Op::sub:
        return a - b;
      case ir::Op::mul:
        return a * b;
      case ir::Op::div:
        return a / b;
      case ir::Op::neg:
        return -a;
      default:
        throw std::logic_error("term_value: not for this operation");
    }
  }

  const language::Model& model_;
  const language::Terms& terms_;
  std::vector<std::vector<double>> variables_;
  std::array<std::int64_t, 32> levels_{};
};

}  // namespace mc::testing
