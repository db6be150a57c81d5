// Drawing by rejection: a loop that draws anew until the variable's condition holds. A lane that has accepted
// keeps what it has, its stream's state too, while others go on; so what it draws does not depend on them, and
// the loop may end as soon as none goes on (ir::Loop, "settles").
#include <algorithm>
#include <limits>
#include <utility>

#include "frontend/language/emission.hpp"

namespace mc::language {
namespace {

/// A lane that has accepted nothing by then gives up, and its sample is not a number. The library's samplers
/// accept a fourth of their draws or more, so that happens once in 10^100 samples: it is there because every
/// loop has an end.
constexpr std::int64_t kMostTrials = 1000;

/// About how many the lanes that are computed together take: what counts for Limits::rounds.
constexpr std::int64_t kUsualTrials = 4;

}  // namespace

/// The condition's terms are computed in the rounds. What the element takes from them is carried out; the rest
/// of it is computed once.
Lowering::Trial Lowering::trial(const Variable& variable) const {
  std::vector<bool> drawn(terms_.size()), tried(terms_.size());
  const auto inputs_of = [this](TermId id) {
    const Term& term = terms_[id];
    return term.kind == TermKind::apply ? term.inputs() : std::span<const TermId>();
  };
  const auto at = [](TermId id) { return static_cast<std::size_t>(id); };
  for (std::size_t id = 0; id < terms_.size(); ++id) {  // operands come first
    const auto term = static_cast<TermId>(id);
    drawn[id] = terms_[term].kind == TermKind::draw ||
                std::ranges::any_of(inputs_of(term), [&](TermId input) { return drawn[at(input)]; });
  }
  Trial trial;
  std::vector<bool> seen(terms_.size());
  const auto walk = [&](TermId root, auto visit) {
    std::vector<TermId> pending{root};
    while (!pending.empty()) {
      const TermId id = pending.back();
      pending.pop_back();
      if (std::exchange(seen[at(id)], true)) continue;
      if (!drawn[at(id)])
        trial.fixed.push_back(id);
      else if (visit(id))
        pending.insert(pending.end(), inputs_of(id).begin(), inputs_of(id).end());
    }
  };
  walk(variable.accept, [&](TermId id) { return tried[at(id)] = true; });
  seen.assign(terms_.size(), false);
  walk(variable.element, [&](TermId id) {
    const Term& term = terms_[id];
    const bool is_tried = tried[at(id)] || (term.kind == TermKind::draw && term.id < variable.tried);
    if (is_tried) trial.carried.push_back(id);
    return !is_tried;
  });
  std::ranges::sort(trial.carried);
  return trial;
}

X Lowering::draw_by_rejection(Context& context, const Variable& variable) {
  check_size();
  const Trial trial = this->trial(variable);
  for (TermId id : trial.fixed) evaluate(context, id);
  const Rounds rounds(*this, kUsualTrials);
  stream_->align();
  std::vector<ir::Value> start = stream_->state;
  for (TermId id : trial.carried)
    start.push_back(terms_[id].truth ? b_.constant_i1(false) : b_.constant(0.0));
  const auto settled = static_cast<std::uint32_t>(start.size());
  start.push_back(b_.constant_i1(false));
  const auto body = [&](ir::Value, std::span<const ir::Value> before) {
    return one_trial(context, variable, trial.carried, before);
  };
  const auto end = b_.loop(u32(kMostTrials), start, body, settled);
  const std::size_t states = stream_->state.size();
  std::copy_n(end.begin(), states, stream_->state.begin());
  Context accepted{.outer = &context};
  accepted.draws.assign(variable.tried, X(b_, b_.constant(0.0)));  // nothing but what is carried uses them
  for (std::size_t k = 0; k < trial.carried.size(); ++k)
    accepted.values.emplace(trial.carried[k], X(b_, end[states + k]));
  draw(accepted, variable.draws - variable.tried);
  stream_->align();
  const X element = as_number(evaluate(accepted, variable.element));
  return select(X(b_, end[settled]), element, std::numeric_limits<double>::quiet_NaN());
}

/// What is carried after one more round, frozen where it has settled.
std::vector<ir::Value> Lowering::one_trial(Context& context, const Variable& variable,
                                           std::span<const TermId> carried,
                                           std::span<const ir::Value> before) {
  const std::size_t states = stream_->state.size();
  std::copy_n(before.begin(), states, stream_->state.begin());
  Context round{.outer = &context};
  draw(round, variable.tried);
  stream_->align();
  std::vector<ir::Value> after = stream_->state;
  const X accepts = evaluate(round, variable.accept);
  for (TermId id : carried) after.push_back(evaluate(round, id));
  const X settled(b_, before.back());
  for (std::size_t k = 0; k < after.size(); ++k)
    after[k] = select(settled, X(b_, before[k]), X(b_, after[k]));
  after.push_back(settled | accepts);
  return after;
}

}  // namespace mc::language
