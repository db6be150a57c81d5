// Emits a model's schedule: loops that draw, fold and store.
#include "frontend/language/emission.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "engine/kernels/executable.hpp"
#include "frontend/language/lowering.hpp"

namespace mc::language {

Lowering::Lowering(const Model& model, const Schedule& schedule, const Limits& limits, ir::Builder& builder,
                   random::Stream* stream)
    : model_(model),
      terms_(model.terms),
      schedule_(schedule),
      limits_(limits),
      b_(builder),
      uniforms_(stream, drawn_type()),
      stored_(schedule.stored(model)) {
  variables_.resize(model.variables.size());
  for (const Table& table : model.tables) b_.table({.type = table.type, .columns = table.columns});
  scans_.resize(terms_.scans().size());
  reduces_.resize(terms_.reduces().size());
  calls_.resize(terms_.calls().size());
  seen_.resize(terms_.size());
  for (std::size_t k = 0; k < variables_.size(); ++k)
    if (schedule.stored_variables[k])
      variables_[k].row = b_.row(static_cast<std::uint32_t>(model.variables[k].extent));
  for (std::size_t k = 0; k < scans_.size(); ++k)
    if (schedule.stored_scans[k])
      scans_[k].row = b_.row(static_cast<std::uint32_t>(terms_.scans()[k].range.last));
}

void Lowering::run() {
  for (const ScheduleStage& stage : schedule_.stages) {
    for (std::uint32_t variable : stage.scalars) draw_scalar(variable);
    for (TermId id : stage.folds) {
      if (terms_[id].kind == TermKind::external) {
        here_ = {};
        calls_[terms_[id].id] = call_now(root_, id);
        continue;
      }
      const Reduce& reduce = terms_.reduce_of(id);
      here_ = place_in(model_.places.reduces, terms_[id].id);
      reduces_[terms_[id].id] = converted(fold(root_, reduce, 0, start_of_reduce(reduce)), type_of(id));
    }
    for (const FusedLoop& loop : stage.loops) emit(loop);
  }
}

// ---- drawing

X Lowering::as_number(X x) { return x.type() == ir::Type::i1 ? select(x, X(b_, b_.constant(1.0)), 0.0) : x; }

X converted(X x, ir::Type type) {
  if (x.type() == type || x.type() == ir::Type::i1) return x;
  return type == ir::Type::f64 ? to_f64(x) : to_f32(x);
}

/// So many more of the context's draws.
void Lowering::draw(Context& context, std::uint32_t count) {
  for (std::uint32_t k = 0; k < count; ++k) context.draws.push_back(uniforms_.draw(b_));
}

/// The number of a row, as the f64 with its bits: rows of scratch hold such.
X Lowering::row_of(const Variable& variable) {
  if (!variable.in_order) {
    const X rows(b_, b_.table_rows(*variable.table));
    return from_bits(random::below(uniforms_.word(b_), rows));
  }
  const X tile(b_, b_.leaf(ir::Op::tile)), lane(b_, b_.leaf(ir::Op::lane)), step(b_, uniforms_.sample_step());
  const X first = tile * std::uint64_t{kernels::kTileSamples} + lane;
  return from_bits(first + widen(step) * std::uint64_t{kernels::kLanes});
}

X Lowering::draw_element(Context& context, const Variable& variable) {
  if (variable.table) return row_of(variable);
  if (variable.rejects()) return draw_by_rejection(context, variable);
  draw(context, variable.draws);
  return converted(as_number(evaluate(context, variable.element)), drawn_type());
}

void Lowering::draw_scalar(std::uint32_t number) {
  const Variable& variable = model_.variables[number];
  uniforms_.align();
  here_ = variable.span;
  Context context{.outer = &root_};
  variables_[number].values = {draw_element(context, variable)};
}

// ---- loops

void Lowering::emit(const FusedLoop& loop) {
  here_ = place_of(loop);
  const Rounds rounds(*this, loop.size());
  Folds folds;
  for (std::uint32_t id : loop.scans) folds.scans.push_back(start_of_scan(terms_.scans()[id]));
  for (std::uint32_t id : loop.reduces) folds.reduces.push_back(start_of_reduce(terms_.reduces()[id]));
  if (loop.variable) uniforms_.align();
  const std::int64_t width = loop.variable ? round_width(*loop.variable) : 1;
  const std::int64_t turns = loop.size() <= kUnrolled ? 0 : loop.size() / width;
  if (turns > 0) emit_rounds(loop, turns, width, folds);
  for (std::int64_t at = turns * width; at < loop.size(); ++at)
    emit_element(loop, {.first = loop.first, .last = loop.last, .constant = loop.first + at, .counter = {}},
                 folds);
  for (std::size_t k = 0; k < loop.reduces.size(); ++k)
    reduces_[loop.reduces[k]] = converted(folds.reduces[k], type_of(terms_.reduces()[loop.reduces[k]].body));
}

std::optional<Span> Lowering::place_of(const FusedLoop& loop) const {
  if (loop.variable) return model_.variables[*loop.variable].span;
  if (!loop.scans.empty()) return place_in(model_.places.scans, loop.scans[0]);
  return place_in(model_.places.reduces, loop.reduces.at(0));
}

/// Elements drawn each time round: as many as leave nothing of the generator's step over. Rejection drops
/// what is left over itself.
std::int64_t Lowering::round_width(std::uint32_t variable) const {
  if (model_.variables[variable].rejects()) return 1;
  if (model_.variables[variable].table) return uniforms_.words_a_step();
  const unsigned draws = std::max(model_.variables[variable].draws, 1u);
  return std::lcm(draws, uniforms_.a_step()) / draws;
}

void Lowering::emit_rounds(const FusedLoop& loop, std::int64_t turns, std::int64_t width, Folds& folds) {
  const std::size_t states = loop.variable ? uniforms_.state().size() : 0;
  const auto pack = [&] {
    std::vector<ir::Value> carried;
    if (states > 0) carried = uniforms_.state();
    carried.insert(carried.end(), folds.scans.begin(), folds.scans.end());
    carried.insert(carried.end(), folds.reduces.begin(), folds.reduces.end());
    return carried;
  };
  const auto unpack = [&](std::span<const ir::Value> carried) {
    if (states > 0) std::ranges::copy(carried.first(states), uniforms_.state().begin());
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
          emit_element(loop, {.first = loop.first, .last = loop.last, .constant = {}, .counter = at}, folds);
        }
        return pack();
      });
  unpack(results);
}

