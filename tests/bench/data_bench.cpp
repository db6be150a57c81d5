// Maps and reductions over arrays from the outside, beside loops written by hand (data_by_hand.cpp), in one
// run. Small calls in CPU time; what waits for memory in wall time, for that is what is had.
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <mc/mc.hpp>

#include "tests/bench/data_by_hand.hpp"

namespace {

[[maybe_unused]] const bool kOffTheDisk = (mc::use_no_cache(), true);

std::vector<double> counting(std::size_t count) {
  std::vector<double> numbers(count);
  for (std::size_t k = 0; k < count; ++k) numbers[k] = static_cast<double>(k % 1000);
  return numbers;
}

// ---------------------------------------------------------------- small calls

void bound(benchmark::State& state, const char* program) {
  const auto x = counting(static_cast<std::size_t>(state.range(0)));
  const mc::Reduction reduction = mc::compile(program).bind({{"x", mc::NumberType::f64}});
  for (auto _ : state) benchmark::DoNotOptimize(reduction({x}));
}

void sum_bound(benchmark::State& state) { bound(state, "sum(x)"); }
void mean_bound(benchmark::State& state) { bound(state, "mean(x)"); }
void most_bound(benchmark::State& state) { bound(state, "max(abs(x))"); }

void sum_by_name(benchmark::State& state) {
  const auto x = counting(static_cast<std::size_t>(state.range(0)));
  const mc::Moment sum = mc::compile("sum(x)");
  const mc::DataOptions options{.backend = mc::Backend::llvm};
  for (auto _ : state) benchmark::DoNotOptimize(sum({{"x", x}}, options));
}

void map_by_name(benchmark::State& state) {
  const auto x = counting(static_cast<std::size_t>(state.range(0)));
  auto y = x;
  const mc::Moment square = mc::compile("x*x");
  const mc::DataOptions options{.backend = mc::Backend::llvm};
  for (auto _ : state) square.map(y, {{"x", x}}, options);
}

void sum_by_hand(benchmark::State& state) {
  const auto x = counting(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(mc::bench::sum(x.data(), x.size()));
    benchmark::ClobberMemory();
  }
}

BENCHMARK(sum_by_hand)->Arg(1000);
BENCHMARK(sum_bound)->Arg(1000)->Arg(960)->Arg(64)->Arg(8192)->Arg(1'000'000);
BENCHMARK(mean_bound)->Arg(1000);
BENCHMARK(most_bound)->Arg(1000);
BENCHMARK(sum_by_name)->Arg(1000);
BENCHMARK(map_by_name)->Arg(1000);

// ---------------------------------------------------------------- products of large arrays

/// On pages of 2 MB, as NumPy's large arrays are.
template <class T>
class Pages {
 public:
  explicit Pages(std::size_t count, T value) : size_(count) {
    constexpr std::size_t kPage = std::size_t{2} << 20;
    const std::size_t bytes = (count * sizeof(T) + kPage - 1) / kPage * kPage;
    numbers_.reset(static_cast<T*>(std::aligned_alloc(kPage, bytes)));
    if (!numbers_) throw std::bad_alloc();
    std::fill_n(numbers_.get(), count, value);
  }
  T* data() const { return numbers_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* numbers) const { std::free(numbers); }
  };
  std::unique_ptr<T, Free> numbers_;
  std::size_t size_;
};

struct Factors {
  explicit Factors(const benchmark::State& state)
      : a(static_cast<std::size_t>(state.range(0)), 3.0F),
        b(a.size(), 2.0F),
        out(a.size(), 0.0F),
        threads(static_cast<unsigned>(state.range(1))) {}
  Pages<float> a, b, out;
  unsigned threads;
};

void bandwidth(benchmark::State& state, std::size_t bytes) {
  state.counters["bytes/s"] = benchmark::Counter(
      static_cast<double>(bytes) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void product(benchmark::State& state) {
  const Factors f(state);
  const mc::Moment moment = mc::compile("a*b");
  const mc::Input a(f.a.data(), f.a.size()), b(f.b.data(), f.b.size());
  const mc::DataOptions options{.backend = mc::Backend::llvm, .threads = f.threads};
  const mc::Output out(f.out.data(), f.out.size());
  moment.map(out, {{"a", a}, {"b", b}}, options);
  for (auto _ : state) moment.map(out, {{"a", a}, {"b", b}}, options);
  bandwidth(state, 12 * f.a.size());
}

void product_by_hand(benchmark::State& state) {
  const Factors f(state);
  const auto part = [&](std::size_t k) {
    const std::size_t count = f.a.size() / f.threads;
    mc::bench::streamed_product(f.a.data() + k * count, f.b.data() + k * count, f.out.data() + k * count,
                                count);
  };
  for (auto _ : state) {
    if (f.threads == 1) {
      part(0);
      continue;
    }
    const std::jthread second([&] { part(1); });
    part(0);
  }
  bandwidth(state, 12 * f.a.size());
}

void product_stored(benchmark::State& state) {
  const Factors f(state);
  for (auto _ : state) {
    mc::bench::product(f.a.data(), f.b.data(), f.out.data(), f.a.size());
    benchmark::ClobberMemory();
  }
  bandwidth(state, 12 * f.a.size());
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (std::int64_t threads : {1, 2})
    for (std::int64_t count : {512'000, 5'120'000, 51'200'000}) benchmark->Args({count, threads});
  benchmark->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(product)->Apply(sizes);
BENCHMARK(product_by_hand)->Apply(sizes);
BENCHMARK(product_stored)
    ->Args({512'000, 1})
    ->Args({5'120'000, 1})
    ->Args({51'200'000, 1})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// ---------------------------------------------------------------- a sine and a root

struct Four {
  explicit Four(std::size_t count) : a(count), b(count), c(count), d(count), out(count) {
    for (std::size_t k = 0; k < count; ++k) {
      const auto at = [&](std::size_t by) { return static_cast<double>(k * by % 6001) / 1000 - 3; };
      a[k] = at(7), b[k] = at(11), c[k] = at(13), d[k] = at(17);
    }
  }
  std::vector<double> a, b, c, d, out;
};

void mixture(benchmark::State& state) {
  Four f(static_cast<std::size_t>(state.range(0)));
  const mc::Moment moment = mc::compile("a*b + sin(c)/sqrt(d*d + 1)");
  const mc::DataOptions options{.backend = mc::Backend::llvm, .threads = 1};
  moment.map(f.out, {{"a", f.a}, {"b", f.b}, {"c", f.c}, {"d", f.d}}, options);
  for (auto _ : state) moment.map(f.out, {{"a", f.a}, {"b", f.b}, {"c", f.c}, {"d", f.d}}, options);
  state.counters["values/s"] =
      benchmark::Counter(static_cast<double>(state.range(0)) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

void mixture_by_hand(benchmark::State& state) {
  Four f(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    mc::bench::mixture(f.a.data(), f.b.data(), f.c.data(), f.d.data(), f.out.data(), f.a.size());
    benchmark::ClobberMemory();
  }
  state.counters["values/s"] =
      benchmark::Counter(static_cast<double>(state.range(0)) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

BENCHMARK(mixture)->Arg(1'000'000)->Arg(4096)->Unit(benchmark::kMicrosecond);
BENCHMARK(mixture_by_hand)->Arg(1'000'000)->Arg(4096)->Unit(benchmark::kMicrosecond);

}  // namespace
