// What `where` demands of arguments: settled here, at the call, or by the samples.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"

namespace mc::language {

using ir::Op;

namespace {
/// `sigma > 0` as people say it.
std::string say(const Program& program, NodeId condition, std::string_view callee) {
  if (program[condition].kind == NodeKind::comparison && program.children_of(condition).size() == 2) {
    const NodeId a = program.child(condition, 0), b = program.child(condition, 1);
    const bool zero = program[b].kind == NodeKind::number && program[b].number == 0;
    const Operator op = program.links_of(condition)[0].op;
    if (zero && op == Operator::greater) return fmt::format("{} must be positive", to_text(program, a));
    if (zero && op == Operator::greater_equal)
      return fmt::format("{} must not be negative", to_text(program, a));
    if (op == Operator::less)
      return fmt::format("{} must be less than {}", to_text(program, a), to_text(program, b));
  }
  return fmt::format("{} needs {}", callee, to_text(program, condition));
}
}  // namespace

void names_in(const Program& program, NodeId id, std::vector<std::string_view>& names) {
  if (program[id].kind == NodeKind::name && std::ranges::find(names, program.name(id)) == names.end())
    names.push_back(program.name(id));
  for (NodeId child : program.children_of(id)) names_in(program, child, names);
}

TermId Checker::holds_everywhere(const Value& condition) {
  if (condition.is_scalar()) return condition.scalar;
  std::vector<Range> ranges;
  std::array<Subscript, 2> at;
  for (unsigned k = 0; k < condition.shape.rank; ++k) {
    at[k] = {1, depth_ + k, 0};
    ranges.push_back({depth_ + k, 1, k == 0 ? condition.shape.rows : condition.shape.columns});
  }
  depth_ += condition.shape.rank;
  const TermId each = condition.at(std::span(at.data(), condition.shape.rank));
  depth_ -= condition.shape.rank;
  return model_.terms.reduce({Reduction::all, std::move(ranges), each});
}

/// The `where` of a function or sampler, in whose frame we are.
void Checker::require(const Program& program, const Statement& statement, Span call_site) {
  for (NodeId condition : program.list(statement.conditions)) {
    const Value holds = as_truth(expression(condition));
    if (holds.open) continue;
    std::vector<std::string_view> names;
    names_in(program, condition, names);
    std::vector<std::pair<std::string, TermId>> shown;
    for (std::string_view name : names)
      if (const auto value = lookup(name); value && value->is_scalar())
        shown.emplace_back(name, value->scalar);
    if (!holds.is_scalar()) shown.clear();
    require(holds_everywhere(holds), say(program, condition, program.text(statement.name)), std::move(shown),
            call_site);
  }
}

void Checker::require(TermId holds, std::string message, std::vector<std::pair<std::string, TermId>> shown,
                      Span span) {
  // A function of the library that another one calls may ask for the same again.
  const bool is_inner = frame_->blamed != nullptr && frame_->blamed != frame_;
  demand({{holds, std::move(message), std::move(shown), place(span), in_density_text_}, is_inner});
}

/// Settled now where the arguments are numbers, left to the call where they are parameters; where an index is
/// in them, its reduction is waited for. What depends on other random variables only the samples can tell: a
/// bad argument makes that sample not a number, which is counted and reported.
void Checker::demand(Demand demand) {
  Terms& terms = model_.terms;
  TermId& holds = demand.what.holds;
  if (terms[holds].random) return leave_to_samples(holds);
  if (terms[holds].levels == 1 && coordinates_ != 0) {
    holds = terms.reduce({Reduction::all, {{0, 1, coordinates_}}, holds});
    demand.what.shown.clear();
  }
  if (terms[holds].levels != 0) return leave_to_indices(std::move(demand));
  if (demand.is_inner && is_known(demand.what)) return;
  if (terms.is_number(holds)) return settle(demand.what);
  model_.requirements.push_back(std::move(demand.what));
}

/// A draw is refused as a whole, by what its arguments are; of a function, what it gives.
void Checker::leave_to_samples(TermId holds) {
  const Term& term = model_.terms[holds];
  const std::uint32_t own = coordinates_ != 0 ? 1u : 0u;
  const bool is_of_draw = is_sampling_ && !term.drawn && (term.levels & ~own) == 0;
  if (is_of_draw)
    random_conditions_.push_back(holds);
  else if (std::ranges::find(guards_, holds) == guards_.end())
    guards_.push_back(holds);
}

/// An index that the text names has its range where its reduction ends. The other loops are the checker's
/// own: their elements are looked at one by one, as samples are.
void Checker::leave_to_indices(Demand demand) {
  const std::uint32_t levels = model_.terms[demand.what.holds].levels;
  for (std::uint32_t level = 0; levels >> level != 0; ++level) {
    const bool is_named = level < levels_.size() && levels_[level] != nullptr;
    const bool is_coordinate = level == 0 && coordinates_ != 0;
    if ((levels >> level & 1) != 0 && !is_named && !is_coordinate) return leave_to_samples(demand.what.holds);
  }
  demand.what.shown.clear();
  awaiting_.push_back(std::move(demand));
}

/// The ranges of a reduction are known: what has waited for them.
void Checker::demand_over(std::span<const Range> ranges, std::vector<Demand> waiting) {
  for (Demand& waited : waiting) {
    TermId& holds = waited.what.holds;
    holds = model_.terms.reduce({Reduction::all, {ranges.begin(), ranges.end()}, holds});
    demand(std::move(waited));
  }
}

bool Checker::is_known(const Requirement& wanted) const {
  return std::ranges::any_of(diagnostics_, [&](const Diagnostic& d) { return d.span == wanted.span; }) ||
         std::ranges::any_of(model_.requirements, [&](const Requirement& known) {
           return known.span == wanted.span && known.holds == wanted.holds;
         });
}

void Checker::settle(const Requirement& wanted) {
  const Terms& terms = model_.terms;
  if (terms[wanted.holds].number != 0) return;
  std::vector<double> values;
  for (const auto& entry : wanted.shown)
    if (terms.is_number(entry.second)) values.push_back(terms[entry.second].number);
  error(Category::argument, wanted.span, violation(wanted.message, wanted.shown, values));
}

std::string violation(const std::string& message, std::span<const std::pair<std::string, TermId>> shown,
                      std::span<const double> values) {
  if (values.empty() || values.size() != shown.size()) return message;
  if (values.size() == 1 && message.starts_with(shown[0].first + " "))
    return fmt::format("{}, is {}", message, values[0]);
  std::string text = message + ":";
  for (std::size_t k = 0; k < values.size(); ++k)
    text += fmt::format("{} {} is {}", k == 0 ? "" : ",", shown[k].first, values[k]);
  return text;
}

}  // namespace mc::language
