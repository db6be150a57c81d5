// Made-up lane statistics, and the same from the samples themselves in long double: what merges are compared
// with.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include "engine/host.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/statistics.hpp"

namespace mc::testing {

using kernels::Group;
using kernels::GroupLayout;
using kernels::Layout;

inline Layout layout_of(std::vector<Group> groups) { return Layout(groups); }

/// A sample: all of a group's values.
using Values = std::vector<double>;

/// Writes one group's numbers, element k at to[k*stride], from two passes over the samples in long double.
inline void two_pass(const GroupLayout& at, std::span<const Values> samples, double* to, std::size_t stride) {
  const unsigned values = at.group.values;
  const auto n = static_cast<long double>(samples.size());
  std::vector<long double> mean(values, 0);
  for (const Values& v : samples)
    for (unsigned i = 0; i < values; ++i) mean[i] += v[i];
  for (long double& m : mean) m = n > 0 ? m / n : 0;
  const auto put = [&](std::size_t k, long double x) {
    to[(k - at.start) * stride] = static_cast<double>(x);
  };
  const auto central = [&](auto&& term) {
    long double sum = 0;
    for (const Values& v : samples) sum += term(v);
    return sum;
  };
  put(at.count(), n);
  put(at.nonfinite(), 0);
  put(at.first(), std::numeric_limits<long double>::infinity());
  for (unsigned i = 0; i < values; ++i) put(at.mean(i), mean[i]);
  for (unsigned i = 0; i < values; ++i)
    for (unsigned j = i; j < values; ++j)
      put(at.comoment(i, j), central([&](const Values& v) { return (v[i] - mean[i]) * (v[j] - mean[j]); }));
  if (at.group.order != 4) return;
  put(at.third(), central([&](const Values& v) { return std::pow(v[0] - mean[0], 3); }));
  put(at.fourth(), central([&](const Values& v) { return std::pow(v[0] - mean[0], 4); }));
}

/// Puts the limit on vectors back at the end of a test.
struct VectorLimit {
  explicit VectorLimit(Isa isa) { limit_vector_bits(128u << static_cast<unsigned>(isa)); }
  ~VectorLimit() { limit_vector_bits(0); }
};

}  // namespace mc::testing
