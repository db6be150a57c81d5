// Stages by dependence: one pass over the terms in their order, which is an order of dependence.
#include "frontend/language/schedule.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace mc::language {
namespace {

/// A loop to be placed: its own index levels and range, and what its body is.
struct Body {
  TermId term;
  TermId accept = TermId::none;  ///< of a variable drawn by rejection
  std::uint32_t level = 0;
  std::int64_t first = 1, last = 0;
  bool fusible = true;  ///< a single range: its index may be another loop's
  bool random = true;
  std::uint32_t rolled = 0;  ///< bit l: level l is the counter of a loop, not a known number

  void run_over(const Range& range) {
    level = range.level, first = range.first, last = range.last;
    rolled = range.size() > kUnrolled ? 1u << level : 0;
  }
};

/// A variable's value, or what its value, a row's number, leads to.
bool is_of_variable(const Term& term) {
  return term.kind == TermKind::variable || term.kind == TermKind::cell;
}

std::uint32_t rolled_levels(const Reduce& reduce) {
  std::uint32_t levels = 0;
  if (!is_written_out(reduce))
    for (const Range& range : reduce.ranges) levels |= 1u << range.level;
  return levels;
}

class Scheduler {
 public:
  Scheduler(const Model& model) : model_(model), terms_(model.terms) {
    result_.stored_variables.resize(model.variables.size());
    result_.stored_scans.resize(terms_.scans().size());
    variable_stage_.resize(model.variables.size());
    reduce_stage_.resize(terms_.reduces().size());
    scan_stage_.resize(terms_.scans().size());
    call_stage_.resize(terms_.calls().size());
  }

  Schedule run(const std::vector<TermId>& roots, bool samples) {
    std::vector<TermId> order = reachable(roots, samples);
    for (TermId id : order) place(id);
    if (samples) place_variables(model_.variables.size());
    for (TermId root : roots) visit({.term = root, .fusible = false}, 0);
    return std::move(result_);
  }

 private:
  /// Every term the roots and, where there is sampling, the variables are made of, operands first.
  std::vector<TermId> reachable(const std::vector<TermId>& roots, bool samples) const {
    std::vector<bool> seen(terms_.size(), false);
    std::vector<TermId> pending(roots), order;
    if (samples)
      for (const Variable& variable : model_.variables) {
        pending.push_back(variable.element);
        if (variable.rejects()) pending.push_back(variable.accept);
      }
    while (!pending.empty()) {
      const TermId id = pending.back();
      pending.pop_back();
      if (seen[static_cast<std::size_t>(id)]) continue;
      seen[static_cast<std::size_t>(id)] = true;
      order.push_back(id);
      for (TermId part : terms_.parts_of(id)) pending.push_back(part);
    }
    std::ranges::sort(order);
    return order;
  }

  void place(TermId id) {
    const Term& term = terms_[id];
    if (is_of_variable(term)) place_variables(term.id + 1);
    if (term.kind == TermKind::scan && is_closed(term)) place_scan(id);
    if (term.kind == TermKind::reduce && terms_.is_closed(term)) place_reduce(id);
    if (term.kind == TermKind::external && terms_.is_closed(term)) place_call(id);
  }

  /// Variables are drawn in the program's order: a vector's loop ends before the next variable begins.
  void place_variables(std::size_t end) {
    for (; placed_variables_ < end; ++placed_variables_) {
      const auto number = static_cast<std::uint32_t>(placed_variables_);
      const Variable& variable = model_.variables[number];
      const bool vector = variable.extent > 0;
      Body body{.term = variable.element, .accept = variable.accept, .fusible = vector};
      if (vector) body.run_over({0, 1, variable.extent});
      const std::size_t at = settle(body, next_draw_);
      variable_stage_[number] = at;
      next_draw_ = vector ? at + 1 : at;
      if (vector)
        loop(at, body).variable = number;
      else
        stage(at).scalars.push_back(number);
    }
  }

  /// Running sums that depend on an index from outside belong into the rounds of its loop.
  bool is_closed(const Term& scan) const { return terms_.outer_levels(terms_.scans()[scan.id]) == 0; }

  void place_scan(TermId id) {
    const Term& term = terms_[id];
    if (scan_stage_[term.id]) return;
    const Scan& scan = terms_.scan_of(id);
    Body body{.term = scan.body, .random = terms_[scan.body].random};
    body.run_over(scan.range);
    const std::size_t at = settle(body, 0);
    scan_stage_[term.id] = at;
    loop(at, body).scans.push_back(term.id);
  }

  void place_reduce(TermId id) {
    const Term& term = terms_[id];
    if (reduce_stage_[term.id]) return;
    const Reduce& reduce = terms_.reduce_of(id);
    Body body{.term = reduce.body, .fusible = reduce.ranges.size() == 1, .random = term.random};
    if (body.fusible)
      body.run_over(reduce.ranges[0]);
    else
      body.rolled = rolled_levels(reduce);
    const std::size_t at = settle(body, 0);
    reduce_stage_[term.id] = at;
    if (body.fusible)
      loop(at, body).reduces.push_back(term.id);
    else
      stage(at).folds.push_back(id);
  }

  void place_call(TermId id) {
    const Term& term = terms_[id];
    if (call_stage_[term.id]) return;
    std::size_t at = 0;
    const ExternalCall& call = terms_.call_of(id);
    for (std::size_t k = 0; k < call.parts.size(); ++k)
      at = settle({.term = call.parts[k],
                   .fusible = false,
                   .random = term.random,
                   .rolled = call.ranges[k] ? 1u << call.ranges[k]->level : 0},
                  at);
    call_stage_[term.id] = at;
    stage(at).folds.push_back(id);
  }

