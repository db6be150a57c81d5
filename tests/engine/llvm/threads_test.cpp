// Many threads that compile, run and destroy at once.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/engine/llvm/running.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::testing {
namespace {

constexpr unsigned kThreads = 8;

const double kScalars[] = {1.25, -0.75};
const double kNumbers[kRandomArrayLength] = {0.5, -1.0, 2.25, 1e10, -0.0, 3.0, 7.5, -4.125};
const double* const kArrays[] = {kNumbers};
const kernels::Arguments kArguments{.seed = 42, .tile = 7, .scalars = kScalars, .arrays = kArrays};

void on_all_threads(const std::function<void(unsigned)>& work) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back(work, t);
  for (std::thread& thread : threads) thread.join();
}

bool is_same(const std::vector<double>& a, const std::vector<double>& b) { return same_numbers(a, b); }

TEST(Threads, compile_side_by_side) {
  std::atomic<unsigned> wrong = 0;
  on_all_threads([&](unsigned t) {
    for (std::uint64_t k = 0; k < 6; ++k) {
      const ir::Kernel kernel = random_kernel(100 + t + kThreads * k);
      const auto compiled = jit::compile(kernel, shape(k % 2 == 0 ? 256 : 512, 1 + t % 2));
      if (!is_same(run(*compiled, kArguments), expected_columns(kernel, kArguments))) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0u);
}

TEST(Threads, run_one_kernel_at_once) {
  const ir::Kernel kernel = random_kernel(3);
  const auto compiled = jit::compile(kernel);
  const auto expected = expected_columns(kernel, kArguments);
  std::atomic<unsigned> wrong = 0;
  on_all_threads([&](unsigned) {
    for (int k = 0; k < 20; ++k)
      if (!is_same(run(*compiled, kArguments), expected)) ++wrong;
  });
  EXPECT_EQ(wrong, 0u);
}

TEST(Threads, errors_stay_on_their_own_thread) {
  std::atomic<unsigned> refused = 0, made = 0;
  on_all_threads([&](unsigned t) {
    for (int k = 0; k < 5; ++k) {
      try {
        jit::compile(random_kernel(t), shape(t % 2 == 0 ? 256 : 333, 1));
        ++made;
      } catch (const jit::Error&) {
        ++refused;
      }
    }
  });
  EXPECT_EQ(made, kThreads / 2 * 5);
  EXPECT_EQ(refused, kThreads / 2 * 5);
}

}  // namespace
}  // namespace mc::testing
