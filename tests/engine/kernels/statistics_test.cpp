// Records and their merge: against two passes in long double, and bit for bit against the merge of single
// records.
#include "engine/kernels/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "tests/engine/kernels/back_ends.hpp"
#include "tests/engine/kernels/lanes.hpp"

namespace mc::testing {
namespace {

using kernels::kLanes;
using kernels::kPeaks;

const std::vector<Group> kGroups[] = {
    {{1, 2}}, {{1, 4}},       {{2, 2}},       {{3, 2}},       {{1, 2}, {1, 4}, {5, 2}},
    {{2, 4}}, {{1, 2, true}}, {{1, 4, true}}, {{2, 4, true}}, {{2, 2, true}, {1, 2}, {2, 4}},
};

/// `counts[lane]` normal samples in each lane, with their columns.
struct Lanes {
  Layout layout;
  std::vector<std::vector<std::vector<Values>>> samples;  ///< by group and lane
  kernels::Buffer memory;

  Lanes(const std::vector<Group>& groups, const std::vector<unsigned>& counts, double mean, unsigned seed)
      : layout(groups) {
    memory.reserve(layout.kernel_size * kLanes * sizeof(double));
    std::fill_n(columns(), layout.kernel_size * kLanes, std::numeric_limits<double>::quiet_NaN());
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(mean, 1);
    for (const GroupLayout& at : layout.kernel) {
      auto& group = samples.emplace_back(counts.size());
      for (std::size_t lane = 0; lane < counts.size(); ++lane) {
        group[lane].resize(counts[lane], Values(at.group.inputs()));
        for (Values& v : group[lane]) {
          std::ranges::generate(v, [&] { return normal(random); });
          if (at.group.weighted) v[0] = std::max(0.0, v[0] - mean + 0.5);  // a third weighs nothing
        }
        two_pass(at, group[lane], columns() + at.start * kLanes + lane, kLanes);
      }
    }
  }

  double* columns() { return reinterpret_cast<double*>(memory.data()); }

  /// A lane as a record, with its peak where the lane's number puts it.
  std::vector<double> record(unsigned lane) {
    std::vector<double> to(layout.size);
    kernels::clear(layout, to.data());
    for (std::size_t g = 0; g < layout.groups.size(); ++g) {
      const GroupLayout& at = layout.groups[g];
      for (std::size_t k = 0; k < at.kernel_size(); ++k)
        to[at.start + k] = columns()[(layout.kernel[g].start + k) * kLanes + lane];
      for (unsigned i = 0; i < at.group.values; ++i) to[at.peak(i, lane % kPeaks)] = to[at.square(i)];
    }
    return to;
  }

  /// Σ w² (v − centre)² of a lane's value i; without weights, w is 1.
  double square(std::size_t g, unsigned lane, unsigned i, double centre) const {
    const bool weighted = layout.groups[g].group.weighted;
    long double sum = 0;
    for (const Values& v : samples[g][lane]) {
      const long double d =
          (weighted ? v[0] : 1.0L) * (v[i + (weighted ? 1 : 0)] - static_cast<long double>(centre));
      sum += d * d;
    }
    return static_cast<double>(sum);
  }

  /// The lane whose square is the largest among those of residue k.
  unsigned largest(std::size_t g, unsigned i, unsigned k, double centre) const {
    unsigned found = k;
    for (unsigned lane = k; lane < samples[g].size(); lane += kPeaks)
      if (square(g, lane, i, centre) > square(g, found, i, centre)) found = lane;
    return found;
  }
};

/// Peaks of power sums depend on the centres from which they were seen.
std::vector<double> without_these_peaks(const Layout& layout, std::vector<double> record) {
  for (const GroupLayout& at : layout.groups)
    if (at.group.has_power_sums())
      std::fill_n(record.begin() + static_cast<std::ptrdiff_t>(at.start + at.kernel_size()), at.peaks(), 0);
  return record;
}

/// The contract's tree over lanes, in single records.
std::vector<double> merge_one_by_one(Lanes& lanes, unsigned count) {
  std::vector<std::vector<double>> records;
  for (unsigned lane = 0; lane < count; ++lane) records.push_back(lanes.record(lane));
  for (unsigned half = kLanes / 2; half > 0; half /= 2)
    for (unsigned lane = 0; lane < half && lane + half < records.size(); ++lane)
      kernels::merge(lanes.layout, records[lane].data(), records[lane + half].data());
  return records[0];
}

void expect_same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(a[k]), std::bit_cast<std::uint64_t>(b[k]))
        << k << ": " << a[k] << ' ' << b[k];
}

std::vector<double> merged(Lanes lanes, unsigned count) {
  std::vector<double> record(lanes.layout.size);
  kernels::merge_lanes(lanes.layout, lanes.columns(), count, record.data());
  return record;
}

