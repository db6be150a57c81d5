// Runs: the same bits for any number of threads and any chunks; stopping, failing, nesting, switching tiers.
#include "runtime/schedule/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/estimate/estimate.hpp"
#include "tests/engine/kernels/lanes.hpp"
#include "tests/runtime/plain_kernel.hpp"

namespace mc::testing {
namespace {

using kernels::kTileSamples;
using runtime::Job;
using runtime::Outcome;
using namespace std::chrono_literals;

const Layout kLayout = layout_of({{1, 2}});
const GroupLayout& kGroup = kLayout.groups[0];

/// Computes what kSquare does; one of its calls also does something else.
class AtCall : public kernels::Executable {
 public:
  AtCall(std::uint64_t call, std::function<void()> then) : call_(call), then_(std::move(then)) {}

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    if (has_happened_) ++calls_afterwards_;
    kSquare.run(arguments, first, last, steps, out, scratch);
    const std::uint64_t call = ++calls_;
    if (call == call_) {
      then_();
      has_happened_ = true;
    }
    while (call > call_ && !has_happened_ && !(arguments.stop != nullptr && *arguments.stop))
      std::this_thread::yield();
    return true;
  }
  unsigned granule() const override { return kernels::kLanes; }
  std::size_t scratch_bytes() const override { return 0; }
  unsigned outputs() const override { return 5; }
  std::uint64_t calls_afterwards() const { return calls_afterwards_; }  ///< begun when that had happened

