// How long the first call takes, and what it is made of: whole processes against an empty one, and the steps
// inside a process that has done nothing before. Medians of many fresh processes, taken in turns; prints the
// table of docs/startup.md. Started with a step's name it takes that step once, or often where it is a warm
// one, and prints how many microseconds it took.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "engine/llvm/loading.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/parser.hpp"

namespace {

const std::string kProgram = "x ~ uniform(0,1)^2; E[sum(x_i^2)]";

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// ---------------------------------------------------------------- inside a process

/// Of this thread: what else the machine does shows in its caches only.
double cpu_microseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

double microseconds(const std::function<void()>& work) {
  const double start = cpu_microseconds();
  work();
  return cpu_microseconds() - start;
}

mc::Estimate estimate(const std::string& program) {
  return mc::compile(program).estimate({.samples = 10'000});
}

/// Programs that nobody has seen before, after one that warms the process up.
double new_estimate() {
  estimate(kProgram);
  std::vector<double> times;
  for (int k = 2; k < 102; ++k) {
    const std::string program = fmt::format("x ~ uniform(0,{})^2; E[sum(x_i^2)]", k);
    times.push_back(microseconds([&] { estimate(program); }));
  }
  return median(times);
}

double next_compile() {
  (void)mc::compile("x*x + y*y");
  std::vector<double> times;
  for (int k = 0; k < 1000; ++k) times.push_back(microseconds([] { (void)mc::compile("x*x + y*y"); }));
  return median(times);
}

double warm_call() {
  const mc::Moment moment = mc::compile(kProgram);
  const mc::Options options{.samples = 100, .backend = mc::Backend::llvm, .threads = 1};
  (void)moment.estimate(options);
  std::vector<double> times;
  for (int k = 0; k < 100; ++k)
    times.push_back(microseconds([&] {
                      for (int j = 0; j < 1000; ++j) (void)moment.estimate(options);
                    }) /
                    1000);
  return median(times);
}

/// How many signatures there are more after a hundred values of a parameter.
double new_signatures() {
  const mc::Moment moment = mc::compile("x ~ uniform(0,1)^2; E[sum((a*x_i)^2)]");
  const auto with = [&](double a) {
    (void)moment.estimate({.samples = 1000, .parameters = {{"a", a}}, .backend = mc::Backend::llvm});
  };
  with(1);
  const std::size_t before = moment.signatures().size();
  for (int k = 2; k < 102; ++k) with(k);
  return static_cast<double>(moment.signatures().size() - before);
}

mc::ir::Kernel kernel(double to) {
  const std::string text = fmt::format("x ~ uniform(0,{})^2; E[sum(x_i^2)]", to);
  const mc::language::Checked checked = mc::language::check({mc::language::parse(text).program, {}}, {});
  return mc::passes::lower(mc::language::lower(checked.model, mc::random::Generator::xoshiro256pp, false));
}

/// A width that is refused before LLVM is asked: the module is opened, and no more.
void load() {
  mc::jit::Options wrong;
  wrong.vector_bits = 1;
  try {
    mc::jit::load_and_compile({}, wrong);
  } catch (const mc::jit::Error&) {
  }
}

using Timing = mc::jit::Timing;

/// What the first compile takes, or a stage of it: its share of the whole, by the clock.
double first_llvm(double (*stage)(const Timing&)) {
  load();
  const mc::ir::Kernel first = kernel(1);
  Timing timing;
  const double all = microseconds([&] { timing = mc::jit::load_and_compile(first)->timing(); });
  return all * stage(timing) / timing.total_ms();
}

double later_llvm() {
  mc::jit::load_and_compile(kernel(1));
  std::vector<double> times;
  for (int k = 2; k < 32; ++k) {
    const mc::ir::Kernel next = kernel(k);
    times.push_back(microseconds([&] { mc::jit::load_and_compile(next); }));
  }
  return median(times);
}

const std::map<std::string, std::function<double()>> kSteps = {
    {"first estimate", [] { return microseconds([] { estimate(kProgram); }); }},
    {"new estimate", new_estimate},
    {"first compile", [] { return microseconds([] { (void)mc::compile("x*x + y*y"); }); }},
    {"next compile", next_compile},
    {"warm call", warm_call},
    {"new signatures", new_signatures},
    {"load", [] { return microseconds(load); }},
    {"first llvm", [] { return first_llvm([](const Timing& t) { return t.total_ms(); }); }},
    {"start", [] { return first_llvm([](const Timing& t) { return t.start_ms; }); }},
    {"emit", [] { return first_llvm([](const Timing& t) { return t.emit_ms; }); }},
    {"codegen", [] { return first_llvm([](const Timing& t) { return t.codegen_ms; }); }},
    {"link", [] { return first_llvm([](const Timing& t) { return t.link_ms; }); }},
    {"later llvm", later_llvm},
};

// ---------------------------------------------------------------- whole processes

struct Cost {
  double wall_ms, cpu_ms, faults;
  std::string output;
};

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) * 1e-3;
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 256> block;
  for (ssize_t got = 0; (got = read(fd, block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  close(fd);
  return text;
}

Cost process(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) != 0)
    throw std::runtime_error("cannot start " + command[0]);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[1]);
  std::string output = read_to_end(pipe[0]);
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  if (status != 0) throw std::runtime_error(command[0] + " failed");
  return {wall.count(), milliseconds(used.ru_utime) + milliseconds(used.ru_stime),
          static_cast<double>(used.ru_minflt), std::move(output)};
}

struct Row {
  std::string what, goal;
  std::vector<std::string> command;
  std::vector<double> wall{}, cpu{}, faults{}, told{};
};

void measure(std::vector<Row>& rows, int rounds) {
  for (int round = 0; round < rounds; ++round)
    for (Row& row : rows) {
      const Cost cost = process(row.command);
      row.wall.push_back(cost.wall_ms);
      row.cpu.push_back(cost.cpu_ms);
      row.faults.push_back(cost.faults);
      row.told.push_back(std::atof(cost.output.c_str()));
    }
}

std::string time_text(double us) {
  return us < 100 ? fmt::format("{:.2g} µs", us) : fmt::format("{:.3g} ms", us / 1000);
}

void print_processes(const std::vector<Row>& rows) {
  fmt::print("| whole process | goal | wall | CPU | page faults |\n| --- | --- | --- | --- | --- |\n");
  for (const Row& row : rows)
    fmt::print("| {} | {} | {:.1f} ms | {:.1f} ms | {:.0f} |\n", row.what, row.goal, median(row.wall),
               median(row.cpu), median(row.faults));
}

void print_steps(const std::vector<Row>& rows) {
  fmt::print("\n| inside a fresh process | goal | CPU |\n| --- | --- | --- |\n");
  for (const Row& row : rows)
    fmt::print("| {} | {} | {} |\n", row.what, row.goal,
               row.command.back() == "new signatures" ? fmt::format("{:g}", median(row.told))
                                                      : time_text(median(row.told)));
}

void table(const std::string& self, const std::string& moment, const std::string& folder, int rounds) {
  const auto eval = [&](const char* back_end) {
    return std::vector<std::string>{moment, "eval", kProgram, "--samples", "1e4", "--backend", back_end};
  };
  std::vector<Row> processes = {
      {"an empty C++ program", "", {folder + "/empty_program"}},
      {"the same, linked as moment is", "", {folder + "/empty_linked_as_moment"}},
      {"`moment --version`", "", {moment, "--version"}},
      {"`moment eval`, 10⁴ samples, n = 2", "8 ms", eval("auto")},
      {"the same with `--backend llvm`", "", eval("llvm")},
  };
  const auto step = [&](const char* what, const char* goal, const char* name) {
    return Row{what, goal, {self, name}};
  };
  std::vector<Row> steps = {
      step("first estimate, compile() to value, 10⁴ samples, n = 2", "0.3 ms", "first estimate"),
      step("the same for a program that is new, later in a process", "0.3 ms", "new estimate"),
      step("the module with LLVM in it is opened", "", "load"),
      step("first compile by LLVM after that", "10 ms", "first llvm"),
      step("of it: LLVM is set up", "", "start"),
      step("of it: LLVM IR is written", "", "emit"),
      step("of it: machine code", "", "codegen"),
      step("of it: linking", "", "link"),
      step("a later compile by LLVM", "", "later llvm"),
      step("a warmed call of 100 samples, n = 2", "1 µs", "warm call"),
      step("`mc::compile(\"x*x + y*y\")`, the first", "", "first compile"),
      step("`mc::compile(\"x*x + y*y\")`, later ones", "30 µs", "next compile"),
      step("signatures that 100 values of a parameter add", "0", "new signatures"),
  };
  measure(processes, rounds);
  measure(steps, std::max(rounds / 4, 1));
  print_processes(processes);
  print_steps(steps);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 2) {
    fmt::print("{}\n", kSteps.at(argv[1])());
  } else if (argc == 4) {
    table(argv[0], argv[1], argv[2], std::atoi(argv[3]));
  } else {
    fmt::print(stderr, "first_call MOMENT FOLDER_OF_EMPTY_PROGRAMS ROUNDS, or a step's name\n");
    return 2;
  }
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
