// 10¹¹ samples: counters hold, memory does not grow.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <limits>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/schedule/run.hpp"
#include "tests/engine/kernels/lanes.hpp"

namespace mc::testing {
namespace {

/// Columns of a tile whose lanes' means are the tile's number modulo 2: as fast as writing them is.
struct Parity : kernels::Executable {
  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte*) const override {
    const double columns[] = {static_cast<double>(steps), 0, std::numeric_limits<double>::infinity(),
                              static_cast<double>(arguments.tile % 2), 0};
    for (double column : columns) {
      for (unsigned lane = first; lane < last; ++lane) out[lane] = column;
      out += kernels::kLanes;
    }
    return true;
  }
  unsigned granule() const override { return 8; }
  std::size_t scratch_bytes() const override { return 0; }
  unsigned outputs() const override { return 5; }
};

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(LongRun, OfAHundredBillionSamples) {
  constexpr std::uint64_t kSamples = 100'000'000'000;
  const Layout layout = layout_of({{1, 2}});
  const Parity parity;
  runtime::Job job{.layout = &layout, .fast = &parity, .samples = kSamples / 100, .threads = 2};
  runtime::run(job);
  const long before = peak_kilobytes();
  job.samples = kSamples;
  const runtime::Outcome outcome = runtime::run(job);
  EXPECT_LT(peak_kilobytes() - before, 1000);
  EXPECT_EQ(outcome.samples, kSamples);
  const GroupLayout& at = layout.groups[0];
  EXPECT_EQ(outcome.record[at.count()], 1e11);
  EXPECT_NEAR(outcome.record[at.mean(0)], 0.5, 1e-7);
  EXPECT_NEAR(outcome.record[at.comoment(0, 0)] / 1e11, 0.25, 1e-7);
}

}  // namespace
}  // namespace mc::testing
