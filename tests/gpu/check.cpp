// What a machine with a GPU is asked, in one program that needs neither a compiler nor LLVM nor a network
// there:
//
//   gpu_check prepare FOLDER ARCHITECTURE…   makes machine code of all programs here, by NVRTC, for there
//   gpu_check bits [SAMPLES [EVERY]]         every program on the GPU and on the CPU: the same bits?
//   gpu_check speed [SHARE]                  the benchmark; below 1 a rehearsal, with a share of the samples
//
// Tables go to stdout. Machine code is taken from MC_CACHE_DIR. tests/gpu/run does it all.
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "engine/cache/disk.hpp"
#include "engine/cuda/kept.hpp"
#include "tests/engine/cuda/programs.hpp"

namespace {

using namespace mc;

double milliseconds(auto work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// The benchmark's programs: the three, by what a sample is counted as.
struct Speed {
  const char *name, *program, *unit;
  double units;    ///< a sample
  double samples;  ///< of the run
};

constexpr Speed kSpeeds[] = {
    {"sum(x_i^2), n = 10", "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", "coordinates", 10, 2e10},
    {"European call", "z ~ normal(0, 1); E[max(100*exp(0.2*z - 0.02) - 105, 0)]", "samples", 1, 2e10},
    {"Asian call, 252 steps",
     "z ~ normal(0, 1)^252; S = 100*exp(cumsum((0.05 - 0.02)/252 + 0.2*sqrt(1/252)*z)); "
     "E[exp(-0.05)*max(mean(S) - 100, 0)]",
     "steps", 252, 1e8},
};

int prepare(const std::string& folder, const std::vector<int>& architectures) {
  const cache::Disk disk(folder);
  std::vector<std::string> programs = testing::program_table();
  for (const Speed& speed : kSpeeds) programs.push_back(speed.program);
  std::size_t kept = 0, missing = 0;
  for (const int architecture : architectures)
    for (const bool single : {false, true})
      for (const std::string& text : programs) {
        const testing::Program program(text, {.single = single});
        const std::string source = program.source().text;
        const std::string key = cuda::key_of(source, architecture, program.kernel().nodes.size());
        const cuda::Assembled made = cuda::Nvrtc::get().compile(source, architecture);
        const bool is_kept = !made.cubin.empty() && disk.put(key, cuda::packed(made));
        ++(is_kept ? kept : missing);
      }
  fmt::print("{} kernels in {}, {} could not be kept\n", kept, folder, missing);
  return missing == 0 ? 0 : 1;
}

std::uint64_t bits_of(double x) { return std::bit_cast<std::uint64_t>(x); }

bool same(const Report& a, const Report& b) {
  bool all = a.results.size() == b.results.size() && a.samples == b.samples;
  for (std::size_t k = 0; all && k < a.results.size(); ++k) {
    const Estimate &x = a.results[k].estimate, &y = b.results[k].estimate;
    const auto equal = [](double v, double w) { return bits_of(v) == bits_of(w) || (v != v && w != w); };
    all = equal(x.value, y.value) && equal(x.standard_error, y.standard_error) && x.nonfinite == y.nonfinite;
  }
  return all;
}

int bits(std::uint64_t samples, std::size_t every) {
  const std::vector<std::string> programs = testing::program_table();
  std::size_t equal = 0, all = 0;
  fmt::print("| program | precision | value | CPU | GPU | bits |\n| --- | --- | --- | --- | --- | --- |\n");
  for (std::size_t k = 0; k < programs.size(); k += every)
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      const Moment moment = compile(programs[k]);
      Options options{.samples = samples, .backend = Backend::interpreter, .precision = precision};
      Report cpu, gpu;
      const double cpu_ms = milliseconds([&] { cpu = moment.run(options); });
      options.backend = Backend::cuda;
      const double gpu_ms = milliseconds([&] { gpu = moment.run(options); });
      const bool is_same = same(cpu, gpu);
      ++all, equal += is_same ? 1 : 0;
      fmt::print("| `{}` | {} | {:.10g} | {:.1f} ms | {:.1f} ms | {} |\n", programs[k],
                 precision == Precision::f64 ? "f64" : "f32", gpu.results[0].estimate.value, cpu_ms, gpu_ms,
                 is_same ? "the same" : "**others**");
    }
  fmt::print("\n{} of {} the same, {} samples each\n", equal, all, samples);
  return equal == all ? 0 : 1;
}

void speed(const Speed& of, Precision precision, double share) {
  const Moment moment = compile(of.program);
  const Options options{.samples = static_cast<std::uint64_t>(std::max(1.0, of.samples * share)),
                        .backend = Backend::cuda,
                        .precision = precision};
  Report first;
  const double load_ms = milliseconds(
      [&] { first = moment.run({.samples = 1, .backend = Backend::cuda, .precision = precision}); });
  const bool is_rehearsal = share < 1;
  const std::uint64_t small = is_rehearsal ? 1000 : 1'000'000;
  double best_ms = 1e300, small_ms = 1e300;
  for (int k = 0; k < 3; ++k) best_ms = std::min(best_ms, milliseconds([&] { moment.run(options); }));
  for (int k = 0; k < (is_rehearsal ? 2 : 100); ++k)
    small_ms =
        std::min(small_ms, milliseconds([&] {
                   moment.estimate({.samples = small, .backend = Backend::cuda, .precision = precision});
                 }));
  fmt::print("| {} | {} | {:.3g} {}/s | {:.0f} µs | {:.1f} ms, from {} |\n", of.name,
             precision == Precision::f64 ? "f64" : "f32",
             static_cast<double>(options.samples) * of.units / best_ms * 1e3, of.unit, small_ms * 1e3,
             load_ms, first.timing.cache == "disk" ? "disk" : "NVRTC");
}

int speeds(double share) {
  const Report report = compile("E[2]").run({.samples = 1, .backend = Backend::cuda});
  fmt::print(
      "On {}.\n\n| program | precision | best of 3 | 10⁶ samples | first call |\n| --- | --- | --- | --- | "
      "--- |\n",
      report.device);
  for (const Speed& of : kSpeeds)
    for (const Precision precision : {Precision::f64, Precision::f32}) speed(of, precision, share);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t k, double otherwise) {
    return words.size() > k ? std::strtod(words[k].c_str(), nullptr) : otherwise;
  };
  try {
    if (words.size() > 2 && words[0] == "prepare") {
      std::vector<int> architectures;
      for (std::size_t k = 2; k < words.size(); ++k) architectures.push_back(static_cast<int>(number(k, 0)));
      return prepare(words[1], architectures);
    }
    if (!words.empty() && words[0] == "bits")
      return bits(static_cast<std::uint64_t>(number(1, 1e6)), static_cast<std::size_t>(number(2, 1)));
    if (!words.empty() && words[0] == "speed") return speeds(number(1, 1));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  fmt::print(stderr, "gpu_check prepare FOLDER ARCHITECTURE… | bits [SAMPLES [EVERY]] | speed [SHARE]\n");
  return 2;
}
