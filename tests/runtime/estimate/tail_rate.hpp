// How often the heavy-tail warning comes.
#pragma once

#include <random>

#include "runtime/estimate/tail.hpp"
#include "runtime/schedule/run.hpp"
#include "tests/engine/kernels/lanes.hpp"
#include "tests/runtime/plain_kernel.hpp"

namespace mc::testing {

/// The share of `repeats` runs (seeds 1, 2, …) of f whose mean, or for order 4 whose variance, gets the
/// warning.
template <class F>
double tail_rate(F f, std::uint64_t samples, unsigned repeats, Group group = {1, 2}) {
  const PlainKernel<F> kernel(f, group);
  const Layout layout = layout_of({group});
  runtime::Job job{.layout = &layout, .fast = &kernel, .samples = samples, .threads = 0};
  runtime::Outcome outcome;
  unsigned warned = 0;
  for (unsigned r = 0; r < repeats; ++r) {
    job.arguments.seed = r + 1;
    runtime::run(job, outcome);
    const runtime::Seen seen{layout.groups[0], outcome.record.data()};
    warned += group.order == 4 ? runtime::is_heavy_for_variance(seen) : runtime::is_heavy_for_mean(seen, 0);
  }
  return warned / static_cast<double>(repeats);
}

}  // namespace mc::testing
