// What binds indices: sum, prod, min, max, any, all, mean, norm, and the running cumsum and cumprod; and
// iterate, which binds a value.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"

namespace mc::language {

using ir::Op;

namespace {
constexpr auto kOneNumber = "an iteration is of one number: give every vector a subscript here";
/// Loops count in 32 bits; a program may afford far fewer, which the lowering sees to: it knows what else
/// runs.
constexpr std::int64_t kMostRounds = 1'000'000'000;

std::string most_rounds(const Limits& limits) {
  if (std::cmp_less(limits.rounds, kMostRounds)) return fmt::format("{} (Limits::rounds)", limits.rounds);
  return std::to_string(kMostRounds);
}
}  // namespace

/// A reduction as the language spells it: what is done to each element before, and to the fold after.
struct Checker::Binder {
  std::string_view name;
  Reduction reduction;
  enum class Before : std::uint8_t { nothing, square } before = Before::nothing;
  enum class After : std::uint8_t { nothing, divide_by_count, square_root } after = After::nothing;

  bool is_logical() const { return reduction == Reduction::any || reduction == Reduction::all; }
};

const Checker::Binder* Checker::binder(std::string_view name) {
  using B = Binder;
  static constexpr std::array<Binder, 8> kBinders = {{
      {"sum", Reduction::sum},
      {"prod", Reduction::product},
      {"min", Reduction::minimum},
      {"max", Reduction::maximum},
      {"any", Reduction::any},
      {"all", Reduction::all},
      {"mean", Reduction::sum, B::Before::nothing, B::After::divide_by_count},
      {"norm", Reduction::sum, B::Before::square, B::After::square_root},
  }};
  const auto* found = std::ranges::find(kBinders, name, &Binder::name);
  return found == kBinders.end() ? nullptr : found;
}

/// The argument's own indices are bound here; those of reductions inside it are theirs.
Value Checker::reduce(const Binder& binder, NodeId call) {
  const Program& program = *frame_->program;
  const NodeId body = program.child(call, 0);
  std::vector<IndexVariable> indices = stated_indices(call);
  direct_indices(body, indices);
  if (!indices.empty()) return reduce_indices(binder, body, std::move(indices));
  return reduce_whole(binder, expression(body), program[body].span);
}

Value Checker::too_many_levels(Span span) {
  return error(Category::argument, span,
               fmt::format("reductions nest more than {} indices deep", limits_.index_levels),
               "raise Limits::index_levels (--limit index_levels=N)");
}

Value Checker::reduce_indices(const Binder& binder, NodeId body, std::vector<IndexVariable> indices) {
  const Span span = (*frame_->program)[body].span;
  if (depth_ + indices.size() > limits_.index_levels) return too_many_levels(span);
  for (IndexVariable& index : indices) {
    index.level = depth_++;
    levels_.resize(depth_, nullptr);
    levels_[index.level] = &index;
    frame_->indices.push_back(&index);
  }
  std::vector<Demand> waiting;
  std::swap(waiting, awaiting_);
  const Value value = expression(body);
  std::swap(waiting, awaiting_);
  frame_->indices.resize(frame_->indices.size() - indices.size());
  for (const IndexVariable& index : indices) levels_[index.level] = nullptr;
  depth_ -= static_cast<std::uint32_t>(indices.size());
  if (value.open) return value;
  if (!value.is_scalar())
    return error(Category::shape, span,
                 fmt::format("this mixes the index {} with whole vectors", indices[0].name),
                 "give every vector a subscript here, or none");
  std::vector<Range> ranges;
  TermId count = number(1);
  for (const IndexVariable& index : indices) {
    const auto range = range_of(index);
    if (!range) return opened();
    ranges.push_back(*range);
    count = model_.terms.apply(Op::mul, count, count_of(ranges.back().size()));
  }
  demand_over(ranges, std::move(waiting));
  Terms& terms = model_.terms;
  TermId element = binder.is_logical() ? terms.as_truth(value.scalar) : terms.as_number(value.scalar);
  if (binder.before == Binder::Before::square) element = terms.apply(Op::mul, element, element);
  const TermId folded = terms.reduce({binder.reduction, std::move(ranges), element});
  remember(model_.places.reduces, folded, place(span));
  return finish(binder, folded, count);
}

/// What the subscripts left of it. One element less than none, as in x_{i+1} - x_i of a single x, is none.
std::optional<Range> Checker::range_of(const IndexVariable& index) {
  if (!index.settled) return Range{index.level, index.first, index.first};
  if (!index.stated && index.last == IndexVariable::kUnbounded) {
    error(Category::shape, index.span, fmt::format("index {} has no range", index.name),
          fmt::format("subscript something with it, or say its range: {} = 1..10", index.name));
    return {};
  }
  if (!index.stated && index.last < index.first - 1) {
    error(Category::shape, index.span,
          fmt::format("no {} makes every subscript a coordinate: it would run over {}..{}", index.name,
                      index.first, index.last));
    return {};
  }
  return Range{index.level, index.first, index.last};
}

/// A whole vector or matrix; a number counts as a vector of one.
Value Checker::reduce_whole(const Binder& binder, const Value& value, Span span) {
  if (value.open) return value;
  Terms& terms = model_.terms;
  std::vector<Range> ranges;
  std::array<Subscript, 2> subscripts;
  for (unsigned k = 0; k < value.shape.rank; ++k) {
    const std::int64_t extent = k == 0 ? value.shape.rows : value.shape.columns;
    ranges.push_back({depth_ + k, 1, extent});
    subscripts[k] = {1, depth_ + k, 0};
  }
  depth_ += value.shape.rank;
  TermId element =
      value.is_scalar() ? value.scalar : value.at(std::span(subscripts.data(), value.shape.rank));
  depth_ -= value.shape.rank;
  element = binder.is_logical() ? terms.as_truth(element) : terms.as_number(element);
  if (binder.before == Binder::Before::square) element = terms.apply(Op::mul, element, element);
  if (value.is_scalar()) return finish(binder, element, number(1));
  const TermId folded = terms.reduce({binder.reduction, std::move(ranges), element});
  remember(model_.places.reduces, folded, place(span));
  return finish(binder, folded, count_of(value.shape.size()));
}

/// How many there are, as a number; of data that is for the call to tell, and may be fewer than are left out.
TermId Checker::count_of(std::int64_t size) {
  if (!is_data_extent(size)) return number(static_cast<double>(size));
  if (!model_.data_count) {
    model_.data_count = static_cast<std::uint32_t>(model_.scalars.size());
    model_.scalars.emplace_back();
  }
  const TermId all = model_.terms.parameter(*model_.data_count);
  if (size == kDataExtent) return all;
  const TermId some = model_.terms.apply(Op::add, all, number(static_cast<double>(size - kDataExtent)));
  return size > kDataExtent ? some : model_.terms.apply(Op::max, some, number(0));
}

Value Checker::finish(const Binder& binder, TermId folded, TermId count) {
  if (binder.after == Binder::After::divide_by_count) return of(model_.terms.apply(Op::div, folded, count));
  if (binder.after == Binder::After::square_root) return of(model_.terms.apply(Op::sqrt, folded));
  return of(folded);
}

/// cumsum(v) is a vector whose element k folds v_1 … v_k.
Value Checker::scan(Reduction reduction, NodeId call) {
  if (!arity(call, 1, fmt::format("{}(x)", frame_->program->name(call)))) return opened();
  if (depth_ >= limits_.index_levels) return too_many_levels((*frame_->program)[call].span);
  const std::uint32_t level = depth_++;  // a loop of its own: what stands inside it counts from the next
  const Value value = expression(frame_->program->child(call, 0));
  const Subscript own{1, level, 0};
  const bool is_vector = !value.open && value.shape.rank == 1;
  const TermId body = is_vector ? model_.terms.as_number(value.at(std::span(&own, 1))) : open_;
  --depth_;
  if (value.open) return value;
  if (!is_vector)
    return error(Category::shape, (*frame_->program)[call].span,
                 fmt::format("{} takes a vector, and {} is {}", frame_->program->name(call),
                             text(frame_->program->child(call, 0)), describe(value.shape)));
  return {.shape = value.shape,
          .at = [this, scan = Scan{reduction, {level, 1, value.shape.rows}, body},
                 at = place((*frame_->program)[call].span)](std::span<const Subscript> s) {
            const TermId element = model_.terms.scan(scan, s[0]);
            remember(model_.places.scans, element, at);
            return element;
          }};
}

/// iterate(x = start, next, rounds): `next` of `next` of … of `start`.
Value Checker::iterate(NodeId call) {
  const Program& program = *frame_->program;
  if (!arity(call, 3, "iterate(x = start, next, rounds)")) return opened();
  const NodeId binding = program.child(call, 0), next = program.child(call, 1);
  if (program[binding].kind != NodeKind::value_binding)
    return error(Category::syntax, program[binding].span, "iterate begins with a name and where it starts",
                 "for example iterate(x = 1, (x + 2/x)/2, 20)");
  const TermId start = scalar(program.child(binding, 0), "where an iteration starts", kOneNumber);
  const auto rounds = whole(program.child(call, 2), "the number of rounds");
  if (depth_ >= limits_.index_levels) return too_many_levels(program[call].span);
  const std::uint32_t level = depth_++;
  levels_.resize(std::max<std::size_t>(levels_.size(), depth_), nullptr);
  Terms& terms = model_.terms;
  const TermId iterand = terms.iterand(level, start);
  frame_->locals.push_back({.name = program.name(binding), .value = of(iterand)});
  const TermId body = scalar(next, "the next value of an iteration", kOneNumber);
  frame_->locals.pop_back();
  --depth_;
  if (start == open_ || body == open_ || !rounds) return opened();
  if (*rounds < 0 || *rounds > kMostRounds)
    return error(Category::argument, program[program.child(call, 2)].span,
                 fmt::format("the number of rounds has to be between 0 and {}, and is {}",
                             most_rounds(limits_), *rounds));
  return of(terms.iterate({{level, 1, *rounds}, iterand, start, body}));
}

// ---------------------------------------------------------------- which indices a reduction binds

/// `sum(x_i, i = 2..4)`: the indices whose range is written.
std::vector<IndexVariable> Checker::stated_indices(NodeId call) {
  const Program& program = *frame_->program;
  std::vector<IndexVariable> indices;
  for (NodeId argument : program.children_of(call).subspan(1)) {
    if (program[argument].kind != NodeKind::range_binding) {
      error(Category::syntax, program[argument].span,
            fmt::format("{} takes one expression and ranges like i = 2..4", program.name(call)));
      continue;
    }
    IndexVariable index = stated_index(argument);
    if (std::ranges::find(indices, index.name, &IndexVariable::name) == indices.end())
      indices.push_back(index);
    else
      error(Category::syntax, index.span, fmt::format("index {} has two ranges", index.name),
            "leave one out");
  }
  return indices;
}

IndexVariable Checker::stated_index(NodeId binding) {
  const Program& program = *frame_->program;
  const auto first = whole(program.child(binding, 0), "a range's first number");
  const auto last = whole(program.child(binding, 1), "a range's last number");
  const bool is_from_end = first && is_data_extent(*first);
  if (is_from_end)
    error(Category::argument, program[program.child(binding, 0)].span,
          fmt::format("a range begins at a known number, and {} counts from the end of the data",
                      text(program.child(binding, 0))),
          "go through all of it, and take what is wanted: sum(if(i > dim(x) - 3, x_i, 0))");
  const bool known = first && last && !is_from_end;
  return {.name = program.name(binding),
          .first = known ? *first : 1,
          .last = known ? *last : 1,
          .stated = true,
          .settled = known,
          .awaited = !known,
          .span = program[binding].focus};
}

/// Whether the call binds indices: max(x_i) and sum(x_i, i = 1..3) do, max(a, b) does not.
bool Checker::is_reduction(NodeId call) const {
  const Program& program = *frame_->program;
  const auto given = program.children_of(call);
  return binder(program.name(call)) != nullptr &&
         (given.size() == 1 || (given.size() > 1 && program[given[1]].kind == NodeKind::range_binding));
}

bool Checker::is_dim(NodeId id) const {
  const Program& program = *frame_->program;
  return program[id].kind == NodeKind::call && program.name(id) == "dim" && binding("dim") == nullptr;
}

/// Names that stand as subscripts in the expression and mean nothing else here. Reductions inside it bind
/// theirs, but for those that ranges stated there leave.
void Checker::direct_indices(NodeId id, std::vector<IndexVariable>& found) {
  const Program& program = *frame_->program;
  const Node& node = program[id];
  if (node.kind == NodeKind::call && is_reduction(id)) return left_indices(id, found);
  const auto children = program.children_of(id);
  for (std::size_t k = 0; k < children.size(); ++k)
    if (node.kind == NodeKind::subscript && k > 0)
      subscript_names(children[k], found);
    else
      direct_indices(children[k], found);
}

/// A reduction that states ranges leaves its other indices to the one around it; without any it binds all.
void Checker::left_indices(NodeId call, std::vector<IndexVariable>& found) {
  const Program& program = *frame_->program;
  const auto arguments = program.children_of(call);
  if (arguments.size() == 1) return;
  std::vector<IndexVariable> inside;
  direct_indices(arguments[0], inside);
  for (const IndexVariable& index : inside) {
    const auto states = [&](NodeId range) { return program.name(range) == index.name; };
    if (std::ranges::any_of(arguments.subspan(1), states)) continue;
    if (std::ranges::find(found, index.name, &IndexVariable::name) == found.end()) found.push_back(index);
  }
}

void Checker::subscript_names(NodeId id, std::vector<IndexVariable>& found) {
  const Program& program = *frame_->program;
  if (is_dim(id)) return;  // of what it takes, not of an index
  if (program[id].kind != NodeKind::name) {
    for (NodeId child : program.children_of(id)) subscript_names(child, found);
    return;
  }
  const std::string_view name = program.name(id);
  if (is_index_name(name) && std::ranges::find(found, name, &IndexVariable::name) == found.end())
    found.push_back({.name = name, .span = program[id].span});
}

bool Checker::is_index_name(std::string_view name) const {
  const auto is_named = [&](const auto& entry) { return entry.name == name; };
  return std::ranges::none_of(frame_->locals, is_named) && binding(name) == nullptr &&
         std::ranges::none_of(frame_->indices,
                              [&](const IndexVariable* index) { return index->name == name; });
}

}  // namespace mc::language
