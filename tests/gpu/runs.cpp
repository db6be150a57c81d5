// What a run may be asked for beside its samples, on a device: to stop, a goal, a part far out, to leave
// samples out; and what `auto` makes of a device. Each has the CPU's bits.
#include <chrono>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "tests/gpu/check.hpp"

namespace mc::gpu {
namespace {

constexpr const char *kSquares = "x ~ uniform(0, 1)^10; E[sum(x_i^2)]",
                     *kLong =
                         "x ~ uniform(0, 1)^100000; E[sum(x_i^2)]";  ///< a kernel that looks for the stop

/// Nobody is to wait longer: two batches of 10 ms and what a busy machine adds.
constexpr double kMostMsToStop = 100;

std::string in_bits(const Report& report) {
  if (report.results.empty()) return "nothing";
  const Estimate& first = report.results[0].estimate;
  return fmt::format("{} samples, {:a} ± {:a}", report.samples, first.value, first.standard_error);
}

Cells compared(const Report& cpu, const Report& gpu, const std::string& cells) {
  return told(same(cpu, gpu), cells, [&] { return in_bits(cpu) + " by the CPU and " + in_bits(gpu); });
}

/// By the device and by the CPU.
Cells both(const char* program, Options options) {
  const Moment moment = compile(program);
  options.backend = Backend::cuda;
  const Report gpu = moment.run(options);
  options.backend = Backend::interpreter;
  return compared(moment.run(options), gpu, fmt::format("{:.3g} samples", static_cast<double>(gpu.samples)));
}

/// A stop after so long: when it returns, and whether the tiles done are the first ones, with their bits.
Cells stopped(const char* program, std::uint64_t samples, std::chrono::milliseconds after,
              bool is_rehearsal) {
  using Clock = std::chrono::steady_clock;
  const Moment moment = compile(program);
  Options options{.samples = 1, .backend = Backend::cuda};
  (void)moment.run(options);  // so that the kernel is there
  options.samples = samples;
  std::stop_source stop;
  options.stop = stop.get_token();
  Clock::time_point asked = Clock::time_point::max();
  std::jthread soon([&] {
    std::this_thread::sleep_for(after);
    asked = Clock::now();
    stop.request_stop();
  });
  Report gpu = moment.run(options);
  const auto end = Clock::now();
  soon.join();
  const double ms = std::chrono::duration<double, std::milli>(end - asked).count();
  const std::string cells =
      fmt::format("{:.3g} samples, back {:.1f} ms after the stop", static_cast<double>(gpu.samples), ms);
  if (ms > kMostMsToStop && !is_rehearsal) return {cells + " | **late**", false};
  if (gpu.samples == 0) return {cells + " | the same"};
  Report cpu = moment.run({.samples = gpu.samples, .backend = Backend::interpreter});
  cpu.warnings = gpu.warnings = {};  // of a stop
  return compared(cpu, gpu, cells);
}

/// Told of what is done, up to the whole.
Cells told_of(std::uint64_t samples) {
  const Moment moment = compile(kSquares);
  std::uint64_t last = 0, times = 0;
  const Report gpu =
      moment.run({.samples = samples, .backend = Backend::cuda, .progress = [&](const Progress& progress) {
                    ++times;
                    last = std::max(last, progress.samples_done);
                  }});
  return told(last == samples && gpu.samples == samples, fmt::format("told {} times", times),
              [&] { return fmt::format("{} samples at the last", last); });
}

/// The first run finds no kernel, and may be over before there is one; later ones are to use it.
Cells by_choice(std::uint64_t samples, bool is_rehearsal) {
  const Moment moment = compile(kSquares);
  std::string cells;
  Report last, first;
  for (int k = 0; k < 3; ++k) {
    const double ms = milliseconds([&] { last = moment.run({.samples = samples}); });
    if (k == 0) first = last;
    const std::uint64_t there = last.tiles[Backend::cuda];
    cells += fmt::format("{}{:.0f} ms ({} % there)", k > 0 ? ", " : "", ms,
                         100 * there / std::max<std::uint64_t>(1, samples / 8192));
  }
  if (!is_rehearsal && last.tiles[Backend::cuda] == 0) return {cells + " | **the CPU alone**", false};
  return compared(first, last, cells);
}

}  // namespace

std::vector<Row> runs(double share) {
  using namespace std::chrono_literals;
  const auto many = [share](double samples) {
    return static_cast<std::uint64_t>(std::max(1e4, samples * share));
  };
  const bool is_rehearsal = share < 1;
  return {
      {"stopped after 5 ms", [=] { return stopped(kSquares, many(1e12), 5ms, is_rehearsal); }},
      {"stopped amid a tile", [=] { return stopped(kLong, many(1e9), 20ms, is_rehearsal); }},
      {"to a goal", [=] { return both(kSquares, {.samples = many(1e9), .target_error = 1e-4}); }},
      {"samples left out",
       [=] {
         return both("x ~ uniform(-1, 1); E[log(x)]", {.samples = many(1e7), .nonfinite = Nonfinite::drop});
       }},
      {"a part far out",
       [] {
         return both(kSquares, {.samples = 10'000'000'000'000'000, .part = {999'999'999, 1'000'000'000}});
       }},
      {"many batches", [=] { return both(kSquares, {.samples = many(2e9)}); }},
      {"progress", [=] { return told_of(many(2e11)); }},
      {"auto, three times", [=] { return by_choice(many(5e10), is_rehearsal); }},
  };
}

}  // namespace mc::gpu
