// Tier 1: coordinates a second against the hand-written kernel of handwritten_tile.cpp, and what a compile
// costs, by stage.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>

#include "engine/interpreter/interpreter.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/passes/passes.hpp"
#include "tests/bench/handwritten_tile.hpp"
#include "tests/support/rolled_sum.hpp"

namespace mc::bench {
namespace {

using ir::Op;
using ir::Value;
using ir::X;
using testing::rolled_sum;
using testing::square;

X exp_of_log(X x) { return apply(Op::exp_function, 0.3 * apply(Op::log_function, x)); }

/// x ← c + x·exp(−x), so many times over.
kernels::Sample chain(unsigned links) {
  return [links](ir::Builder& b, random::Stream& stream) {
    X x = random::uniform(stream.draw(b));
    for (unsigned k = 0; k < links; ++k) x = x * apply(Op::exp_function, -x) + 0.25;
    return std::vector<X>{x};
  };
}

ir::Kernel kernel_of(const kernels::Sample& sample) {
  return passes::lower(kernels::sample_reduce({.groups = {kernels::Group{}}}, sample, 0));
}

ir::Kernel square_sum(unsigned dimension) { return kernel_of(rolled_sum(dimension, square)); }
ir::Kernel exp_log_sum(unsigned dimension) { return kernel_of(rolled_sum(dimension, exp_of_log)); }

void run_tiles(benchmark::State& state, const kernels::Executable& executable, unsigned dimension) {
  kernels::Buffer scratch;
  scratch.reserve(executable.scratch_bytes());
  std::vector<double> out(std::size_t{executable.outputs()} * kernels::kLanes);
  std::uint64_t tile = 0;
  for (auto _ : state) {
    executable.run({.seed = 1, .tile = tile++}, 0, kernels::kLanes, kernels::kSteps, out.data(),
                   scratch.data());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(tile * kernels::kTileSamples * dimension));
}

/// Arguments: dimension.
void handwritten(benchmark::State& state) {
  const auto dimension = static_cast<unsigned>(state.range(0));
  std::uint64_t tile = 0;
  for (auto _ : state) benchmark::DoNotOptimize(handwritten_tile(dimension, 1, tile++, kernels::kSteps));
  state.SetItemsProcessed(static_cast<std::int64_t>(tile * kernels::kTileSamples * dimension));
}
BENCHMARK(handwritten)->Arg(2)->Arg(10);

/// Arguments: dimension, vector bits (0: the processor's), interleave (0: the kernel's choice).
void compiled(benchmark::State& state, ir::Kernel (*kernel)(unsigned)) {
  const auto dimension = static_cast<unsigned>(state.range(0));
  jit::Options options;
  if (state.range(1) != 0) options.vector_bits = static_cast<unsigned>(state.range(1));
  options.interleave = static_cast<unsigned>(state.range(2));
  run_tiles(state, *jit::compile(kernel(dimension), options), dimension);
}
BENCHMARK_CAPTURE(compiled, square_sum, square_sum)
    ->Args({2, 0, 0})
    ->Args({10, 0, 0})
    ->ArgsProduct({{2, 10}, {128, 256, 512}, {1, 2, 4}});
BENCHMARK_CAPTURE(compiled, exp_log_sum, exp_log_sum)
    ->Args({10, 0, 0})
    ->ArgsProduct({{10}, {512}, {1, 2, 4}});

void interpreted(benchmark::State& state) {
  const auto dimension = static_cast<unsigned>(state.range(0));
  run_tiles(state, *interpreter::interpret(square_sum(dimension)), dimension);
}
BENCHMARK(interpreted)->Arg(2)->Arg(10);

/// Argument: interleave (0: the kernel's choice). Counters are milliseconds a stage, means over all compiles.
void compile(benchmark::State& state, const ir::Kernel& kernel) {
  jit::Options options;
  options.interleave = static_cast<unsigned>(state.range(0));
  jit::Timing total;
  for (auto _ : state) {
    const jit::Timing each = jit::compile(kernel, options)->timing();
    total.start_ms += each.start_ms, total.emit_ms += each.emit_ms;
    total.codegen_ms += each.codegen_ms, total.link_ms += each.link_ms;
  }
  const auto mean = [](double ms) { return benchmark::Counter(ms, benchmark::Counter::kAvgIterations); };
  state.counters = {{"start", mean(total.start_ms)},
                    {"emit", mean(total.emit_ms)},
                    {"codegen", mean(total.codegen_ms)},
                    {"link", mean(total.link_ms)},
                    {"operations", static_cast<double>(kernel.nodes.size())}};
}
BENCHMARK_CAPTURE(compile, square_sum, square_sum(10))
    ->Arg(0)
    ->Arg(1)
    ->Arg(2)
    ->Arg(4)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compile, exp_log_sum, exp_log_sum(10))
    ->Arg(0)
    ->Arg(1)
    ->Arg(2)
    ->Arg(4)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compile, chain_10, kernel_of(chain(10)))->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compile, chain_100, kernel_of(chain(100)))->Arg(0)->Unit(benchmark::kMillisecond);

/// The two must agree, or the comparison is worth nothing.
bool agrees(unsigned dimension) {
  const auto executable = jit::compile(square_sum(dimension));
  std::vector<double> columns(std::size_t{executable->outputs()} * kernels::kLanes);
  const kernels::Layout layout(std::array{kernels::Group{}});
  executable->run({.seed = 1, .tile = 3}, 0, kernels::kLanes, kernels::kSteps, columns.data(), nullptr);
  double mean = 0, squares = 0;
  for (unsigned lane = 0; lane < kernels::kLanes; ++lane) {
    mean += columns[layout.kernel[0].mean(0) * kernels::kLanes + lane] / kernels::kLanes;
    squares += columns[layout.kernel[0].comoment(0, 0) * kernels::kLanes + lane];
  }
  const Moments expected = handwritten_tile(dimension, 1, 3, kernels::kSteps);
  return std::abs(mean - expected.mean) < 1e-9 && std::abs(squares - expected.squares) < 1e-6;
}

}  // namespace
}  // namespace mc::bench

int main(int argc, char** argv) {
  if (!mc::bench::agrees(2) || !mc::bench::agrees(10)) {
    std::fputs("llvm_bench: the hand-written kernel and the compiled one disagree\n", stderr);
    return 1;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