 private:
  std::uint64_t call_;
  std::function<void()> then_;
  mutable std::atomic<std::uint64_t> calls_{0}, calls_afterwards_{0};
  mutable std::atomic<bool> has_happened_{false};
};

Job job_of(std::uint64_t samples, const kernels::Executable& executable = kSquare) {
  return {.layout = &kLayout, .fast = &executable, .arguments = {.seed = 1}, .samples = samples};
}

std::uint64_t tiles_of(const Outcome& outcome, const kernels::Executable& executable) {
  for (const Outcome::Tiles& each : outcome.executables)
    if (each.executable == &executable) return each.tiles;
  return 0;
}

TEST(Run, GivesTheSameBitsForAnyThreadsAndChunks) {
  for (std::uint64_t samples : {std::uint64_t{1}, std::uint64_t{255}, kTileSamples, kTileSamples + 1,
                                5 * kTileSamples, 37 * kTileSamples + 100}) {
    Job job = job_of(samples);
    const std::vector<double> expected = runtime::run(job).record;
    EXPECT_EQ(expected[kGroup.count()], static_cast<double>(samples));
    for (unsigned threads : {1u, 2u, 3u, 8u})
      for (unsigned chunk : {0u, 1u, 2u, 4u, 6u, 40u, Job::kChosen}) {
        job.threads = threads;
        job.chunk_level = chunk;
        const Outcome outcome = runtime::run(job);
        ASSERT_EQ(outcome.record, expected)
            << samples << " samples, " << threads << " threads, chunk " << chunk;
        EXPECT_EQ(outcome.samples, samples);
        EXPECT_FALSE(outcome.stopped);
        EXPECT_EQ(tiles_of(outcome, kSquare), (samples - 1) / kTileSamples + 1);
      }
  }
}

/// A run in stages, to 3, 4 and at last 11 tiles and a bit, has what a run of as many samples has, and hears
/// at each stage what such a run would have had.
TEST(Run, GoesOnFromGoalToGoal) {
  const std::uint64_t last = 11 * kTileSamples + 5;
  const std::uint64_t goals[] = {3 * kTileSamples - 100, 3 * kTileSamples + 1, last + 1000};
  for (unsigned threads : {1u, 2u, 8u})
    for (unsigned chunk : {0u, 2u, Job::kChosen}) {
      Job job = job_of(last);
      job.threads = threads;
      job.chunk_level = chunk;
      std::vector<std::uint64_t> asked;
      job.goal = [&](const double* record, std::uint64_t done) {
        if (done > 0) {
          EXPECT_EQ(std::vector(record, record + kLayout.size), runtime::run(job_of(done)).record);
        }
        asked.push_back(done);
        return goals[asked.size() - 1];
      };
      const Outcome outcome = runtime::run(job);
      EXPECT_EQ(asked, (std::vector<std::uint64_t>{0, 3 * kTileSamples, 4 * kTileSamples}));
      EXPECT_EQ(outcome.record, runtime::run(job_of(last)).record);
      EXPECT_EQ(outcome.samples, last);
      EXPECT_FALSE(outcome.stopped);
    }
}

/// Cut anywhere, its parts' tiles and the last one that is not whole make the run; what other runs have done
/// is taken where it is the part's.
TEST(Run, IsMadeOfItsParts) {
  for (const std::uint64_t samples : {kTileSamples - 1, 4 * kTileSamples, 11 * kTileSamples + 5}) {
    const std::vector<double> expected = runtime::run(job_of(samples)).record;
    const runtime::Done half = runtime::run(job_of(samples / 2 + 1)).done;
    for (const std::uint64_t cut : {0, 1, 2, 3, 8, 11, 12, 40})
      for (const runtime::Done* done : {static_cast<const runtime::Done*>(nullptr), &half}) {
        runtime::Forest all;
        all.reset(kLayout);
        std::uint64_t done_samples = 0, computed = 0, reused = 0;
        for (const runtime::Missing::Stretch part : {runtime::Missing::Stretch{0, cut}, {cut}}) {
          Job job = job_of(samples);
          job.threads = 3;
          job.part = part;
          job.done = done;
          const Outcome outcome = runtime::run(job);
          EXPECT_EQ(outcome.samples, job.samples_of_part());
          EXPECT_FALSE(outcome.stopped);
          done_samples += outcome.samples;
          reused += outcome.reused;
          computed += tiles_of(outcome, kSquare);
          all.adopt(outcome.done.tiles);
          if (outcome.rest.empty()) continue;
          std::ranges::copy(outcome.rest, all.fresh());
          all.add(samples / kTileSamples, 0);
        }
        EXPECT_EQ(done_samples, samples);
        EXPECT_EQ(computed, (samples - 1) / kTileSamples + 1 - reused / kTileSamples);
        std::vector<double> record(kLayout.size);
        all.fold(record.data());
        EXPECT_EQ(record, expected) << samples << " samples, cut at " << cut;
      }
  }
}

TEST(Run, EndsWhereItsGoalIsReached) {
  Job job = job_of(100 * kTileSamples);
  job.goal = [](const double*, std::uint64_t done) { return done == 0 ? 2 * kTileSamples : done; };
  const Outcome outcome = runtime::run(job);
  EXPECT_EQ(outcome.samples, 2 * kTileSamples);
  EXPECT_FALSE(outcome.stopped);
  EXPECT_EQ(outcome.record, runtime::run(job_of(2 * kTileSamples)).record);
}

TEST(Run, StopsOnTheWayToAGoal) {
  std::stop_source source;
  const AtCall stopping(5, [&] { source.request_stop(); });
  Job job = job_of(100 * kTileSamples, stopping);
  job.stop = source.get_token();
  int asked = 0;
  job.goal = [&](const double*, std::uint64_t done) { return ++asked, done + 4 * kTileSamples; };
  const Outcome outcome = runtime::run(job);
  EXPECT_TRUE(outcome.stopped);
  EXPECT_EQ(asked, 2);
  EXPECT_GE(outcome.samples, 4 * kTileSamples);
  EXPECT_LT(outcome.samples, 8 * kTileSamples);
}

TEST(Run, MoreSamplesBeginWithTheSameTiles) {
  Job job = job_of(8 * kTileSamples);
  const Outcome eight = runtime::run(job);
  job.samples = 9 * kTileSamples;
  std::vector<double> expected = eight.record;
  const Outcome nine = runtime::run(job);
  std::vector<double> ninth(kLayout.size);
  kernels::TileWorkspace workspace;
  workspace.reserve(kLayout, kSquare);
  kernels::compute_tile(kLayout, kSquare, {.seed = 1, .tile = 8}, kTileSamples, workspace, ninth.data());
  kernels::merge(kLayout, expected.data(), ninth.data());
  EXPECT_EQ(nine.record, expected);
}

TEST(Run, TilesWithWhatIsNotFiniteAreComputedAgain) {
  Job job = job_of(20 * kTileSamples, kSeldomNaN);
  std::vector<double> expected;
  for (unsigned threads : {1u, 3u}) {
    int made = 0;
    job.threads = threads;
    job.screened = [&]() -> const kernels::Executable& {
      ++made;
      return kScreened;
    };
    const Outcome outcome = runtime::run(job);
    EXPECT_EQ(made, 1);
    const double dropped = outcome.record[kGroup.nonfinite()];
    EXPECT_GT(dropped, 3);
    EXPECT_EQ(outcome.record[kGroup.count()] + dropped, static_cast<double>(job.samples));
    EXPECT_LE(static_cast<double>(tiles_of(outcome, kScreened)), dropped);
    EXPECT_EQ(tiles_of(outcome, kScreened) + tiles_of(outcome, kSeldomNaN), 20u);
    if (expected.empty()) expected = outcome.record;
    EXPECT_EQ(outcome.record, expected);
    EXPECT_NEAR(outcome.record[kGroup.mean(0)], 0.5, 0.01);
  }
  job.screened = nullptr;
  EXPECT_TRUE(std::isnan(runtime::run(job).record[kGroup.mean(0)]));
}

TEST(Run, WithoutNaNNeverAsksForTheScreenedKernel) {
  Job job = job_of(20 * kTileSamples);
  job.screened = []() -> const kernels::Executable& { throw std::logic_error("not needed"); };
  EXPECT_NO_THROW(runtime::run(job));
}

TEST(Run, StopsWithinATileAndKeepsWhatIsDone) {
  constexpr std::uint64_t kCalls = 10;
  for (unsigned threads : {1u, 2u, 4u}) {
    std::stop_source stop;
    const AtCall stopping(kCalls, [&] { stop.request_stop(); });
    Job job = job_of(1'000'000 * kTileSamples, stopping);
    job.threads = threads;
    job.stop = stop.get_token();
    const Outcome outcome = runtime::run(job);
    EXPECT_TRUE(outcome.stopped);
    EXPECT_GE(outcome.samples, kCalls * kTileSamples);
    EXPECT_LT(stopping.calls_afterwards(), threads) << "every other thread may be about to begin a tile";
    EXPECT_EQ(outcome.record[kGroup.count()], static_cast<double>(outcome.samples));
    EXPECT_EQ(tiles_of(outcome, stopping) * kTileSamples, outcome.samples);
    const auto e = runtime::mean({kGroup, outcome.record.data()}, 0);
    EXPECT_NEAR(e.value, 1.0 / 3, 5 * e.standard_error);
  }
}

TEST(Run, StoppedBeforeItBeginsIsEmpty) {
  std::stop_source stop;
  stop.request_stop();
  Job job = job_of(10 * kTileSamples);
  job.stop = stop.get_token();
  const Outcome outcome = runtime::run(job);
  EXPECT_TRUE(outcome.stopped);
  EXPECT_EQ(outcome.samples, 0u);
  EXPECT_EQ(outcome.record[kGroup.count()], 0);
}

/// Computes what kSquare does for the first few tiles; for the others it waits to be stopped.
class EndlessFrom : public kernels::Executable {
 public:
  explicit EndlessFrom(std::uint64_t tile) : tile_(tile) {}

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    if (arguments.tile < tile_) return kSquare.run(arguments, first, last, steps, out, scratch);
    waiting_ = true;
    while (!*arguments.stop) std::this_thread::sleep_for(1ms);
    return false;
  }
  unsigned granule() const override { return 8; }
  std::size_t scratch_bytes() const override { return 0; }
  unsigned outputs() const override { return 5; }
  void wait_until_reached() const {
    while (!waiting_) std::this_thread::sleep_for(1ms);
  }

