// Random variables: `x ~ normal(0, 1)^3` by the library's samplers, and densities written out.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"
#include "frontend/language/prelude.hpp"

namespace mc::language {

using ir::Op;

/// The right-hand side of `x ~ …` taken apart.
struct Checker::Law {
  std::string_view name;
  NodeId call;
  std::optional<std::int64_t> count;  ///< ^n

  bool is_density() const { return name == "density" || name == "unnormalized"; }
};

void Checker::sample(const Statement& statement) {
  const std::string_view name = frame_->program->text(statement.name);
  const auto found = law(statement.body);
  Value value = opened();
  if (found) value = found->is_density() ? draw_density(name, *found) : draw_from(name, *found);
  bind(name, statement.name, {.name = name, .value = std::move(value)});
}

std::optional<Checker::Law> Checker::law(NodeId body) {
  const Program& program = *frame_->program;
  Law law{.name = {}, .call = body, .count = {}};
  if (program[body].kind == NodeKind::power) {
    law.call = program.child(body, 0);
    const auto count = whole(program.child(body, 1), "the number of coordinates");
    if (!count) return {};
    if (*count < 1 || *count > static_cast<std::int64_t>(limits_.dimensions)) {
      error(Category::shape, program[program.child(body, 1)].span,
            fmt::format("the number of coordinates has to be between 1 and {}, and is {}", limits_.dimensions,
                        *count),
            *count < 1 ? "" : "raise Limits::dimensions (--limit dimensions=N)");
      return {};
    }
    law.count = count;
  }
  if (program[law.call].kind == NodeKind::error) return {};
  const auto hint = "for example x ~ uniform(0, 1)^10";
  if (program[law.call].kind != NodeKind::call) {
    error(Category::syntax, program[law.call].span, "a distribution stands after ~", hint);
    return {};
  }
  law.name = program.name(law.call);
  if (law.is_density() || prelude().sampler(law.name)) return law;
  const Span span = program[law.call].focus;
  constexpr std::string_view kLater[] = {"mvnormal", "dirichlet", "data"};
  if (std::ranges::find(kLater, law.name) != std::end(kLater)) {
    error(Category::name, span, fmt::format("{} is not in this version yet", law.name));
    return {};
  }
  auto names = prelude().sampler_names();
  names.insert(names.end(), {"density", "unnormalized"});
  const std::string_view close = nearest(law.name, names);
  error(Category::name, span, fmt::format("unknown distribution {}", printable(law.name)),
        close.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                      : fmt::format("did you mean {}?", close));
  return {};
}

/// Whether an argument may go with a variable of the shape that `^n` and the arguments before it make.
bool Checker::fits_coordinates(const Value& joint, const Value& value, NodeId argument) {
  const Span span = (*frame_->program)[argument].span;
  const bool is_matrix = value.shape.rank > 1;
  const bool both = joint.shape.rank == 1 && value.shape.rank == 1;
  const std::int64_t n = joint.shape.rows, given = value.shape.rows;
  const bool agree = !both || n == given || n == Shape::kUnknown || given == Shape::kUnknown;
  if (!is_matrix && agree) return true;
  const std::string what = fmt::format("{} is {}", text(argument), describe(value.shape));
  if (is_matrix)
    error(Category::shape, span, "a distribution's arguments are numbers or vectors, and " + what);
  else
    error(Category::shape, span, fmt::format("{}, and the variable has {} coordinates", what, n),
          fmt::format("give a number for all, or a vector of {}", n));
  return false;
}

/// Inlines the sampler once, for the coordinate whose index is level 0.
Value Checker::draw_from(std::string_view name, const Law& law) {
  const auto entry = prelude().sampler(law.name);
  const Span span = (*frame_->program)[law.call].span;
  const std::string form = form_of(*entry->program, *entry->statement);
  if (!arity(law.call, entry->statement->parameters.count, form)) return opened();
  std::vector<Value> values = arguments(law.call);
  Shape shape{law.count ? 1u : 0u, law.count.value_or(1), 1};
  Value joint{.shape = shape};
  for (std::size_t k = 0; k < values.size(); ++k) {
    const NodeId argument = frame_->program->child(law.call, static_cast<std::uint32_t>(k));
    if (!fits_coordinates(joint, values[k], argument)) return opened();
    joint = joined(joint, values[k], span);
    if (joint.open) return opened();
  }
  shape = joint.shape;
  const Subscript own{1, 0, 0};
  const std::uint32_t levels_before = std::exchange(depth_, 1u);
  for (Value& value : values)
    if (!value.is_scalar()) value = of(value.at(std::span(&own, 1)));
  coordinates_ = shape.rank == 0 ? 0 : shape.rows;
  Frame frame{.program = entry->program, .library = true};
  constexpr std::string_view kDraws[] = {"u", "v", "w", "u2", "v2", "w2"};
  for (std::uint32_t k = 0; k < std::size(kDraws); ++k)
    frame.locals.push_back({.name = kDraws[k], .value = of(model_.terms.draw(k))});
  random_conditions_.clear();
  accept_ = TermId::none;
  Value element = inline_function(*entry->statement, std::move(frame), std::move(values), span);
  depth_ = levels_before;
  coordinates_ = 0;
  if (element.open) return opened();
  Terms& terms = model_.terms;
  for (TermId holds : random_conditions_) {
    element.scalar = terms.apply(Op::select, holds, terms.as_number(element.scalar), number(NAN));
    // No draws would be accepted where the arguments are bad, and there would be no end of them.
    if (accept_ != TermId::none) accept_ = terms.apply(Op::bit_or, accept_, terms.apply(Op::bit_not, holds));
  }
  return new_variable(name, span, shape, element.scalar, accept_);
}

Value Checker::new_variable(std::string_view name, Span span, const Shape& shape, TermId element,
                            TermId accept) {
  // A condition that looks at no draw, as that of a distribution of one value, has nothing to reject.
  const std::uint32_t tried = accept == TermId::none ? 0 : draws_in(accept);
  Variable variable{.name = std::string(name),
                    .extent = shape.rank == 0 ? 0 : shape.rows,
                    .draws = std::max(draws_in(element), tried),
                    .element = model_.terms.as_number(element),
                    .accept = tried == 0 ? TermId::none : accept,
                    .tried = tried,
                    .span = place(span)};
  const auto number = static_cast<std::uint32_t>(model_.variables.size());
  model_.variables.push_back(std::move(variable));
  if (shape.rank == 0) return of(model_.terms.variable(number));
  return {.shape = shape,
          .at = [this, number](std::span<const Subscript> s) { return model_.terms.variable(number, s[0]); }};
}

/// As many draws as a term is made of.
std::uint32_t Checker::draws_in(TermId root) const {
  std::uint32_t draws = 0;
  std::vector<TermId> pending{root};
  std::vector<bool> seen(model_.terms.size(), false);
  while (!pending.empty()) {
    const TermId id = pending.back();
    pending.pop_back();
    if (seen[static_cast<std::size_t>(id)]) continue;
    seen[static_cast<std::size_t>(id)] = true;
    const Term& term = model_.terms[id];
    if (term.kind == TermKind::draw) draws = std::max(draws, term.id + 1);
    if (term.kind == TermKind::apply)
      pending.insert(pending.end(), term.inputs().begin(), term.inputs().end());
  }
  return draws;
}

// ---------------------------------------------------------------- densities

namespace {
/// How a uniform t becomes a coordinate, and dx/dt; both exact changes of variable.
struct Change {
  TermId value, slope;
};

/// (0, 1) to (lo, ∞) by lo + t/(1-t), mirrored for (-∞, hi), and to (-∞, ∞) by (2t-1)/(t(1-t)).
Change change_of_variable(Terms& terms, TermId t, TermId lo, TermId hi) {
  const auto op = [&](Op o, TermId a, TermId b) { return terms.apply(o, a, b); };
  const TermId one = terms.number(1), rest = op(Op::sub, one, t);
  const auto infinite = [&](TermId end) { return terms.is_number(end) && std::isinf(terms[end].number); };
  if (infinite(lo) && infinite(hi)) {
    const TermId denominator = op(Op::mul, t, rest);
    const TermId centred = op(Op::sub, t, rest);
    const TermId slope = op(Op::div, op(Op::add, op(Op::mul, t, t), op(Op::mul, rest, rest)),
                            op(Op::mul, denominator, denominator));
    return {op(Op::div, centred, denominator), slope};
  }
  if (infinite(hi)) return {op(Op::add, lo, op(Op::div, t, rest)), op(Op::div, one, op(Op::mul, rest, rest))};
  if (infinite(lo)) return {op(Op::sub, hi, op(Op::div, rest, t)), op(Op::div, one, op(Op::mul, t, t))};
  const TermId width = op(Op::sub, hi, lo);
  return {op(Op::add, lo, op(Op::mul, width, t)), width};
}
}  // namespace

/// The variable is a function of hidden uniform ones; every estimate is weighted by density times slope.
Value Checker::draw_density(std::string_view name, const Law& law) {
  const Program& program = *frame_->program;
  const Span span = program[law.call].span;
  if (!arity(law.call, 3, fmt::format("{}(g, lo, hi)", law.name))) return opened();
  const Value lo = expression(program.child(law.call, 1)), hi = expression(program.child(law.call, 2));
  const Shape shape{law.count ? 1u : 0u, law.count.value_or(1), 1};
  const Value joint = joined(joined(Value{.shape = shape}, lo, span), hi, span);
  if (joint.open) return opened();
  const Value t = new_variable(fmt::format("{}'s uniform", name), span, joint.shape, model_.terms.draw(0));
  const auto change = [this, lo, hi, t](std::span<const Subscript> s) {
    const auto element = [s](const Value& v) { return v.is_scalar() ? v.scalar : v.at(s); };
    return change_of_variable(model_.terms, element(t), model_.terms.as_number(element(lo)),
                              model_.terms.as_number(element(hi)));
  };
  require_ends(lo, hi, joint.shape, span);
  const Value x = joint.is_scalar() ? of(change({}).value)
                                    : made(joint.shape, std::max(lo.height, hi.height),
                                           [change](auto s) { return change(s).value; });
  frame_->locals.push_back({.name = name, .value = x});
  const TermId density = density_of(program.child(law.call, 0));
  frame_->locals.pop_back();
  const TermId slope = product_over(joint.shape, [change](auto s) { return change(s).slope; });
  add_density(std::string(name), model_.terms.apply(Op::mul, density, slope), law.name == "density");
  return x;
}

/// One number for all coordinates.
TermId Checker::density_of(NodeId id) {
  return scalar(
      id, "a density",
      fmt::format("it is one density of all coordinates together: did you mean prod({})?", text(id)));
}

/// lo < hi, and finite: an infinite end changes the variable, so it has to stand in the text.
void Checker::require_ends(const Value& lo, const Value& hi, const Shape& shape, Span span) {
  Terms& terms = model_.terms;
  const Subscript own{1, 0, 0};
  const std::uint32_t levels_before = std::exchange(depth_, 1u);
  coordinates_ = shape.rank == 0 ? 0 : shape.rows;
  const auto end = [&](const Value& v) {
    return terms.as_number(v.is_scalar() ? v.scalar : v.at(std::span(&own, 1)));
  };
  const TermId low = end(lo), high = end(hi);
  require(terms.apply(Op::lt, low, high), "a density's lower end must be below its upper end",
          {{"the lower end", low}, {"the upper end", high}}, span);
  TermId finite = terms.truth(true);
  std::vector<std::pair<std::string, TermId>> shown;
  for (const auto& [name, bound] : {std::pair("the lower end", low), std::pair("the upper end", high)}) {
    if (terms.is_number(bound)) continue;
    const TermId is_finite = terms.apply(Op::lt, terms.apply(Op::abs, bound), number(INFINITY));
    finite = shown.empty() ? is_finite : terms.apply(Op::bit_and, finite, is_finite);
    shown.emplace_back(name, bound);
  }
  if (!shown.empty())
    require(finite,
            "an infinite end of a density is written inf; one from a vector or a parameter must be finite",
            std::move(shown), span);
  depth_ = levels_before;
  coordinates_ = 0;
}

/// From here on every estimate is weighted with it too.
void Checker::add_density(std::string name, TermId weight, bool normalized) {
  model_.weight = model_.weight == TermId::none ? weight : model_.terms.apply(Op::mul, model_.weight, weight);
  const TermId negative = model_.terms.as_number(model_.terms.apply(Op::lt, weight, number(0)));
  model_.densities.push_back({std::move(name), weight, negative, normalized});
}

TermId Checker::product_over(const Shape& shape,
                             const std::function<TermId(std::span<const Subscript>)>& factor) {
  if (shape.rank == 0) return factor({});
  const Subscript own{1, depth_++, 0};
  const TermId body = factor(std::span(&own, 1));
  --depth_;
  return model_.terms.reduce({Reduction::product, {{own.level, 1, shape.rows}}, body});
}

// ---------------------------------------------------------------- conditions on arguments

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

void names_in(const Program& program, NodeId id, std::vector<std::string_view>& names) {
  if (program[id].kind == NodeKind::name && std::ranges::find(names, program.name(id)) == names.end())
    names.push_back(program.name(id));
  for (NodeId child : program.children_of(id)) names_in(program, child, names);
}
}  // namespace

