// Calls of functions that are written elsewhere. A vector is read where it lies, a variable's row or an
// array, or is put into a row before the call.
#include "frontend/language/external.hpp"

#include "frontend/language/emission.hpp"

namespace mc::language {

/// One that no index changes was written at a stage of its own.
X Lowering::call(Context& context, TermId id) {
  const Term& term = terms_[id];
  const std::optional<X>& known = calls_[term.id];
  return terms_.is_closed(term) && known ? *known : call_now(context, id);
}

X Lowering::call_now(Context& context, TermId id) {
  check_size();
  const ExternalCall& call = terms_.call_of(id);
  const External& function = *model_.externals[call.function];
  std::vector<ExternalArgument> arguments;
  for (std::size_t k = 0; k < call.parts.size(); ++k) {
    if (call.ranges[k]) {
      arguments.push_back(vector(context, *call.ranges[k], call.parts[k]));
      continue;
    }
    const TermId part = call.parts[k];
    arguments.push_back({.number = as_number(evaluate(context, part))});
  }
  const ExternalSurroundings around{
      .builder = b_,
      .row = [this](std::int64_t length) { return new_row(length); },
      .repeated =
          [this](std::int64_t rounds, const std::function<void()>& inside) {
            check_size();
            const Rounds counted(*this, rounds);
            inside();
          },
      .limits = limits_,
  };
  const X result = function.emit(arguments, around);
  check_size();
  return converted(result, type_of(id));
}

ExternalArgument Lowering::vector(Context& context, const Range& range, TermId body) {
  const Term& term = terms_[body];
  const Subscript own{1, range.level, 0};
  const ir::Type type = type_of(term);
  ExternalArgument made{.length = range.last};
  const bool is_whole =
      (term.kind == TermKind::variable || term.kind == TermKind::element) && term.subscripts[0] == own;
  if (is_whole && term.kind == TermKind::variable && model_.variables[term.id].extent == range.last &&
      variables_[term.id].row) {
    const Elements& elements = variables_[term.id];
    made.element = [this, &elements, type](X at) {
      const ir::Node& node = b_[at];
      if (node.op == ir::Op::constant && node.immediate < elements.values.size())
        return elements.values[node.immediate];
      return converted({b_, b_.load(*elements.row, at)}, type);
    };
    return made;
  }
  if (is_whole && term.kind == TermKind::element && model_.arrays[term.id].shape == Shape{1, range.last, 1}) {
    made.element = [this, array = term.id](X at) { return X(b_, b_.element(array, at)); };
    return made;
  }
  const std::uint32_t row = new_row(range.last);
  std::vector<X> none;
  over(range, range.size() <= kUnrolled, none, [&](const Index& index) {
    Context round{.outer = &context};
    round.bind(range.level, index);
    const Made made_here(*this, round, running(std::span(&range, 1), body));
    b_.store(row, position(index, own, range.last),
             converted(as_number(evaluate(round, body)), ir::Type::f64));
  });
  made.element = [this, row, type](X at) { return converted({b_, b_.load(row, at)}, type); };
  return made;
}

}  // namespace mc::language
