// A warmed call allocates nothing. In a program of its own, as it replaces the global operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "runtime/estimate/estimate.hpp"
#include "runtime/schedule/run.hpp"
#include "tests/engine/kernels/lanes.hpp"
#include "tests/runtime/plain_kernel.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size) {
  ++allocations;
  void* p = std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

namespace mc::testing {
namespace {

TEST(Allocation, NoneInAWarmedCall) {
  const PlainKernel kernel([](Draws& d) { return d.uniform(); });
  const Layout layout = layout_of({{1, 2}});
  runtime::Job job{.layout = &layout, .fast = &kernel, .threads = 1};
  runtime::Outcome outcome;
  for (std::uint64_t samples : {100, 8192, 1'000'000}) {
    job.samples = samples;
    runtime::run(job, outcome);
    const long before = allocations;
    runtime::run(job, outcome);
    const runtime::Estimate e = runtime::mean({layout.groups[0], outcome.record.data()}, 0);
    EXPECT_EQ(allocations - before, 0) << samples;
    EXPECT_NEAR(e.value, 0.5, 6 * e.standard_error);
  }
}

}  // namespace
}  // namespace mc::testing
