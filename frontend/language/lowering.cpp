// Emits a model's schedule: loops that draw, fold and store, and the terms inside them.
#include "frontend/language/lowering.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/schedule.hpp"

namespace mc::language {
namespace {

using ir::Op;
using ir::X;

/// Where an index level stands: at a known number, or at a loop's counter.
struct Index {
  std::int64_t first = 1, last = 0;      ///< the values it can take, from 1
  std::optional<std::int64_t> constant;  ///< from 1
  std::optional<X> counter;              ///< u32, value - first
};

/// What is known while the rounds of a loop are built. Contexts of inner loops look further in the outer
/// ones.
struct Context {
  const Context* outer = nullptr;
  std::unordered_map<std::uint32_t, Index> levels = {};
  std::unordered_map<TermId, X> values = {};
  std::vector<X> draws = {};
  std::unordered_map<std::uint32_t, X> variables = {}, scans = {};  ///< elements at this round's index

  template <class Map>
  auto find(Map Context::* map, typename Map::key_type key) const -> const typename Map::mapped_type* {
    for (const Context* c = this; c != nullptr; c = c->outer)
      if (const auto it = (c->*map).find(key); it != (c->*map).end()) return &it->second;
    return nullptr;
  }
};

X start_of(ir::Builder& b, Reduction reduction) {
  switch (reduction) {
    case Reduction::sum:
      return {b, b.constant(0.0)};
    case Reduction::product:
      return {b, b.constant(1.0)};
    case Reduction::minimum:
      return {b, b.constant(INFINITY)};
    case Reduction::maximum:
      return {b, b.constant(-INFINITY)};
    case Reduction::any:
      return {b, b.constant_i1(false)};
    default:
      return {b, b.constant_i1(true)};
  }
}

X step(Reduction reduction, X folded, X value) {
  switch (reduction) {
    case Reduction::sum:
      return folded + value;
    case Reduction::product:
      return folded * value;
    case Reduction::minimum:
      return min(folded, value);
    case Reduction::maximum:
      return max(folded, value);
    case Reduction::any:
      return folded | value;
    default:
      return folded & value;
  }
}

/// Elements of a vector variable or a running sum once they are made: values of their own, or a row of
/// scratch.
struct Elements {
  std::vector<X> values;
  std::optional<std::uint32_t> row;
};

class Lowering {
 public:
  Lowering(const Model& model, const Schedule& schedule, const Limits& limits, ir::Builder& builder,
           random::Stream* stream)
      : model_(model),
        terms_(model.terms),
        schedule_(schedule),
        limits_(limits),
        b_(builder),
        stream_(stream) {
    variables_.resize(model.variables.size());
    scans_.resize(terms_.scans().size());
    reduces_.resize(terms_.reduces().size());
    seen_.resize(terms_.size());
    for (std::size_t k = 0; k < variables_.size(); ++k)
      if (schedule.stored_variables[k])
        variables_[k].row = b_.row(static_cast<std::uint32_t>(model.variables[k].extent));
    for (std::size_t k = 0; k < scans_.size(); ++k)
      if (schedule.stored_scans[k])
        scans_[k].row = b_.row(static_cast<std::uint32_t>(terms_.scans()[k].range.last));
  }

  /// Everything that has loops, stage by stage.
  void run() {
    for (const ScheduleStage& stage : schedule_.stages) {
      for (std::uint32_t variable : stage.scalars) draw_scalar(variable);
      for (TermId id : stage.folds) {
        const Reduce& reduce = terms_.reduce_of(id);
        reduces_[terms_[id].id] = fold(root_, reduce, 0, start_of(b_, reduce.reduction));
      }
      for (const FusedLoop& loop : stage.loops) emit(loop);
    }
  }

  X value(TermId id) { return as_number(evaluate(root_, id)); }

 private:
  X as_number(X x) { return x.type() == ir::Type::i1 ? select(x, X(b_, b_.constant(1.0)), 0.0) : x; }
  X u32(std::int64_t value) { return {b_, b_.constant_u32(static_cast<std::uint32_t>(value))}; }

  // ---- drawing