/// All samples of a group at once, in long double.
std::vector<double> reference(const Lanes& lanes, std::size_t g) {
  std::vector<Values> all;
  for (const auto& lane : lanes.samples[g]) all.insert(all.end(), lane.begin(), lane.end());
  GroupLayout at{lanes.layout.groups[g].group, 0};
  std::vector<double> numbers(at.kernel_size());
  two_pass(at, all, numbers.data(), 1);
  return numbers;
}

void expect_close(const Lanes& lanes, const std::vector<double>& record, double tolerance) {
  for (std::size_t g = 0; g < lanes.layout.groups.size(); ++g) {
    const GroupLayout& at = lanes.layout.groups[g];
    const std::vector<double> expected = reference(lanes, g);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      if (k == at.first() - at.start) continue;
      const double scale = std::max(1.0, std::abs(expected[0]));  // sums grow with the count
      ASSERT_NEAR(record[at.start + k], expected[k], tolerance * scale) << "group " << g << ", number " << k;
    }
  }
}

TEST(Layout, NumbersFollowEachOther) {
  const Layout layout = layout_of({{3, 2}, {1, 4}});
  const GroupLayout& a = layout.groups[0];
  EXPECT_EQ(a.mean(0), 3u);
  EXPECT_EQ(a.comoment(0, 0), 6u);
  EXPECT_EQ(a.comoment(0, 2), 8u);
  EXPECT_EQ(a.comoment(1, 1), 9u);
  EXPECT_EQ(a.comoment(2, 2), 11u);
  EXPECT_EQ(a.kernel_size(), 12u);
  EXPECT_EQ(a.peak(0, 0), 12u);
  EXPECT_EQ(a.peak(2, 31), a.size() - 1);
  const GroupLayout& b = layout.groups[1];
  EXPECT_EQ(b.start, a.size());
  EXPECT_EQ(b.third(), b.start + 5);
  EXPECT_EQ(b.fourth(), b.start + 6);
  EXPECT_EQ(layout.kernel[1].start, 12u);
  EXPECT_EQ(layout.kernel_size, 12u + 7u);
  EXPECT_EQ(layout.size, 12u + 3 * kPeaks + 7 + kPeaks);
}

/// Sums of squares that overflowed are no peaks, wherever the lane stands among a vector's.
TEST(Merge, NaNIsNoPeak) {
  for (const unsigned count : {37u, 100u, 255u, 256u}) {
    Lanes lanes({{1, 2}}, std::vector<unsigned>(count, 3), 0, 5);
    const GroupLayout& at = lanes.layout.kernel[0];
    double* squares = lanes.columns() + at.comoment(0, 0) * kLanes;
    for (const unsigned lane : {3u, 35u, count - 1}) squares[lane] = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> most(kPeaks);
    for (unsigned lane = 0; lane < count; ++lane)
      if (squares[lane] > most[lane % kPeaks]) most[lane % kPeaks] = squares[lane];
    std::vector<double> record(lanes.layout.size);
    kernels::merge_lanes(lanes.layout, lanes.columns(), count, record.data());
    const std::size_t peaks = lanes.layout.groups[0].peak(0, 0);
    EXPECT_EQ(std::vector(record.begin() + static_cast<std::ptrdiff_t>(peaks), record.end()), most) << count;
  }
}

TEST(Layout, PowerSumsStandByWeightThenDegree) {
  const Layout layout = layout_of({{2, 4, true}, {1, 2, true}, {2, 4}});
  const GroupLayout& a = layout.groups[0];
  EXPECT_EQ(a.power_sum(1, 0, 0), 5u);
  EXPECT_EQ(a.power_sum(1, 2, 0), 8u);
  EXPECT_EQ(a.power_sum(2, 0, 0), 11u);
  EXPECT_EQ(a.power_sum(2, 1, 1), 15u);
  EXPECT_EQ(a.square(1), a.power_sum(2, 0, 2));
  EXPECT_EQ(a.power_sum(2, 0, 4), a.kernel_size() - 1);
  const GroupLayout& b = layout.groups[1];
  EXPECT_EQ(b.power_sum(1, 1, 0), b.start + 5);
  EXPECT_EQ(b.power_sum(2, 2, 0), b.start + b.kernel_size() - 1);
  const GroupLayout& c = layout.groups[2];
  EXPECT_EQ(c.power_sum(1, 0, 4), c.start + c.kernel_size() - 1);
  EXPECT_EQ(c.square(0), c.power_sum(1, 2, 0));
  EXPECT_EQ(c.peak(0, 0), c.start + c.kernel_size() + 2 * kPeaks);
  EXPECT_EQ(c.peak(1, kPeaks - 1), c.start + c.size() - 1);
  EXPECT_EQ(c.size(), c.kernel_size() + 2 * 3 * kPeaks);
}

