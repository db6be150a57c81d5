// Programs that are sampled: the whole table in both precisions, every eighth by other generators, and
// what the table has not: parameters, data of the caller's, runs of many batches.
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "tests/engine/cuda/program_table.hpp"
#include "tests/gpu/check.hpp"

namespace mc::gpu {
namespace {

struct Program {
  std::string text;
  Parameters parameters = {};
  Generator generator = Generator::xoshiro256pp;
  double share = 1;  ///< of the samples
};

/// One for each kind of kernel.
std::vector<Program> of_all_kinds() {
  return {
      {"x ~ uniform(0, 1)^10; E[sum(x_i^2)]"},
      {"x ~ normal(0, 1)^7; Var[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]"},        // rows of scratch
      {"x ~ gamma(0.4, 2)^6; k ~ poisson(sum(x)); y ~ beta(2, k + 1); E[y*k]"},  // loops that settle
      {"x ~ normal(0, 1)^2; Corr[x_1, x_1*x_2 | x_1 > 1]"},                      // power sums
      {"x ~ uniform(0, 1)^5; E[x_1], E[x_2], E[x_3], E[x_4], E[x_5], E[x_1*x_2], Var[x_1]"},  // many columns
      {"x ~ uniform(-1, 1); E[log(x)]"},  // to be screened
      {"x ~ normal(0, 1)^3; Var[max(x)*exp(x_1)]", {}, Generator::philox4x32},
      {"z ~ normal(0, 1)^3; E[max(S*exp(s*z_1) - K, 0)], Var[sum(a_i*z_i)]",
       {{"S", 100}, {"s", 0.2}, {"K", 105}, {"a", {1, -2, 0.5}}}},
      {"x ~ data(A); E[x], Var[x^2]", {{"A", {1, -0.0, 1e300, 5e-324, 7}}}},
      {"x ~ data(A); E[x_1*x_2]", {{"A", {{1, 2}, {3, 4}, {5, 7}}}}},
      {"x ~ uniform(0, 1)^2; E[x_1*x_2]", {}, Generator::xoshiro256pp, 100},  // many batches
  };
}

std::vector<Program> all() {
  std::vector<Program> programs = of_all_kinds();
  const std::vector<std::string> table = testing::program_table();
  for (const std::string& text : table) programs.push_back({text});
  for (const auto& [name, generator] : generators())
    if (generator != Options{}.generator)
      for (std::size_t k = 0; k < table.size(); k += 8) programs.push_back({table[k], {}, generator});
  return programs;
}

Report run_by(Backend backend, const Moment& moment, Options options, std::uint64_t samples) {
  options.backend = backend;
  options.samples = samples;
  Report report = moment.run(options);
  if (report.stopped) throw std::runtime_error(report.warnings.empty() ? "stopped" : report.warnings.back());
  return report;
}

/// The first query that differs, and by how few tiles it does already.
std::string difference(const Moment& moment, const Options& options, const Report& cpu, const Report& gpu) {
  std::uint64_t samples = 8192;
  while (samples < cpu.samples && same(run_by(Backend::interpreter, moment, options, samples),
                                       run_by(Backend::cuda, moment, options, samples)))
    samples *= 2;
  std::string words = fmt::format("from {} samples on", std::min(samples, cpu.samples));
  for (std::size_t k = 0; k < std::min(cpu.results.size(), gpu.results.size()); ++k) {
    const Estimate &a = cpu.results[k].estimate, &b = gpu.results[k].estimate;
    if (!same(a, b))
      return fmt::format("{}, {}: {:a} ± {:a} by the CPU and {:a} ± {:a}", words,
                         in_cell(cpu.results[k].query), a.value, a.standard_error, b.value, b.standard_error);
  }
  return words;
}

Cells compare(const Program& program, std::uint64_t samples, Precision precision) {
  const Moment moment = compile(program.text);
  const Options options{
      .parameters = program.parameters, .generator = program.generator, .precision = precision};
  const auto wanted = static_cast<std::uint64_t>(static_cast<double>(samples) * program.share);
  Report cpu, gpu;
  const double cpu_ms = milliseconds([&] { cpu = run_by(Backend::interpreter, moment, options, wanted); });
  const double gpu_ms = milliseconds([&] { gpu = run_by(Backend::cuda, moment, options, wanted); });
  return told(same(cpu, gpu),
              fmt::format("{:.10g} | {:.1f} ms | {:.1f} ms", gpu.results[0].estimate.value, cpu_ms, gpu_ms),
              [&] { return difference(moment, options, cpu, gpu); });
}

}  // namespace

bool same(const Estimate& a, const Estimate& b) {
  return same_bits(a.value, b.value) && same_bits(a.standard_error, b.standard_error) &&
         a.samples == b.samples && a.nonfinite == b.nonfinite && a.warnings == b.warnings;
}

bool same(const Report& a, const Report& b) {
  const auto each = [](const auto& x, const auto& y) { return same(x.estimate, y.estimate); };
  return std::ranges::equal(a.results, b.results, each) &&
         std::ranges::equal(a.integrals, b.integrals, each) && a.samples == b.samples &&
         a.warnings == b.warnings;
}

std::vector<Row> moments(std::uint64_t samples, std::size_t every, bool kinds) {
  const std::vector<Program> programs = kinds ? of_all_kinds() : all();
  std::vector<Row> rows;
  for (std::size_t k = 0; k < programs.size(); k += every)
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      const Generator generator = programs[k].generator;
      const std::string other =
          generator == Options{}.generator
              ? ""
              : fmt::format(" {}", generators()[static_cast<std::size_t>(generator)].first);
      rows.push_back(
          {fmt::format("`{}` | {}{}", in_cell(programs[k].text), precision == Precision::f64 ? "f64" : "f32",
                       other),
           [program = programs[k], samples, precision] { return compare(program, samples, precision); }});
    }
  return rows;
}

}  // namespace mc::gpu