  std::vector<X> draw(std::uint32_t count) {
    std::vector<X> uniforms;
    for (std::uint32_t k = 0; k < count; ++k) uniforms.push_back(random::uniform(stream_->draw(b_)));
    return uniforms;
  }

  void draw_scalar(std::uint32_t number) {
    const Variable& variable = model_.variables[number];
    stream_->align();
    Context context{.outer = &root_, .draws = draw(variable.draws)};
    variables_[number].values = {as_number(evaluate(context, variable.element))};
  }

  // ---- loops

  /// The values a loop carries: the stream's state, then its scans' and its reductions' folds.
  struct Folds {
    std::vector<X> scans, reduces;
  };

  void emit(const FusedLoop& loop) {
    const Rounds rounds(*this, loop.size());
    Folds folds;
    for (std::uint32_t id : loop.scans) folds.scans.push_back(start_of(b_, terms_.scans()[id].reduction));
    for (std::uint32_t id : loop.reduces)
      folds.reduces.push_back(start_of(b_, terms_.reduces()[id].reduction));
    if (loop.variable) stream_->align();
    const std::int64_t width = loop.variable ? round_width(*loop.variable) : 1;
    const std::int64_t turns = loop.size() <= kUnrolled ? 0 : loop.size() / width;
    if (turns > 0) emit_rounds(loop, turns, width, folds);
    for (std::int64_t at = turns * width; at < loop.size(); ++at)
      emit_element(loop, {.first = loop.first, .last = loop.last, .constant = loop.first + at, .counter = {}},
                   folds);
    for (std::size_t k = 0; k < loop.reduces.size(); ++k) reduces_[loop.reduces[k]] = folds.reduces[k];
  }

  /// Elements drawn each time round: as many as leave no word of the generator over.
  std::int64_t round_width(std::uint32_t variable) const {
    const unsigned draws = std::max(model_.variables[variable].draws, 1u);
    return std::lcm(draws, stream_->words()) / draws;
  }

  void emit_rounds(const FusedLoop& loop, std::int64_t turns, std::int64_t width, Folds& folds) {
    const std::size_t states = loop.variable ? stream_->state.size() : 0;
    const auto pack = [&] {
      std::vector<ir::Value> carried;
      if (states > 0) carried = stream_->state;
      carried.insert(carried.end(), folds.scans.begin(), folds.scans.end());
      carried.insert(carried.end(), folds.reduces.begin(), folds.reduces.end());
      return carried;
    };
    const auto unpack = [&](std::span<const ir::Value> carried) {
      if (states > 0) std::ranges::copy(carried.first(states), stream_->state.begin());
      carried = carried.subspan(states);
      for (X& fold : folds.scans) fold = X(b_, carried.front()), carried = carried.subspan(1);
      for (X& fold : folds.reduces) fold = X(b_, carried.front()), carried = carried.subspan(1);
    };
    const auto results =
        b_.loop(u32(turns), pack(), [&](ir::Value counter, std::span<const ir::Value> carried) {
          unpack(carried);
          for (std::int64_t k = 0; k < width; ++k) {
            X at(b_, counter);
            if (width > 1) at = at * u32(width);
            if (k > 0) at = at + u32(k);
            emit_element(loop, {.first = loop.first, .last = loop.last, .constant = {}, .counter = at},
                         folds);
          }
          return pack();
        });
    unpack(results);
  }

  void emit_element(const FusedLoop& loop, const Index& index, Folds& folds) {
    check_size();
    Context context{.outer = &root_};
    if (loop.variable) {
      context.levels[0] = index;
      context.draws = draw(model_.variables[*loop.variable].draws);
      const X element = as_number(evaluate(context, model_.variables[*loop.variable].element));
      keep(variables_[*loop.variable], index, loop, element);
      context.variables.emplace(*loop.variable, element);
    }
    for (std::size_t k = 0; k < loop.scans.size(); ++k) {
      const Scan& scan = terms_.scans()[loop.scans[k]];
      context.levels[scan.range.level] = index;
      folds.scans[k] = step(scan.reduction, folds.scans[k], evaluate(context, scan.body));
      keep(scans_[loop.scans[k]], index, loop, folds.scans[k]);
      context.scans.emplace(loop.scans[k], folds.scans[k]);
    }
    for (std::size_t k = 0; k < loop.reduces.size(); ++k) {
      const Reduce& reduce = terms_.reduces()[loop.reduces[k]];
      context.levels[reduce.ranges[0].level] = index;
      folds.reduces[k] = step(reduce.reduction, folds.reduces[k], evaluate(context, reduce.body));
    }
  }

