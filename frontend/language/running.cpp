// A walk over a loop's body that knows which loop each index belongs to: levels are numbered from the outside
// in, but a running sum's own level may have the number of the index its elements are taken with.
#include "frontend/language/running.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

namespace mc::language {
namespace {

/// A loop around what is being looked at.
struct Scope {
  const Scope* outer;
  const Range* range;
  bool takes_along;  ///< the innermost loop of its reduction or scan: it can carry another fold
};

class Survey {
 public:
  Survey(const Terms& terms, std::span<const Range> ranges, TermId body) : terms_(terms) {
    pending_.emplace_back(body, inside(nullptr, ranges));
  }

  Running run() {
    while (!pending_.empty()) {
      const auto [id, scope] = pending_.back();
      pending_.pop_back();
      if (known_.emplace(id, scope).second) look_at(id, scope);
    }
    return {{made_.begin(), made_.end()}, {along_.begin(), along_.end()}};
  }

 private:
  const Scope* inside(const Scope* outer, std::span<const Range> ranges) {
    for (const Range& range : ranges)
      outer = &scopes_.emplace_back(Scope{outer, &range, &range == &ranges.back()});
    return outer;
  }

  void look_at(TermId id, const Scope* scope) {
    const Term& term = terms_[id];
    if (term.kind == TermKind::apply)
      for (TermId input : term.inputs()) pending_.emplace_back(input, scope);
    // What is closed is computed at a stage of its own.
    if (term.kind == TermKind::reduce && !terms_.is_closed(term)) {
      const Reduce& reduce = terms_.reduce_of(id);
      pending_.emplace_back(reduce.body, inside(scope, reduce.ranges));
    }
    if (term.kind == TermKind::iterate) {
      const Iteration& iteration = terms_.iteration_of(id);
      pending_.emplace_back(iteration.start, scope);
      pending_.emplace_back(iteration.next, inside(scope, std::span(&iteration.range, 1)));
    }
    if (term.kind == TermKind::external && !terms_.is_closed(term)) {
      const ExternalCall& call = terms_.call_of(id);
      for (std::size_t k = 0; k < call.parts.size(); ++k)
        pending_.emplace_back(call.parts[k],
                              call.ranges[k] ? inside(scope, std::span(&*call.ranges[k], 1)) : scope);
    }
    if (term.kind == TermKind::scan && terms_.outer_levels(terms_.scan_of(id)) != 0) {
      const Scan& scan = terms_.scan_of(id);
      note(id, scope);
      pending_.emplace_back(scan.body, inside(scope, std::span(&scan.range, 1)));
    }
  }

  /// From the inside out: a loop that can take the scan along serves it; else the loop it depends on has to.
  void note(TermId id, const Scope* scope) {
    const Term& use = terms_[id];
    const Scan& scan = terms_.scan_of(id);
    const Subscript& s = use.subscripts[0];
    bool is_counted = s.is_plain();  // the loop whose index the subscript counts with lies further in
    for (; scope != nullptr; scope = scope->outer) {
      const bool is_ours = scope->outer == nullptr;
      if ((terms_.outer_levels(scan) >> scope->range->level & 1) != 0) {
        if (is_ours) made_.insert({s.is_plain() ? id : scan.body, !s.is_plain(), use.id});
        return;
      }
      if (is_counted || s.level != scope->range->level) continue;
      is_counted = true;
      const bool is_element_of_round = s.scale == 1 && s.offset == 0;
      if (!is_element_of_round || !scope->takes_along || scope->range->first != 1 ||
          scope->range->last > scan.range.last)
        continue;
      if (is_ours) along_.insert(use.id);
      return;
    }
  }

  const Terms& terms_;
  std::deque<Scope> scopes_;
  std::vector<std::pair<TermId, const Scope*>> pending_;
  std::set<std::pair<TermId, const Scope*>> known_;
  std::set<Running::Made> made_;
  std::set<std::uint32_t> along_;
};

}  // namespace

Running running_in(const Terms& terms, std::span<const Range> ranges, TermId body) {
  // Most programs have none.
  if (std::ranges::all_of(terms.scans(), [&](const Scan& scan) { return terms.outer_levels(scan) == 0; }))
    return {};
  return Survey(terms, ranges, body).run();
}

}  // namespace mc::language