  /// The stage a body can run in, and the rows it makes necessary.
  std::size_t settle(const Body& body, std::size_t earliest) {
    const std::size_t at = visit(body, earliest);
    visit(body,
          at);  // now that the stage is known: what it could have met in its own stage it may meet too late
    return at;
  }

  std::size_t visit(const Body& body, std::size_t at) {
    std::vector<std::pair<TermId, std::uint32_t>> pending{{body.term, body.rolled}};
    if (body.accept != TermId::none) pending.emplace_back(body.accept, body.rolled);
    std::unordered_set<std::uint64_t> known;
    while (!pending.empty()) {
      const auto [id, rolled] = pending.back();
      pending.pop_back();
      if (!known.insert(static_cast<std::uint64_t>(id) << 32 | rolled).second) continue;
      const Term& term = terms_[id];
      if (is_of_variable(term))
        at = std::max(at, use_variable(body, term, rolled, at));
      else if (term.kind == TermKind::scan && is_closed(term))
        at = std::max(at, use_scan(body, term, rolled, at));
      else if (term.kind == TermKind::reduce && terms_.is_closed(term))
        at = std::max(at, *reduce_stage_[term.id] + 1);
      else if (term.kind == TermKind::external && terms_.is_closed(term))
        at = std::max(at, *call_stage_[term.id] + 1);
      else
        for (TermId part : terms_.parts_of(id)) pending.emplace_back(part, rolled | rolled_in(id));
    }
    return at;
  }

  /// The levels that a term's own loop rolls. No subscript counts an iteration's rounds.
  std::uint32_t rolled_in(TermId id) const {
    if (terms_[id].kind == TermKind::reduce) return rolled_levels(terms_.reduce_of(id));
    if (terms_[id].kind == TermKind::external) {
      std::uint32_t levels = 0;
      for (const auto& range : terms_.call_of(id).ranges)
        if (range) levels |= 1u << range->level;
      return levels;
    }
    return terms_[id].kind == TermKind::scan ? 1u << terms_.scan_of(id).range.level : 0;
  }

  /// The same index over the same range: the two can run in one loop.
  static bool meets(const Body& body, const Subscript& s, std::int64_t extent) {
    return body.fusible && s.scale == 1 && s.offset == 0 && s.level == body.level && body.first == 1 &&
           body.last == extent;
  }

  std::size_t use_variable(const Body& body, const Term& term, std::uint32_t rolled, std::size_t at) {
    const Variable& variable = model_.variables[term.id];
    const std::size_t drawn = variable_stage_[term.id].value_or(0);
    if (variable.extent == 0) return drawn;
    const Subscript& s = term.subscripts[0];
    if (meets(body, s, variable.extent) && at <= drawn) return drawn;
    if (must_store(s, rolled, variable.extent)) result_.stored_variables[term.id] = true;
    return drawn + 1;
  }

  std::size_t use_scan(const Body& body, const Term& term, std::uint32_t rolled, std::size_t at) {
    const Scan& scan = terms_.scans()[term.id];
    const std::size_t made = *scan_stage_[term.id];
    const Subscript& s = term.subscripts[0];
    if (terms_[scan.body].random == body.random && meets(body, s, scan.range.last) && at <= made) return made;
    if (must_store(s, rolled, scan.range.last)) result_.stored_scans[term.id] = true;
    return made + 1;
  }

  /// Elements of written-out loops are values of their own, and need no row as long as their number is known.
  static bool must_store(const Subscript& s, std::uint32_t rolled, std::int64_t extent) {
    return extent > kUnrolled || (!s.is_plain() && (rolled >> s.level & 1) != 0);
  }

  ScheduleStage& stage(std::size_t at) {
    if (result_.stages.size() <= at) result_.stages.resize(at + 1);
    return result_.stages[at];
  }

  FusedLoop& loop(std::size_t at, const Body& body) {
    auto& loops = stage(at).loops;
    const auto found = std::ranges::find_if(loops, [&](const FusedLoop& l) {
      return l.first == body.first && l.last == body.last && l.random == body.random;
    });
    if (found != loops.end()) return *found;
    return loops.emplace_back(FusedLoop{.first = body.first,
                                        .last = body.last,
                                        .random = body.random,
                                        .variable = {},
                                        .scans = {},
                                        .reduces = {}});
  }

  const Model& model_;
  const Terms& terms_;
  Schedule result_;
  std::vector<std::optional<std::size_t>> variable_stage_, reduce_stage_, scan_stage_, call_stage_;
  std::size_t placed_variables_ = 0;
  std::size_t next_draw_ = 0;
};

}  // namespace

bool is_written_out(const Reduce& reduce) {
  std::int64_t rounds = 1;
  for (const Range& range : reduce.ranges) rounds *= std::min(range.size(), kWrittenOut + 1);
  return rounds <= (reduce.ranges.size() == 1 ? kUnrolled : kWrittenOut);
}

std::int64_t Schedule::stored(const Model& model) const {
  std::int64_t total = 0;
  for (std::size_t k = 0; k < stored_variables.size(); ++k)
    if (stored_variables[k]) total += model.variables[k].extent;
  for (std::size_t k = 0; k < stored_scans.size(); ++k)
    if (stored_scans[k]) total += model.terms.scans()[k].range.last;
  return total;
}

Schedule schedule(const Model& model, const std::vector<TermId>& roots, bool samples) {
  return Scheduler(model).run(roots, samples);
}

}  // namespace mc::language
