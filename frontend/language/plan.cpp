#include "frontend/language/plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/language/emission.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/schedule.hpp"

namespace mc::language {
namespace {

std::string_view name_of(Reduction reduction) {
  constexpr std::string_view kNames[] = {"sum", "prod", "min", "max", "any", "all"};
  return kNames[static_cast<std::size_t>(reduction)];
}

class Planner {
 public:
  Planner(const Model& model, std::string_view text) : model_(model), text_(text) {}

  Plan plan() {
    const Schedule schedule = language::schedule(model_, roots_of(model_), true);
    for (const ScheduleStage& stage : schedule.stages) add(stage);
    for (const Variable& variable : model_.variables) {
      if (variable.in_order) continue;
      plan_.draws += static_cast<std::uint64_t>(std::max<std::int64_t>(variable.extent, 1)) * variable.draws;
      plan_.rejects |= variable.rejects();
    }
    plan_.stored = static_cast<std::uint64_t>(schedule.stored(model_));
    return std::move(plan_);
  }

 private:
  void add(const ScheduleStage& stage) {
    PlannedLoop alone;
    for (const std::uint32_t number : stage.scalars) alone.draws.push_back(model_.variables[number].name);
    if (!alone.draws.empty()) plan_.loops.push_back(std::move(alone));
    for (const TermId fold : stage.folds) {
      const std::uint32_t number = model_.terms[fold].id;
      PlannedLoop nest{.rounds = 1, .draws = {}, .folds = {words(number)}};
      for (const Range& range : model_.terms.reduces()[number].ranges)
        nest.rounds *= static_cast<std::uint64_t>(range.size());
      plan_.loops.push_back(std::move(nest));
    }
    for (const FusedLoop& loop : stage.loops) add(loop);
  }

  void add(const FusedLoop& loop) {
    PlannedLoop planned{
        .rounds = static_cast<std::uint64_t>(loop.size()), .draws = {}, .folds = {}, .random = loop.random};
    if (loop.variable) planned.draws.push_back(model_.variables[*loop.variable].name);
    for (const std::uint32_t number : loop.scans)
      planned.folds.push_back(words(model_.places.scans, number, "a running sum"));
    for (const std::uint32_t number : loop.reduces) planned.folds.push_back(words(number));
    plan_.loops.push_back(std::move(planned));
  }

  std::string words(std::uint32_t reduce) const {
    const Reduction kind = model_.terms.reduces()[reduce].reduction;
    return fmt::format("{}({})", name_of(kind), words(model_.places.reduces, reduce, "…"));
  }

  /// What the library's definitions, or a density's, hold stands nowhere in the text.
  std::string words(const std::unordered_map<std::uint32_t, Span>& places, std::uint32_t number,
                    std::string_view otherwise) const {
    const auto place = place_in(places, number);
    if (!place || place->end <= place->begin || place->end > text_.size()) return std::string(otherwise);
    return std::string(text_.substr(place->begin, place->end - place->begin));
  }

  const Model& model_;
  std::string_view text_;
  Plan plan_;
};

}  // namespace

Plan planned(const Model& model, std::string_view text) { return Planner(model, text).plan(); }

}  // namespace mc::language
