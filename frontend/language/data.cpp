// Which terms are data, which loops go through it, and the kernels around them.
#include "frontend/language/data.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/emission.hpp"
#include "frontend/language/lowering.hpp"

namespace mc::language {

using ir::Builder;
using ir::Op;
using ir::Type;
using kernels::Fold;

namespace {

Fold fold_of(Reduction reduction) {
  switch (reduction) {
    case Reduction::sum:
      return Fold::sum;
    case Reduction::product:
      return Fold::product;
    case Reduction::minimum:
    case Reduction::all:  // of 1 and 0
      return Fold::minimum;
    case Reduction::maximum:
    case Reduction::any:
      return Fold::maximum;
  }
  throw std::logic_error("data: no such reduction");
}

bool is_logical(Reduction reduction) { return reduction == Reduction::any || reduction == Reduction::all; }

bool is_over_data(const Range& range) { return is_data_extent(range.last); }

/// The program as a model in which data are what `shape` says; whatever cannot go through data is reported.
Model checked(const Source& source, std::span<const DataName> data, Shape shape,
              std::span<const Setting::Parameter> parameters, Diagnostics& diagnostics) {
  Setting setting{.parameters{parameters.begin(), parameters.end()}};
  for (const DataName& each : data) setting.parameters.push_back({each.name, shape, true});
  setting.single =
      !data.empty() && std::ranges::all_of(data, [](const DataName& each) { return each.type == Type::f32; });
  Checked result = check(source, setting);
  for (const Diagnostic& each : result.diagnostics) diagnostics.add(each);
  const Model& model = result.model;
  const auto refuse = [&](std::string message, std::string hint, Span span = {}) {
    diagnostics.error(Category::argument, span, std::move(message), std::move(hint));
  };
  if (!model.variables.empty())
    refuse("a program with random variables is sampled, not applied to data",
           "it has to be of bare expressions: sum(x_i^2)", model.variables[0].span);
  for (const Query& query : model.queries)
    if (query.estimator != Estimator::mean || query.weighted)
      refuse(fmt::format("{} is a question about samples, and data has none", query.text),
             "write an expression, such as mean(x), or take samples from the data: x ~ data(A)");
  return std::move(result.model);
}

std::vector<TermId> values_of(const Model& model) {
  std::vector<TermId> values;
  for (const Query& query : model.queries)
    values.insert(values.end(), query.values.begin(), query.values.end());
  return values;
}

/// A datum as the program computes with it.
X in_precision_of(const Model& model, X datum) {
  return converted(datum, model.terms.single ? Type::f32 : Type::f64);
}

std::vector<std::uint32_t> array_lengths(const Model& model) {
  std::vector<std::uint32_t> lengths;
  for (const Array& array : model.arrays)
    lengths.push_back(is_data_extent(array.shape.rows) ? 0 : static_cast<std::uint32_t>(array.shape.size()));
  return lengths;
}

/// A program of reductions on its way to kernels.
class Reductions {
 public:
  Reductions(Model model, std::span<const DataName> data, const Limits& limits, Diagnostics& diagnostics)
      : model_(std::move(model)), data_(data), limits_(limits), diagnostics_(diagnostics) {}

  DataProgram run() {
    roots_ = values_of(model_);
    plan_ = schedule(model_, roots_, false);
    check();
    number_scalars();
    if (diagnostics_.has_errors()) return {};
    DataProgram program;
    for (const ScheduleStage& stage : plan_.stages)
      for (const FusedLoop& loop : stage.loops)
        if (is_data_extent(loop.last)) program.passes.push_back(pass(loop));
    program.values = values();
    program.scalars = std::move(scalars_);
    for (const Query& query : model_.queries) program.texts.push_back(query.text);
    program.model = std::move(model_);
    return program;
  }

 private:
  // ---- what there is

  const Terms& terms() const { return model_.terms; }

  /// The data name that an element is of, or nothing.
  std::optional<std::uint32_t> data_of(const Term& term) const {
    if (term.kind != TermKind::element) return {};
    const Array& array = model_.arrays[term.id];
    if (!is_data_extent(array.shape.rows)) return {};
    const auto* found =
        std::ranges::find(data_.data(), data_.data() + data_.size(), array.name, &DataName::name);
    return static_cast<std::uint32_t>(found - data_.data());
  }

