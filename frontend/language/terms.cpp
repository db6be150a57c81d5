// Making terms: sharing equal ones, folding arithmetic on numbers, keeping track of free indices and
// randomness.
#include "frontend/language/terms.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "frontend/language/model.hpp"

namespace mc::language {
namespace {

using ir::Op;

bool gives_truth(Op op, const Term& second) {
  switch (op) {
    case Op::lt:
    case Op::le:
    case Op::eq:
    case Op::bit_and:
    case Op::bit_or:
    case Op::bit_not:
      return true;
    case Op::select:
      return second.truth;
    default:
      return false;
  }
}

std::uint64_t hash_of(const Term& t) {
  std::uint64_t h = static_cast<std::uint64_t>(t.kind) << 16 | static_cast<std::uint64_t>(t.op) << 3 |
                    std::uint64_t{t.random} << 2 | std::uint64_t{t.drawn} << 1 | std::uint64_t{t.truth};
  const auto mix = [&](std::uint64_t x) { h = (h ^ x) * 0x9E3779B97F4A7C15u, h ^= h >> 31; };
  mix(t.id);
  mix(std::bit_cast<std::uint64_t>(t.number));
  for (TermId operand : t.operands) mix(static_cast<std::uint64_t>(operand));
  for (const Subscript& s : t.subscripts) {
    mix(static_cast<std::uint64_t>(s.offset));
    mix(std::uint64_t{static_cast<std::uint32_t>(s.scale)} << 32 | s.level);
  }
  return h;
}

bool same(const Term& a, const Term& b) {
  return a.kind == b.kind && a.op == b.op && a.truth == b.truth && a.random == b.random &&
         a.drawn == b.drawn && a.id == b.id && a.operands == b.operands && a.subscripts == b.subscripts &&
         std::bit_cast<std::uint64_t>(a.number) == std::bit_cast<std::uint64_t>(b.number);
}

/// Whole powers that come out exact, as in `n = 2^10`; the rest is left to the kernel, which has its own
/// order.
std::optional<double> exact_power(double base, double exponent) {
  if (exponent < 0 || exponent > 64 || exponent != std::floor(exponent) || base != std::floor(base))
    return {};
  double power = 1;
  for (int k = 0; k < static_cast<int>(exponent); ++k) power *= base;
  if (std::abs(power) > 0x1p53) return {};
  return power;
}

std::optional<double> fold(Op op, double a, double b, double c) {
  switch (op) {
    case Op::fma:
      return std::fma(a, b, c);
    case Op::add:
      return a + b;
    case Op::sub:
      return a - b;
    case Op::mul:
      return a * b;
    case Op::div:
      return a / b;
    case Op::neg:
      return -a;
    case Op::abs:
      return std::abs(a);
    case Op::floor:
      return std::floor(a);
    case Op::ceil:
      return std::ceil(a);
    case Op::trunc:
      return std::trunc(a);
    case Op::sqrt:
      return std::sqrt(a);
    case Op::min:
      return a < b ? a : b;
    case Op::max:
      return a > b ? a : b;
    case Op::lt:
      return a < b;
    case Op::le:
      return a <= b;
    case Op::eq:
      return a == b;
    case Op::bit_and:
      return a != 0 && b != 0;
    case Op::bit_or:
      return a != 0 || b != 0;
    case Op::bit_not:
      return a == 0;
    case Op::pow_function:
      return exact_power(a, b);
    default:
      return {};
  }
}

}  // namespace

TermId Terms::add(Term term) {
  const std::uint64_t hash = hash_of(term);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto it = first; it != last; ++it)
    if (same((*this)[it->second], term)) return it->second;
  const auto id = static_cast<TermId>(terms_.size());
  terms_.push_back(term);
  by_hash_.emplace(hash, id);
  return id;
}

namespace {
/// A number that as a float would be nothing or infinite.
bool is_beyond_floats(double value) {
  const auto as_float = static_cast<float>(value);
  return std::isfinite(value) && value != 0 && (!std::isfinite(as_float) || as_float == 0);
}
}  // namespace

