// Compile time must grow as the kernel does: ten times the expression, less than fifteen times the time.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "engine/ir/expression.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/llvm/running.hpp"
#include "tests/support/cpu_time.hpp"

namespace mc::testing {
namespace {

using ir::Op;
using ir::X;

/// x ← c + x·exp(−x) again and again: a chain; or a sum of as many that know nothing of each other.
X chain(X x, unsigned links) {
  for (unsigned k = 0; k < links; ++k) x = x * apply(Op::exp_function, -x) + 0.25;
  return x;
}

X sum(X x, unsigned terms) {
  X total = x;
  for (unsigned k = 0; k < terms; ++k)
    total = total + sqrt(abs(x - 0.01 * k)) * max(x, x.like(0.1 * k)) / (x + 1.0 * k);
  return total;
}

ir::Kernel kernel_of(X (*expression)(X, unsigned), unsigned length) {
  const auto sample = [&](ir::Builder& b, random::Stream& stream) {
    return std::vector<X>{expression(random::uniform(stream.draw(b)), length)};
  };
  return passes::lower(kernels::sample_reduce({.groups = {kernels::Group{}}}, sample, 0));
}

double compile_ms(const ir::Kernel& kernel, unsigned interleave, int tries) {
  return least_cpu_ms(tries, [&] { jit::compile(kernel, shape(512, interleave)); });
}

void expect_linear(X (*expression)(X, unsigned), unsigned length) {
  const ir::Kernel small = kernel_of(expression, length), large = kernel_of(expression, 10 * length);
  for (unsigned interleave : {0u, 2u}) {
    compile_ms(small, interleave, 1);
    const double small_ms = compile_ms(small, interleave, 7);
    double large_ms = compile_ms(large, interleave, 1);
    // A busy machine adds to times, so one that is short enough once is.
    for (int k = 0; k < 5 && large_ms >= 15 * small_ms; ++k)
      large_ms = std::min(large_ms, compile_ms(large, interleave, 1));
    EXPECT_LT(large_ms, 15 * small_ms) << small.nodes.size() << " operations " << small_ms << " ms, "
                                       << large.nodes.size() << " operations " << large_ms << " ms";
  }
}

TEST(Growth, is_linear_for_chains) { expect_linear(chain, 5); }
TEST(Growth, is_linear_for_sums) { expect_linear(sum, 30); }

TEST(Growth, does_not_depend_on_how_often_a_loop_runs) {
  const auto loop = [](std::uint32_t count) {
    ir::Builder b;
    const X x = to_f64(X(b, b.leaf(Op::lane)));
    const auto end = b.loop(b.constant_u32(count), std::array{b.constant(0.0)},
                            [&](ir::Value, std::span<const ir::Value> c) {
                              return std::vector<ir::Value>{fma(x, x, X(b, c[0]))};
                            });
    b.output(0, end[0]);
    return b.finish(0);
  };
  compile_ms(loop(10), 2, 3);
  EXPECT_LT(compile_ms(loop(1'000'000), 2, 7), 1.5 * compile_ms(loop(10), 2, 7));
}

}  // namespace
}  // namespace mc::testing