  void refuse(std::optional<Span> span, std::string message, std::string hint = {}) {
    diagnostics_.error(Category::argument, span.value_or(Span{}), std::move(message), std::move(hint));
  }

  void check() {
    if (!terms().scans().empty() && reads_data_in_scans())
      refuse(place_in(model_.places.scans, 0), "running sums over data are not in this version yet",
             "sum, prod, min, max, mean, norm, any and all are");
    for (std::uint32_t k = 0; k < terms().reduces().size(); ++k) check(k);
  }

  bool reads_data_in_scans() const {
    return std::ranges::any_of(terms().scans(), [](const Scan& scan) { return is_over_data(scan.range); });
  }

  /// A reduction over data runs over nothing else, and stands in no other loop.
  void check(std::uint32_t number) {
    const Reduce& reduce = terms().reduces()[number];
    const auto place = place_in(model_.places.reduces, number);
    if (std::ranges::none_of(reduce.ranges, is_over_data)) {
      for (const Range& range : reduce.ranges) check_reads(reduce.body, range, place);
      return;
    }
    if (reduce.ranges.size() > 1)
      refuse(place, "a reduction over data has one index",
             "the product of two sums is sum(x_i)*sum(y_j), for example");
    else if ((terms()[reduce.body].levels & ~(1u << reduce.ranges[0].level)) != 0)
      refuse(place, "a reduction over data stands in another one and depends on its index",
             "compute it for each of the outer ones in a call of its own");
  }

  /// What an index over known numbers subscripts is in memory, and data is not.
  void check_reads(TermId body, const Range& range, std::optional<Span> place) {
    const auto name = data_at(body, range.level);
    if (!name) return;
    refuse(place,
           fmt::format("an index over {}..{} subscripts {}, and data is gone through to its end", range.first,
                       range.last, data_[*name].name),
           fmt::format(
               "write single numbers, as {0}_1 + {0}_2, or take them from all: sum(if(i <= 2, {0}_i, 0))",
               data_[*name].name));
  }

  /// The data name that an index of this level subscripts in a term, or nothing. Other loops of that level
  /// stand beside it, and what they come to no longer depends on it; every other datum is refused as that.
  std::optional<std::uint32_t> data_at(TermId body, std::uint32_t level) const {
    std::vector<TermId> pending{body};
    std::vector<bool> seen(terms().size());
    while (!pending.empty()) {
      const TermId id = pending.back();
      pending.pop_back();
      if (seen[static_cast<std::size_t>(id)] || (terms()[id].levels >> level & 1) == 0) continue;
      seen[static_cast<std::size_t>(id)] = true;
      if (const auto name = data_of(terms()[id]); name && terms()[id].subscripts[0].scale == 1) return name;
      for (TermId part : terms().parts_of(id)) pending.push_back(part);
    }
    return {};
  }

  // ---- scalars

  void number_scalars() {
    for (std::uint32_t k = 0; k < model_.scalars.size(); ++k)
      scalars_.push_back(
          {model_.data_count == k ? DataScalar::Source::count : DataScalar::Source::parameter, k, 0});
    for (const ScheduleStage& stage : plan_.stages)
      for (const FusedLoop& loop : stage.loops)
        if (is_data_extent(loop.last))
          for (std::uint32_t each : loop.reduces)
            folds_.emplace(each, new_scalar({DataScalar::Source::fold, each, 0}));
    for (std::size_t k = 0; k < terms().size(); ++k) {
      const auto id = static_cast<TermId>(k);
      const auto name = data_of(terms()[id]);
      if (!name) continue;
      const Subscript& s = terms()[id].subscripts[0];
      if (s.is_plain())
        elements_.emplace(id, new_scalar({DataScalar::Source::element, *name, s.offset - 1}));
      else if (s.scale != 1)
        refuse({},
               fmt::format("an element of {} is {} times an index on, and data is read in its order",
                           data_[*name].name, s.scale),
               "every element x_i, or one a fixed number on: x_{i+1}");
    }
    first_ = new_scalar({DataScalar::Source::first, 0, 0});
  }

