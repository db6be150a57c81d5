// Distributions of the program's own: `rayleigh(s) ~ s*sqrt(-2*log(u))  where s > 0`, in the words of the
// library's texts. What can be said of one is said where it stands, before anything is drawn from it.
#include <algorithm>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"
#include "frontend/language/prelude.hpp"

namespace mc::language {
namespace {

bool is_draw(std::string_view name) { return std::ranges::find(kDraws, name) != std::end(kDraws); }

/// Like the name of a draw, as u3 is.
bool resembles_draw(std::string_view name) {
  return std::string_view("uvw").find(name[0]) != std::string_view::npos &&
         std::ranges::all_of(name.substr(1), [](char c) { return '0' <= c && c <= '9'; });
}

constexpr std::string_view kDrawsAreNamed = "they are u, v, w, u2, v2 and w2, each uniform on (0, 1)";

std::vector<std::string_view> names_of(const Program& program, std::initializer_list<NodeId> ids) {
  std::vector<std::string_view> names;
  for (NodeId id : ids)
    if (id != NodeId::none) names_in(program, id, names);
  return names;
}

/// Names are parts of the text.
Span span_of(const Program& program, std::string_view name) {
  const auto begin = static_cast<std::uint32_t>(name.data() - program.text().data());
  return {begin, begin + static_cast<std::uint32_t>(name.size())};
}

}  // namespace

/// Later statements draw from it, and see none of its draws.
void Checker::own_distribution(const Statement& s) {
  const std::string_view name = frame_->program->text(s.name);
  const std::size_t errors = diagnostics_.error_count();
  check_own_name(name, s.name);
  check_parameters(s);
  check_draws(s);
  // What has been refused is known all the same, so that its use is not refused too.
  const bool is_sound = diagnostics_.error_count() == errors;
  bind(name, s.name, {.name = name, .kind = Binding::Kind::sampler, .function = is_sound ? &s : nullptr});
}

/// Nothing is hidden by it: normal(0, 1) means the same in every line of a program.
void Checker::check_own_name(std::string_view name, Span span) {
  const auto builtins = builtin_names();
  std::string_view taken;
  if (is_library_distribution(name))
    taken = "a distribution of the library";
  else if (std::ranges::find(builtins, name) != builtins.end() || prelude().function(name))
    taken = "a function of the language";
  if (!taken.empty())
    error(Category::name, span, fmt::format("{} is {}", printable(name), taken),
          "give the distribution another name");
  else if (name.find('.') != name.npos)
    error(Category::name, span, fmt::format("{} cannot be the name of a distribution", printable(name)),
          "names with a dot are for functions, such as its density: leave the dot out");
}

void Checker::check_parameters(const Statement& s) {
  const Program& program = *frame_->program;
  const auto used = names_of(program, {s.body, s.accept});
  for (NodeId id : program.list(s.parameters)) {
    if (program[id].kind != NodeKind::name) continue;
    const std::string_view name = program.name(id);
    if (is_draw(name))
      error(Category::name, program[id].span, fmt::format("{} is a uniform draw here", name),
            "give the parameter another name");
    else if (std::ranges::find(used, name) == used.end())
      error(Category::name, program[id].span, fmt::format("the parameter {} is not used", printable(name)),
            "leave it out");
  }
}

/// `normal(a, 1)` or `normal(a, 1)^3`, which has no value here.
std::optional<NodeId> Checker::distribution_in(NodeId body) const {
  const Program& program = *frame_->program;
  if (program[body].kind == NodeKind::power) body = program.child(body, 0);
  if (program[body].kind != NodeKind::call) return {};
  const std::string_view name = program.name(body);
  const auto builtins = builtin_names();
  const bool is_function = std::ranges::find(builtins, name) != builtins.end();
  return is_library_distribution(name) && !is_function ? std::optional(body) : std::nullopt;
}

/// The draws stand where they do something: in the value, after `until`, and not after `where`.
void Checker::check_draws(const Statement& s) {
  const Program& program = *frame_->program;
  const auto draws_among = [&](NodeId id) { return std::ranges::any_of(names_of(program, {id}), is_draw); };
  if (const auto other = distribution_in(s.body))
    error(Category::argument, program[*other].span,
          "a distribution is made of uniform draws, not of another one",
          "normal(a, b) is a + b*normicdf(u), exponential(r) is -log(u)/r");
  else if (program[s.body].kind != NodeKind::error && !draws_among(s.body))
    error(Category::argument, program[s.body].span,
          fmt::format("{} is the same in every sample: no uniform draw is in it", text(s.body)),
          std::string(kDrawsAreNamed));
  if (s.accept != NodeId::none && program[s.accept].kind != NodeKind::error && !draws_among(s.accept))
    error(Category::argument, program[s.accept].span, "until looks at no uniform draw",
          "what the parameters have to fulfil stands after where");
  for (NodeId condition : program.list(s.conditions))
    if (draws_among(condition))
      error(Category::argument, program[condition].span, "where looks at a uniform draw",
            "what the draws have to fulfil stands after until");
  if (setting_.settled) check_names_of_draws(s);
}

/// u3 is none, unless the program or the call says what it is.
void Checker::check_names_of_draws(const Statement& s) {
  const Program& program = *frame_->program;
  const auto is_parameter = [&](std::string_view name) {
    return std::ranges::any_of(program.list(s.parameters),
                               [&](NodeId id) { return program.name(id) == name; });
  };
  for (std::string_view name : names_of(program, {s.body, s.accept}))
    if (resembles_draw(name) && !is_draw(name) && !is_parameter(name) && !binding(name) &&
        !given_.contains(name))
      error(Category::name, span_of(program, name), fmt::format("there is no uniform draw {}", name),
            std::string(kDrawsAreNamed));
}

/// What stands after `until`.
TermId Checker::accepted_by(NodeId accept) {
  const Value value = expression(accept);
  const Span span = (*frame_->program)[accept].span;
  if (value.open) return open_;
  if (value.is_scalar() && model_.terms[value.scalar].truth) return value.scalar;
  error(Category::argument, span,
        fmt::format("until takes a condition, and {} is {}", text(accept), describe(value.shape)),
        value.is_scalar() ? fmt::format("compare it with something: {} > 0", text(accept))
                          : "reduce it: all(…), any(…)");
  return open_;
}

/// What a sampler's text gives for one coordinate, drawn in one go.
bool Checker::is_one_number(const Statement& sampler, const Value& element) {
  if (!element.is_scalar()) {
    error(Category::shape, source_.program[sampler.body].span,
          fmt::format("a distribution gives one number, and this is {}", describe(element.shape)),
          "reduce it: sum, mean, max, norm, …");
    return false;
  }
  const auto is_drawn = [this](const Scan& scan) { return model_.terms[scan.body].drawn; };
  if (std::ranges::none_of(model_.terms.scans(), is_drawn)) return true;
  error(Category::argument, source_.program[sampler.body].span,
        "a running sum of uniform draws cannot stand in a distribution", "write it out: u, u + v, …");
  return false;
}

}  // namespace mc::language
