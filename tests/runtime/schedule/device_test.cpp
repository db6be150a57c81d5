// Runs on a device: the CPU's bits, batch by batch; stopping and failing.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/schedule/run.hpp"
#include "tests/engine/kernels/lanes.hpp"
#include "tests/runtime/plain_kernel.hpp"
#include "tests/runtime/schedule/plain_device.hpp"

namespace mc::testing {
namespace {

using kernels::kTileSamples;
using kernels::Trees;
using runtime::Job;
using runtime::Outcome;
using namespace std::chrono_literals;

/// Ten seconds at most: who waits for what never comes is to fail, not to hang.
template <class Condition>
void until(Condition is_so) {
  for (int k = 0; k < 10'000 && !is_so(); ++k) std::this_thread::sleep_for(1ms);
}

Job job_of(std::uint64_t samples, const There& there) {
  return {.layout = &kLayout, .devices = there.get(), .arguments = {.seed = 1}, .samples = samples};
}

std::vector<double> by_cpu(std::uint64_t samples) {
  return runtime::run({.layout = &kLayout, .fast = &kSquare, .arguments = {.seed = 1}, .samples = samples})
      .record;
}

std::uint64_t tiles_of(const Outcome& outcome, const kernels::Executable* executable) {
  for (const Outcome::Tiles& each : outcome.executables)
    if (each.executable == executable) return each.tiles;
  return 0;
}

TEST(OnADevice, ARunGivesTheCpusBits) {
  for (const std::uint64_t samples :
       {std::uint64_t{1}, kTileSamples, kTileSamples + 1, 29 * kTileSamples + 100}) {
    const PlainDevice device(kSquare);
    const There there{&device};
    Job job = job_of(samples, there);
    job.timed = true;
    const Outcome outcome = runtime::run(job);
    EXPECT_EQ(outcome.record, by_cpu(samples)) << samples;
    EXPECT_EQ(outcome.samples, samples);
    EXPECT_FALSE(outcome.stopped);
    ASSERT_EQ(outcome.executables.size(), 1u);
    EXPECT_EQ(outcome.executables[0].executable, nullptr);
    EXPECT_EQ(outcome.executables[0].tiles, (samples - 1) / kTileSamples + 1);
    ASSERT_EQ(outcome.stretches.size(), 1u);
    EXPECT_EQ(outcome.stretches[0].tiles, outcome.executables[0].tiles);
    std::uint64_t next = 0;
    for (const Batch& batch : device.log.batches) {
      EXPECT_EQ(batch.first, std::exchange(next, next + batch.tiles));
      EXPECT_LE(batch.tiles, 4u);
    }
    EXPECT_EQ(device.log.finished, device.log.batches.size());
    EXPECT_EQ(device.log.most_under_way,
              std::min<std::size_t>(kernels::Queue::kDepth, device.log.batches.size()));
  }
}

/// It joins tiles itself, those that are not whole or have no neighbour in the batch left out.
TEST(OnADevice, TilesMayComeJoined) {
  for (const unsigned level : {1u, 2u})
    for (const bool is_wrong : {false, true}) {
      const kernels::Executable &kernel =
                                    is_wrong ? static_cast<const kernels::Executable&>(kSeldomNaN) : kSquare,
                                &reference =
                                    is_wrong ? static_cast<const kernels::Executable&>(kScreened) : kSquare;
      const PlainDevice device(kernel), screening(kScreened);
      device.log.level = level;
      screening.log.level = 1;
      const There there{&device};
      const std::uint64_t samples = 299 * kTileSamples + 100;
      Job job = job_of(samples, there);
      job.timed = true;
      if (is_wrong) job.screened = []() -> const kernels::Executable& { return kScreened; };
      job.screened_there = [&](std::size_t) { return &screening; };
      const Outcome outcome = runtime::run(job);
      EXPECT_EQ(
          outcome.record,
          runtime::run({.layout = &kLayout, .fast = &reference, .arguments = {.seed = 1}, .samples = samples})
              .record);
      EXPECT_EQ(outcome.samples, samples);
      EXPECT_EQ(tiles_of(outcome, nullptr) + tiles_of(outcome, &kScreened), 300u);
      EXPECT_EQ(screening.log.finished > 10, is_wrong);
    }
}

TEST(OnADevice, ARunGoesOnFromGoalToGoal) {
  const PlainDevice device(kSquare);
  const There there{&device};
  Job job = job_of(100 * kTileSamples, there);
  job.goal = [&](const double*, std::uint64_t done) {
    return done < 7 * kTileSamples ? done + 2 * kTileSamples : done;
  };
  const Outcome outcome = runtime::run(job);
  EXPECT_EQ(outcome.samples, 8 * kTileSamples);
  EXPECT_EQ(outcome.record, by_cpu(8 * kTileSamples));
}

/// Batches are of what is missing only, hole by hole.
TEST(OnADevice, ARunGoesOnWithWhatIsDone) {
  runtime::Done done;
  done.tiles.reset(kLayout);
  for (const std::uint64_t tile : {0, 1, 2, 3, 6, 7, 10}) {
    kernels::TileWorkspace workspace;
    workspace.reserve(kLayout, kSquare);
    kernels::compute_tile(kLayout, kSquare, {.seed = 1, .tile = tile}, kTileSamples, workspace,
                          done.tiles.fresh());
    done.tiles.add(tile, 0);
  }
  const PlainDevice device(kSquare);
  const There there{&device};
  Job job = job_of(16 * kTileSamples, there);
  job.done = &done;
  const Outcome outcome = runtime::run(job);
  EXPECT_EQ(outcome.record, by_cpu(16 * kTileSamples));
  EXPECT_EQ(outcome.reused, 7 * kTileSamples);
  std::vector<std::uint64_t> computed;
  for (const Batch& batch : device.log.batches)
    for (std::uint64_t k = 0; k < batch.tiles; ++k) computed.push_back(batch.first + k);
  std::ranges::sort(computed);
  EXPECT_EQ(computed, (std::vector<std::uint64_t>{4, 5, 8, 9, 11, 12, 13, 14, 15}));
}

TEST(OnADevice, TilesThatAreNotFiniteAreScreened) {
  const PlainDevice device(kSeldomNaN);
  const There there{&device};
  Job job = job_of(20 * kTileSamples, there);
  job.screened = []() -> const kernels::Executable& { return kScreened; };
  const Outcome outcome = runtime::run(job);
  EXPECT_EQ(
      outcome.record,
      runtime::run(
          {.layout = &kLayout, .fast = &kScreened, .arguments = {.seed = 1}, .samples = 20 * kTileSamples})
          .record);
  ASSERT_EQ(outcome.executables.size(), 2u);
  EXPECT_EQ(outcome.executables[0].tiles + outcome.executables[1].tiles, 20u);
}

TEST(OnADevice, AStopKeepsWhatIsDone) {
  const PlainDevice device(kSquare);
  const There there{&device};
  std::stop_source stop;
  Job job = job_of(1'000'000 * kTileSamples, there);
  job.stop = stop.get_token();
  job.progress = [&](const runtime::Standing&) { stop.request_stop(); };
  const Outcome outcome = runtime::run(job);
  EXPECT_TRUE(outcome.stopped);
  ASSERT_GT(outcome.samples, 0u);
  EXPECT_EQ(outcome.record, by_cpu(outcome.samples));
}

/// A long tile may be given up amid it.
TEST(OnADevice, WhatIsGivenUpIsNotDone) {
  const PlainDevice device(kSquare);
  const There there{&device};
  std::stop_source stop;
  device.log.before_finish = [&, batches = 0]() mutable {
    if (++batches == 3) device.log.gives_up = stop.request_stop();
  };
  Job job = job_of(100 * kTileSamples, there);
  job.stop = stop.get_token();
  const Outcome outcome = runtime::run(job);
  EXPECT_TRUE(outcome.stopped);
  EXPECT_EQ(outcome.samples, (device.log.batches[0].tiles + device.log.batches[1].tiles) * kTileSamples);
  EXPECT_EQ(outcome.record, by_cpu(outcome.samples));
}

TEST(OnADevice, AFailureEndsTheRunWithWhatIsDone) {
  const PlainDevice device(kSquare);
  const There there{&device};
  device.log.fails_at = 2;
  const Outcome outcome = runtime::run(job_of(100 * kTileSamples, there));
  EXPECT_TRUE(outcome.stopped);
  EXPECT_EQ(outcome.failure, "the device failed");
  EXPECT_GT(outcome.samples, 0u);
  EXPECT_EQ(outcome.record, by_cpu(outcome.samples));
}

TEST(OnADevice, AFailureIsTheCallersWhereNothingIsDone) {
  const PlainDevice device(kSquare);
  const There there{&device};
  device.log.fails_at = 0;
  EXPECT_THROW(runtime::run(job_of(100 * kTileSamples, there)), std::runtime_error);
  device.log = {};
  EXPECT_EQ(runtime::run(job_of(5 * kTileSamples, there)).record, by_cpu(5 * kTileSamples))
      << "and then all is well";
}

/// The first one's batches are not done before the others have been given some.
TEST(OnADevice, SeveralShareTheTiles) {
  const PlainDevice devices[] = {PlainDevice(kSquare), PlainDevice(kSquare), PlainDevice(kSquare)};
  std::atomic<unsigned> begun = 0;
  for (const PlainDevice& each : devices)
    each.log.before_finish = [&begun, has_begun = false]() mutable {
      if (!std::exchange(has_begun, true)) ++begun;
      until([&] { return begun >= 3; });
    };
  const There there{&devices[0], &devices[1], &devices[2]};
  const std::uint64_t samples = 2500 * kTileSamples + 11;
  const Outcome outcome = runtime::run(job_of(samples, there));
  EXPECT_EQ(outcome.record, by_cpu(samples));
  EXPECT_EQ(outcome.devices, 3u);
  std::uint64_t tiles = 0;
  for (const PlainDevice& each : devices) {
    EXPECT_GT(each.log.finished, 0u);
    for (const Batch& batch : each.log.batches) tiles += batch.tiles;
  }
  EXPECT_EQ(tiles, 2501u);
}

TEST(OnADevice, FewTilesAreOnesAlone) {
  const PlainDevice one(kSquare), other(kSquare);
  const There there{&one, &other};
  EXPECT_EQ(runtime::run(job_of(1000 * kTileSamples, there)).devices, 1u);
}

/// Calls kSquare, and before that something else with the number of the call, from 1.
class EachCall : public kernels::Executable {
 public:
  explicit EachCall(std::function<void(std::uint64_t)> before) : before_(std::move(before)) {}
  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    before_(++calls_);
    return kSquare.run(arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return kernels::kLanes; }
  std::size_t scratch_bytes() const override { return 0; }
  unsigned outputs() const override { return kSquare.outputs(); }

 private:
  std::function<void(std::uint64_t)> before_;
  mutable std::atomic<std::uint64_t> calls_ = 0;
};

class AtCall : public EachCall {
 public:
  AtCall(std::uint64_t call, std::function<void()> then)
      : EachCall([call, then = std::move(then)](std::uint64_t number) {
          if (number == call) then();
        }) {}
};

TEST(OnADevice, OneThatComesLaterJoinsTheCpu) {
  for (const unsigned threads : {1u, 4u}) {
    const PlainDevice device(kSquare);
    There there{&device};
    there.late();
    const AtCall cpu(20, [&] { there.arrive(); });
    Job job = job_of(600 * kTileSamples, there);
    job.fast = &cpu;
    job.threads = threads;
    const Outcome outcome = runtime::run(job);
    EXPECT_EQ(outcome.record, by_cpu(600 * kTileSamples));
    EXPECT_GE(tiles_of(outcome, &cpu), 20u);
    EXPECT_GT(tiles_of(outcome, nullptr), 0u);
    EXPECT_EQ(tiles_of(outcome, &cpu) + tiles_of(outcome, nullptr), 600u);
    EXPECT_EQ(outcome.devices, 1u);
  }
}

/// Fails at that batch; until then the others, however quick, wait in the first work that they take.
/// It in turn begins only when so many others do that, so that nobody can find it slow before.
struct Failing {
  explicit Failing(std::size_t at, int others = 0) {
    device.log.fails_at = at;
    device.log.before_finish = [this, others] {
      until([&] { return waiting >= others; });
      has_failed = device.log.finished == device.log.fails_at;
    };
    sound.log.before_finish = [this] { wait(); };
  }
  void wait() {
    ++waiting;
    until([&] { return has_failed.load(); });
  }

  const PlainDevice device{kSquare}, sound{kSquare};
  const There there{&device, &sound};
  std::atomic<bool> has_failed = false;
  std::atomic<int> waiting = 0;
};

/// At once, later, and with all the rest in its hands.
TEST(OnADevice, OneThatFailsLeavesItsTilesToTheCpu) {
  for (const unsigned threads : {1u, 3u})
    for (const std::size_t fails_at : {0u, 1u, 7u}) {
      Failing failing(fails_at, threads > 1 ? 2 : 0);
      const AtCall cpu(1, [&] { failing.wait(); });
      Job job = job_of(300 * kTileSamples, failing.there);
      job.fast = &cpu;
      job.threads = threads;
      const Outcome outcome = runtime::run(job);
      EXPECT_EQ(outcome.record, by_cpu(300 * kTileSamples));
      EXPECT_EQ(outcome.samples, 300 * kTileSamples);
      EXPECT_EQ(outcome.failed, std::vector<std::size_t>{0});
      EXPECT_EQ(outcome.failure, "the device failed");
    }
}

TEST(OnADevice, OneThatFailsLeavesItsTilesToTheOthers) {
  for (const std::size_t fails_at : {0u, 3u}) {
    Failing failing(fails_at);
    const Outcome outcome = runtime::run(job_of(3000 * kTileSamples, failing.there));
    EXPECT_EQ(outcome.record, by_cpu(3000 * kTileSamples));
    EXPECT_FALSE(outcome.stopped);
    EXPECT_EQ(outcome.failed, std::vector<std::size_t>{0});
  }
}

/// The CPU's threads would rather compute than drive it.
TEST(OnADevice, OneThatIsSlowIsLeft) {
  using Clock = std::chrono::steady_clock;
  for (const unsigned threads : {1u, 2u}) {
    const PlainDevice device(kSquare);
    // What the CPU seems to take for a tile is part of the time until then, and that may be long on a busy
    // machine.
    device.log.before_finish = [begin = Clock::now(), nap = Clock::duration{}]() mutable {
      if (nap == nap.zero()) nap = 20ms + 20 * (Clock::now() - begin);
      std::this_thread::sleep_for(nap);
    };
    There there{&device};
    there.late();
    const AtCall cpu(2, [&] { there.arrive(); });
    Job job = job_of(5000 * kTileSamples, there);
    job.fast = &cpu;
    job.threads = threads;
    const Outcome outcome = runtime::run(job);
    EXPECT_EQ(outcome.record, by_cpu(5000 * kTileSamples));
    EXPECT_TRUE(outcome.has_slow_devices);
    EXPECT_TRUE(outcome.failed.empty());
    EXPECT_LE(device.log.batches.size(), 4u);
  }
}

/// Each batch takes its time, of however few tiles: the last ones tell nothing of the device.
TEST(OnADevice, OneIsNotSlowForItsLastBatch) {
  const PlainDevice device(kSquare);
  device.log.most = device.log.wave = 1000;
  device.log.before_finish = [] { std::this_thread::sleep_for(5ms); };
  There there{&device};
  there.late();
  const EachCall cpu([&](std::uint64_t number) {
    if (number == 2) there.arrive();
    std::this_thread::sleep_for(300us);
  });
  Job job = job_of(5000 * kTileSamples, there);
  job.fast = &cpu;
  job.threads = 2;
  const Outcome outcome = runtime::run(job);
  EXPECT_EQ(outcome.record, by_cpu(5000 * kTileSamples));
  EXPECT_LT(device.log.batches.back().tiles, device.log.wave);
  EXPECT_FALSE(outcome.has_slow_devices);
}

/// Only what is left at the end is cut small.
TEST(OnADevice, GetsWholeWavesBesideTheCpu) {
  const PlainDevice device(kSquare);
  device.log.most = 1024;
  device.log.wave = 256;
  const There there{&device};
  Job job = job_of(20'000 * kTileSamples, there);
  job.fast = &kSquare;
  job.threads = 3;
  EXPECT_EQ(runtime::run(job).record, by_cpu(20'000 * kTileSamples));
  const auto is_small = [&](const Batch& batch) { return batch.tiles < device.log.wave; };
  EXPECT_LE(std::ranges::count_if(device.log.batches, is_small), 10);
}

TEST(OnADevice, OneThatFailsIsNotTriedAgainInTheNextStage) {
  const PlainDevice device(kSquare);
  device.log.fails_at = 0;
  const There there{&device};
  Job job = job_of(100 * kTileSamples, there);
  job.fast = &kSquare;
  job.goal = [&](const double*, std::uint64_t done) { return done + 20 * kTileSamples; };
  EXPECT_EQ(runtime::run(job).record, by_cpu(100 * kTileSamples));
  EXPECT_LE(device.log.batches.size(), kernels::Queue::kDepth);
}

/// The first few by the CPU, which needs nothing for it.
TEST(OnADevice, ManyTilesAreScreenedThere) {
  const PlainDevice device(kSeldomNaN), screening(kScreened);
  const There there{&device};
  Job job = job_of(200 * kTileSamples, there);
  job.screened = []() -> const kernels::Executable& { return kScreened; };
  job.screened_there = [&](std::size_t number) { return number == 0 ? &screening : nullptr; };
  const auto reference = [] {
    return runtime::run({.layout = &kLayout,
                         .fast = &kScreened,
                         .arguments = {.seed = 1},
                         .samples = 200 * kTileSamples})
        .record;
  };
  const Outcome outcome = runtime::run(job);
  EXPECT_EQ(outcome.record, reference());
  EXPECT_LE(tiles_of(outcome, &kScreened), 16u);
  EXPECT_GT(screening.log.finished, 20u);
  screening.log = {};
  screening.log.fails_at = 3;
  job.fast = &kSeldomNaN;
  job.threads = 2;
  EXPECT_EQ(runtime::run(job).record, reference()) << "and where that fails";
}

}  // namespace
}  // namespace mc::testing