  std::uint32_t new_scalar(DataScalar scalar) {
    scalars_.push_back(scalar);
    return static_cast<std::uint32_t>(scalars_.size() - 1);
  }

  X scalar(Builder& builder, std::uint32_t number) const { return {builder, builder.scalar(number)}; }

  // ---- kernels

  /// The schedule without its loops over data: what is left is computed anew in each kernel that needs it.
  Schedule without_data() const {
    Schedule plan = plan_;
    for (ScheduleStage& stage : plan.stages)
      std::erase_if(stage.loops, [](const FusedLoop& loop) { return is_data_extent(loop.last); });
    return plan;
  }

  void tell(Lowering& lowering, Builder& builder) const {
    for (const auto& [id, number] : elements_) lowering.know(id, scalar(builder, number));
    for (const auto& [reduction, number] : folds_) {
      const X value = scalar(builder, number);
      const bool is_truth = is_logical(terms().reduces()[reduction].reduction);
      lowering.know_reduction(reduction,
                              is_truth ? value > 0.0 : value);  // any of nothing is -inf, all is inf
    }
    lowering.run();
  }

  DataPass pass(const FusedLoop& loop) {
    DataPass pass{.kernel = {},
                  .reads = {},
                  .folds = {},
                  .reductions = loop.reduces,
                  .first = loop.first - 1,
                  .behind = kDataExtent - loop.last};
    const auto reads = reads_of(loop, pass.reads);
    for (std::uint32_t k : loop.reduces) pass.folds.push_back(fold_of(terms().reduces()[k].reduction));
    std::vector<Type> types;
    for (const DataRead& read : pass.reads) types.push_back(data_[read.name].type);
    if (types.empty()) types.push_back(Type::f64);  // without an array it would be a kernel of samples
    const Schedule rest = without_data();
    const auto body = [&](Builder& builder, std::span<const X> data, X step) {
      Lowering lowering(model_, rest, limits_, builder, nullptr);
      tell(lowering, builder);
      Lowering::Known known;
      for (const auto& [id, at] : reads) known.emplace(id, in_precision_of(model_, data[at]));
      std::vector<X> values;
      for (std::uint32_t k : loop.reduces) {
        const Reduce& reduce = terms().reduces()[k];
        know_index(known, reduce.ranges[0].level, loop.first, builder, step);
        values.push_back(lowering.value_in_round(reduce.ranges[0].level, known, reduce.body));
      }
      return values;
    };
    pass.kernel = bounded(kernels::reduce(types, pass.folds, body,
                                          static_cast<std::uint32_t>(scalars_.size()), array_lengths(model_)),
                          limits_);
    return pass;
  }

  /// The terms that are data in the rounds of the loop, with the number of the data array each is read from.
  std::map<TermId, std::size_t> reads_of(const FusedLoop& loop, std::vector<DataRead>& reads) const {
    std::map<TermId, std::size_t> found;
    for (TermId id : in_rounds_of(loop)) {
      const auto name = data_of(terms()[id]);
      if (!name || terms()[id].subscripts[0].is_plain()) continue;
      const DataRead read{*name, loop.first + terms()[id].subscripts[0].offset - 1};
      const auto at = std::ranges::find(reads, read);
      found.emplace(id, static_cast<std::size_t>(at - reads.begin()));
      if (at == reads.end()) reads.push_back(read);
    }
    return found;
  }

  std::vector<TermId> in_rounds_of(const FusedLoop& loop) const {
    std::vector<bool> seen(terms().size());
    std::vector<TermId> pending, all;
    for (std::uint32_t k : loop.reduces) pending.push_back(terms().reduces()[k].body);
    while (!pending.empty()) {
      const TermId id = pending.back();
      pending.pop_back();
      if (seen[static_cast<std::size_t>(id)]) continue;
      seen[static_cast<std::size_t>(id)] = true;
      all.push_back(id);
      if (terms()[id].kind == TermKind::reduce && terms().is_closed(terms()[id])) continue;  // a pass before
      for (TermId part : terms().parts_of(id)) pending.push_back(part);
    }
    std::ranges::sort(all);
    return all;
  }