TEST(Layout, RefusesGroupsThatCannotBe) {
  EXPECT_THROW(layout_of({{0, 2}}), std::invalid_argument);
  EXPECT_THROW(layout_of({{3, 4}}), std::invalid_argument);
  EXPECT_THROW(layout_of({{3, 2, true}}), std::invalid_argument);
  EXPECT_THROW(layout_of({{1, 3}}), std::invalid_argument);
}

TEST(MergeLanes, AgreesWithTwoPassesInLongDouble) {
  for (const auto& groups : kGroups)
    for (double mean : {0.0, 3.0}) {
      const Lanes lanes(groups, std::vector<unsigned>(kLanes, 32), mean, 1);
      expect_close(lanes, merged(Lanes(groups, std::vector<unsigned>(kLanes, 32), mean, 1), kLanes), 1e-13);
    }
}

/// The fast path for lanes of equal count, and every vector width, give what single records merged one by one
/// give.
TEST(MergeLanes, GivesTheBitsOfSingleMerges) {
  for (Isa isa : isas()) {
    const VectorLimit limit(isa);
    for (const auto& groups : kGroups)
      for (unsigned count : {1u, 2u, 7u, 32u}) {
        SCOPED_TRACE(text(isa) + ", " + std::to_string(count) + " a lane");
        const std::vector<unsigned> counts(kLanes, count);
        Lanes lanes(groups, counts, 0.5, count);
        const std::vector<double> record = merged(Lanes(groups, counts, 0.5, count), kLanes);
        expect_same_bits(without_these_peaks(lanes.layout, record),
                         without_these_peaks(lanes.layout, merge_one_by_one(lanes, kLanes)));
      }
  }
}

TEST(MergeLanes, LanesMayDifferBeEmptyOrMissing) {
  std::mt19937_64 random(5);
  for (Isa isa : isas()) {
    const VectorLimit limit(isa);
    for (unsigned lanes_there : {1u, 2u, 3u, 31u, 100u, 127u, 128u, 129u, 200u, 255u, 256u})
      for (const auto& groups : kGroups) {
        SCOPED_TRACE(text(isa) + ", lanes " + std::to_string(lanes_there));
        std::vector<unsigned> counts(lanes_there);
        for (unsigned& c : counts) c = static_cast<unsigned>(random() % 5);
        Lanes lanes(groups, counts, 2, lanes_there);
        const std::vector<double> record = merged(Lanes(groups, counts, 2, lanes_there), lanes_there);
        expect_same_bits(without_these_peaks(lanes.layout, record),
                         without_these_peaks(lanes.layout, merge_one_by_one(lanes, lanes_there)));
        expect_close(lanes, record, 1e-13);
      }
  }
}

TEST(MergeLanes, PeaksAreTheLargestOfTheirLanes) {
  for (Isa isa : isas()) {
    const VectorLimit limit(isa);
    for (unsigned count : {256u, 100u, 33u, 5u}) {
      Lanes lanes({{2, 2}}, std::vector<unsigned>(count, 8), 0, count);
      const std::vector<double> record =
          merged(Lanes({{2, 2}}, std::vector<unsigned>(count, 8), 0, count), count);
      const GroupLayout& at = lanes.layout.groups[0];
      for (unsigned i = 0; i < 2; ++i)
        for (unsigned k = 0; k < kPeaks; ++k) {
          double most = 0;
          for (unsigned lane = k; lane < count; lane += kPeaks)
            most = std::max(most, lanes.record(lane)[at.comoment(i, i)]);
          ASSERT_EQ(record[at.peak(i, k)], most);
        }
    }
  }
}

const std::vector<Group> kOfPowerSums = {{1, 2, true}, {2, 4}, {2, 4, true}};

/// Of lanes that hold a few samples, or only one: each is seen from the mean of all.
TEST(MergeLanes, PeaksOfPowerSumsAreTheLargestSeenFromTheMean) {
  for (unsigned count : {256u, 100u, 33u, 5u})
    for (unsigned each : {1u, 4u}) {
      const std::vector<unsigned> counts(count, each);
      std::vector<double> first;
      for (Isa isa : isas()) {
        const VectorLimit limit(isa);
        const Lanes lanes(kOfPowerSums, counts, 7, count);
        const std::vector<double> record = merged(Lanes(kOfPowerSums, counts, 7, count), count);
        if (first.empty()) first = record;
        expect_same_bits(record, first);
        for (std::size_t g = 0; g < kOfPowerSums.size(); ++g) {
          const GroupLayout& at = lanes.layout.groups[g];
          for (unsigned i = 0; i < at.group.values; ++i)
            for (unsigned k = 0; k < std::min(count, kPeaks); ++k) {
              const double centre = record[at.mean(i)],
                           most = lanes.square(g, lanes.largest(g, i, k, centre), i, centre);
              ASSERT_NEAR(record[at.peak(i, k)], most, 1e-12 * most) << "group " << g << ", peak " << k;
            }
        }
      }
    }
}

