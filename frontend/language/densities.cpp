// Densities written out: `x ~ density(g, lo, hi)` is a change of variable, and a weight of every estimate.
#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"

namespace mc::language {

using ir::Op;

namespace {
/// How a uniform t becomes a coordinate, and dx/dt; both exact changes of variable.
struct Change {
  TermId value, slope;
};

/// (0, 1) to (lo, ∞) by lo + t/(1-t), mirrored for (-∞, hi), and to (-∞, ∞) by (2t-1)/(t(1-t)).
Change change_of_variable(Terms& terms, TermId t, TermId lo, TermId hi, bool lo_infinite, bool hi_infinite) {
  const auto op = [&](Op o, TermId a, TermId b) { return terms.apply(o, a, b); };
  const TermId one = terms.number(1), rest = op(Op::sub, one, t);
  if (lo_infinite && hi_infinite) {
    const TermId denominator = op(Op::mul, t, rest);
    const TermId centred = op(Op::sub, t, rest);
    const TermId slope = op(Op::div, op(Op::add, op(Op::mul, t, t), op(Op::mul, rest, rest)),
                            op(Op::mul, denominator, denominator));
    return {op(Op::div, centred, denominator), slope};
  }
  if (hi_infinite) return {op(Op::add, lo, op(Op::div, t, rest)), op(Op::div, one, op(Op::mul, rest, rest))};
  if (lo_infinite) return {op(Op::sub, hi, op(Op::div, rest, t)), op(Op::div, one, op(Op::mul, t, t))};
  const TermId width = op(Op::sub, hi, lo);
  return {op(Op::add, lo, op(Op::mul, width, t)), width};
}

/// An end is infinite, or it is finite, or this differs by coordinate: then the term says.
struct Infinite {
  bool always = false;
  TermId sometimes = TermId::none;

  static Infinite of(Terms& terms, TermId end, bool differs) {
    if (terms.is_number(end)) return {.always = std::isinf(terms[end].number)};
    if (!differs) return {};
    return {.always = false,
            .sometimes = terms.apply(Op::eq, terms.apply(Op::abs, end), terms.number(INFINITY))};
  }
};

Change either(Terms& terms, TermId condition, const Change& a, const Change& b) {
  return {terms.apply(Op::select, condition, a.value, b.value),
          terms.apply(Op::select, condition, a.slope, b.slope)};
}

Change change_of_variable(Terms& terms, TermId t, TermId lo, TermId hi, Infinite low, Infinite high) {
  const auto by_high = [&](bool lo_infinite) {
    const auto change = [&](bool hi_infinite) {
      return change_of_variable(terms, t, lo, hi, lo_infinite, hi_infinite);
    };
    if (high.sometimes == TermId::none) return change(high.always);
    return either(terms, high.sometimes, change(true), change(false));
  };
  if (low.sometimes == TermId::none) return by_high(low.always);
  return either(terms, low.sometimes, by_high(true), by_high(false));
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
  const bool low_differs = has_infinite(lo), high_differs = has_infinite(hi);
  const auto change = [=, this](std::span<const Subscript> s, bool in_double) {
    const auto element = [s](const Value& v) { return v.is_scalar() ? v.scalar : v.at(s); };
    Terms& terms = model_.terms;
    const TermId low = terms.as_number(element(lo)), high = terms.as_number(element(hi));
    const TermId drawn = in_double ? terms.as_double(element(t)) : element(t);
    return change_of_variable(terms, drawn, low, high, Infinite::of(terms, low, low_differs),
                              Infinite::of(terms, high, high_differs));
  };
  require_ends(lo, hi, joint.shape, span);
  const Value x = joint.is_scalar() ? of(change({}, false).value)
                                    : made(joint.shape, std::max(lo.height, hi.height),
                                           [change](auto s) { return change(s, false).value; });
  frame_->locals.push_back({.name = name, .value = x});
  const TermId density = density_of(program.child(law.call, 0));
  frame_->locals.pop_back();
  const TermId slope = product_over(joint.shape, [change](auto s) { return change(s, true).slope; });
  add_density(std::string(name), model_.terms.apply(Op::mul, density, slope), law.name == "density");
  return x;
}

/// The array that a vector written out in plain numbers is.
const Array* Checker::written_array(const Value& vector) {
  if (vector.is_scalar() || vector.open) return nullptr;
  const Subscript any{1, 0, 0};
  const Term& term = model_.terms[vector.at(std::span(&any, 1))];
  if (term.kind != TermKind::element || !model_.arrays[term.id].name.empty()) return nullptr;
  return &model_.arrays[term.id];
}

bool Checker::has_infinite(const Value& end) {
  const Array* written = written_array(end);
  return written != nullptr && std::ranges::any_of(written->values, [](double v) { return std::isinf(v); });
}

/// One number for all coordinates, a double: a product over coordinates has no room in a float.
TermId Checker::density_of(NodeId id) {
  const bool before = std::exchange(in_double_, true);
  const TermId density =
      scalar(id, "a density",
             fmt::format("it is one density of all coordinates together: did you mean prod({})?", text(id)));
  in_double_ = before;
  return density;
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
  for (const auto& [name, bound, is_written] :
       {std::tuple("the lower end", low, written_array(lo) != nullptr),
        std::tuple("the upper end", high, written_array(hi) != nullptr)}) {
    if (terms.is_number(bound) || is_written) continue;
    const TermId is_finite = terms.apply(Op::lt, terms.apply(Op::abs, bound), number(INFINITY));
    finite = shown.empty() ? is_finite : terms.apply(Op::bit_and, finite, is_finite);
    shown.emplace_back(name, bound);
  }
  if (!shown.empty())
    require(finite, "an infinite end of a density is written inf; one from a parameter must be finite",
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

}  // namespace mc::language
