// Statements, and what the setting says of the names a program leaves free.
#include "frontend/language/checker.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"
#include "frontend/language/prelude.hpp"

namespace mc::language {

using ir::Op;

Checked check(const Source& source, const Setting& setting) { return Checker(source, setting).check(); }

Checker::Checker(const Source& source, const Setting& setting)
    : source_(source), setting_(setting), limits_(source.limits), diagnostics_(limits_.errors) {
  main_.program = &source_.program;
  model_.terms.single = setting.single;
  model_.externals = source.externals;
  open_ = model_.terms.parameter(UINT32_MAX);
  for (const Setting::Parameter& given : setting.parameters) given_.emplace(given.name, &given);
  for (const Statement& s : source.program.statements)
    if (s.kind != StatementKind::query && s.kind != StatementKind::expression)
      defined_.insert(source.program.text(s.name));
}

Checked Checker::check() {
  Checked checked;
  if (source_.density) {
    // The density is a text of its own, and so are its diagnostics.
    in_density_text_ = true;
    within_limits({}, [this] { apply_density_text(); });
    in_density_text_ = false;
    checked.density_diagnostics = std::exchange(diagnostics_, Diagnostics(limits_.errors));
  }
  for (const Statement& s : source_.program.statements)
    if (!within_limits(s.span, [&] { statement(s); })) break;
  const bool asks = has_statement(StatementKind::query) || has_statement(StatementKind::expression);
  if (!asks && !diagnostics_.has_errors() && !source_.program.statements.empty()) {
    const std::uint32_t end = source_.program.statements.back().span.end;
    error(Category::syntax, {end, end}, "the program asks for nothing",
          "end it with a query, for example E[sum(x)]");
  }
  checked.model = std::move(model_);
  checked.diagnostics = std::move(diagnostics_);
  checked.free_names = std::move(free_names_);
  return checked;
}

/// False where a limit was passed, which is an error about the span: nothing is to be looked at after that.
bool Checker::within_limits(Span span, const std::function<void()>& look) {
  try {
    look();
    return true;
  } catch (const PastLimit& past) {
    frame_ = &main_;
    nesting_ = calls_ = depth_ = 0;
    is_sampling_ = in_double_ = false;
    error(Category::argument, span, past.message, past.hint);
    return false;
  }
}

bool Checker::has_statement(StatementKind kind) const {
  return std::ranges::any_of(source_.program.statements,
                             [kind](const Statement& s) { return s.kind == kind; });
}

void Checker::statement(const Statement& s) {
  switch (s.kind) {
    case StatementKind::sample:
      return sample(s);
    case StatementKind::definition:
      return define(s);
    case StatementKind::query:
      return query(s);
    case StatementKind::expression:
      return bare(s);
    case StatementKind::function: {
      const std::string_view name = frame_->program->text(s.name);
      if (is_of_library_distribution(name))
        error(Category::name, s.name, fmt::format("{} is a function of the library", printable(name)),
              "give yours another name");
      bind(name, s.name, {.name = name, .kind = Binding::Kind::function, .function = &s});
      return;
    }
    case StatementKind::sampler:
      return own_distribution(s);
  }
}

void Checker::define(const Statement& s) {
  const std::string_view name = frame_->program->text(s.name);
  Value value = expression(s.body);
  bind(name, s.name, {.name = name, .value = std::move(value)});
}

bool Checker::bind(std::string_view name, Span span, Binding binding) {
  if (std::ranges::any_of(source_.externals, [&](const auto& known) { return known->name == name; })) {
    error(Category::name, span, fmt::format("{} is a function of C++ here", printable(name)),
          "give yours another name");
    return false;
  }
  if (!bound_at_.emplace(name, bindings_.size()).second) {
    error(Category::name, span, fmt::format("{} is defined twice", printable(name)),
          "give the second one another name");
    return false;
  }
  bindings_.push_back(std::move(binding));
  return true;
}

const Binding* Checker::binding(std::string_view name) const {
  if (frame_->library) return nullptr;
  const auto found = bound_at_.find(name);
  return found == bound_at_.end() || found->second >= frame_->visible ? nullptr : &bindings_[found->second];
}

// ---------------------------------------------------------------- free names

Value Checker::parameter(const Setting::Parameter& given) {
  if (given.shape.rank == 0) {
    const auto next = static_cast<std::uint32_t>(model_.scalars.size());
    const auto [known, is_new] = scalar_numbers_.emplace(given.name, next);
    if (is_new) model_.scalars.push_back(given.name);
    return of(model_.terms.parameter(known->second, given.is_data));
  }
  auto found = std::ranges::find(model_.arrays, given.name, &Array::name);
  if (found == model_.arrays.end())
    found = model_.arrays.insert(found, {.name = given.name, .shape = given.shape, .values = {}});
  const auto number = static_cast<std::uint32_t>(found - model_.arrays.begin());
  return {.shape = given.shape, .at = [this, number, is_data = given.is_data](auto s) {
            return model_.terms.element(number, s, is_data);
          }};
}

std::optional<Value> Checker::free_name(std::string_view name, Span span) {
  if (frame_->library) return {};
  if (const auto given = given_.find(name); given != given_.end()) {
    if (!given->second->table) return parameter(*given->second);
    return error(
        Category::argument, span,
        fmt::format("{} is data here: data(A) and rows(A) take it, and nothing else", printable(name)),
        "give the array a second time, under another name");
  }
  if (binding(name) != nullptr) return {};
  if (defined_.contains(name)) return not_yet_defined(name, span);
  const bool bare = !has_statement(StatementKind::sample);
  if (!setting_.settled) {
    if (free_seen_.emplace(name).second)
      free_names_.push_back({.name = std::string(name), .span = place(span)});
    return opened();
  }
  if (!bare) return {};
  if (!sampled_) sampled_.emplace(std::string(name), sample_on_box(name, span));
  if (sampled_->first == name) return sampled_->second;
  return error(Category::name, span,
               fmt::format("both {} and {} are free, and only one can be the variable", sampled_->first,
                           printable(name)),
               "give one a value (-D; Options::parameters), or a distribution: x ~ uniform(0, 1)^10");
}

Value Checker::not_yet_defined(std::string_view name, Span span) {
  const bool in_density = frame_->program != &source_.program;
  return error(Category::name, span, fmt::format("{} is not defined yet here", name),
               in_density         ? "a density beside a moment sees none of its definitions"
               : frame_->function ? "a function sees what stands before it"
                                  : "a statement sees what stands before it");
}

/// The bounds are parameters of the kernel: lo and hi, numbers for a cube, else vectors.
Value Checker::box_bound(std::string_view name) {
  const Shape all{1, setting_.dimension, 1};
  const bool cube = setting_.bounds == Setting::Bounds::cube;
  const Value bound = parameter({fmt::format("box.{}", name), cube ? Shape{} : all});
  if (!cube) return bound;
  return {.shape = all, .at = [bound](auto) { return bound.scalar; }};
}

Value Checker::sample_on_box(std::string_view name, Span span) {
  if (setting_.bounds == Setting::Bounds::none)
    return error(
        Category::argument, span,
        fmt::format("{} is free: it has no value and no distribution", printable(name)),
        fmt::format("sample it on a box (--dim, --box; mc::box), give it a law ({} ~ uniform(0, 1)^10), or a "
                    "value (-D; Options::parameters)",
                    printable(name)));
  model_.samples_box = true;
  const Subscript own{1, 0, 0};
  Terms& terms = model_.terms;
  const TermId lo = box_bound(kLow).at(std::span(&own, 1)), hi = box_bound(kHigh).at(std::span(&own, 1));
  const TermId width = terms.apply(Op::sub, hi, lo);
  const TermId element = terms.apply(Op::add, lo, terms.apply(Op::mul, width, terms.draw(0)));
  // A single coordinate that is never subscripted is a number.
  const bool scalar_variable = setting_.dimension == 1 && !is_subscripted(source_, name);
  return new_variable(name, span, {scalar_variable ? 0u : 1u, setting_.dimension, 1}, element);
}

namespace {
/// Whether an external function's call takes the name for a vector.
bool is_vector_of(const Source& source, const Program& program, const Node& call, std::string_view name) {
  const auto called = std::ranges::find_if(
      source.externals, [&](const auto& known) { return known->name == program.text(call.focus); });
  if (called == source.externals.end()) return false;
  const auto arguments = program.list(call.children);
  for (std::size_t k = 0; k < std::min(arguments.size(), (*called)->parameters.size()); ++k)
    if ((*called)->parameters[k].is_vector && program[arguments[k]].kind == NodeKind::name &&
        program.name(arguments[k]) == name)
      return true;
  return false;
}
}  // namespace

bool is_subscripted(const Source& source, std::string_view name) {
  const auto in = [&](const Program& program) {
    return std::ranges::any_of(program.nodes, [&](const Node& node) {
      if (node.kind == NodeKind::call && is_vector_of(source, program, node, name)) return true;
      if (node.kind != NodeKind::subscript) return false;
      const NodeId base = program.list(node.children)[0];
      return program[base].kind == NodeKind::name && program.name(base) == name;
    });
  };
  return in(source.program) || (source.density && in(*source.density));
}

/// Where a loop stands, for an error about its size.
void Checker::remember(std::unordered_map<std::uint32_t, Span>& places, TermId loop, Span span) {
  if (!in_density_text_) places.emplace(model_.terms[loop].id, span);
}

/// The density beside a moment weighs every estimate: V g(x), V the box's volume.
void Checker::apply_density_text() {
  const Program& program = *source_.density;
  Frame frame{.program = &program, .locals = {}, .indices = {}, .library = false, .call_site = {}};
  const bool boxed = setting_.bounds != Setting::Bounds::none;
  const Value lo = boxed ? box_bound(kLow) : opened(), hi = boxed ? box_bound(kHigh) : opened();
  frame.locals.push_back({.name = kLow, .value = lo});
  frame.locals.push_back({.name = kHigh, .value = hi});
  frame_ = &frame;
  std::optional<TermId> density;
  if (has_statement(StatementKind::sample))
    error(Category::syntax, {0, 0}, "a density stands beside a bare expression only",
          "leave out x ~ …, or write x ~ density(…)");
  else if (setting_.settled && !boxed)
    error(Category::argument, {0, 0}, "a density needs the box it is over",
          "give one (--dim, --box; mc::box)");
  else if (program.statements.size() == 1 && program.statements[0].kind == StatementKind::expression)
    density = density_of(program.statements[0].body);
  if (boxed && density) {
    model_.samples_box = true;
    const TermId volume = product_over({1, setting_.dimension, 1}, [&](std::span<const Subscript> s) {
      return model_.terms.apply(Op::sub, hi.at(s), lo.at(s));
    });
    add_density({}, model_.terms.apply(Op::mul, *density, volume));
  }
  frame_ = &main_;
}

// ---------------------------------------------------------------- reporting

Value Checker::error(Category category, Span span, std::string message, std::string hint,
                     std::string_view meant) {
  if (frame_->blamed != nullptr && category == Category::shape) message = refusal_of_library(), hint.clear();
  message = shortened(message);
  // A function's body is looked at once for every call of it, and may be wrong in the same way each time.
  const bool is_repeated = std::ranges::any_of(
      diagnostics_, [&](const Diagnostic& d) { return d.span == place(span) && d.message == message; });
  if (is_repeated) return opened();
  diagnostics_.error(category, place(span), std::move(message), std::move(hint), meant);
  if (frame_->called_at) diagnostics_.note(*frame_->called_at, "called here");
  return opened();
}

/// What does not fit inside a function of the library did not fit as its arguments: nobody knows its insides.
std::string Checker::refusal_of_library() const {
  const Frame& called = *frame_->blamed;
  const auto locals = std::span(called.locals);
  std::vector<std::string> shapes;
  for (const Binding& argument : locals.last(called.function->parameters.count))
    if (!argument.value.open) shapes.push_back(describe(argument.value.shape));
  return fmt::format(
      "{} cannot take {}", called.program->text(called.function->name),
      shapes.empty() ? "this" : fmt::format("{}", fmt::join(shapes, shapes.size() == 2 ? " and " : ", ")));
}

std::vector<std::string_view> Checker::known_names() const {
  std::vector<std::string_view> names = {"pi", "inf"};
  if (!frame_->library)
    for (const Binding& known : bindings_) names.push_back(known.name);
  for (const Binding& local : frame_->locals) names.push_back(local.name);
  for (const Setting::Parameter& given : setting_.parameters) names.push_back(given.name);
  return names;
}

}  // namespace mc::language
