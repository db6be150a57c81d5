// What a process's first machine code takes, compiled and from the disk, stage by stage: each in a new
// process, which is this program with other arguments. Times are medians.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <mc/mc.hpp>

#include "engine/cache/disk.hpp"
#include "engine/ir/text.hpp"
#include "engine/llvm/kept.hpp"
#include "engine/llvm/loading.hpp"

namespace {

const char* const kPrograms[] = {
    "x ~ uniform(0, 1)^2; E[sum(x_i^2)]",
    "z ~ normal(0, 1)^12; S = 100*exp(cumsum(0.0025 + 0.0577*z)); E[max(mean(S) - 105, 0)]",
    "p ~ uniform(0, 1); E[binomial.icdf(p, 20, 0.3)]",
};

enum class From { compiler, disk };

constexpr char kFirst[] = "--first";

/// What the new process does: --first KERNEL FOLDER KEEP.
int first(char** arguments) {
  std::ifstream file(arguments[0]);
  std::stringstream text;
  text << file.rdbuf();
  const mc::cache::Disk disk(arguments[1]);
  const mc::jit::Options options;
  const mc::ir::Kernel kernel = mc::ir::parse(text.str()).value();
  const std::string key = mc::jit::key_of(kernel, options, text.str());
  auto code = mc::jit::from_disk(disk, key, kernel, options);
  if (!code) code = mc::jit::load_and_compile(kernel, options);
  if (*arguments[2] == '1') disk.put(key, mc::jit::packed(*code));
  return std::fwrite(&code->timing(), sizeof(mc::jit::Timing), 1, stdout) == 1 ? 0 : 1;
}

mc::jit::Timing first_in_a_process(const std::string& folder, bool keep) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe"), space = " ";
  const std::string command =
      self + space + kFirst + space + folder + "/kernel " + folder + "/cache " + (keep ? "1" : "0");
  FILE* out = popen(command.c_str(), "r");
  mc::jit::Timing timing;
  const bool is_told = std::fread(&timing, sizeof timing, 1, out) == 1;
  if (pclose(out) != 0 || !is_told) throw std::runtime_error(command);
  return timing;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.at(values.size() / 2);
}

void measure(benchmark::State& state, From from) {
  const mc::Moment moment = mc::compile(kPrograms[state.range(0)]);
  std::string folder = "/tmp/moment-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error(folder);
  std::ofstream(folder + "/kernel") << moment.inspect(mc::Stage::ir);
  if (from == From::disk) first_in_a_process(folder, true);
  std::vector<double> total, on_disk, start, emit, codegen, link;
  for (auto _ : state) {
    const mc::jit::Timing timing = first_in_a_process(folder, false);
    state.SetIterationTime(timing.total_ms() / 1000);
    total.push_back(timing.total_ms()), on_disk.push_back(timing.disk_ms), start.push_back(timing.start_ms);
    emit.push_back(timing.emit_ms), codegen.push_back(timing.codegen_ms), link.push_back(timing.link_ms);
  }
  std::filesystem::remove_all(folder);
  state.counters["total_ms"] = median(total), state.counters["disk_ms"] = median(on_disk);
  state.counters["start_ms"] = median(start), state.counters["emit_ms"] = median(emit);
  state.counters["codegen_ms"] = median(codegen), state.counters["link_ms"] = median(link);
}

void compiled(benchmark::State& state) { measure(state, From::compiler); }
void from_disk(benchmark::State& state) { measure(state, From::disk); }
BENCHMARK(compiled)->DenseRange(0, 2)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(15);
BENCHMARK(from_disk)->DenseRange(0, 2)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(101);

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::string(argv[1]) == kFirst) return first(argv + 2);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