void Lowering::emit_element(const FusedLoop& loop, const Index& index, Folds& folds) {
  check_size();
  Context context{.outer = &root_};
  Made made(*this, context);
  if (loop.variable) {
    context.bind(0, index);
    const X element = draw_element(context, model_.variables[*loop.variable]);
    keep(variables_[*loop.variable], index, loop.last, element);
    context.variables.emplace(*loop.variable, element);
  }
  for (std::size_t k = 0; k < loop.scans.size(); ++k) {
    const Scan& scan = terms_.scans()[loop.scans[k]];
    context.bind(scan.range.level, index);
    made.make(running(std::span(&scan.range, 1), scan.body));
    folds.scans[k] = step(scan.reduction, folds.scans[k], evaluate(context, scan.body));
    const X element = converted(folds.scans[k], type_of(scan.body));
    keep(scans_[loop.scans[k]], index, loop.last, element);
    context.scans.emplace(loop.scans[k], element);
  }
  for (std::size_t k = 0; k < loop.reduces.size(); ++k) {
    const Reduce& reduce = terms_.reduces()[loop.reduces[k]];
    context.bind(reduce.ranges[0].level, index);
    made.make(running(reduce.ranges, reduce.body));
    folds.reduces[k] = step(reduce.reduction, folds.reduces[k], evaluate(context, reduce.body));
  }
}

void Lowering::keep(Elements& elements, const Index& index, std::int64_t last, X value) {
  if (last <= kUnrolled) elements.values.push_back(value);
  if (!elements.row) return;
  const Subscript own{1, 0, 0};
  b_.store(*elements.row, position(index, own, last), converted(value, ir::Type::f64));
}

/// Only running sums inside rounds come here: what the schedule stores has been counted before.
std::uint32_t Lowering::new_row(std::int64_t length) {
  stored_ += length;
  check_stored(stored_, limits_, here_);
  return b_.row(static_cast<std::uint32_t>(length));
}

void Lowering::check_size() const {
  if (b_.kernel().nodes.size() > limits_.operations)
    throw TooLarge(fmt::format("the program needs a kernel of more than {} operations (Limits::operations)",
                               limits_.operations),
                   "operations", here_);
}

}  // namespace mc::language
