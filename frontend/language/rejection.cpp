// Drawing by rejection: a loop that draws anew until the variable's condition holds. A lane that has accepted
// keeps what it has, its stream's state too, while others go on; so what it draws does not depend on them,
// and the loop may end as soon as none goes on (ir::Loop, "settles").
#include <algorithm>
#include <limits>
#include <vector>

#include "frontend/language/emission.hpp"

namespace mc::language {
namespace {

/// About how many the lanes that are computed together take: what counts for Limits::rounds.
constexpr std::int64_t kUsualTrials = 4;

/// The terms of a variable drawn by rejection, by where they are computed. The condition's are computed in
/// the rounds; what the element takes from them is carried out, and the rest of it computed once.
class Trial {
 public:
  Trial(const Terms& terms, const Variable& variable)
      : terms_(terms), tried_draws_(variable.tried), is_tried_(terms.size()) {
    walk(variable.accept, [this](TermId id) { return is_tried_[position(id)] = true; });
    walk(variable.element, [this](TermId id) { return !carry(id); });
    std::ranges::sort(carried);
  }

  std::vector<TermId> fixed;    ///< those that no draw changes, from before the rounds
  std::vector<TermId> carried;  ///< from the rounds, for the element

 private:
  static std::size_t position(TermId id) { return static_cast<std::size_t>(id); }

  /// What has one value in a round: no index of a loop around it is in it, but the coordinate's perhaps.
  bool is_single(TermId id) const { return (terms_[id].levels & ~1u) == 0; }

  /// Goes down from a term: beyond those that depend on draws where `visit` says so.
  void walk(TermId root, auto visit) {
    std::vector<bool> seen(terms_.size());
    std::vector<TermId> pending{root};
    while (!pending.empty()) {
      const TermId id = pending.back();
      pending.pop_back();
      if (seen[position(id)]) continue;
      seen[position(id)] = true;
      if (!terms_[id].drawn) {
        if (is_single(id)) fixed.push_back(id);
      } else if (visit(id))
        for (TermId part : terms_.parts_of(id)) pending.push_back(part);  // draws may stand in bodies too
    }
  }

  bool carry(TermId id) {
    const bool is_tried_draw = terms_[id].kind == TermKind::draw && terms_[id].id < tried_draws_;
    if ((is_tried_[position(id)] && is_single(id)) || is_tried_draw) return carried.push_back(id), true;
    return false;
  }

  const Terms& terms_;
  const std::uint32_t tried_draws_;
  std::vector<bool> is_tried_;
};

}  // namespace

X Lowering::draw_by_rejection(Context& context, const Variable& variable) {
  check_size();
  const Trial trial(terms_, variable);
  for (TermId id : trial.fixed) evaluate(context, id);
  const Rounds rounds(*this, kUsualTrials);
  uniforms_.align();
  std::vector<ir::Value> start = uniforms_.state();
  for (TermId id : trial.carried) start.push_back(b_.constant_bits(type_of(id), 0));
  const auto settled = static_cast<std::uint32_t>(start.size());
  start.push_back(b_.constant_i1(false));
  const auto body = [&](ir::Value, std::span<const ir::Value> before) {
    return one_trial(context, variable, trial.carried, before);
  };
  const auto end = b_.loop(u32(ir::kMostTrials), start, body, settled);
  const std::size_t states = uniforms_.state().size();
  std::copy_n(end.begin(), states, uniforms_.state().begin());
  Context accepted{.outer = &context};
  accepted.draws.assign(variable.tried,
                        X(b_, b_.constant_bits(drawn_type(), 0)));  // nothing but what is carried uses them
  for (std::size_t k = 0; k < trial.carried.size(); ++k)
    accepted.values.emplace(trial.carried[k], X(b_, end[states + k]));
  draw(accepted, variable.draws - variable.tried);
  uniforms_.align();
  const X element = converted(as_number(evaluate(accepted, variable.element)), drawn_type());
  return select(X(b_, end[settled]), element, std::numeric_limits<double>::quiet_NaN());
}

/// What is carried after one more round, frozen where it has settled.
std::vector<ir::Value> Lowering::one_trial(Context& context, const Variable& variable,
                                           std::span<const TermId> carried,
                                           std::span<const ir::Value> before) {
  const std::size_t states = uniforms_.state().size();
  std::copy_n(before.begin(), states, uniforms_.state().begin());
  Context round{.outer = &context};
  draw(round, variable.tried);
  uniforms_.align();
  std::vector<ir::Value> after = uniforms_.state();
  const X accepts = evaluate(round, variable.accept);
  for (TermId id : carried) after.push_back(evaluate(round, id));
  const X settled(b_, before.back());
  for (std::size_t k = 0; k < after.size(); ++k)
    after[k] = select(settled, X(b_, before[k]), X(b_, after[k]));
  after.push_back(settled | accepts);
  return after;
}

}  // namespace mc::language