 private:
  std::uint64_t tile_;
  mutable std::atomic<bool> waiting_{false};
};

/// One executable for the first tile, another one for the rest.
class OfTiles : public kernels::Executable {
 public:
  OfTiles(const kernels::Executable& first, const kernels::Executable& others)
      : first_(first), others_(others) {}

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    return (arguments.tile == 0 ? first_ : others_).run(arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return kernels::kLanes; }
  std::size_t scratch_bytes() const override { return 0; }
  unsigned outputs() const override { return 5; }

 private:
  const kernels::Executable& first_;
  const kernels::Executable& others_;
};

TEST(Run, StopsAmidATileAndGivesThatUp) {
  constexpr std::uint64_t kWhole = 5;
  std::vector<double> expected = runtime::run(job_of(kWhole * kTileSamples)).record;
  for (unsigned threads : {1u, 2u, 4u})
    for (std::uint64_t whole : {kWhole, std::uint64_t{0}}) {
      const EndlessFrom endless(whole);
      std::stop_source stop;
      Job job = job_of(1000 * kTileSamples + 100, endless);
      job.threads = threads;
      job.chunk_level = 0;
      job.stop = stop.get_token();
      std::jthread stopping([&] {
        endless.wait_until_reached();
        std::this_thread::sleep_for(20ms);  // for other threads to finish theirs
        stop.request_stop();
      });
      const Outcome outcome = runtime::run(job);
      EXPECT_TRUE(outcome.stopped);
      EXPECT_LE(outcome.samples, whole * kTileSamples);
      EXPECT_EQ(outcome.record[kGroup.count()], static_cast<double>(outcome.samples));
      EXPECT_EQ(tiles_of(outcome, endless) * kTileSamples, outcome.samples);
      if (threads == 1) {
        EXPECT_EQ(outcome.samples, whole * kTileSamples);
      }
      if (outcome.samples == kWhole * kTileSamples) {
        EXPECT_EQ(outcome.record, expected);
      }
    }
}