/// The `where` of a function or sampler, in whose frame we are.
void Checker::require(const Program& program, const Statement& statement, Span call_site) {
  for (NodeId condition : program.list(statement.conditions)) {
    const Value holds = as_truth(expression(condition));
    if (holds.open || !holds.is_scalar()) continue;
    std::vector<std::string_view> names;
    names_in(program, condition, names);
    std::vector<std::pair<std::string, TermId>> shown;
    for (std::string_view name : names)
      if (const auto value = lookup(name); value && value->is_scalar())
        shown.emplace_back(name, value->scalar);
    require(holds.scalar, say(program, condition, program.text(statement.name)), std::move(shown), call_site);
  }
}

/// Settled now where the arguments are numbers, left to the call where they are parameters. What depends on
/// other random variables only the samples can tell: a bad argument makes that sample not a number, which is
/// counted and reported.
void Checker::require(TermId holds, std::string message, std::vector<std::pair<std::string, TermId>> shown,
                      Span span) {
  Terms& terms = model_.terms;
  if (terms[holds].random) return random_conditions_.push_back(holds);
  if (terms[holds].levels != 0) {
    if (terms[holds].levels != 1 || coordinates_ == 0) return;
    holds = terms.reduce({Reduction::all, {{0, 1, coordinates_}}, holds});
    shown.clear();
  }
  // A function of the library that another one calls may ask for the same again.
  const bool is_inner = frame_->blamed != nullptr && frame_->blamed != frame_;
  const auto is_here = [&](const auto& known) { return known.span == place(span); };
  if (is_inner && (std::ranges::any_of(diagnostics_, is_here) ||
                   std::ranges::any_of(model_.requirements, [&](const Requirement& known) {
                     return is_here(known) && known.holds == holds;
                   })))
    return;
  if (!terms.is_number(holds)) {
    model_.requirements.push_back(
        {holds, std::move(message), std::move(shown), place(span), in_density_text_});
    return;
  }
  if (terms[holds].number != 0) return;
  std::vector<double> values;
  for (const auto& entry : shown)
    if (terms.is_number(entry.second)) values.push_back(terms[entry.second].number);
  error(Category::argument, span, violation(message, shown, values));
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
