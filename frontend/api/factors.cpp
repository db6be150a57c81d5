// A covariance's values, by a kernel where they are computed, and its factor from them.
#include "frontend/api/factors.hpp"

#include "engine/interpreter/interpreter.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/language/covariance.hpp"
#include "frontend/language/lowering.hpp"

namespace mc {

Factors::Factors(const language::Model& model, const language::Limits& limits) {
  for (const language::Factor& factor : model.factors)
    elements_.push_back(factor.source ? nullptr
                                      : interpreter::interpret(passes::lower(language::bounded(
                                            language::lower_factor(model, factor, limits), limits))));
}

void Factors::make(const language::Model& model, Binding& binding, std::string_view source,
                   const std::stop_token& stop) const {
  language::Diagnostics diagnostics;
  for (std::size_t k = 0; k < elements_.size(); ++k) {
    const language::Factor& factor = model.factors[k];
    const auto rows = static_cast<std::size_t>(model.arrays[factor.array].shape.rows);
    std::vector<double> computed;
    if (elements_[k]) computed = evaluate(*elements_[k], binding.arguments(0));
    const std::span<const double> covariance =
        elements_[k] ? std::span<const double>(computed) : binding.array(*factor.source, rows * rows);
    const std::span<double> made = binding.own(k, factor.array, rows * rows);
    const std::string refusal = language::factorize(factor.kind, covariance, rows, factor.name, made, stop);
    if (!refusal.empty()) diagnostics.error(language::Category::argument, factor.span, refusal);
  }
  throw_if_wrong(diagnostics, source);
}

}  // namespace mc
