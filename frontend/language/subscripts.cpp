// Subscripts, and what they leave of an index's range; whole numbers that have to be known here.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"

namespace mc::language {

using ir::Op;

Value Checker::subscript(NodeId id) {
  const Program& program = *frame_->program;
  const Node& node = program[id];
  const auto children = program.children_of(id);
  const Value base = expression(children[0]);
  std::vector<Subscript> subscripts;
  for (NodeId child : children.subspan(1)) {
    const auto s = subscript_of(child, node.span);
    if (!s) return opened();
    subscripts.push_back(*s);
  }
  if (base.open && base.shape.rank == 0) {
    for (const Subscript& s : subscripts) tighten(s, Shape::kUnknown, node.span, id);
    return of(base.at(subscripts));
  }
  if (base.shape.rank == 0)
    return error(Category::shape, node.span,
                 fmt::format("{} is a number and takes no subscript", text(children[0])), "leave it out");
  if (base.shape.rank != subscripts.size())
    return error(
        Category::shape, node.span,
        fmt::format("{} is {} and takes {} subscript{}, not {}", text(children[0]), describe(base.shape),
                    base.shape.rank, base.shape.rank == 1 ? "" : "s", subscripts.size()));
  const std::int64_t extents[] = {base.shape.rows, base.shape.columns};
  for (std::size_t k = 0; k < subscripts.size(); ++k)
    if (!tighten(subscripts[k], extents[k], program[children[k + 1]].span, id)) return opened();
  return of(base.at(subscripts));
}

bool is_customary_index(std::string_view name) {
  return name.size() == 1 && 'i' <= name[0] && name[0] <= 'm';
}

/// `access` is all of x_i: a caret under the index alone says little.
std::optional<Subscript> Checker::subscript_of(NodeId id, Span access) {
  const Node& node = (*frame_->program)[id];
  std::vector<IndexVariable> free;
  subscript_names(id, free);
  if (!free.empty()) {
    std::string hint;
    if (query_argument_ != NodeId::none && !frame_->call_site && !frame_->called_at)
      hint = fmt::format("did you mean sum({})?", text(query_argument_));
    if (!hint.empty() && !is_customary_index(free[0].name))
      hint += " A parameter cannot be a subscript: that has to be known when the program is compiled";
    error(Category::shape, access, fmt::format("index {} is free: nothing sums over it", free[0].name), hint);
    return {};
  }
  const Value value = expression(id);
  if (value.open) return {};
  if (value.is_scalar())
    if (const auto s = affine(value.scalar)) return s;
  error(Category::shape, node.span, fmt::format("{} is not a subscript", text(id)),
        "a subscript is a whole number, an index, or an index times and plus whole numbers");
  return {};
}

namespace {
/// Larger numbers than any array has elements; small enough that no product of two overflows.
constexpr std::int64_t kMostScale = 1 << 20, kMostOffset = std::int64_t{1} << 31;

std::optional<Subscript> bounded(std::int64_t scale, std::uint32_t level, std::int64_t offset) {
  if (std::abs(scale) > kMostScale || std::abs(offset) > kMostOffset) return {};
  return Subscript{static_cast<std::int32_t>(scale), scale == 0 ? 0 : level, offset};
}
}  // namespace

/// A term as scale·index + offset with whole numbers.
std::optional<Subscript> Checker::affine(TermId id, unsigned depth) {
  const Term term = model_.terms[id];
  if (depth == 0) return {};
  if (term.kind == TermKind::index) return Subscript{1, term.id, 0};
  if (term.kind == TermKind::number) {
    if (term.truth || term.number != std::floor(term.number) || std::abs(term.number) > 0x1p31) return {};
    return Subscript{0, 0, static_cast<std::int64_t>(term.number)};
  }
  if (term.kind != TermKind::apply) return {};
  if (term.op != Op::add && term.op != Op::sub && term.op != Op::mul && term.op != Op::neg) return {};
  auto a = affine(term.operands[0], depth - 1);
  if (!a) return {};
  if (term.op == Op::neg) return Subscript{-a->scale, a->level, -a->offset};
  auto b = affine(term.operands[1], depth - 1);
  if (!b) return {};
  if (term.op == Op::mul) {
    if (!a->is_plain()) std::swap(a, b);
    if (!a->is_plain()) return {};
    return bounded(b->scale * a->offset, b->level, b->offset * a->offset);
  }
  const std::int64_t sign = term.op == Op::sub ? -1 : 1;
  if (!a->is_plain() && !b->is_plain() && a->level != b->level) return {};
  const std::uint32_t level = a->is_plain() ? b->level : a->level;
  return bounded(a->scale + sign * b->scale, level, a->offset + sign * b->offset);
}

/// A subscript that no index is in.
bool Checker::tighten_plain(const Subscript& s, std::int64_t extent, Span span) {
  const bool known = extent != Shape::kUnknown;
  if (s.offset >= 1 && (!known || s.offset <= extent)) return true;
  if (s.offset == 0)
    error(Category::shape, span, "subscripts count from 1", "the first coordinate is x_1");
  else
    error(Category::shape, span,
          fmt::format("subscript {} is outside 1..{}", s.offset, known ? std::to_string(extent) : ""));
  return false;
}

namespace {
/// From where to where, either end open.
struct Reach {
  std::int64_t first = -IndexVariable::kUnbounded, last = IndexVariable::kUnbounded;
};

/// The i for which 1 ≤ scale·i + offset ≤ extent.
Reach reach_of(const Subscript& s, std::int64_t extent) {
  const auto floor_div = [](std::int64_t a, std::int64_t b) {
    return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
  };
  const auto ceil_div = [&](std::int64_t a, std::int64_t b) { return -floor_div(-a, b); };
  const bool known = extent != Shape::kUnknown;
  Reach reach;
  if (s.scale > 0) {
    reach.first = ceil_div(1 - s.offset, s.scale);
    if (known) reach.last = floor_div(extent - s.offset, s.scale);
  } else {
    reach.last = floor_div(1 - s.offset, s.scale);
    if (known) reach.first = ceil_div(extent - s.offset, s.scale);
  }
  return reach;
}

/// "over 1..3", "from 2 on", "up to 5".
std::string describe(const Reach& reach) {
  if (reach.last == IndexVariable::kUnbounded) return fmt::format("from {} on", reach.first);
  if (reach.first == -IndexVariable::kUnbounded) return fmt::format("up to {}", end_text(reach.last));
  return fmt::format("over {}..{}", reach.first, end_text(reach.last));
}
}  // namespace

/// Keeps 1 ≤ subscript ≤ extent: by narrowing the index's range, or by an error where that range is written.
/// `access` is all of x_i.
bool Checker::tighten(const Subscript& s, std::int64_t extent, Span span, NodeId access) {
  if (s.is_plain()) return tighten_plain(s, extent, span);
  IndexVariable* const index = s.level < levels_.size() ? levels_[s.level] : nullptr;
  if (index == nullptr) return true;  // a level of the checker's own making, whose range is the vector's
  if (index->awaited) return true;
  const Reach reach = reach_of(s, extent);
  if (extent == Shape::kUnknown) index->settled = false;
  if (index->stated) {
    if (index->first >= reach.first && index->last <= reach.last) return true;
    error(Category::shape, span,
          fmt::format("index {} runs over {}..{}, but here it may run {} only", index->name, index->first,
                      end_text(index->last), describe(reach)));
    return false;
  }
  if (reach.last < std::max<std::int64_t>(reach.first, 1) - 1) {
    error(Category::shape, span,
          extent == Shape::kUnknown
              ? fmt::format("no {} makes {} a coordinate", index->name, text(access))
              : fmt::format("no {} makes {} a coordinate: there are {}", index->name, text(access), extent));
    return false;
  }
  index->first = std::max(index->first, reach.first);
  index->last = std::min(index->last, reach.last);
  return true;
}

// ---------------------------------------------------------------- whole numbers

/// Whether it names something for the call to give, other than to ask for its extent.
bool Checker::names_parameter(NodeId id) {
  const Program& program = *frame_->program;
  if (is_dim(id)) return false;
  if (program[id].kind == NodeKind::name) return !lookup(program.name(id));
  return std::ranges::any_of(program.children_of(id),
                             [this](NodeId child) { return names_parameter(child); });
}

/// The length of data and a few more or less, as it stands in ranges: nothing for other terms.
std::optional<std::int64_t> Checker::data_extent(TermId id) const {
  if (!model_.data_count || id == open_) return {};
  const Term& term = model_.terms[id];
  if (term.kind == TermKind::parameter && term.id == *model_.data_count) return kDataExtent;
  if (term.kind != TermKind::apply || term.inputs().size() != 2) return {};
  const auto part = [&](TermId operand) -> std::optional<std::int64_t> {
    const Term& number = model_.terms[operand];
    const bool is_whole = number.kind == TermKind::number && number.number == std::floor(number.number);
    if (is_whole && std::abs(number.number) < 0x1p31) return static_cast<std::int64_t>(number.number);
    return data_extent(operand);
  };
  const auto a = part(term.operands[0]), b = part(term.operands[1]);
  if (!a || !b) return {};
  // Which of the two is greater only the call knows, unless both count from the same end.
  if ((term.op == Op::max || term.op == Op::min) && !(is_data_extent(*a) && is_data_extent(*b))) return {};
  const auto extent = term.op == Op::add   ? std::optional(*a + *b)
                      : term.op == Op::sub ? std::optional(*a - *b)
                      : term.op == Op::max ? std::optional(std::max(*a, *b))
                      : term.op == Op::min ? std::optional(std::min(*a, *b))
                                           : std::nullopt;
  return extent && is_data_extent(*extent) ? extent : std::nullopt;
}

bool Checker::counts_data(TermId id) const {
  if (!model_.data_count || id == open_) return false;
  const Term& term = model_.terms[id];
  if (term.kind == TermKind::parameter) return term.id == *model_.data_count;
  return std::ranges::any_of(model_.terms.parts_of(id), [this](TermId part) { return counts_data(part); });
}

/// Nothing where it is wrong, or where only the call knows: an extent can wait for that, a parameter's value
/// comes too late.
std::optional<std::int64_t> Checker::whole(NodeId id, std::string_view what) {
  const TermId term = scalar(id, "this");
  if (const auto extent = data_extent(term)) return *extent;
  const bool known = model_.terms.is_number(term);
  if (term == open_ && (diagnostics_.has_errors() || !names_parameter(id))) return {};
  const double value = known ? model_.terms[term].number : NAN;
  const Span span = (*frame_->program)[id].span;
  const bool is_name = (*frame_->program)[id].kind == NodeKind::name;
  if (value != std::floor(value) || std::isinf(value))
    error(Category::shape, span,
          fmt::format("{} has to be a whole number known here, and {} is not", what, text(id)),
          is_name && names_parameter(id)
              ? fmt::format("a parameter's value comes too late: write {} = …", text(id))
          : counts_data(term)
              ? "of the length of data there is that, and a fixed number more or less: dim(x) - 1"
              : "");
  else if (std::abs(value) >= kDataExtent / 4)  // so that nothing made of two such is taken for data's length
    error(Category::shape, span, fmt::format("{} has to lie within 2^38, and {} does not", what, text(id)));
  else
    return static_cast<std::int64_t>(value);
  return {};
}

}  // namespace mc::language
