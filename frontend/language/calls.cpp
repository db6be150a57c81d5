// Calls: what is built in, the program's own functions, the library's.
#include <algorithm>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"
#include "frontend/language/prelude.hpp"
#include "frontend/language/soundness.hpp"

namespace mc::language {
namespace {

using ir::Op;

/// Built-in functions that are one operation on numbers.
struct Builtin {
  std::string_view name;
  Op op;
  std::size_t arity;
};

constexpr Builtin kBuiltins[] = {
    {"sqrt", Op::sqrt, 1}, {"abs", Op::abs, 1},     {"floor", Op::floor, 1},
    {"ceil", Op::ceil, 1}, {"trunc", Op::trunc, 1}, {"fma", Op::fma, 3},
#define MC_FUNCTION(name, arity) {#name, Op::name##_function, arity},
#include "engine/ir/functions.def"
#undef MC_FUNCTION
};

}  // namespace

std::vector<std::string_view> builtin_names() {
  std::vector<std::string_view> names = {"sum", "prod", "min",     "max",          "any",
                                         "all", "mean", "norm",    "cumsum",       "cumprod",
                                         "dim", "if",   "iterate", "mvnormal.pdf", "double"};
  for (const Builtin& builtin : kBuiltins) names.push_back(builtin.name);
  return names;
}

Value Checker::call(NodeId id) {
  const Program& program = *frame_->program;
  const std::string_view name = program.name(id);
  if (const Binding* found = binding(name); found != nullptr && found->kind == Binding::Kind::function) {
    return apply_function(name, id);
  }
  if (!frame_->library)
    for (std::uint32_t k = 0; k < source_.externals.size(); ++k)
      if (source_.externals[k]->name == name) return apply_external(k, id);
  if (auto value = builtin(name, id)) return *value;
  if (prelude().function(name)) return apply_function(name, id);
  return unknown_function(id);
}

std::optional<Value> Checker::builtin(std::string_view name, NodeId call) {
  const auto arguments_given = frame_->program->children_of(call).size();
  if (name == "if") return choose(call);
  if (name == "double")
    return arity(call, 1, "double(x)") ? in_double(frame_->program->child(call, 0)) : opened();
  if ((name == "min" || name == "max") && arguments_given > 1 && !is_reduction(call))
    return extreme(name == "min" ? Op::min : Op::max, call);
  if (name == "mvnormal.pdf") return mvnormal_density(call);
  if (name == "cumsum") return scan(Reduction::sum, call);
  if (name == "cumprod") return scan(Reduction::product, call);
  if (name == "iterate") return iterate(call);
  if (const Binder* found = binder(name)) {
    if (arguments_given == 0) return arity(call, 1, fmt::format("{}(x)", name)) ? Value{} : opened();
    return reduce(*found, call);
  }
  if (name == "dim") return dimension(call);
  const auto* found = std::ranges::find(kBuiltins, name, &Builtin::name);
  if (found == std::end(kBuiltins)) return {};
  constexpr std::string_view kForms[] = {"{}(x)", "{}(x, y)", "{}(a, b, c)"};
  if (!arity(call, found->arity, fmt::format(fmt::runtime(kForms[found->arity - 1]), name))) return opened();
  const std::vector<Value> values = arguments(call);
  if (found->arity == 1) return map(values[0], found->op);
  if (found->arity == 3)
    return map(values, (*frame_->program)[call].span, [this, op = found->op](const Three& t) {
      Terms& terms = model_.terms;
      return terms.apply(op, terms.as_number(t[0]), terms.as_number(t[1]), terms.as_number(t[2]));
    });
  return map(found->op, values[0], values[1], (*frame_->program)[call].span);
}

/// Not inlined: what it keeps on the stack would be in every frame of deep calls.
[[gnu::noinline]] Value Checker::dimension(NodeId call) {
  if (!arity(call, 1, "dim(x)")) return opened();
  const Value value = expression(frame_->program->child(call, 0));
  if (value.open || value.shape.rows == Shape::kUnknown) return opened();
  return of(count_of(value.shape.size()));
}

/// What it is made of is drawn as floats and computed in doubles from there on, functions that it calls too.
/// In double precision that is no news.
Value Checker::in_double(NodeId id) {
  const bool before = std::exchange(in_double_, true);
  Value value = expression(id);
  in_double_ = before;
  return value;
}

Value Checker::choose(NodeId call) {
  if (!arity(call, 3, "if(condition, a, b)")) return opened();
  return map(arguments(call), (*frame_->program)[call].span, [this](const Three& t) {
    Terms& terms = model_.terms;
    const auto& [condition, a, b] = t;
    const bool mixed = terms[a].truth != terms[b].truth;
    return terms.apply(Op::select, terms.as_truth(condition), mixed ? terms.as_number(a) : a,
                       mixed ? terms.as_number(b) : b);
  });
}

/// max(a, b, …) of numbers or, elementwise, of vectors.
Value Checker::extreme(Op op, NodeId call) {
  const std::vector<Value> values = arguments(call);
  Value folded = values[0];
  for (const Value& value : std::span(values).subspan(1))
    folded = map(op, folded, value, (*frame_->program)[call].span);
  return folded;
}

std::vector<Value> Checker::arguments(NodeId call) {
  std::vector<Value> values;
  for (NodeId argument : frame_->program->children_of(call)) values.push_back(expression(argument));
  return values;
}

/// `form` is how it is written: normal(mu, sigma).
bool Checker::arity(NodeId call, std::size_t expected, std::string_view form) {
  const std::size_t given = frame_->program->children_of(call).size();
  if (given == expected) return true;
  error(Category::argument, (*frame_->program)[call].span,
        fmt::format("{} takes {} argument{}, not {}", frame_->program->name(call), expected,
                    expected == 1 ? "" : "s", given),
        fmt::format("write {}", form));
  return false;
}

// ---------------------------------------------------------------- functions written in the language

/// Its name and parameters: clamp(x, lo, hi).
std::string Checker::form_of(const Program& program, const Statement& function) {
  std::vector<std::string_view> parameters;
  for (NodeId parameter : program.list(function.parameters)) parameters.push_back(program.name(parameter));
  return fmt::format("{}({})", program.text(function.name), fmt::join(parameters, ", "));
}

Value Checker::apply_function(std::string_view name, NodeId call) {
  const Span span = (*frame_->program)[call].span;
  const Binding* own = binding(name);
  const Statement* statement = own != nullptr ? own->function : nullptr;
  Frame frame{.program = &source_.program,
              .visible = own == nullptr ? 0 : static_cast<std::size_t>(own - bindings_.data())};
  bool takes_numbers = false;
  if (statement == nullptr) {
    const auto found = prelude().function(name);
    statement = found->statement;
    frame.program = found->program;
    frame.library = true;
    takes_numbers = found->takes_numbers;
  }
  if (!arity(call, statement->parameters.count, form_of(*frame.program, *statement))) return opened();
  std::vector<Value> values = arguments(call);
  const bool has_vectors = !std::ranges::all_of(values, &Value::is_scalar);
  if (has_vectors && takes_numbers) return one_by_one(*statement, std::move(frame), std::move(values), span);
  return inline_function(*statement, std::move(frame), std::move(values), span);
}

/// A library's function that makes loops of its own, of vectors: it is written out anew for each element that
/// is asked for, inside the loops that ask for it.
Value Checker::one_by_one(const Statement& function, Frame frame, std::vector<Value> arguments,
                          Span call_site) {
  Value joint = arguments[0];
  for (const Value& argument : arguments) joint = joined(joint, argument, call_site);
  if (joint.open) return opened();
  frame.call_site = place(call_site);
  return {.shape = joint.shape, .at = [this, &function, frame, arguments](std::span<const Subscript> s) {
            std::vector<Value> numbers;
            for (const Value& argument : arguments)
              numbers.push_back(argument.is_scalar() ? argument : of(argument.at(s)));
            return inline_function(function, frame, std::move(numbers), *frame.call_site).scalar;
          }};
}

/// A function that is written elsewhere, which says of each parameter whether it is a number or a vector. Not
/// inlined: what it keeps on the stack would be in every frame of deep calls.
[[gnu::noinline]] Value Checker::apply_external(std::uint32_t number, NodeId call) {
  const External& function = *source_.externals[number];
  const Program& program = *frame_->program;
  std::vector<std::string_view> names;
  for (const External::Parameter& parameter : function.parameters) names.push_back(parameter.name);
  if (!arity(call, names.size(), fmt::format("{}({})", function.name, fmt::join(names, ", "))))
    return opened();
  ExternalCall made{.function = number, .parts = {}, .ranges = {}};
  bool is_open = false;
  for (std::size_t k = 0; k < names.size(); ++k) {
    const External::Parameter& parameter = function.parameters[k];
    const Span span = program[program.child(call, k)].span;
    if (depth_ >= limits_.index_levels) return too_many_levels(span);
    const std::uint32_t level =
        depth_++;  // of the loop through a vector; what stands inside counts from the next
    const Value value = expression(program.child(call, k));
    const Subscript own{1, level, 0};
    const bool is_vector = !value.open && value.shape.rank == 1;
    const TermId element = is_vector ? model_.terms.as_number(value.at(std::span(&own, 1))) : open_;
    --depth_;
    is_open |= value.open || value.shape.rows == Shape::kUnknown;
    if (is_open) continue;
    if (!parameter.is_vector && value.is_scalar()) {
      made.parts.push_back(model_.terms.as_number(value.scalar));
      made.ranges.emplace_back();
      continue;
    }
    const bool fits = parameter.length == 0 || value.shape.rows == parameter.length;
    if (!parameter.is_vector || !is_vector || is_data_extent(value.shape.rows) || !fits)
      return error(Category::shape, span,
                   fmt::format("{}'s {} is {}, and this is {}", function.name, printable(parameter.name),
                               !parameter.is_vector    ? "a number"
                               : parameter.length == 0 ? "a vector"
                                                       : describe({1, parameter.length, 1}),
                               describe(value.shape)),
                   parameter.is_vector ? "" : "apply it to each element: sum(f(x_i))");
    made.parts.push_back(element);
    made.ranges.push_back(Range{level, 1, value.shape.rows});
  }
  if (is_open) return opened();
  const bool may_fail = !function.trouble.empty();
  model_.may_refuse |= may_fail;
  const bool is_number = function.gives_truth && may_fail;
  const TermId made_call =
      model_.terms.external(std::move(made), function.gives_truth && !is_number, function.single);
  return of(is_number ? model_.terms.apply(Op::eq, made_call, model_.terms.number(1)) : made_call);
}

/// Writes the body out in place of the call. A function sees what stands before it, so none can reach itself.
Value Checker::inline_function(const Statement& function, Frame frame, std::vector<Value> arguments,
                               Span call_site) {
  if (calls_ >= limits_.calls)
    return error(Category::argument, call_site,
                 fmt::format("functions call one another more than {} deep", limits_.calls),
                 "raise Limits::calls (--limit calls=N)");
  const Program& program = *frame.program;
  const auto parameters = program.list(function.parameters);
  for (std::size_t k = 0; k < parameters.size(); ++k)
    frame.locals.push_back({.name = program.name(parameters[k]), .value = std::move(arguments[k])});
  frame.function = &function;
  // What is wrong in the program's own sampler does not depend on the call: coordinates are numbers.
  const bool is_own_sampler = function.kind == StatementKind::sampler && !frame.library;
  frame.called_at = frame_->called_at;
  if (frame.library) {
    frame.call_site = place(call_site);
    frame.blamed = frame_->blamed != nullptr ? frame_->blamed : &frame;
  } else if (!frame.called_at && !is_own_sampler) {
    frame.called_at = call_site;
  }
  Frame* const caller = std::exchange(frame_, &frame);
  ++calls_;
  const std::size_t guarded = guards_.size();
  if (function.conditions.count > 0) require(program, function, call_site);
  const Value value = guard(expression(function.body), guarded);
  if (function.accept != NodeId::none) accept_ = accepted_by(function.accept);
  --calls_;
  frame_ = caller;
  return value;
}

/// Not a number where the samples refuse the arguments, by the guards from the `first` on, which end here.
Value Checker::guard(Value value, std::size_t first) {
  TermId holds = model_.terms.truth(true);
  for (TermId own : std::span(guards_).subspan(first))
    holds = holds == model_.terms.truth(true) ? own : model_.terms.apply(Op::bit_and, holds, own);
  const bool none = guards_.size() == first;
  guards_.resize(first);
  if (none || value.open) return value;
  model_.may_refuse = true;
  return map(value, [this, holds](TermId term) { return refused_unless(model_.terms, holds, term); });
}

Value Checker::unknown_function(NodeId call) {
  const std::string_view name = frame_->program->name(call);
  const Span span = (*frame_->program)[call].focus;
  if (lookup(name))
    return error(Category::name, span, fmt::format("{} is not a function", printable(name)),
                 fmt::format("to multiply, write {}*(…)", printable(name)));
  const Binding* own = binding(name);
  if (is_library_distribution(name) || (own != nullptr && own->kind == Binding::Kind::sampler))
    return error(Category::name, span, fmt::format("{} is a distribution: it has no value of its own", name),
                 fmt::format("draw from it first: x ~ {}(…)", name));
  const auto defined = std::ranges::find(bindings_, name, &Binding::name);
  const bool is_later = std::ranges::any_of(source_.program.statements, [&](const Statement& s) {
    return (s.kind == StatementKind::function || s.kind == StatementKind::sampler) &&
           source_.program.text(s.name) == name;
  });
  if (defined != bindings_.end() || (is_later && !frame_->library))
    return error(Category::name, span, fmt::format("{} is not defined yet here", name),
                 "a function sees what stands before it, and never itself: there is no recursion");
  auto names = builtin_names();
  for (std::string_view known : prelude().function_names()) names.push_back(known);
  for (const Binding& known : bindings_)
    if (known.kind == Binding::Kind::function) names.push_back(known.name);
  const std::string_view close = nearest(name, names);
  return error(Category::name, span, fmt::format("unknown function {}", printable(name)),
               close.empty() ? "" : fmt::format("did you mean {}?", close), close);
}

}  // namespace mc::language
