// Terms as operations: arithmetic, subscripts, and where an element is found.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "frontend/language/emission.hpp"

namespace mc::language {

using ir::Op;

namespace {

const X* draw_of(const Context& context, std::uint32_t number) {
  for (const Context* c = &context; c != nullptr; c = c->outer)
    if (number < c->draws.size()) return &c->draws[number];
  throw std::logic_error("lowering: a draw outside its variable");
}

/// The element that the loop whose index the subscript is has just made, if it makes this one.
const X* this_round(const Context& context, const Subscript& s,
                    std::unordered_map<std::uint32_t, X> Context::* current, std::uint32_t id) {
  if (s.scale != 1 || s.offset != 0) return nullptr;
  for (const Context* c = &context; c != nullptr; c = c->outer) {
    if (!c->levels.contains(s.level)) continue;
    const auto found = (c->*current).find(id);
    return found == (c->*current).end() ? nullptr : &found->second;
  }
  return nullptr;
}

}  // namespace

const Index& Context::level(std::uint32_t level) const {
  for (const Context* c = this; c != nullptr; c = c->outer)
    if (const auto it = c->levels.find(level); it != c->levels.end()) return it->second;
  throw std::logic_error("lowering: an index outside its loop");
}

// ---- terms

/// Terms are evaluated in their order, which is an order of dependence; recursion would go as deep as a
/// long sum.
X Lowering::evaluate(Context& context, TermId root) {
  std::vector<TermId> pending{root}, order;
  const std::uint32_t stamp = ++stamp_;
  while (!pending.empty()) {
    const TermId id = pending.back();
    pending.pop_back();
    if (std::exchange(seen_[static_cast<std::size_t>(id)], stamp) == stamp) continue;
    if (context.find(&Context::values, id, terms_[id].levels) != nullptr) continue;
    order.push_back(id);
    const Term& term = terms_[id];
    if (term.kind == TermKind::apply)
      pending.insert(pending.end(), term.inputs().begin(), term.inputs().end());
  }
  std::ranges::sort(order);
  for (TermId id : order) context.values.emplace(id, make(context, id));
  return *context.find(&Context::values, root, terms_[root].levels);
}

X Lowering::value_in_round(std::uint32_t level, const Known& known, TermId id) {
  Context round{.outer = &root_, .values = known};
  round.bind(level, {});
  return evaluate(round, id);
}

X Lowering::make(Context& context, TermId id) {
  const Term& term = terms_[id];
  switch (term.kind) {
    case TermKind::number:
      return {b_, term.truth ? b_.constant_i1(term.number != 0) : b_.constant(term.number)};
    case TermKind::parameter:
      return {b_, b_.scalar(term.id)};
    case TermKind::element:
      return element(context, term);
    case TermKind::variable:
      return variable(context, term);
    case TermKind::cell:
      return cell(context, term);
    case TermKind::draw:
      return *draw_of(context, term.id);
    case TermKind::index:
      return number_of(context.level(term.id));
    case TermKind::apply:
      return apply(context, term);
    case TermKind::reduce:
      return reduce(context, id);
    case TermKind::scan:
      return scan(context, term);
    case TermKind::iterate:
      return iterate(context, id);
    case TermKind::external:
      return call(context, id);
    case TermKind::iterand:
      break;  // it is known in the rounds of its iteration, and used nowhere else
  }
  throw std::logic_error("lowering: unknown kind of term");
}

X Lowering::apply(Context& context, const Term& term) {
  const auto operand = [&](TermId input) {
    return *context.find(&Context::values, input, terms_[input].levels);
  };
  if (term.op == Op::to_f64) return converted(operand(term.operands[0]), ir::Type::f64);
  const bool in_single = terms_.exactness_of(term) == Exactness::single;
  std::vector<ir::Value> operands;
  for (TermId input : term.inputs())
    operands.push_back(converted(operand(input), in_single ? ir::Type::f32 : ir::Type::f64));
  return {b_, b_.emit(term.op, operands)};
}

X Lowering::number_of(const Index& index) {
  if (index.constant) return {b_, b_.constant(static_cast<double>(*index.constant))};
  return to_f64(*index.counter) + static_cast<double>(index.first);
}

/// The subscript's position from 0 in an axis of `extent`. The checker has kept it inside; a kernel must
/// never read elsewhere, so that is made sure of here too.
X Lowering::position(const Context& context, const Subscript& s, std::int64_t extent) {
  const auto inside = [extent](std::int64_t p) { return 1 <= p && p <= extent; };
  if (s.is_plain()) {
    if (!inside(s.offset)) throw std::logic_error("lowering: a subscript outside its array");
    return u32(s.offset - 1);
  }
  return position(context.level(s.level), s, extent);
}

X Lowering::position(const Index& index, const Subscript& s, std::int64_t extent) {
  const auto inside = [extent](std::int64_t p) { return 1 <= p && p <= extent; };
  if (index.constant) {
    if (!inside(s.scale * *index.constant + s.offset))
      throw std::logic_error("lowering: a subscript outside its array");
    return u32(s.scale * *index.constant + s.offset - 1);
  }
  if (!inside(s.scale * index.first + s.offset) || !inside(s.scale * index.last + s.offset))
    throw std::logic_error("lowering: an index outside its array");
  // scale·(first + counter) + offset - 1, modulo 2³² on the way
  X at = *index.counter;
  if (s.scale != 1) at = at * u32(s.scale);
  const std::int64_t shift = s.scale * index.first + s.offset - 1;
  return shift == 0 ? at : at + u32(shift);
}

X Lowering::element(Context& context, const Term& term) {
  const Shape& shape = model_.arrays[term.id].shape;
  X at = position(context, term.subscripts[0], shape.rows);
  if (shape.rank == 2) at = at * u32(shape.columns) + position(context, term.subscripts[1], shape.columns);
  return {b_, b_.element(term.id, at)};
}

X Lowering::variable(Context& context, const Term& term) {
  const Variable& variable = model_.variables[term.id];
  if (variable.extent == 0) return variables_[term.id].values.at(0);
  return of(context, variables_[term.id], &Context::variables, term, variable.extent, type_of(term));
}

/// A row's number is kept as the f64 with its bits.
X Lowering::cell(Context& context, const Term& term) {
  const Variable& variable = model_.variables[term.id];
  const X row = variable.extent == 0 ? variables_[term.id].values.at(0)
                                     : of(context, variables_[term.id], &Context::variables, term,
                                          variable.extent, ir::Type::f64);
  const X column = position(context, term.subscripts[1], model_.tables[*variable.table].columns);
  return converted({b_, b_.cell(*variable.table, to_bits(row), column)}, type_of(term));
}

X Lowering::scan(Context& context, const Term& term) {
  const Scan& scan = terms_.scans()[term.id];
  const Subscript& s = term.subscripts[0];
  const std::uint32_t outer = terms_.outer_levels(scan);
  if (outer == 0) return of(context, scans_[term.id], &Context::scans, term, scan.range.last, type_of(term));
  if (const auto* made = context.find(&Context::running, term.id, outer))
    return of(context, *made, &Context::scans, term, scan.range.last, type_of(term));
  if (const X* own = this_round(context, s, &Context::scans, term.id)) return *own;
  if (!s.is_plain()) throw std::logic_error("lowering: a running sum is needed that no round has made");
  return accumulate(context, term.id, s.offset);
}

/// An element: this round's own, a value that a written-out loop left, or one read back from the row.
X Lowering::of(Context& context, const Elements& elements, Current current, const Term& term,
               std::int64_t extent, ir::Type type) {
  const Subscript& s = term.subscripts[0];
  if (const X* own = this_round(context, s, current, term.id)) return *own;
  const X at = position(context, s, extent);
  const ir::Node& node = b_[at];
  if (node.op == Op::constant && node.immediate < elements.values.size())
    return elements.values[node.immediate];
  if (!elements.row) throw std::logic_error("lowering: an element is needed that was not kept");
  return converted({b_, b_.load(*elements.row, at)}, type);
}

}  // namespace mc::language