TEST(Run, AFailureEndsTheTilesOfOtherThreads) {
  const EndlessFrom endless(0);
  const AtCall failing(1, [&] {
    endless.wait_until_reached();
    throw std::runtime_error("no");
  });
  const OfTiles both(failing, endless);
  Job job = job_of(1000 * kTileSamples, both);
  job.threads = 2;
  job.chunk_level = 0;
  EXPECT_THROW(runtime::run(job), std::runtime_error);
}

TEST(Run, WithoutSamplesOrExecutableIsRefused) {
  EXPECT_THROW(runtime::run(job_of(0)), std::invalid_argument);
  EXPECT_THROW(runtime::run(Job{.layout = &kLayout, .samples = 1}), std::invalid_argument);
}

TEST(Run, PassesOnWhatCallbacksThrow) {
  for (unsigned threads : {1u, 4u}) {
    Job job = job_of(100 * kTileSamples, kSeldomNaN);
    job.threads = threads;
    job.screened = []() -> const kernels::Executable& { throw std::runtime_error("no compiler"); };
    EXPECT_THROW(runtime::run(job), std::runtime_error);
    job.screened = nullptr;
    job.progress = [](const runtime::Standing&) { throw std::runtime_error("enough"); };
    EXPECT_THROW(runtime::run(job), std::runtime_error);
    job.progress = nullptr;
    EXPECT_EQ(runtime::run(job).samples, job.samples);  // and nothing is left over
  }
}

TEST(Run, ReportsProgressInTheCallingThread) {
  const AtCall pause(5, [] { std::this_thread::sleep_for(120ms); });  // in whichever thread
  for (unsigned threads : {1u, 2u}) {
    Job job = job_of(600 * kTileSamples, pause);
    job.threads = threads;
    std::vector<std::uint64_t> heard;
    job.progress = [&, caller = std::this_thread::get_id()](const runtime::Standing& now) {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      heard.push_back(now.samples);
    };
    runtime::run(job);
    EXPECT_GE(heard.size(), threads == 1 ? 2u : 1u);
    EXPECT_TRUE(std::ranges::is_sorted(heard));
    EXPECT_EQ(heard.back(), job.samples);
  }
}

/// What is seen so far is of whole tiles, and looking at it changes no bit of what comes out.
TEST(Run, ShowsItsRecordSoFarAtNoCostToTheResult) {
  const std::uint64_t samples = 400 * kTileSamples + 17;
  const std::vector<double> expected = runtime::run(job_of(samples)).record;
  for (unsigned threads : {1u, 2u, 5u}) {
    std::uint64_t calls = 0;
    const AtCall pause(7, [] { std::this_thread::sleep_for(150ms); });
    Job job = job_of(samples, pause);
    job.threads = threads;
    job.progress = [&](const runtime::Standing& now) {
      const double* record = now.record();
      const auto seen = static_cast<std::uint64_t>(record[kGroup.count()]);
      EXPECT_LE(seen, samples);
      EXPECT_GT(seen, 0u);
      EXPECT_TRUE(seen % kTileSamples == 0 || (seen - 17) % kTileSamples == 0) << seen;
      if (now.samples == samples) {
        EXPECT_EQ(std::vector(record, record + kLayout.size), expected);
      }
      ++calls;
    };
    EXPECT_EQ(runtime::run(job).record, expected) << threads;
    EXPECT_GE(calls, threads == 1 ? 2u : 1u);
  }
}

