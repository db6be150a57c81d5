// Kernels that go through arrays: map gives a datum for each datum, reduce folds them. Both are IR around
// what is computed of one datum; how many steps a call takes and how many lanes share one is the caller's
// affair.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/ir/expression.hpp"
#include "engine/kernels/executable.hpp"

namespace mc::kernels {

/// Lanes that a reduction deals its data out to: datum i goes to lane i mod 64 (docs/contract.md). Eight
/// registers of AVX-512: as many sums side by side as hide an addition's latency.
inline constexpr unsigned kReduceLanes = 64;

/// Data of a reduction's tile, whose lanes are folded by halves into one number.
inline constexpr std::uint64_t kReduceTile = 8192;

enum class Fold : std::uint8_t { sum, product, minimum, maximum };

/// What a fold starts with, and one step of it. Unlike the language's min and max of two numbers, one that is
/// not a number is never lost: which of many lanes it stands in must not matter.
double start(Fold fold);
double step(Fold fold, double folded, double value);
ir::X step(Fold fold, ir::X folded, ir::X value);

/// Gives the values of one datum: of `data`, this lane's in each array that is read, in `step` (u32).
using DatumBody = std::function<std::vector<ir::X>(ir::Builder&, std::span<const ir::X> data, ir::X step)>;

/// Reads arrays of the types `reads` and writes as many of the types `writes` as `body` gives values,
/// rounding or widening them. Data arrays are numbered in that order.
ir::Kernel map(std::span<const ir::Type> reads, std::span<const ir::Type> writes, const DatumBody& body,
               std::uint32_t scalars, std::vector<std::uint32_t> arrays = {});

/// Folds the values that `body` gives, one a fold, in f64; output k is fold k of the lane.
ir::Kernel reduce(std::span<const ir::Type> reads, std::span<const Fold> folds, const DatumBody& body,
                  std::uint32_t scalars, std::vector<std::uint32_t> arrays = {});

/// Folds the lanes of one column by halves: lane ℓ with ℓ + 32, then 16, … 1.
double fold_lanes(Fold fold, const double* lanes);

/// Folds records of tiles, `count` of them, `stride` numbers apart, over the binary tree of
/// docs/contract.md: aligned runs of 2^k tiles, and those left over from left to right. What is in `records`
/// is lost.
double fold_tiles(Fold fold, double* records, std::size_t count, std::size_t stride);

}  // namespace mc::kernels
