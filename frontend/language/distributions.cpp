// Random variables: `x ~ normal(0, 1)^3` by a sampler's text, the library's or the program's.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"
#include "frontend/language/prelude.hpp"
#include "frontend/language/soundness.hpp"

namespace mc::language {

using ir::Op;

namespace {
bool is_density(std::string_view name) { return name == "density" || name == "unnormalized"; }

/// What has a rule of its own beside the samplers' texts.
constexpr std::string_view kBuiltin[] = {"mvnormal", "dirichlet", "data", "rows", "density", "unnormalized"};
bool is_among(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}
}  // namespace

bool is_library_distribution(std::string_view name) {
  return prelude().sampler(name) || is_among(kBuiltin, name);
}

bool is_of_library_distribution(std::string_view name) {
  return is_library_distribution(name.substr(0, name.find('.'))) && name.find('.') != name.npos;
}

void Checker::sample(const Statement& statement) {
  const std::string_view name = frame_->program->text(statement.name);
  const auto found = law(statement.body);
  Value value = opened();
  if (!found)
    value = opened();
  else if (is_density(found->name))
    value = draw_density(name, *found);
  else if (found->name == "mvnormal")
    value = draw_mvnormal(name, *found);
  else if (takes_table(found->name))
    value = draw_rows(name, *found);
  else if (found->name == "dirichlet")
    value = draw_dirichlet(name, *found);
  else
    value = draw_from(name, *found);
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
  if (const Binding* own = binding(law.name); own != nullptr && own->kind == Binding::Kind::sampler)
    return own->function != nullptr ? std::optional(law) : std::nullopt;  // refused where it stands
  const bool is_hidden = law.name.find('.') != law.name.npos;             // a part of another one
  if (!is_hidden && is_library_distribution(law.name)) return law;
  unknown_distribution(law.name, program[law.call].focus);
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

void Checker::unknown_distribution(std::string_view name, Span span) {
  if (binding(name) == nullptr && std::ranges::any_of(source_.program.statements, [&](const Statement& s) {
        return s.kind == StatementKind::sampler && source_.program.text(s.name) == name;
      })) {
    not_yet_defined(name, span);
    return;
  }
  std::vector<std::string_view> names;
  for (std::string_view known : prelude().sampler_names())
    if (known.find('.') == known.npos) names.push_back(known);
  names.insert(names.end(), std::begin(kBuiltin), std::end(kBuiltin));
  for (const Binding& known : bindings_)
    if (known.kind == Binding::Kind::sampler) names.push_back(known.name);
  const std::string_view close = nearest(name, names);
  error(Category::name, span, fmt::format("unknown distribution {}", printable(name)),
        close.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                      : fmt::format("did you mean {}?", close),
        close);
}

/// The program's own, or the library's.
Checker::Sampler Checker::sampler(std::string_view name) {
  if (const Binding* own = binding(name); own != nullptr && own->kind == Binding::Kind::sampler)
    return {
        .statement = own->function,
        .frame = {.program = &source_.program, .visible = static_cast<std::size_t>(own - bindings_.data())}};
  const auto entry = prelude().sampler(name);
  return {.statement = entry->statement, .frame = {.program = entry->program, .library = true}};
}

Value Checker::draw_from(std::string_view name, const Law& law) {
  Sampler sampler = this->sampler(law.name);
  const std::string form = form_of(*sampler.frame.program, *sampler.statement);
  if (!arity(law.call, sampler.statement->parameters.count, form)) return opened();
  std::vector<Value> values = arguments(law.call);
  const auto shape = shape_of(law, values);
  if (!shape) return opened();
  return draw_coordinates(name, std::move(sampler), std::move(values), *shape,
                          (*frame_->program)[law.call].span);
}

/// That of `^n`, or of the arguments that are vectors.
std::optional<Shape> Checker::shape_of(const Law& law, const std::vector<Value>& arguments) {
  const Span span = (*frame_->program)[law.call].span;
  Value joint{.shape = {law.count ? 1u : 0u, law.count.value_or(1), 1}};
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    const NodeId argument = frame_->program->child(law.call, static_cast<std::uint32_t>(k));
    if (!fits_coordinates(joint, arguments[k], argument)) return {};
    joint = joined(joint, arguments[k], span);
    if (joint.open) return {};
  }
  return joint.shape;
}

/// Inlines the sampler once, for the coordinate whose index is level 0.
Value Checker::draw_coordinates(std::string_view name, Sampler sampler, std::vector<Value> arguments,
                                const Shape& shape, Span span) {
  const Subscript own{1, 0, 0};
  const std::uint32_t levels_before = std::exchange(depth_, 1u);
  for (Value& value : arguments)
    if (!value.is_scalar()) value = of(value.at(std::span(&own, 1)));
  coordinates_ = shape.rank == 0 ? 0 : shape.rows;
  for (std::uint32_t k = 0; k < std::size(kDraws); ++k)
    sampler.frame.locals.push_back({.name = kDraws[k], .value = of(model_.terms.draw(k))});
  random_conditions_.clear();
  accept_ = TermId::none;
  is_sampling_ = true;
  Value element = inline_function(*sampler.statement, std::move(sampler.frame), std::move(arguments), span);
  is_sampling_ = false;
  depth_ = levels_before;
  coordinates_ = 0;
  if (element.open || accept_ == open_ || !is_one_number(*sampler.statement, element)) return opened();
  Terms& terms = model_.terms;
  const bool binary = terms[element.scalar].truth;
  for (TermId holds : random_conditions_) {
    element.scalar = nan_unless(terms, holds, element.scalar);
    // No draws would be accepted where the arguments are bad, and there would be no end of them.
    if (accept_ != TermId::none) accept_ = terms.apply(Op::bit_or, accept_, terms.apply(Op::bit_not, holds));
  }
  return new_variable(name, span, shape, element.scalar, accept_, binary);
}

/// A binary one is a truth value: P[b] asks how often it holds.
Value Checker::new_variable(std::string_view name, Span span, const Shape& shape, TermId element,
                            TermId accept, bool binary) {
  // A refused truth value of another variable spoils this one, and must not keep the trials from an end.
  element = nan_unless(model_.terms, soundness(model_, element).lost, element);
  if (accept != TermId::none) {
    const TermId sound = soundness(model_, accept).full;
    element = nan_unless(model_.terms, sound, element);
    if (sound != model_.terms.truth(true))
      accept = model_.terms.apply(Op::bit_or, accept, model_.terms.apply(Op::bit_not, sound));
  }
  // A condition that looks at no draw, as that of a distribution of one value, has nothing to reject.
  const std::uint32_t tried = accept == TermId::none ? 0 : draws_in(accept);
  Variable variable{.name = std::string(name),
                    .extent = shape.rank == 0 ? 0 : shape.rows,
                    .draws = std::max(draws_in(element), tried),
                    .element = model_.terms.as_number(element),
                    .accept = tried == 0 ? TermId::none : accept,
                    .tried = tried,
                    .span = place(span),
                    .refusable = may_be_refused(model_, element)};
  const auto number = static_cast<std::uint32_t>(model_.variables.size());
  model_.may_refuse |= variable.refusable;
  model_.variables.push_back(std::move(variable));
  const Value value = shape.rank == 0
                          ? of(model_.terms.variable(number, binary))
                          : Value{.shape = shape, .at = [this, number, binary](std::span<const Subscript> s) {
                                    return model_.terms.variable(number, s[0], binary);
                                  }};
  return binary ? as_truth(value) : value;
}

/// As many draws as a term is made of.
std::uint32_t Checker::draws_in(TermId root) const {
  std::uint32_t draws = 0;
  for (TermId id : reachable(model_.terms, root))
    if (const Term& term = model_.terms[id]; term.kind == TermKind::draw)
      draws = std::max(draws, term.id + 1);
  return draws;
}

}  // namespace mc::language