  void keep(Elements& elements, const Index& index, const FusedLoop& loop, X value) {
    if (loop.size() <= kUnrolled) elements.values.push_back(value);
    if (!elements.row) return;
    const Subscript own{1, 0, 0};
    b_.store(*elements.row, position(index, own, loop.last), value);
  }

  // ---- terms

  /// Terms are evaluated in their order, which is an order of dependence; recursion would go as deep as a
  /// long sum.
  X evaluate(Context& context, TermId root) {
    std::vector<TermId> pending{root}, order;
    const std::uint32_t stamp = ++stamp_;
    while (!pending.empty()) {
      const TermId id = pending.back();
      pending.pop_back();
      if (std::exchange(seen_[static_cast<std::size_t>(id)], stamp) == stamp) continue;
      if (context.find(&Context::values, id) != nullptr) continue;
      order.push_back(id);
      const Term& term = terms_[id];
      if (term.kind == TermKind::apply)
        pending.insert(pending.end(), term.inputs().begin(), term.inputs().end());
    }
    std::ranges::sort(order);
    for (TermId id : order) context.values.emplace(id, make(context, id));
    return *context.find(&Context::values, root);
  }

  X make(Context& context, TermId id) {
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
      case TermKind::draw:
        return *draw_of(context, term.id);
      case TermKind::index:
        return number_of(*context.find(&Context::levels, term.id));
      case TermKind::apply:
        return apply(context, term);
      case TermKind::reduce:
        return reduce(context, id);
      case TermKind::scan:
        return scan(context, term);
    }
    throw std::logic_error("lowering: unknown kind of term");
  }

  static const X* draw_of(const Context& context, std::uint32_t number) {
    for (const Context* c = &context; c != nullptr; c = c->outer)
      if (number < c->draws.size()) return &c->draws[number];
    throw std::logic_error("lowering: a draw outside its variable");
  }

  X apply(Context& context, const Term& term) {
    std::vector<ir::Value> operands;
    for (TermId input : term.inputs()) operands.push_back(*context.find(&Context::values, input));
    return {b_, b_.emit(term.op, operands)};
  }

  X number_of(const Index& index) {
    if (index.constant) return {b_, b_.constant(static_cast<double>(*index.constant))};
    return to_f64(*index.counter) + static_cast<double>(index.first);
  }

  /// The subscript's position from 0 in an axis of `extent`. The checker has kept it inside; a kernel must
  /// never read elsewhere, so that is made sure of here too.
  X position(const Context& context, const Subscript& s, std::int64_t extent) {
    const auto inside = [extent](std::int64_t p) { return 1 <= p && p <= extent; };
    if (s.is_plain()) {
      if (!inside(s.offset)) throw std::logic_error("lowering: a subscript outside its array");
      return u32(s.offset - 1);
    }
    return position(*context.find(&Context::levels, s.level), s, extent);
  }