/// What is no float is asked for as a double: 1e-50*x is not 0.
TermId Terms::number(double value) {
  const bool twofold = single && is_beyond_floats(value);
  return add({.exactness = twofold ? Exactness::twofold : Exactness::adapts, .number = value});
}
TermId Terms::truth(bool value) { return add({.truth = true, .number = value ? 1.0 : 0.0}); }
TermId Terms::parameter(std::uint32_t id, bool is_data) {
  return add(
      {.kind = TermKind::parameter, .exactness = is_data ? drawn_exactness() : Exactness::adapts, .id = id});
}
TermId Terms::draw(std::uint32_t id) {
  return add(
      {.kind = TermKind::draw, .exactness = drawn_exactness(), .random = true, .drawn = true, .id = id});
}
TermId Terms::index(std::uint32_t level) {
  return add({.kind = TermKind::index, .id = level, .levels = 1u << level});
}
TermId Terms::variable(std::uint32_t id, bool binary) {
  return add({.kind = TermKind::variable,
              .exactness = drawn_exactness(),
              .random = true,
              .binary = binary,
              .id = id});
}

namespace {
std::uint32_t levels_of(const Subscript& s) { return s.is_plain() ? 0 : 1u << s.level; }
}  // namespace

TermId Terms::variable(std::uint32_t id, Subscript s, bool binary) {
  return add({.kind = TermKind::variable,
              .exactness = drawn_exactness(),
              .random = true,
              .binary = binary,
              .id = id,
              .levels = levels_of(s),
              .subscripts = {s}});
}

TermId Terms::cell(std::uint32_t variable, Subscript coordinate, Subscript column) {
  return add({.kind = TermKind::cell,
              .exactness = drawn_exactness(),
              .random = true,
              .id = variable,
              .levels = levels_of(coordinate) | levels_of(column),
              .subscripts = {coordinate, column}});
}

TermId Terms::element(std::uint32_t array, std::span<const Subscript> subscripts, bool is_data) {
  Term term{.kind = TermKind::element, .id = array};
  std::ranges::copy(subscripts, term.subscripts.begin());
  for (const Subscript& s : subscripts) term.levels |= levels_of(s);
  if (is_data && term.levels != 0) term.exactness = drawn_exactness();
  return add(term);
}

template <class Nodes>
std::uint32_t Terms::known(Nodes& nodes, typename Nodes::value_type node) {
  const auto found = std::ranges::find(nodes, node);
  if (found == nodes.end())
    nodes.push_back(std::move(node));
  else
    return static_cast<std::uint32_t>(found - nodes.begin());
  return static_cast<std::uint32_t>(nodes.size() - 1);
}

TermId Terms::reduce(Reduce reduce) {
  const Term& body = (*this)[reduce.body];
  Term term{.kind = TermKind::reduce,
            .exactness = body.exactness,
            .random = body.random,
            .drawn = body.drawn,
            .levels = body.levels};
  term.truth = reduce.reduction == Reduction::any || reduce.reduction == Reduction::all;
  // What data come to is one number, folded in doubles.
  if (std::ranges::any_of(reduce.ranges, is_data_extent, &Range::last)) term.exactness = Exactness::adapts;
  for (const Range& range : reduce.ranges) term.levels &= ~(1u << range.level);
  term.id = known(reduces_, std::move(reduce));
  return add(term);
}

TermId Terms::scan(Scan scan, Subscript s) {
  const Term& body = (*this)[scan.body];
  Term term{.kind = TermKind::scan,
            .exactness = body.exactness,
            .random = body.random,
            .drawn = body.drawn,
            .subscripts = {s}};
  term.levels = outer_levels(scan) | levels_of(s);
  term.id = known(scans_, std::move(scan));
  return add(term);
}

TermId Terms::iterate(Iteration iteration) {
  const Term &start = (*this)[iteration.start], &next = (*this)[iteration.next];
  Term term{
      .kind = TermKind::iterate, .random = start.random || next.random, .drawn = start.drawn || next.drawn};
  if (single && term.random) term.exactness = Exactness::twofold;
  term.levels = start.levels | (next.levels & ~(1u << iteration.range.level));
  term.id = known(iterations_, iteration);
  return add(term);
}

TermId Terms::iterand(std::uint32_t level, TermId start) {
  const Term& from = (*this)[start];
  return add({.kind = TermKind::iterand,
              .exactness = single ? Exactness::twofold : Exactness::adapts,
              .random = from.random,
              .drawn = from.drawn,
              .id = level,
              .levels = 1u << level});
}

