// An Executable that is a C++ function of a lane's random numbers: lets the runtime be tested without a back
// end.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <utility>

#include "engine/kernels/executable.hpp"
#include "engine/kernels/statistics.hpp"
#include "tests/engine/random/reference.hpp"

namespace mc::testing {

/// Random numbers of one lane.
struct Draws {
  Xoshiro256pp words;

  double uniform() { return testing::uniform(words.next()); }
  double exponential() { return -std::log(uniform()); }
  double normal() {
    const double radius = std::sqrt(2 * exponential());
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  double bernoulli(double p) { return uniform() < p ? 1 : 0; }
};

/// Accumulates f(draws) about a pivot, one group of one value; `screened` leaves out what is not finite.
template <class F>
class PlainKernel : public kernels::Executable {
 public:
  explicit PlainKernel(F f, kernels::Group group = {}, bool screened = false, unsigned granule = 8)
      : f_(std::move(f)), group_(group), screened_(screened), granule_(granule) {}

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte*) const override {
    ++calls;
    for (unsigned lane = first; lane < last; ++lane) run_lane(arguments, lane, steps, out + lane);
    return true;
  }
  unsigned granule() const override { return granule_; }
  std::size_t scratch_bytes() const override { return 0; }
  unsigned outputs() const override { return group_.order == 4 ? 7 : 5; }

  mutable std::atomic<std::uint64_t> calls{0};

 private:
  void run_lane(const kernels::Arguments& arguments, unsigned lane, std::uint32_t steps, double* out) const {
    Draws draws{Xoshiro256pp::of_lane(arguments.seed, arguments.tile, lane)};
    double n = 0, dropped = 0, first = std::numeric_limits<double>::infinity();
    double pivot = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0;
    for (std::uint32_t step = 0; step < steps; ++step) {
      const double value = f_(draws);
      const bool keeps = !screened_ || std::isfinite(value);
      if (step == 0) pivot = keeps ? value : 0;
      if (!keeps && dropped++ == 0)
        first = static_cast<double>(arguments.tile * kernels::kTileSamples + step * kernels::kLanes + lane);
      if (!keeps) continue;
      const double d = value - pivot;
      ++n, s1 += d, s2 += d * d, s3 += d * d * d, s4 += d * d * d * d;
    }
    const double m = n > 0 ? s1 / n : 0;
    const double columns[] = {n,
                              dropped,
                              first,
                              n > 0 ? pivot + m : 0,
                              std::isnan(s1) ? s1 : std::max(0.0, s2 - s1 * m),
                              s3 - 3 * m * s2 + 2 * m * m * s1,
                              s4 - 4 * m * s3 + 6 * m * m * s2 - 3 * m * m * m * s1};
    for (unsigned k = 0; k < outputs(); ++k) out[k * kernels::kLanes] = columns[k];
  }

  F f_;
  kernels::Group group_;
  bool screened_;
  unsigned granule_;
};

inline const PlainKernel kSquare([](Draws& d) {
  const double u = d.uniform();
  return u * u;
});

/// NaN once in about ten thousand samples.
inline double seldom_nan(Draws& d) {
  const double u = d.uniform();
  return u < 1e-4 ? std::nan("") : u;
}
inline const PlainKernel kSeldomNaN(seldom_nan);
inline const PlainKernel kScreened(seldom_nan, {1, 2}, true);

}  // namespace mc::testing
