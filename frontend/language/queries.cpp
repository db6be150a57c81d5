// What a query asks for, as groups of values: which estimator, under which condition, with which weight.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"
#include "frontend/language/soundness.hpp"

namespace mc::language {

using ir::Op;

/// A query taken apart.
struct Checker::Question {
  QueryKind kind = QueryKind::expectation;
  std::string text;
  std::vector<TermId> values;
  TermId condition = TermId::none;
};

void Checker::query(const Statement& s) {
  const Program& program = *frame_->program;
  const std::string_view word = to_text(s.query);
  Question question{.kind = s.query, .text = to_text(program, s), .values = {}};
  bool is_whole = true;
  for (NodeId argument : program.list(s.arguments)) {
    query_argument_ = argument;
    const auto term = s.query == QueryKind::probability
                          ? condition(argument, "P takes a condition", "P[{} > 0]")
                          : moment(argument, fmt::format("what {}[…] takes", word));
    if (term) question.values.push_back(*term);
    is_whole &= term.has_value();
  }
  if (s.condition != NodeId::none) {
    const auto term = condition(s.condition, "a condition stands after |", "{} > 0");
    if (term) question.condition = *term;
    is_whole &= term.has_value();
  }
  if (is_whole) ask(std::move(question));
}

/// A bare expression is its expectation.
void Checker::bare(const Statement& s) {
  query_argument_ = s.body;
  if (const auto term = moment(s.body, "a moment"))
    ask({.text = fmt::format("E[{}]", text(s.body)), .values = {*term}});
}

/// A scalar, or nothing where it is not known yet or wrong.
std::optional<TermId> Checker::moment(NodeId id, std::string_view what) {
  const Value value = expression(id);
  if (value.open) return {};
  if (value.is_scalar()) return model_.terms.as_number(value.scalar);
  scalar(id, what);  // says why not
  return {};
}

/// `hint` has a place for the expression's text.
std::optional<TermId> Checker::condition(NodeId id, std::string_view what, std::string_view hint) {
  const Value value = expression(id);
  if (value.open) return {};
  if (!value.is_scalar()) {
    scalar(id, "a condition");
    return {};
  }
  if (model_.terms[value.scalar].truth) return value.scalar;
  error(Category::argument, (*frame_->program)[id].span, fmt::format("{}, and this is a number", what),
        "compare it with something: " + fmt::format(fmt::runtime(hint), text(id)));
  return {};
}

namespace {
Estimator plain_estimator(QueryKind kind) {
  switch (kind) {
    case QueryKind::expectation:
      return Estimator::mean;
    case QueryKind::probability:
      return Estimator::probability;
    case QueryKind::variance:
      return Estimator::variance;
    case QueryKind::standard_deviation:
      return Estimator::deviation;
    case QueryKind::covariance:
      return Estimator::covariance;
    case QueryKind::correlation:
      return Estimator::correlation;
  }
  return Estimator::mean;
}

Estimator weighted_estimator(QueryKind kind) {
  if (kind == QueryKind::expectation) return Estimator::weighted_mean;
  if (kind == QueryKind::probability) return Estimator::weighted_probability;
  return plain_estimator(kind);
}
}  // namespace

/// Chooses the estimator. A condition is a weight of 1 or 0. A normalised density's weight w makes E[f] the
/// mean of w f; whatever else has a weight is divided by the weights' sum.
void Checker::ask(Question question) {
  Terms& terms = model_.terms;
  auto& values = question.values;
  const TermId condition = question.condition, w = model_.weight;
  const bool is_conditional = condition != TermId::none, is_weighted = w != TermId::none;
  const bool is_probability = question.kind == QueryKind::probability;
  const bool is_mean = question.kind == QueryKind::expectation;
  const bool varies = std::ranges::any_of(values, [&](TermId value) { return terms[value].random; });
  const auto sound = [&](TermId value) { return nan_unless(terms, soundness(model_, value).lost, value); };
  const auto add = [&](Estimator estimator, bool weighted, std::vector<TermId> group) -> Query& {
    std::ranges::transform(group, group.begin(), sound);
    Query query{std::move(question.text), estimator, weighted, std::move(group), varies};
    const bool has_weight = weighted || estimator == Estimator::conditional_probability;
    if (has_weight) query.weight = query.values[weighted ? 0 : 1];
    if (query.values.size() == (has_weight ? 2 : 1)) query.value = query.values[weighted ? 1 : 0];
    return model_.queries.emplace_back(std::move(query));
  };
  if (!is_conditional && !is_weighted) {
    for (TermId& value : values) value = terms.as_number(value);
    add(plain_estimator(question.kind), false, std::move(values));
    return;
  }
  if (is_probability && !is_weighted) {
    // Where the condition does not hold, nobody asks whether the other could be told.
    const TermId both = model_.may_refuse ? terms.apply(Op::select, condition, values[0], terms.truth(false))
                                          : terms.apply(Op::bit_and, values[0], condition);
    add(Estimator::conditional_probability, false, {terms.as_number(both), terms.as_number(condition)});
    return;
  }
  if (is_mean && !is_conditional && std::ranges::all_of(model_.densities, &Density::normalized)) {
    Query& query = add(Estimator::mean, false, {terms.apply(Op::mul, values[0], w)});
    query.value = sound(terms.as_number(values[0]));
    query.weight = w;
    return;
  }
  values[0] = terms.as_number(values[0]);
  // A negative weight means nothing here, and sums of such may be next to 0: those samples are not a number.
  const TermId weight =
      is_weighted ? terms.apply(Op::select, terms.apply(Op::lt, w, number(0)), number(NAN), w) : number(1);
  values.insert(values.begin(),
                is_conditional ? terms.apply(Op::select, condition, weight, number(0)) : weight);
  add(weighted_estimator(question.kind), true, std::move(values));
}

}  // namespace mc::language