/// A callback that takes long is asked less often: 30 ms each would otherwise be a quarter of all time.
TEST(Run, GivesProgressAFiftiethOfItsTimeAtMost) {
  std::stop_source source;
  Job job = job_of(std::uint64_t{1} << 50);
  job.stop = source.get_token();
  int calls = 0;
  job.progress = [&](const runtime::Standing& now) {
    std::this_thread::sleep_for(30ms);
    ++calls;
    if (now.elapsed > 1200ms) source.request_stop();
  };
  runtime::run(job);
  EXPECT_GE(calls, 2);
  EXPECT_LE(calls, 3) << "after 0.1 s, after 1.6 s, and at the end";
}

TEST(Run, TimesTilesByThreadAndTierWhereThatIsAskedFor) {
  const AtCall other(1'000'000, [] {});
  for (unsigned threads : {1u, 2u, 8u}) {
    std::atomic<const kernels::Executable*> tier;
    const AtCall first(30, [&] { tier = &other; });
    tier = &first;
    Job job = job_of(100 * kTileSamples);
    job.tier = &tier;
    job.threads = threads;
    job.timed = true;
    const auto begin = StageClock::now();
    const Outcome outcome = runtime::run(job);
    const auto end = StageClock::now();
    std::uint64_t tiles = 0;
    for (const Outcome::Stretch& each : outcome.stretches) {
      EXPECT_LE(begin, each.begin);
      EXPECT_LE(each.begin, each.end);
      EXPECT_LE(each.end, end);
      tiles += each.tiles;
    }
    EXPECT_EQ(tiles, 100u);
    EXPECT_GE(outcome.stretches.size(), 2u) << "one for each tier at least";
    EXPECT_LE(outcome.stretches.size(), 2 * threads);
    job.timed = false;
    EXPECT_TRUE(runtime::run(job).stretches.empty());
  }
}

TEST(Run, MayBeNestedInACallback) {
  const std::vector<double> expected = runtime::run(job_of(30 * kTileSamples)).record;
  std::vector<double> inner;
  Job job = job_of(30 * kTileSamples);
  job.threads = 2;
  job.progress = [&](const runtime::Standing&) {
    Job nested = job_of(30 * kTileSamples);
    nested.threads = 2;
    inner = runtime::run(nested).record;
  };
  EXPECT_EQ(runtime::run(job).record, expected);
  EXPECT_EQ(inner, expected);
}

TEST(Run, ManyClientsAtOnceGetTheirOwn) {
  std::vector<std::vector<double>> expected;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Job job = job_of(20 * kTileSamples + 5);
    job.arguments.seed = seed;
    expected.push_back(runtime::run(job).record);
  }
  std::vector<std::jthread> clients;
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    clients.emplace_back([&, seed] {
      Job job = job_of(20 * kTileSamples + 5);
      job.arguments.seed = seed;
      job.threads = 3;
      Outcome outcome;
      for (int r = 0; r < 20; ++r) {
        runtime::run(job, outcome);
        EXPECT_EQ(outcome.record, expected[seed]);
      }
    });
}

TEST(Run, TakesAFasterExecutableAtTheNextTile) {
  constexpr std::uint64_t kTiles = 300, kCalls = 20;
  for (unsigned threads : {1u, 3u}) {
    std::atomic<const kernels::Executable*> tier{nullptr};
    const AtCall first(kCalls, [&] { tier.store(&kSquare, std::memory_order_release); });
    tier = &first;
    Job job = job_of(kTiles * kTileSamples);
    job.threads = threads;
    job.tier = &tier;
    const Outcome outcome = runtime::run(job);
    EXPECT_GE(tiles_of(outcome, first), kCalls);
    EXPECT_LT(tiles_of(outcome, first), kCalls + threads);
    EXPECT_EQ(tiles_of(outcome, first) + tiles_of(outcome, kSquare), kTiles);
    EXPECT_EQ(outcome.record, runtime::run(job_of(kTiles * kTileSamples)).record);
  }
}

TEST(ComputeTile, DoesNotDependOnTheGranule) {
  const auto square = [](Draws& d) { return d.uniform(); };
  for (std::uint64_t samples : {1, 100, 256, 300, 511, 8000, 8192}) {
    const std::vector<double> expected =
        runtime::run(job_of(samples, PlainKernel(square, {1, 2}, false, 1))).record;
    for (unsigned granule : {2u, 8u, 16u, 64u, 256u})
      EXPECT_EQ(runtime::run(job_of(samples, PlainKernel(square, {1, 2}, false, granule))).record, expected);
  }
}

}  // namespace
}  // namespace mc::testing
