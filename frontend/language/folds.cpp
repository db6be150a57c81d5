// Folds inside a round of another loop, and those over several indices: reductions, and the running sums that
// depend on an index from outside them.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "frontend/language/emission.hpp"
#include "frontend/language/lowering.hpp"

namespace mc::language {

// ---- how folds begin and go on

namespace {

/// Numbers that a sample folds as floats. A left fold of so many is off by some 4 units of a float's last
/// place, or 64 at worst; of a million floats it would be noise, and of 2^25 ones it is 2^24. Doubles cost a
/// fifth of the speed of a sum of squares.
constexpr double kMostFloats = 128;

X number(ir::Builder& b, ir::Type type, double value) {
  return {b, type == ir::Type::f32 ? b.constant_f32(static_cast<float>(value)) : b.constant(value)};
}

}  // namespace

X start_of(ir::Builder& b, Reduction reduction, ir::Type type) {
  switch (reduction) {
    case Reduction::sum:
      return number(b, type, 0.0);
    case Reduction::product:
      return number(b, type, 1.0);
    case Reduction::minimum:
      return number(b, type, INFINITY);
    case Reduction::maximum:
      return number(b, type, -INFINITY);
    case Reduction::any:
      return {b, b.constant_i1(false)};
    default:
      return {b, b.constant_i1(true)};
  }
}

X step(Reduction reduction, X folded, X each) {
  const X value = converted(each, folded.type());
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

// ---- rounds

Lowering::Rounds::Rounds(Lowering& lowering, std::int64_t size)
    : lowering_(lowering), before_(lowering.rounds_) {
  const auto most = static_cast<double>(lowering.limits_.rounds);
  lowering_.rounds_ *= static_cast<double>(std::max<std::int64_t>(size, 1));
  lowering_.all_rounds_ += lowering_.rounds_;
  if (lowering_.all_rounds_ > most)
    throw TooLarge(
        fmt::format(
            "a sample of this program takes {:g} rounds of its loops or more; at most {:g} (Limits::rounds)",
            lowering_.all_rounds_, most),
        "rounds", lowering_.here_);
}

/// Goes over a range, in a loop or written out; each round takes the carried values and leaves the next.
void Lowering::over(const Range& range, bool is_written_out, std::vector<X>& carried, const Round& round) {
  const Rounds rounds(*this, range.size());
  if (is_written_out) {
    for (std::int64_t at = range.first; at <= range.last; ++at)
      round({.first = range.first, .last = range.last, .constant = at, .counter = {}});
    return;
  }
  const auto take = [&](std::span<const ir::Value> values) {
    for (std::size_t k = 0; k < carried.size(); ++k) carried[k] = X(b_, values[k]);
  };
  const auto values = [&] { return std::vector<ir::Value>(carried.begin(), carried.end()); };
  take(b_.loop(u32(range.size()), values(), [&](ir::Value counter, std::span<const ir::Value> now) {
    take(now);
    round({.first = range.first, .last = range.last, .constant = {}, .counter = X(b_, counter)});
    return values();
  }));
}

// ---- reductions

/// Sums and products of more than a few floats are doubles on the way.
ir::Type Lowering::type_of_fold(Reduction reduction, TermId body, std::span<const Range> ranges) const {
  const bool rounds = reduction == Reduction::sum || reduction == Reduction::product;
  double size = 1;
  for (const Range& range : ranges) size *= static_cast<double>(range.size());
  return rounds && size > kMostFloats ? ir::Type::f64 : type_of(body);
}

X Lowering::start_of_reduce(const Reduce& reduce) const {
  return start_of(b_, reduce.reduction, type_of_fold(reduce.reduction, reduce.body, reduce.ranges));
}

X Lowering::start_of_scan(const Scan& scan) const {
  return start_of(b_, scan.reduction, type_of_fold(scan.reduction, scan.body, std::span(&scan.range, 1)));
}

X Lowering::reduce(Context& context, TermId id) {
  const Term& term = terms_[id];
  if (terms_.is_closed(term)) return reduces_[term.id].value();  // its stage is over
  const Reduce& reduce = terms_.reduce_of(id);
  return converted(fold(context, reduce, 0, start_of_reduce(reduce)), type_of(id));
}

X Lowering::fold(Context& context, const Reduce& reduce, std::size_t depth, X folded) {
  check_size();
  if (depth == reduce.ranges.size()) return step(reduce.reduction, folded, evaluate(context, reduce.body));
  const Range& range = reduce.ranges[depth];
  const Running& running = this->running(std::span(reduce.ranges).subspan(depth), reduce.body);
  const std::vector<std::uint32_t> along = with_their_own(running.along);
  std::vector<X> carried = starts(along);
  carried.push_back(folded);
  over(range, is_written_out(reduce), carried, [&](const Index& index) {
    Context inner{.outer = &context};
    inner.bind(range.level, index);
    advance(inner, index, along, std::span(carried).first(along.size()));
    const Made made(*this, inner, running);
    carried.back() = fold(inner, reduce, depth + 1, carried.back());
  });
  return carried.back();
}

// ---- iterations

/// A lane whose value is its own successor has come to the end of it, so the loop may end where all have:
/// what more rounds would do is known. By its bits, for 0 and -0 have different successors. In doubles, for
/// so are the steps and tolerances of the texts: a float may go round and round between its neighbours.
X Lowering::iterate(Context& context, TermId id) {
  check_size();
  const Iteration& iteration = terms_.iteration_of(id);
  const auto in_double = [&](Context& at, TermId term) {
    return converted(as_number(evaluate(at, term)), ir::Type::f64);
  };
  const std::array start = {ir::Value(in_double(context, iteration.start)), b_.constant_i1(false)};
  const Rounds rounds(*this, iteration.range.size());
  const auto body = [&](ir::Value counter, std::span<const ir::Value> now) -> std::vector<ir::Value> {
    const X before(b_, now[0]);
    Context round{.outer = &context};
    round.bind(iteration.range.level,
               {.first = 1, .last = iteration.range.last, .constant = {}, .counter = X(b_, counter)});
    round.values.emplace(iteration.iterand, before);
    const Made made(*this, round, running(std::span(&iteration.range, 1), iteration.next));
    const X after = in_double(round, iteration.next);
    return {after, to_bits(after) == to_bits(before)};
  };
  return {b_, b_.loop(u32(iteration.range.size()), start, body, 1)[0]};
}

// ---- running sums that depend on an index from outside them

const Running& Lowering::running(std::span<const Range> ranges, TermId body) {
  const auto known = running_.find(ranges.data());
  if (known != running_.end()) return known->second;
  return running_.emplace(ranges.data(), running_in(terms_, ranges, body)).first->second;
}

/// The scans and those that go along with their own loops, in order of dependence.
std::vector<std::uint32_t> Lowering::with_their_own(std::vector<std::uint32_t> scans) {
  for (std::size_t k = 0; k < scans.size(); ++k) {
    const Scan& scan = terms_.scans()[scans[k]];
    for (std::uint32_t other : running(std::span(&scan.range, 1), scan.body).along)
      if (std::ranges::find(scans, other) == scans.end()) scans.push_back(other);
  }
  std::ranges::sort(scans);
  return scans;
}

std::vector<X> Lowering::starts(std::span<const std::uint32_t> scans) {
  std::vector<X> starts;
  for (std::uint32_t id : scans) starts.push_back(start_of_scan(terms_.scans()[id]));
  return starts;
}

/// One round of scans that go along with a loop. Each has a context of its own, for its level may have the
/// number of one that means something else here.
void Lowering::advance(Context& context, const Index& index, std::span<const std::uint32_t> scans,
                       std::span<X> folds) {
  for (std::size_t k = 0; k < scans.size(); ++k) {
    const Scan& scan = terms_.scans()[scans[k]];
    Context own{.outer = &context, .scans = context.scans};
    own.bind(scan.range.level, index);
    const Made made(*this, own, running(std::span(&scan.range, 1), scan.body));
    folds[k] = step(scan.reduction, folds[k], evaluate(own, scan.body));
    context.scans.insert_or_assign(scans[k], converted(folds[k], type_of(scan.body)));
  }
}

/// Element `last` of a scan; all up to it are kept where `elements` is given.
X Lowering::accumulate(Context& context, std::uint32_t id, std::int64_t last, Elements* elements) {
  check_size();
  const Range range{terms_.scans()[id].range.level, 1, last};
  const ir::Type type = type_of(terms_.scans()[id].body);
  const std::vector<std::uint32_t> scans = with_their_own({id});
  std::vector<X> folds = starts(scans);
  over(range, last <= kUnrolled, folds, [&](const Index& index) {
    Context round{.outer = &context};
    advance(round, index, scans, folds);
    if (elements != nullptr)
      keep(*elements, index, last, converted(folds.back(), type));  // it depends on the others
  });
  return converted(folds.back(), type);
}

void Lowering::Made::make(const Running& running) {
  for (const Running::Made& each : running.made) {
    if (each.all ? context_.running.contains(each.scan) : context_.values.contains(each.term)) continue;
    if (!each.all) {
      context_.values.emplace(each.term, lowering_.scan(context_, lowering_.terms_[each.term]));
      continue;
    }
    const std::int64_t length = lowering_.terms_.scans()[each.scan].range.last;
    auto& rows = lowering_.free_rows_[length];
    Elements elements;
    elements.row = rows.empty() ? lowering_.new_row(length) : rows.back();
    if (!rows.empty()) rows.pop_back();
    lowering_.accumulate(context_, each.scan, length, &elements);
    context_.running.emplace(each.scan, std::move(elements));
  }
}

Lowering::Made::~Made() {
  for (const auto& [scan, elements] : context_.running)
    lowering_.free_rows_[lowering_.terms_.scans()[scan].range.last].push_back(*elements.row);
}

}  // namespace mc::language