/// In single precision a double is what was asked for: C++ says double.
TermId Terms::external(ExternalCall call, bool gives_truth, bool gives_float) {
  Term term{.kind = TermKind::external, .truth = gives_truth};
  for (std::size_t k = 0; k < call.parts.size(); ++k) {
    const Term& part = (*this)[call.parts[k]];
    const std::uint32_t own = call.ranges[k] ? 1u << call.ranges[k]->level : 0;
    term.random |= part.random;
    term.drawn |= part.drawn;
    term.levels |= part.levels & ~own;
  }
  if (single && !gives_truth && term.random)
    term.exactness = gives_float ? Exactness::single : Exactness::twofold;
  term.id = known(calls_, std::move(call));
  return add(term);
}

Parts Terms::parts_of(TermId id) const {
  const Term& term = (*this)[id];
  switch (term.kind) {
    case TermKind::apply:
      return {term.operands, term.inputs().size()};
    case TermKind::reduce:
      return {{reduce_of(id).body}, 1};
    case TermKind::scan:
      return {{scan_of(id).body}, 1};
    case TermKind::iterate:
      return {{iteration_of(id).start, iteration_of(id).next}, 2};
    case TermKind::external:
      return {{}, call_of(id).parts.size(), call_of(id).parts.data()};
    default:
      return {};
  }
}

TermId Terms::apply(Op op, TermId a, TermId b, TermId c) {
  Term term{.kind = TermKind::apply, .op = op, .operands = {a, b, c}};
  bool numbers = true;
  for (TermId input : term.inputs()) {
    const Term& operand = (*this)[input];
    term.levels |= operand.levels;
    term.random |= operand.random;
    term.drawn |= operand.drawn;
    numbers &= operand.kind == TermKind::number;
  }
  term.truth = gives_truth(op, b == TermId::none ? Term{} : (*this)[b]);
  if (!term.truth) term.exactness = exactness_of(term);
  if (op == Op::select && is_number(a)) return (*this)[a].number != 0 ? b : c;
  if (numbers) {
    const auto of = [this](TermId operand) {
      return operand == TermId::none ? 0.0 : (*this)[operand].number;
    };
    if (const auto value = fold(op, of(a), of(b), of(c)))
      return term.truth ? truth(*value != 0) : number(*value);
  }
  return add(term);
}

/// The most exact operand's; a choice that a draw makes between numbers of the program is a float like them.
Exactness Terms::exactness_of(const Term& apply) const {
  if (!single) return Exactness::adapts;
  if (apply.op == Op::to_f64) return Exactness::twofold;
  const bool chooses = apply.op == Op::select;
  Exactness most = Exactness::adapts;
  for (TermId input : apply.inputs().subspan(chooses ? 1 : 0))
    most = std::max(most, (*this)[input].exactness);
  if (most == Exactness::adapts && chooses && apply.random) return Exactness::single;
  return most;
}

TermId Terms::as_double(TermId id) {
  const Term& term = (*this)[id];
  return term.exactness == Exactness::single ? apply(Op::to_f64, id) : id;
}

TermId Terms::as_number(TermId id) {
  if (!(*this)[id].truth) return id;
  if (const TermId variable = binary_in(id); variable != TermId::none) return variable;
  return apply(Op::select, id, number(1), number(0));
}

/// The variable whose truth value a term is.
TermId Terms::binary_in(TermId id) const {
  const Term& unequal = (*this)[id];
  if (unequal.kind != TermKind::apply || unequal.op != Op::bit_not) return TermId::none;
  const Term& equal = (*this)[unequal.operands[0]];
  if (equal.kind != TermKind::apply || equal.op != Op::eq) return TermId::none;
  const Term& zero = (*this)[equal.operands[1]];
  const bool is_its_truth =
      zero.kind == TermKind::number && zero.number == 0 && (*this)[equal.operands[0]].binary;
  return is_its_truth ? equal.operands[0] : TermId::none;
}

TermId Terms::as_truth(TermId id) {
  return (*this)[id].truth ? id : apply(Op::bit_not, apply(Op::eq, id, number(0)));
}

}  // namespace mc::language
