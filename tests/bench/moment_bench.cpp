// The main job from the outside: estimates through <mc/mc.hpp>, beside a kernel written by hand with the same
// generator, which is the limit. Rates are coordinates a second of CPU time, as the peers' figures in
// tests/bench/peers prints are.
#include <cmath>
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>
#include <mc/mc.hpp>

#include "tests/bench/handwritten.hpp"

namespace {

[[maybe_unused]] const bool kOffTheDisk = (mc::use_no_cache(), true);  // what is timed is made anew

constexpr std::uint64_t kSamples = 1'000'000;

void rate(benchmark::State& state, double coordinates) {
  state.counters["coordinates/s"] =
      benchmark::Counter(coordinates * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void estimate(benchmark::State& state, mc::Backend backend, unsigned threads,
              mc::Precision precision = mc::Precision::f64) {
  const mc::Moment moment = mc::compile("sum(x_i^2)");
  const mc::Box box = mc::box(state.range(0), 0.0, 1.0);
  const mc::Options options{
      .samples = kSamples, .backend = backend, .threads = threads, .precision = precision};
  benchmark::DoNotOptimize(moment.estimate(box, options));
  for (auto _ : state) benchmark::DoNotOptimize(moment.estimate(box, options));
  rate(state, static_cast<double>(kSamples) * static_cast<double>(state.range(0)));
}

void llvm(benchmark::State& state) { estimate(state, mc::Backend::llvm, 1); }
void llvm_f32(benchmark::State& state) { estimate(state, mc::Backend::llvm, 1, mc::Precision::f32); }
void llvm_two_threads(benchmark::State& state) { estimate(state, mc::Backend::llvm, 2); }
void interpreter(benchmark::State& state) { estimate(state, mc::Backend::interpreter, 1); }

/// The lecture's estimator with the same generator, 32 lanes in plain arrays, for the compiler to vectorise.
void handwritten(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(mc::bench::squared_norm(static_cast<int>(state.range(0)), kSamples));
  rate(state, static_cast<double>(kSamples) * static_cast<double>(state.range(0)));
}

BENCHMARK(llvm)->Arg(2)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(llvm_f32)->Arg(2)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(handwritten)->Arg(2)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(interpreter)->Arg(2)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK(llvm_two_threads)->Arg(2)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond)->UseRealTime();

/// A call whose kernel is there: what everything around the kernel costs.
void warm_call(benchmark::State& state) {
  const mc::Moment moment = mc::compile("sum(x_i^2)");
  const mc::Box box = mc::box(2, 0.0, 1.0);
  const mc::Options options{.samples = static_cast<std::uint64_t>(state.range(0)),
                            .backend = mc::Backend::llvm};
  benchmark::DoNotOptimize(moment.estimate(box, options));
  for (auto _ : state) benchmark::DoNotOptimize(moment.estimate(box, options));
}
BENCHMARK(warm_call)->Arg(100)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

/// Parse and check alone.
void compile_text(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(mc::compile("x*x + y*y"));
}
BENCHMARK(compile_text)->Unit(benchmark::kMicrosecond);

/// A number that no kernel had before: what is made anew must not come from a cache, in later repetitions
/// either.
int fresh() {
  static int last = 0;
  return ++last;
}

/// A fresh signature each time: lowering, passes, LLVM.
void first_estimate(benchmark::State& state) {
  for (auto _ : state) {
    const std::string text = "x ~ uniform(0, 1)^" + std::to_string(state.range(0)) + "; E[sum(x_i^2) + " +
                             std::to_string(fresh()) + "]";
    benchmark::DoNotOptimize(mc::compile(text).estimate({.samples = 100, .backend = mc::Backend::llvm}));
  }
}
BENCHMARK(first_estimate)->Arg(2)->Arg(10)->Arg(1000)->Unit(benchmark::kMillisecond);

/// Growth: an expression ten times longer should compile in less than fifteen times the time.
void first_estimate_of_terms(benchmark::State& state) {
  for (auto _ : state) {
    std::string text = "x ~ uniform(0, 1)^3; E[" + std::to_string(fresh());
    for (int term = 0; term < state.range(0); ++term)
      text += " + (x_1 + " + std::to_string(term) + ")*(x_2 - " + std::to_string(term) + "/x_3)";
    benchmark::DoNotOptimize(
        mc::compile(text + "]").estimate({.samples = 100, .backend = mc::Backend::llvm}));
  }
}
BENCHMARK(first_estimate_of_terms)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

/// Other programs, paths a second on one core.
void program(benchmark::State& state, const char* text, mc::Generator generator,
             mc::Precision precision = mc::Precision::f64) {
  const mc::Moment moment = mc::compile(text);
  const mc::Options options{.samples = kSamples,
                            .backend = mc::Backend::llvm,
                            .threads = 1,
                            .generator = generator,
                            .precision = precision};
  benchmark::DoNotOptimize(moment.estimate(options));
  for (auto _ : state) benchmark::DoNotOptimize(moment.estimate(options));
  state.counters["samples/s"] = benchmark::Counter(
      static_cast<double>(kSamples) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(program, squares_philox, "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", mc::Generator::philox4x32)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(program, normal, "z ~ normal(0, 1); E[z]", mc::Generator::xoshiro256pp)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(program, european_call, "z ~ normal(0, 1); E[max(100*exp(0.2*z + 0.03) - 105, 0)]",
                  mc::Generator::xoshiro256pp)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(program, asian_call_12,
                  "z ~ normal(0, 1)^12; S = 100*exp(cumsum(0.0025 + 0.0577*z)); E[max(mean(S) - 105, 0)]",
                  mc::Generator::xoshiro256pp)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(program, asian_call_252,
                  "z ~ normal(0, 1)^252; S = 100*exp(cumsum(0.000119 + 0.0126*z)); E[max(mean(S) - 105, 0)]",
                  mc::Generator::xoshiro256pp)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(program, normal_f32, "z ~ normal(0, 1); E[z]", mc::Generator::xoshiro256pp,
                  mc::Precision::f32)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(program, european_call_f32, "z ~ normal(0, 1); E[max(100*exp(0.2*z + 0.03) - 105, 0)]",
                  mc::Generator::xoshiro256pp, mc::Precision::f32)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(program, asian_call_12_f32,
                  "z ~ normal(0, 1)^12; S = 100*exp(cumsum(0.0025 + 0.0577*z)); E[max(mean(S) - 105, 0)]",
                  mc::Generator::xoshiro256pp, mc::Precision::f32)
    ->Unit(benchmark::kMillisecond);

}  // namespace
