// What a refused draw, or what a function refused, spoils. It is not a number, and arithmetic carries that
// on; a comparison, a choice or a truth value made of it loses it. Where something is lost, the term that is
// asked for becomes not a number. Terms stand after those they are made of, so one pass over them does.
#include "frontend/language/soundness.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mc::language {
namespace {

using ir::Op;

/// What a function gives where it refuses its arguments: a NaN unlike that of 0/0, which is nobody's refusal.
constexpr auto kRefused = std::bit_cast<double>(std::uint64_t{0x7FF8'0000'0000'0BAD});

bool is_refused(const Term& term) {
  return std::bit_cast<std::uint64_t>(term.number) == std::bit_cast<std::uint64_t>(kRefused);
}

/// For each term, what holds where no refused draw is in it: all of those (`full`), or those that its own
/// value does not tell by being not a number (`lost`).
class Soundness {
 public:
  explicit Soundness(Model& model)
      : terms_(model.terms),
        variables_(model.variables),
        externals_(model.externals),
        yes_(terms_.truth(true)),
        no_(terms_.truth(false)) {}

  Sound of(TermId root) {
    const std::vector<TermId> below = reachable(terms_, root);
    for (TermId id : below) known_.emplace(id, look(id));
    return known_.at(root);
  }

 private:
  Sound look(TermId id) {
    const Term term = terms_[id];  // a copy: terms are made meanwhile
    switch (term.kind) {
      case TermKind::number:
        return {is_refused(term) ? no_ : yes_, yes_};
      case TermKind::variable:
        if (!variables_[term.id].refusable) return {yes_, yes_};
        return {.full = terms_.apply(Op::eq, id, id), .lost = yes_};
      case TermKind::apply:
        return of_operation(term);
      case TermKind::reduce:
        return of_reduction(Reduce(terms_.reduce_of(id)));
      case TermKind::scan:
        return of_scan(Scan(terms_.scan_of(id)), term.subscripts[0]);
      case TermKind::iterate:
        return of_iteration(Iteration(terms_.iteration_of(id)));
      case TermKind::external:
        return of_call(id, terms_.call_of(id));  // calls stay where they are
      default:
        return {yes_, yes_};
    }
  }

  Sound of_operation(const Term& term) {
    if (term.op == Op::select) return of_choice(term);
    Sound all{yes_, yes_};
    for (TermId input : term.inputs()) {
      const Sound& part = known_.at(input);
      all = {both(all.full, part.full), both(all.lost, part.lost)};
    }
    // min and max compare, and NaN^0 is 1.
    const bool loses = term.truth || term.op == Op::min || term.op == Op::max || term.op == Op::pow_function;
    return {all.full, loses ? all.full : all.lost};
  }

  /// What is not chosen does not matter.
  Sound of_choice(const Term& term) {
    const TermId condition = term.operands[0];
    const Sound &a = known_.at(term.operands[1]), &b = known_.at(term.operands[2]);
    const TermId chosen = known_.at(condition).full;
    const TermId full = both(chosen, choice(condition, a.full, b.full));
    return {full, term.truth ? full : both(chosen, choice(condition, a.lost, b.lost))};
  }

  Sound of_reduction(const Reduce& reduce) {
    const Sound& body = known_.at(reduce.body);
    const bool carries = reduce.reduction == Reduction::sum || reduce.reduction == Reduction::product;
    const TermId full = everywhere(reduce.ranges, body.full);
    return {full, carries ? everywhere(reduce.ranges, body.lost) : full};
  }

  /// None of the elements up to the one that is asked for is unsound.
  Sound of_scan(const Scan& scan, const Subscript& at) {
    const auto up_to = [&](TermId sound) {
      if (sound == yes_) return yes_;
      const TermId bad = terms_.apply(Op::select, sound, terms_.number(0), terms_.number(1));
      return terms_.apply(Op::eq, terms_.scan({Reduction::sum, scan.range, bad}, at), terms_.number(0));
    };
    const Sound& body = known_.at(scan.body);
    return {up_to(body.full), up_to(body.lost)};
  }

  /// A later round may lose what an earlier one carried.
  Sound of_iteration(const Iteration& iteration) {
    const TermId rounds = everywhere({iteration.range}, known_.at(iteration.next).full);
    const TermId full = both(known_.at(iteration.start).full, rounds);
    return {full, full};
  }

  /// A function may make a number of what is none, and where it has no value itself it gives a NaN.
  Sound of_call(TermId id, const ExternalCall& call) {
    TermId full = yes_;
    for (std::size_t k = 0; k < call.parts.size(); ++k) {
      const TermId part = known_.at(call.parts[k]).full;
      full = both(full, call.ranges[k] ? everywhere({*call.ranges[k]}, part) : part);
    }
    if (externals_[call.function]->trouble.empty()) return {full, full};
    return {both(full, terms_.apply(Op::eq, id, id)), full};
  }

  TermId both(TermId a, TermId b) {
    if (a == yes_ || a == b) return b;
    return b == yes_ ? a : terms_.apply(Op::bit_and, a, b);
  }
  TermId choice(TermId condition, TermId a, TermId b) {
    if (a == yes_ && b == no_) return condition;
    return a == b ? a : terms_.apply(Op::select, condition, a, b);
  }
  TermId everywhere(std::vector<Range> ranges, TermId sound) {
    return sound == yes_ ? yes_ : terms_.reduce({Reduction::all, std::move(ranges), sound});
  }

  Terms& terms_;
  const std::vector<Variable>& variables_;
  const std::vector<std::shared_ptr<const External>>& externals_;
  const TermId yes_, no_;
  std::unordered_map<TermId, Sound> known_;
};

}  // namespace

std::vector<TermId> reachable(const Terms& terms, TermId root) {
  std::vector<TermId> found, pending{root};
  std::vector<bool> seen(terms.size());
  while (!pending.empty()) {
    const TermId id = pending.back();
    pending.pop_back();
    if (id == TermId::none || seen[static_cast<std::size_t>(id)]) continue;
    seen[static_cast<std::size_t>(id)] = true;
    found.push_back(id);
    for (TermId part : terms.parts_of(id)) pending.push_back(part);
  }
  std::ranges::sort(found);
  return found;
}

Sound soundness(Model& model, TermId term) {
  const TermId yes = model.terms.truth(true);
  if (!model.may_refuse) return {yes, yes};
  return Soundness(model).of(term);
}

bool may_be_refused(const Model& model, TermId element) {
  return std::ranges::any_of(reachable(model.terms, element), [&](TermId id) {
    const Term& term = model.terms[id];
    return (term.kind == TermKind::number && std::isnan(term.number)) ||
           (term.kind == TermKind::variable && model.variables[term.id].refusable);
  });
}

TermId nan_unless(Terms& terms, TermId holds, TermId value) {
  if (holds == terms.truth(true)) return value;
  return terms.apply(Op::select, holds, terms.as_number(value), terms.number(NAN));
}

TermId refused_unless(Terms& terms, TermId holds, TermId value) {
  const TermId made = terms.apply(Op::select, holds, terms.as_number(value), terms.number(kRefused));
  return terms[value].truth ? terms.as_truth(made) : made;
}

}  // namespace mc::language