/// Two tiles far from each other: the larger of their peaks, both seen from the common mean.
TEST(Merge, PeaksOfPowerSumsMoveToTheCommonMean) {
  for (Isa isa : isas()) {
    const VectorLimit limit(isa);
    const std::vector<unsigned> counts(kLanes, 2), fewer(100, 1);
    const Lanes a(kOfPowerSums, counts, 7, 1), b(kOfPowerSums, fewer, -20, 2);
    const std::vector<double> of_a = merged(Lanes(kOfPowerSums, counts, 7, 1), kLanes),
                              of_b = merged(Lanes(kOfPowerSums, fewer, -20, 2), 100);
    std::vector<double> record = of_a;
    kernels::merge(a.layout, record.data(), of_b.data());
    for (std::size_t g = 0; g < kOfPowerSums.size(); ++g) {
      const GroupLayout& at = a.layout.groups[g];
      for (unsigned i = 0; i < at.group.values; ++i)
        for (unsigned k = 0; k < kPeaks; ++k) {
          const auto seen = [&](const Lanes& lanes, const std::vector<double>& own) {
            return lanes.square(g, lanes.largest(g, i, k, own[at.mean(i)]), i, record[at.mean(i)]);
          };
          const double most = std::max(seen(a, of_a), seen(b, of_b));
          ASSERT_NEAR(record[at.peak(i, k)], most, 1e-11 * most) << "group " << g << ", peak " << k;
        }
    }
  }
}

TEST(Merge, AnEmptySideLeavesTheOtherBitForBit) {
  Lanes lanes({{2, 2}, {1, 4}}, {9, 9}, 1e9, 3);
  const std::vector<double> full = lanes.record(0);
  std::vector<double> empty(lanes.layout.size);
  kernels::clear(lanes.layout, empty.data());
  std::vector<double> a = full;
  kernels::merge(lanes.layout, a.data(), empty.data());
  expect_same_bits(a, full);
  a = empty;
  kernels::merge(lanes.layout, a.data(), full.data());
  expect_same_bits(a, full);
  a = empty;
  kernels::merge(lanes.layout, a.data(), empty.data());
  expect_same_bits(a, empty);
}

TEST(Merge, CountsWhatWasDroppedEvenWithoutSamples) {
  const Layout layout = layout_of({{1, 2}});
  const GroupLayout& at = layout.groups[0];
  std::vector<double> a(layout.size), b(layout.size);
  kernels::clear(layout, a.data());
  kernels::clear(layout, b.data());
  a[at.nonfinite()] = 2;
  a[at.first()] = 77;
  b[at.nonfinite()] = 3;
  b[at.first()] = 50;
  b[at.count()] = 1;
  b[at.mean(0)] = 4;
  kernels::merge(layout, a.data(), b.data());
  EXPECT_EQ(a[at.nonfinite()], 5);
  EXPECT_EQ(a[at.first()], 50);
  EXPECT_EQ(a[at.count()], 1);
  EXPECT_EQ(a[at.mean(0)], 4);
}

TEST(Merge, KeepsAVarianceFarFromZero) {
  for (const Group& group : {Group{1, 2}, Group{1, 4, true}, Group{2, 4}}) {
    const Lanes lanes({group}, std::vector<unsigned>(kLanes, 32), 1e9, 11);
    const std::vector<double> record =
        merged(Lanes({group}, std::vector<unsigned>(kLanes, 32), 1e9, 11), kLanes);
    const GroupLayout& at = lanes.layout.groups[0];
    const double expected = reference(lanes, 0)[at.square(0)];
    EXPECT_NEAR(record[at.square(0)] / expected, 1, 1e-7);  // means of 1e9 are rounded to 1e-7
  }
}

TEST(IsFinite, LooksAtMeansOnly) {
  const Layout layout = layout_of({{2, 2}, {1, 2}});
  std::vector<double> record(layout.size);
  kernels::clear(layout, record.data());
  EXPECT_TRUE(kernels::is_finite(layout, record.data()));
  record[layout.groups[0].comoment(0, 0)] = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(kernels::is_finite(layout, record.data()));
  record[layout.groups[1].mean(0)] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(kernels::is_finite(layout, record.data()));
  record[layout.groups[1].mean(0)] = -std::numeric_limits<double>::infinity();
  EXPECT_FALSE(kernels::is_finite(layout, record.data()));
}

}  // namespace
}  // namespace mc::testing