  X position(const Index& index, const Subscript& s, std::int64_t extent) {
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

  X element(Context& context, const Term& term) {
    const Shape& shape = model_.arrays[term.id].shape;
    X at = position(context, term.subscripts[0], shape.rows);
    if (shape.rank == 2) at = at * u32(shape.columns) + position(context, term.subscripts[1], shape.columns);
    return {b_, b_.element(term.id, at)};
  }

  X variable(Context& context, const Term& term) {
    const Variable& variable = model_.variables[term.id];
    if (variable.extent == 0) return variables_[term.id].values.at(0);
    return of(context, variables_[term.id], &Context::variables, term, variable.extent);
  }

  X scan(Context& context, const Term& term) {
    return of(context, scans_[term.id], &Context::scans, term, terms_.scans()[term.id].range.last);
  }

  /// The element that the loop whose index `level` is has just made, if it makes this one.
  static const X* this_round(const Context& context, std::uint32_t level,
                             std::unordered_map<std::uint32_t, X> Context::* current, std::uint32_t id) {
    for (const Context* c = &context; c != nullptr; c = c->outer) {
      if (!c->levels.contains(level)) continue;
      const auto found = (c->*current).find(id);
      return found == (c->*current).end() ? nullptr : &found->second;
    }
    return nullptr;
  }

  /// An element: this round's own, a value that a written-out loop left, or one read back from the row.
  X of(Context& context, const Elements& elements, std::unordered_map<std::uint32_t, X> Context::* current,
       const Term& term, std::int64_t extent) {
    const Subscript& s = term.subscripts[0];
    if (s.scale == 1 && s.offset == 0)
      if (const X* own = this_round(context, s.level, current, term.id)) return *own;
    const X at = position(context, s, extent);
    const ir::Node& node = b_[at];
    if (node.op == Op::constant && node.immediate < elements.values.size())
      return elements.values[node.immediate];
    if (!elements.row) throw std::logic_error("lowering: an element is needed that was not kept");
    return {b_, b_.load(*elements.row, at)};
  }

  // ---- reductions inside a round, and those over several indices

  X reduce(Context& context, TermId id) {
    const Term& term = terms_[id];
    if (term.levels == 0) return reduces_[term.id].value();  // its stage is over
    const Reduce& reduce = terms_.reduce_of(id);
    return fold(context, reduce, 0, start_of(b_, reduce.reduction));
  }

  X fold(Context& context, const Reduce& reduce, std::size_t depth, X folded) {
    check_size();
    if (depth == reduce.ranges.size()) return step(reduce.reduction, folded, evaluate(context, reduce.body));
    const Range& range = reduce.ranges[depth];
    const Rounds rounds(*this, range.size());
    const auto round = [&](const Index& index, X before) {
      Context inner{.outer = &context};
      inner.levels[range.level] = index;
      return fold(inner, reduce, depth + 1, before);
    };
    if (is_written_out(reduce)) {
      for (std::int64_t at = range.first; at <= range.last; ++at)
        folded = round({.first = range.first, .last = range.last, .constant = at, .counter = {}}, folded);
      return folded;
    }
    const ir::Value initial = folded;
    const auto results =
        b_.loop(u32(range.size()), std::span(&initial, 1),
                [&](ir::Value counter, std::span<const ir::Value> carried) {
                  return std::vector<ir::Value>{round(
                      {.first = range.first, .last = range.last, .constant = {}, .counter = X(b_, counter)},
                      X(b_, carried[0]))};
                });
    return {b_, results[0]};
  }

  /// While it lives, everything built runs `size` times as often.
  class Rounds {
   public:
    Rounds(Lowering& lowering, std::int64_t size) : lowering_(lowering), before_(lowering.rounds_) {
      const auto most = static_cast<double>(lowering.limits_.rounds);
      lowering_.rounds_ *= static_cast<double>(std::max<std::int64_t>(size, 1));
      lowering_.all_rounds_ += lowering_.rounds_;
      if (lowering_.all_rounds_ > most)
        throw TooLarge(fmt::format(
            "a sample of this program takes {:g} rounds of its loops or more; at most {:g} (Limits::rounds)",
            lowering_.all_rounds_, most));
    }
    Rounds(const Rounds&) = delete;
    Rounds& operator=(const Rounds&) = delete;
    ~Rounds() { lowering_.rounds_ = before_; }

   private:
    Lowering& lowering_;
    double before_;
  };

  void check_size() const {
    if (b_.kernel().nodes.size() > limits_.operations)
      throw TooLarge(fmt::format("the program needs a kernel of more than {} operations (Limits::operations)",
                                 limits_.operations));
  }

  const Model& model_;
  const Terms& terms_;
  const Schedule& schedule_;
  const Limits& limits_;
  ir::Builder& b_;
  random::Stream* stream_;
  Context root_;
  std::vector<Elements> variables_, scans_;
  std::vector<std::optional<X>> reduces_;
  std::vector<std::uint32_t> seen_;
  std::uint32_t stamp_ = 0;
  double rounds_ = 1;      ///< how often what is being built runs in a sample
  double all_rounds_ = 0;  ///< of all loops so far
};

std::vector<TermId> roots_of(const Model& model) {
  std::vector<TermId> roots;
  for (const Query& query : model.queries)
    roots.insert(roots.end(), query.values.begin(), query.values.end());
  for (const Density& density : model.densities) roots.push_back(density.weight);
  return roots;
}

Schedule bounded_schedule(const Model& model, const std::vector<TermId>& roots, bool samples,
                          const Limits& limits) {
  Schedule plan = schedule(model, roots, samples);
  const std::int64_t stored = plan.stored(model);
  if (stored > static_cast<std::int64_t>(limits.stored))
    throw TooLarge(
        fmt::format("a sample of this program has to store {} numbers; at most {} (Limits::stored)", stored,
                    limits.stored));
  return plan;
}

/// Elements of the arrays as the kernel knows them: its indices are 32 bits wide.
std::vector<std::uint32_t> array_lengths(const Model& model) {
  constexpr std::int64_t kMost = UINT32_MAX;
  std::vector<std::uint32_t> lengths;
  for (const Array& array : model.arrays) {
    if (array.shape.size() > kMost)
      throw TooLarge(
          fmt::format("{} has {} elements; an array has at most {}", array.name, array.shape.size(), kMost));
    lengths.push_back(static_cast<std::uint32_t>(array.shape.size()));
  }
  return lengths;
}

/// A kernel whose outputs are the roots' values, with no sampling around it.
ir::Kernel lower_values(const Model& model, const std::vector<TermId>& roots, const Limits& limits) {
  const Schedule plan = bounded_schedule(model, roots, false, limits);
  ir::Builder builder;
  Lowering lowering(model, plan, limits, builder, nullptr);
  lowering.run();
  for (std::uint32_t k = 0; k < roots.size(); ++k) builder.output(k, lowering.value(roots[k]));
  return builder.finish(static_cast<std::uint32_t>(model.scalars.size()), array_lengths(model));
}

kernels::Group group_of(const Query& query) {
  const bool fourth = query.estimator == Estimator::variance || query.estimator == Estimator::deviation;
  return {.values = static_cast<unsigned>(query.values.size()), .order = fourth ? 4u : 2u};
}

}  // namespace

std::vector<kernels::Group> groups(const Model& model) {
  std::vector<kernels::Group> groups;
  for (const Query& query : model.queries) groups.push_back(group_of(query));
  groups.resize(groups.size() + model.densities.size());
  return groups;
}

ir::Kernel lower(const Model& model, random::Generator generator, bool screened, const Limits& limits) {
  const std::vector<TermId> roots = roots_of(model);
  const Schedule plan = bounded_schedule(model, roots, true, limits);
  const auto sample = [&](ir::Builder& builder, random::Stream& stream) {
    Lowering lowering(model, plan, limits, builder, &stream);
    lowering.run();
    std::vector<X> values;
    for (TermId root : roots) values.push_back(lowering.value(root));
    stream.align();
    return values;
  };
  return kernels::sample_reduce({.generator = generator, .groups = groups(model), .screened = screened},
                                sample, static_cast<std::uint32_t>(model.scalars.size()),
                                array_lengths(model));
}

ir::Kernel bounded(ir::Kernel kernel, const Limits& limits) {
  if (kernel.nodes.size() <= limits.operations) return kernel;
  throw TooLarge(fmt::format("the program needs a kernel of {} operations; at most {} (Limits::operations)",
                             kernel.nodes.size(), limits.operations));
}

ir::Kernel lower_point(const Model& model, const Limits& limits) {
  return lower_values(model, roots_of(model), limits);
}

ir::Kernel lower_requirements(const Model& model, const Limits& limits) {
  std::vector<TermId> roots;
  for (const Requirement& requirement : model.requirements) roots.push_back(requirement.holds);
  for (const Requirement& requirement : model.requirements)
    for (const auto& shown : requirement.shown) roots.push_back(shown.second);
  return lower_values(model, roots, limits);
}

}  // namespace mc::language
