// No warm-up: how long calls 1, 2, 3, 10, 100 and 1000 of a moment take by each back end, in one process.
// Each has a program of its own, so that none finds another's machine code. Run by tests/docs;
// docs/startup.md shows more.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <mc/mc.hpp>

using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

// The first call is timed from the text on: parsing, checking and compiling are part of it.
void show(const char* name, mc::Backend backend, const char* program) {
  std::vector<double> calls;
  int machine_code_from = 0;
  auto begin = Clock::now();
  const mc::Moment f = mc::compile(program);
  for (int call = 1; call <= 1000; ++call) {
    const mc::Report report = f.run({.samples = 100'000, .backend = backend, .threads = 1});
    calls.push_back(microseconds(Clock::now() - begin));
    if (machine_code_from == 0 && report.tiles_llvm > 0) machine_code_from = call;
    begin = Clock::now();
  }

  std::printf("%-11s", name);
  for (const std::size_t call : {1, 2, 3, 10, 100, 1000}) std::printf(" %9.1f", calls[call - 1]);
  std::printf("   The slowest run took %.2f times longer than the fastest",
              std::ranges::max(calls) / std::ranges::min(calls));
  if (machine_code_from != 0) std::printf("; machine code from call %d", machine_code_from);
  std::printf(".\n");
  const mc::Signature made = f.signatures().at(0);
  for (const mc::Stretch& stage : made.timing.stages)
    std::printf("    %-10.*s %9.1f\n", static_cast<int>(stage.name.size()), stage.name.data(),
                microseconds(stage.length));
}

int main() {
  mc::use_no_cache();  // else machine code of an earlier run of this program would be found
  std::printf("%-11s %9d %9d %9d %9d %9d %9d   microseconds a call, and those of each stage\n", "call", 1, 2,
              3, 10, 100, 1000);
  show("interpreter", mc::Backend::interpreter, "x ~ uniform(0, 1)^2; E[sum(x_i^2)]");
  show("auto", mc::Backend::automatic, "x ~ uniform(0, 2)^2; E[sum(x_i^2)]");
  show("llvm", mc::Backend::llvm, "x ~ uniform(0, 3)^2; E[sum(x_i^2)]");
}
