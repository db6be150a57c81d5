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

/// A sample: a group's inputs, the weight first where there is one.
using Values = std::vector<double>;

/// Writes one group's numbers, element k at to[k*stride], from two passes over the samples in long double.
class TwoPass {
 public:
  TwoPass(const GroupLayout& at, std::span<const Values> samples, double* to, std::size_t stride)
      : at_(at), samples_(samples), to_(to), stride_(stride) {
    long double total = 0;
    for (const Values& v : samples) total += weight(v);
    mean_.assign(at.group.values, 0);
    for (unsigned i = 0; i < at.group.values && total != 0; ++i)
      mean_[i] = sum([&](const Values& v) { return weight(v) * value(v, i); }) / total;
  }

  void write() const {
    put(at_.count(), static_cast<long double>(samples_.size()));
    put(at_.nonfinite(), 0);
    put(at_.first(), std::numeric_limits<long double>::infinity());
    for (unsigned i = 0; i < at_.group.values; ++i) put(at_.mean(i), mean_[i]);
    at_.group.has_power_sums() ? write_power_sums() : write_comoments();
  }

 private:
  long double weight(const Values& v) const { return at_.group.weighted ? v[0] : 1.0; }
  long double value(const Values& v, unsigned i) const { return v[i + (at_.group.weighted ? 1 : 0)]; }
  long double apart(const Values& v, unsigned i) const { return value(v, i) - mean_[i]; }

  template <class Term>
  long double sum(Term term) const {
    long double total = 0;
    for (const Values& v : samples_)
      if (weight(v) != 0) total += term(v);
    return total;
  }

  void put(std::size_t k, long double x) const { to_[(k - at_.start) * stride_] = static_cast<double>(x); }

  void write_comoments() const {
    for (unsigned i = 0; i < at_.group.values; ++i)
      for (unsigned j = i; j < at_.group.values; ++j)
        put(at_.comoment(i, j), sum([&](const Values& v) { return apart(v, i) * apart(v, j); }));
    if (at_.group.order != 4) return;
    put(at_.third(), sum([&](const Values& v) { return std::pow(apart(v, 0), 3); }));
    put(at_.fourth(), sum([&](const Values& v) { return std::pow(apart(v, 0), 4); }));
  }

  void write_power_sums() const {
    for (unsigned power = 1; power <= at_.group.powers(); ++power)
      for (unsigned p = 0; p <= at_.group.degree(power); ++p)
        for (unsigned q = 0; q <= (at_.group.values == 1 ? 0 : at_.group.degree(power) - p); ++q) {
          const bool is_mean = power == 1 && p + q == 1;
          put(at_.power_sum(power, p, q), is_mean ? 0 : sum([&](const Values& v) {
                const long double second = q == 0 ? 1 : std::pow(apart(v, 1), q);
                return std::pow(weight(v), power) * std::pow(apart(v, 0), p) * second;
              }));
        }
  }

  const GroupLayout& at_;
  std::span<const Values> samples_;
  double* to_;
  std::size_t stride_;
  std::vector<long double> mean_;
};

inline void two_pass(const GroupLayout& at, std::span<const Values> samples, double* to, std::size_t stride) {
  TwoPass(at, samples, to, stride).write();
}

/// Puts the limit on vectors back at the end of a test.
struct VectorLimit {
  explicit VectorLimit(Isa isa) { limit_vector_bits(128u << static_cast<unsigned>(isa)); }
  ~VectorLimit() { limit_vector_bits(0); }
};

}  // namespace mc::testing
