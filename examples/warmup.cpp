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
    if (machine_code_from == 0 && report.tiles[mc::Backend::llvm] > 0) machine_code_from = call;
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

// clang-format off
/* prints, on two cores of an Intel Xeon with AVX-512
call                1         2         3        10       100      1000   microseconds a call, and those of each stage
interpreter    1072.1     280.4     256.8     260.4     344.1     155.0   The slowest run took 7.66 times longer than the fastest.
    parse           37.2
    check          187.2
    check           26.8
    lower           82.3
    simplify        40.6
    contract        27.2
    expand          37.8
    simplify        22.6
    bounds           2.3
    assemble       137.3
auto            567.3     165.1     164.2     162.6     163.6      79.2   The slowest run took 7.69 times longer than the fastest; machine code from call 232.
    parse           16.2
    check           55.0
    check           14.3
    lower           50.4
    simplify        27.4
    contract        17.2
    expand          37.6
    simplify        17.2
    bounds           1.6
    assemble        87.5
    load          3821.4
    start         1910.8
    emit          1777.8
    codegen      13352.2
    link           254.2
llvm           9381.4      89.2      84.9      98.3      78.5      78.4   The slowest run took 128.46 times longer than the fastest; machine code from call 1.
    parse           16.9
    check           48.9
    check           14.6
    lower           52.9
    simplify        26.3
    contract        17.4
    expand          18.7
    simplify        15.8
    bounds           1.7
    assemble        85.4
    start            1.8
    emit           419.3
    codegen       8191.5
    link           159.8
*/
