// Layout of records, and the choice of the merge compiled for this processor.
#include "engine/kernels/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/host.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/merge.hpp"
#include "engine/kernels/power_sums.hpp"

namespace mc::kernels {

static_assert(kMergeLanes == kLanes && kLanes % kPeaks == 0);

std::size_t GroupLayout::comoment(unsigned i, unsigned j) const {
  const std::size_t row = std::size_t{i} * group.values - std::size_t{i} * (i + 1) / 2;
  return moments() + row + j;
}

std::size_t GroupLayout::third() const { return comoment(group.values - 1, group.values - 1) + 1; }
std::size_t GroupLayout::fourth() const { return third() + 1; }

std::size_t GroupLayout::power_sum(unsigned power, unsigned p, unsigned q) const {
  const std::size_t before = power == 1 ? 0 : power_sum_count(group.values, group.degree(1));
  return moments() + before + power_sum_index(group.values, p, q);
}

std::size_t GroupLayout::square(unsigned i) const {
  if (!group.has_power_sums()) return comoment(i, i);
  return power_sum(group.powers(), i == 0 ? 2 : 0, i == 0 ? 0 : 2);
}

std::size_t GroupLayout::kernel_size() const {
  const std::size_t values = group.values;
  if (!group.has_power_sums()) return 3 + values + values * (values + 1) / 2 + (group.order == 4 ? 2 : 0);
  std::size_t size = 3 + values;
  for (unsigned power = 1; power <= group.powers(); ++power)
    size += power_sum_count(group.values, group.degree(power));
  return size;
}

std::size_t GroupLayout::peak(unsigned i, unsigned k) const {
  const std::size_t each = peaks() / group.values;
  return start + kernel_size() + (std::size_t{i} + 1) * each - kPeaks + k;
}

std::size_t GroupLayout::peaks() const {
  return std::size_t{group.values} * kPeaks * (group.has_power_sums() ? kPeakSums : 1);
}

std::size_t GroupLayout::size() const { return kernel_size() + peaks(); }

Layout::Layout(std::span<const Group> all) {
  for (const Group& group : all) {
    const bool order_fits = group.order == 2 || group.order == 4;
    const bool values_fit = group.values > 0 && (!group.has_power_sums() || group.values <= kPowerSumValues);
    if (!order_fits || !values_fit) throw std::invalid_argument("statistics: no such group of values");
    groups.push_back({group, size});
    kernel.push_back({group, kernel_size});
    size += groups.back().size();
    kernel_size += groups.back().kernel_size();
  }
}

namespace {

struct Merge {
  void (*group)(const MergeGroup&, double*, const double*);
  void (*lanes)(const MergeGroup&, double*, unsigned, double*);
};

const Merge& host_merge() {
  static constexpr Merge kBaseline{merge_baseline::merge_group, merge_baseline::merge_group_lanes};
#ifdef __x86_64__
  static constexpr Merge kAvx2{merge_avx2::merge_group, merge_avx2::merge_group_lanes};
  static constexpr Merge kAvx512{merge_avx512::merge_group, merge_avx512::merge_group_lanes};
  switch (host_isa()) {
    case Isa::avx512:
      return kAvx512;
    case Isa::avx2:
      return kAvx2;
    case Isa::baseline:
      break;
  }
#endif
  return kBaseline;
}

}  // namespace

MergeGroup merge_group_of(const GroupLayout& at) {
  const auto offset = [&](std::size_t position) { return position - at.start; };
  MergeGroup group{.values = at.group.values,
                   .order = at.group.order,
                   .mean = offset(at.mean(0)),
                   .comoment = offset(at.moments()),
                   .third = offset(at.third()),
                   .peak = at.kernel_size()};
  if (!at.group.has_power_sums()) return group;
  group.blocks = at.group.powers();
  for (unsigned power = 1; power <= group.blocks; ++power)
    group.block[power - 1] = {offset(at.power_sum(power, 0, 0)), at.group.degree(power)};
  return group;
}

void clear(const Layout& layout, double* record) {
  std::fill_n(record, layout.size, 0.0);
  for (const GroupLayout& at : layout.groups) record[at.first()] = std::numeric_limits<double>::infinity();
}

void merge(const Layout& layout, double* a, const double* b) {
  const Merge& host = host_merge();
  for (const GroupLayout& at : layout.groups) host.group(merge_group_of(at), a + at.start, b + at.start);
}

void merge_lanes(const Layout& layout, double* columns, unsigned lanes, double* record) {
  const Merge& host = host_merge();
  for (std::size_t g = 0; g < layout.groups.size(); ++g)
    host.lanes(merge_group_of(layout.groups[g]), columns + layout.kernel[g].start * kLanes, lanes,
               record + layout.groups[g].start);
}

bool is_finite(const Layout& layout, const double* record) {
  return std::ranges::all_of(layout.groups, [&](const GroupLayout& at) {
    const double* mean = record + at.mean(0);
    return std::all_of(mean, mean + at.group.values, [](double m) { return std::isfinite(m); });
  });
}

}  // namespace mc::kernels
