// Runs on a device: the CPU's bits, batch by batch; stopping and failing. The device is a plain one that
// computes when somebody waits.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <gtest/gtest.h>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/schedule/batch_size.hpp"
#include "runtime/schedule/run.hpp"
#include "tests/engine/kernels/lanes.hpp"
#include "tests/runtime/plain_kernel.hpp"

namespace mc::testing {
namespace {

using kernels::kTileSamples;
using runtime::BatchSize;
using runtime::Job;
using runtime::Outcome;
using namespace std::chrono_literals;

const Layout kLayout = layout_of({{1, 2}});

const PlainKernel kSquare([](Draws& d) {
  const double u = d.uniform();
  return u * u;
});

double seldom_nan(Draws& d) {
  const double u = d.uniform();
  return u < 1e-4 ? std::nan("") : u;
}
const PlainKernel kSeldomNaN(seldom_nan);
const PlainKernel kScreened(seldom_nan, {1, 2}, true);

struct Batch {
  std::uint64_t first, tiles;
  std::vector<double> records{};
};

/// What the queue was asked for, and when it fails: at the batch of that number.
struct Log {
  std::vector<Batch> batches;
  std::size_t finished = 0, most_under_way = 0;
  std::size_t fails_at = ~std::size_t{0};
};

class PlainQueue : public kernels::Queue {
 public:
  PlainQueue(const kernels::Executable& kernel, const kernels::Arguments& arguments, std::uint64_t samples,
             Log& log)
      : kernel_(kernel), arguments_(arguments), samples_(samples), log_(log) {
    workspace_.reserve(kLayout, kernel_);
  }

  std::uint64_t most_tiles() const override { return 4; }
  std::uint64_t wave() const override { return 3; }

  void begin(std::uint64_t first, std::uint64_t tiles) override {
    log_.batches.push_back({first, tiles});
    log_.most_under_way = std::max(log_.most_under_way, log_.batches.size() - log_.finished);
  }

  const double* finish() override {
    if (log_.finished == log_.fails_at) throw std::runtime_error("the device failed");
    Batch& batch = log_.batches[log_.finished++];
    batch.records.resize(batch.tiles * kLayout.size);
    for (std::uint64_t k = 0; k < batch.tiles; ++k) {
      arguments_.tile = batch.first + k;
      kernels::compute_tile(kLayout, kernel_, arguments_,
                            std::min(kTileSamples, samples_ - arguments_.tile * kTileSamples), workspace_,
                            batch.records.data() + k * kLayout.size);
    }
    return batch.records.data();
  }

 private:
  const kernels::Executable& kernel_;
  kernels::Arguments arguments_;
  const std::uint64_t samples_;
  Log& log_;
  kernels::TileWorkspace workspace_;
};

class PlainDevice : public kernels::Device {
 public:
  explicit PlainDevice(const kernels::Executable& kernel) : kernel_(kernel) {}
  std::unique_ptr<kernels::Queue> open(const kernels::Arguments& arguments,
                                       std::uint64_t samples) const override {
    return std::make_unique<PlainQueue>(kernel_, arguments, samples, log);
  }

  mutable Log log;

 private:
  const kernels::Executable& kernel_;
};

Job job_of(std::uint64_t samples, const kernels::Device& device) {
  return {.layout = &kLayout, .device = &device, .arguments = {.seed = 1}, .samples = samples};
}

std::vector<double> by_cpu(std::uint64_t samples) {
  return runtime::run({.layout = &kLayout, .fast = &kSquare, .arguments = {.seed = 1}, .samples = samples})
      .record;
}

TEST(OnADevice, ARunGivesTheCpusBits) {
  for (const std::uint64_t samples :
       {std::uint64_t{1}, kTileSamples, kTileSamples + 1, 29 * kTileSamples + 100}) {
    const PlainDevice device(kSquare);
    Job job = job_of(samples, device);
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

TEST(OnADevice, ARunGoesOnFromGoalToGoal) {
  const PlainDevice device(kSquare);
  Job job = job_of(100 * kTileSamples, device);
  job.goal = [&](const double*, std::uint64_t done) {
    return done < 7 * kTileSamples ? done + 2 * kTileSamples : done;
  };
  const Outcome outcome = runtime::run(job);
  EXPECT_EQ(outcome.samples, 8 * kTileSamples);
  EXPECT_EQ(outcome.record, by_cpu(8 * kTileSamples));
}

TEST(OnADevice, TilesThatAreNotFiniteAreScreened) {
  const PlainDevice device(kSeldomNaN);
  Job job = job_of(20 * kTileSamples, device);
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
  std::stop_source stop;
  Job job = job_of(1'000'000 * kTileSamples, device);
  job.stop = stop.get_token();
  job.progress = [&](const runtime::Standing&) { stop.request_stop(); };
  const Outcome outcome = runtime::run(job);
  EXPECT_TRUE(outcome.stopped);
  ASSERT_GT(outcome.samples, 0u);
  EXPECT_EQ(outcome.record, by_cpu(outcome.samples));
}

TEST(OnADevice, AFailureIsTheCallers) {
  const PlainDevice device(kSquare);
  device.log.fails_at = 2;
  EXPECT_THROW(runtime::run(job_of(100 * kTileSamples, device)), std::runtime_error);
  device.log = {};
  EXPECT_EQ(runtime::run(job_of(5 * kTileSamples, device)).record, by_cpu(5 * kTileSamples))
      << "and then all is well";
}

TEST(BatchSize, GrowsWhileBatchesAreShortAndShrinksWhereTheyAreLong) {
  BatchSize size(100, 8);
  EXPECT_EQ(size.tiles(), 8u);
  size.adapt(8, 1ms);
  EXPECT_EQ(size.tiles(), 16u);
  size.adapt(8, 1ms);  // one that was begun before
  EXPECT_EQ(size.tiles(), 16u);
  for (int k = 0; k < 5; ++k) size.adapt(size.tiles(), 1ms);
  EXPECT_EQ(size.tiles(), 100u);
  size.adapt(100, 7ms);
  EXPECT_EQ(size.tiles(), 100u);
  for (int k = 0; k < 9; ++k) size.adapt(size.tiles(), 1s);
  EXPECT_EQ(size.tiles(), 1u);
  EXPECT_EQ(BatchSize(3, 8).tiles(), 3u);
}

}  // namespace
}  // namespace mc::testing
