// Tier 0 alone: coordinates a second of Σ x_i², what a short call costs, one sample through each mathematical
// function, and how long translation takes.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "engine/interpreter/interpreter.hpp"
#include "engine/ir/expression.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/passes/passes.hpp"

namespace mc {
namespace {

using ir::Builder;
using ir::Op;
using ir::X;
using random::Generator;

/// Mean and variance of what `value` draws and computes.
template <class Draws>
ir::Kernel kernel_of(Generator generator, Draws value) {
  const kernels::Sample sample = [&](Builder& b, random::Stream& stream) {
    return std::vector<X>{value(b, stream)};
  };
  return passes::lower(kernels::sample_reduce({.generator = generator, .groups{{}}}, sample, 0));
}

/// Σ x_i² over n coordinates, x_i uniform on (0, 1), in a rolled loop.
ir::Kernel sum_of_squares(Generator generator, unsigned n) {
  return kernel_of(generator, [n](Builder& b, random::Stream& stream) {
    std::vector<ir::Value> start = stream.state;
    start.push_back(b.constant(0.0));
    const auto open = b.begin_loop(b.constant_u32(n / stream.words()), start);
    stream.state.assign(open.carried.begin(), open.carried.end() - 1);
    X sum(b, open.carried.back());
    for (unsigned k = 0; k < stream.words(); ++k) {
      const X u = random::uniform(stream.draw(b));
      sum = fma(u, u, sum);
    }
    std::vector<ir::Value> next = stream.state;
    next.push_back(sum);
    const auto end = b.end_loop(open, next);
    stream.state.assign(end.begin(), end.end() - 1);
    return X(b, end.back());
  });
}

/// A kernel with the memory to run it.
class Runner {
 public:
  Runner(const ir::Kernel& kernel, Isa isa)
      : executable_(interpreter::interpret(kernel, isa)),
        out_(std::size_t{executable_->outputs()} * kernels::kLanes) {
    scratch_.reserve(executable_->scratch_bytes());
  }

  void run(unsigned lanes, std::uint32_t steps) {
    executable_->run({.seed = 1, .tile = tile_++}, 0, lanes, steps, out_.data(), scratch_.data());
    benchmark::DoNotOptimize(out_.data());
  }

 private:
  std::unique_ptr<kernels::Executable> executable_;
  kernels::Buffer scratch_;
  std::vector<double> out_;
  std::uint64_t tile_ = 0;
};

void count(benchmark::State& state, double per_call, const char* what) {
  state.counters[what] = benchmark::Counter(per_call, benchmark::Counter::kIsIterationInvariantRate);
}

void full_tile(benchmark::State& state, Generator generator, unsigned n, Isa isa) {
  Runner runner(sum_of_squares(generator, n), isa);
  for (auto _ : state) runner.run(kernels::kLanes, kernels::kSteps);
  count(state, n * static_cast<double>(kernels::kTileSamples), "coordinates/s");
}

/// 100 samples: one step of 112 lanes.
void short_call(benchmark::State& state, unsigned n, Isa isa) {
  Runner runner(sum_of_squares(Generator::xoshiro256pp, n), isa);
  for (auto _ : state) runner.run(112, 1);
}

void function(benchmark::State& state, Op op) {
  const auto value = [op](Builder& b, random::Stream& stream) {
    const X u = random::uniform(stream.draw(b));
    return ir::info(op).arity == 1 ? apply(op, u) : apply(op, u, u * 3.0);
  };
  Runner runner(kernel_of(Generator::xoshiro256pp, value), host_isa());
  for (auto _ : state) runner.run(kernels::kLanes, kernels::kSteps);
  count(state, static_cast<double>(kernels::kTileSamples), "samples/s");
}

void translation(benchmark::State& state) {
  const ir::Kernel kernel = sum_of_squares(Generator::xoshiro256pp, 10);
  for (auto _ : state) benchmark::DoNotOptimize(interpreter::interpret(kernel));
}

std::string label(const char* what, Isa isa, unsigned n) {
  constexpr const char* kNames[] = {"baseline", "avx2", "avx512"};
  return std::string(what) + '/' + kNames[static_cast<std::size_t>(isa)] + "/n:" + std::to_string(n);
}

void add_benchmarks() {
  for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
    for (unsigned n : {2u, 10u, 100u}) {
      if (isa > host_isa()) continue;
      benchmark::RegisterBenchmark(label("sum_of_squares", isa, n).c_str(), full_tile,
                                   Generator::xoshiro256pp, n, isa);
      benchmark::RegisterBenchmark(label("100_samples", isa, n).c_str(), short_call, n, isa);
    }
  benchmark::RegisterBenchmark("sum_of_squares/philox/n:10", full_tile, Generator::philox4x32, 10u,
                               host_isa());
  for (std::size_t k = 0; k < ir::op_count(); ++k) {
    const auto op = static_cast<Op>(k);
    if (ir::info(op).is_function)
      benchmark::RegisterBenchmark(std::string(ir::info(op).name).c_str(), function, op);
  }
  benchmark::RegisterBenchmark("translation", translation);
}

[[maybe_unused]] const bool kAdded = (add_benchmarks(), true);

}  // namespace
}  // namespace mc
