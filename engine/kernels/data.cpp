// The loop over steps around a datum's values; and the order in which lanes and tiles are folded.
#include "engine/kernels/data.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/host.hpp"
#include "engine/kernels/fold.hpp"

namespace mc::kernels {

using ir::Builder;
using ir::Op;
using ir::Type;
using ir::X;

// ---- folds

double start(Fold fold) {
  switch (fold) {
    case Fold::sum:
      return 0;
    case Fold::product:
      return 1;
    case Fold::minimum:
      return std::numeric_limits<double>::infinity();
    case Fold::maximum:
      return -std::numeric_limits<double>::infinity();
  }
  throw std::invalid_argument("no such fold");
}

double step(Fold fold, double folded, double value) {
  switch (fold) {
    case Fold::sum:
      return folded + value;
    case Fold::product:
      return folded * value;
    case Fold::minimum:
      return folded < value || std::isnan(folded) ? folded : value;
    case Fold::maximum:
      return folded > value || std::isnan(folded) ? folded : value;
  }
  throw std::invalid_argument("no such fold");
}

X step(Fold fold, X folded, X value) {
  switch (fold) {
    case Fold::sum:
      return folded + value;
    case Fold::product:
      return folded * value;
    case Fold::minimum:
      return select((folded < value) | (folded != folded), folded, value);
    case Fold::maximum:
      return select((value < folded) | (folded != folded), folded, value);
  }
  throw std::invalid_argument("no such fold");
}

// ---- kernels

namespace {

/// Declares the arrays read, which come first.
void declare(Builder& builder, std::span<const Type> types, bool is_written) {
  for (Type type : types) builder.data({.type = type, .is_written = is_written});
}

std::vector<X> values_of_datum(Builder& builder, std::size_t reads, std::size_t wanted, const DatumBody& body,
                               ir::Value step) {
  std::vector<X> data;
  for (std::uint32_t k = 0; k < reads; ++k) data.emplace_back(builder, builder.datum(k, step));
  std::vector<X> values = body(builder, data, X(builder, step));
  if (values.size() != wanted) throw std::invalid_argument("a datum gives other than one value a result");
  return values;
}

X as(Type type, X value) {
  if (value.type() == Type::i1) value = select(value, X(value.builder(), value.builder().constant(1.0)), 0.0);
  if (value.type() == type) return value;
  return type == Type::f64 ? to_f64(value) : apply(Op::to_f32, value);
}

}  // namespace

ir::Kernel map(std::span<const Type> reads, std::span<const Type> writes, const DatumBody& body,
               std::uint32_t scalars, std::vector<std::uint32_t> arrays) {
  Builder builder;
  declare(builder, reads, false);
  declare(builder, writes, true);
  builder.loop(builder.leaf(Op::steps), {}, [&](ir::Value step, std::span<const ir::Value>) {
    const std::vector<X> values = values_of_datum(builder, reads.size(), writes.size(), body, step);
    std::vector<X> results;  // all of them before the first is put: it may lie where a datum was read
    for (std::size_t k = 0; k < writes.size(); ++k) results.push_back(as(writes[k], values[k]));
    for (std::size_t k = 0; k < writes.size(); ++k)
      builder.put(static_cast<std::uint32_t>(reads.size() + k), step, results[k]);
    return std::vector<ir::Value>{};
  });
  return builder.finish(scalars, std::move(arrays));
}

ir::Kernel reduce(std::span<const Type> reads, std::span<const Fold> folds, const DatumBody& body,
                  std::uint32_t scalars, std::vector<std::uint32_t> arrays) {
  Builder builder;
  declare(builder, reads, false);
  std::vector<ir::Value> starts;
  for (Fold fold : folds) starts.push_back(builder.constant(start(fold)));
  const auto ends =
      builder.loop(builder.leaf(Op::steps), starts, [&](ir::Value at, std::span<const ir::Value> carried) {
        const std::vector<X> values = values_of_datum(builder, reads.size(), folds.size(), body, at);
        std::vector<ir::Value> next;
        for (std::size_t k = 0; k < folds.size(); ++k)
          next.push_back(step(folds[k], X(builder, carried[k]), as(Type::f64, values[k])));
        return next;
      });
  for (std::uint32_t k = 0; k < folds.size(); ++k) builder.output(k, ends[k]);
  return builder.finish(scalars, std::move(arrays));
}

// ---- lanes and tiles

static_assert(kFoldLanes == kReduceLanes && static_cast<unsigned>(Fold::maximum) == 3);

double fold_lanes(Fold fold, const double* lanes) {
  const auto number = static_cast<unsigned>(fold);
#if defined(__x86_64__)
  const Isa isa = host_isa();
  if (isa == Isa::avx512) return fold_avx512::folds[number](lanes);
  if (isa == Isa::avx2) return fold_avx2::folds[number](lanes);
#endif
  return fold_baseline::folds[number](lanes);
}

namespace {

/// Of an aligned run of 2^level tiles.
double fold_run(Fold fold, double* records, unsigned level, std::size_t stride) {
  const std::size_t count = std::size_t{1} << level;
  for (std::size_t apart = 1; apart < count; apart *= 2)
    for (std::size_t at = 0; at < count; at += 2 * apart)
      records[at * stride] = step(fold, records[at * stride], records[(at + apart) * stride]);
  return records[0];
}

}  // namespace

double fold_tiles(Fold fold, double* records, std::size_t count, std::size_t stride) {
  double folded = start(fold);
  bool is_first = true;
  for (unsigned level = 63; count > 0; --level) {
    const std::size_t run = std::size_t{1} << level;
    if (count < run) continue;
    const double value = fold_run(fold, records, level, stride);
    folded = is_first ? value : step(fold, folded, value);
    is_first = false;
    records += run * stride;
    count -= run;
  }
  return folded;
}

}  // namespace mc::kernels