  /// The index as a number: 1 for the first datum of all.
  void know_index(Lowering::Known& known, std::uint32_t level, std::int64_t first, Builder& builder,
                  X step) const {
    const X lane(builder, builder.leaf(Op::lane));
    const X number =
        to_f64(widen(step) * std::uint64_t{kernels::kReduceLanes} + lane) + scalar(builder, first_);
    for (std::size_t k = 0; k < terms().size(); ++k) {
      const auto id = static_cast<TermId>(k);
      if (terms()[id].kind == TermKind::index && terms()[id].id == level)
        known.insert_or_assign(id, number + static_cast<double>(first));
    }
  }

  ir::Kernel values() const {
    const Schedule rest = without_data();
    Builder builder;
    Lowering lowering(model_, rest, limits_, builder, nullptr);
    tell(lowering, builder);
    for (std::uint32_t k = 0; k < roots_.size(); ++k) builder.output(k, lowering.value(roots_[k]));
    return bounded(builder.finish(static_cast<std::uint32_t>(scalars_.size()), array_lengths(model_)),
                   limits_);
  }

  Model model_;
  std::span<const DataName> data_;
  const Limits& limits_;
  Diagnostics& diagnostics_;
  std::vector<TermId> roots_;
  Schedule plan_;
  std::vector<DataScalar> scalars_;
  std::map<std::uint32_t, std::uint32_t> folds_;  ///< of a reduction: its scalar
  std::map<TermId, std::uint32_t> elements_;      ///< of x_1 and the like
  std::uint32_t first_ = 0;
};

}  // namespace

std::size_t data_results(const Source& source) {
  return static_cast<std::size_t>(std::ranges::count_if(source.program.statements, [](const Statement& s) {
    return s.kind == StatementKind::expression || s.kind == StatementKind::query;
  }));
}

DataProgram lower_reduction(const Source& source, std::span<const DataName> data,
                            std::span<const Setting::Parameter> parameters, Diagnostics& diagnostics) {
  Model model = checked(source, data, {.rank = 1, .rows = kDataExtent}, parameters, diagnostics);
  if (diagnostics.has_errors()) return {};
  return Reductions(std::move(model), data, source.limits, diagnostics).run();
}

DataMap lower_map(const Source& source, std::span<const DataName> data,
                  std::span<const Setting::Parameter> parameters, std::span<const ir::Type> writes,
                  Diagnostics& diagnostics) {
  DataMap map{.model = checked(source, data, {}, parameters, diagnostics), .kernel = {}, .reads = {}};
  if (diagnostics.has_errors()) return map;
  const std::vector<TermId> roots = values_of(map.model);
  const Schedule plan = schedule(map.model, roots, false);
  std::vector<Type> types;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> read;  // a scalar of the model, the data array it is
  for (std::uint32_t k = 0; k < data.size(); ++k) {
    const auto at = std::ranges::find(map.model.scalars, data[k].name);
    if (at == map.model.scalars.end()) continue;  // a name that no expression uses
    read.emplace_back(at - map.model.scalars.begin(), types.size());
    types.push_back(data[k].type);
    map.reads.push_back(k);
  }
  const auto body = [&](Builder& builder, std::span<const X> values, X) {
    Lowering lowering(map.model, plan, source.limits, builder, nullptr);
    for (std::size_t k = 0; k < map.model.terms.size(); ++k) {
      const Term& term = map.model.terms[static_cast<TermId>(k)];
      if (term.kind != TermKind::parameter) continue;
      for (const auto& [scalar, array] : read)
        if (scalar == term.id) {
          lowering.know(static_cast<TermId>(k), in_precision_of(map.model, values[array]));
        }
    }
    lowering.run();
    std::vector<X> results;
    for (TermId root : roots) results.push_back(lowering.value(root));
    return results;
  };
  map.kernel = bounded(kernels::map(types, writes, body, static_cast<std::uint32_t>(map.model.scalars.size()),
                                    array_lengths(map.model)),
                       source.limits);
  return map;
}

}  // namespace mc::language
