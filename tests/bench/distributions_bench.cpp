// Samples a second of every distribution: E[x] through <mc/mc.hpp> on one thread, beside the C++ standard
// library's sampler where it has one. `tests/bench/distributions` sets NumPy's Generator beside both.
#include <cstdint>
#include <random>

#include <benchmark/benchmark.h>
#include <mc/mc.hpp>

namespace {

constexpr std::uint64_t kSamples = 2'000'000;

void rate(benchmark::State& state) {
  state.counters["samples/s"] = benchmark::Counter(
      static_cast<double>(kSamples) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void moment(benchmark::State& state, const char* program) {
  const mc::Moment moment = mc::compile(program);
  const mc::Options options{.samples = kSamples, .backend = mc::Backend::llvm, .threads = 1};
  benchmark::DoNotOptimize(moment.estimate(options));
  for (auto _ : state) benchmark::DoNotOptimize(moment.estimate(options));
  rate(state);
}

/// Mean and square of what the sampler gives, as a user would write it.
template <class Distribution>
void standard(benchmark::State& state, Distribution distribution) {
  std::mt19937_64 engine(1);
  for (auto _ : state) {
    double sum = 0, squares = 0;
    for (std::uint64_t k = 0; k < kSamples; ++k) {
      const auto x = static_cast<double>(distribution(engine));
      sum += x, squares += x * x;
    }
    benchmark::DoNotOptimize(sum), benchmark::DoNotOptimize(squares);
  }
  rate(state);
}

#define MOMENT(name, program) BENCHMARK_CAPTURE(moment, name, program)->Unit(benchmark::kMillisecond)
#define STANDARD(name, ...) BENCHMARK_CAPTURE(standard, name, __VA_ARGS__)->Unit(benchmark::kMillisecond)

MOMENT(uniform, "x ~ uniform(0, 1); E[x]");
STANDARD(uniform, std::uniform_real_distribution(0.0, 1.0));
MOMENT(normal, "x ~ normal(0, 1); E[x]");
STANDARD(normal, std::normal_distribution(0.0, 1.0));
MOMENT(lognormal, "x ~ lognormal(0, 0.5); E[x]");
STANDARD(lognormal, std::lognormal_distribution(0.0, 0.5));
MOMENT(exponential, "x ~ exponential(1); E[x]");
STANDARD(exponential, std::exponential_distribution(1.0));
MOMENT(laplace, "x ~ laplace(0, 1); E[x]");
MOMENT(logistic, "x ~ logistic(0, 1); E[x]");
MOMENT(gumbel, "x ~ gumbel(0, 1); E[x]");
STANDARD(gumbel, std::extreme_value_distribution(0.0, 1.0));
MOMENT(weibull, "x ~ weibull(1.5, 1); E[x]");
STANDARD(weibull, std::weibull_distribution(1.5, 1.0));
MOMENT(cauchy, "x ~ cauchy(0, 1); E[x]");
STANDARD(cauchy, std::cauchy_distribution(0.0, 1.0));
MOMENT(pareto, "x ~ pareto(1, 5); E[x]");
MOMENT(triangular, "x ~ triangular(0, 1, 0.3); E[x]");
MOMENT(gamma, "x ~ gamma(2.5, 1); E[x]");
STANDARD(gamma, std::gamma_distribution(2.5, 1.0));
MOMENT(gamma_small, "x ~ gamma(0.5, 1); E[x]");
STANDARD(gamma_small, std::gamma_distribution(0.5, 1.0));
MOMENT(chisquare, "x ~ chisquare(3); E[x]");
STANDARD(chisquare, std::chi_squared_distribution(3.0));
MOMENT(beta, "x ~ beta(2, 3); E[x]");
MOMENT(studentt, "x ~ studentt(5); E[x]");
STANDARD(studentt, std::student_t_distribution(5.0));
MOMENT(bernoulli, "x ~ bernoulli(0.3); E[x]");
STANDARD(bernoulli, std::bernoulli_distribution(0.3));
MOMENT(geometric, "x ~ geometric(0.3); E[x]");
STANDARD(geometric, std::geometric_distribution<std::int64_t>(0.3));
MOMENT(poisson_small, "x ~ poisson(4); E[x]");
STANDARD(poisson_small, std::poisson_distribution<std::int64_t>(4.0));
MOMENT(poisson_large, "x ~ poisson(100); E[x]");
STANDARD(poisson_large, std::poisson_distribution<std::int64_t>(100.0));
MOMENT(binomial_small, "x ~ binomial(20, 0.3); E[x]");
STANDARD(binomial_small, std::binomial_distribution<std::int64_t>(20, 0.3));
MOMENT(binomial_large, "x ~ binomial(1000, 0.3); E[x]");
STANDARD(binomial_large, std::binomial_distribution<std::int64_t>(1000, 0.3));
MOMENT(dirichlet, "x ~ dirichlet([2, 3, 4]); E[x_1]");
MOMENT(mvnormal, "x ~ mvnormal([0, 0, 0], [[2, 1, 0], [1, 2, 1], [0, 1, 2]]); E[x_1*x_3]");

}  // namespace
