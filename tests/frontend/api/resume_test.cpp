// A run that goes on from what others have done gives what one run of all gives, bit for bit: for programs of
// every kind of record, on every back end, however the samples are split, after stops and under targets.
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "tests/frontend/api/resumed.hpp"
#include "tests/support/cpu_back_ends.hpp"

namespace mc::testing {
namespace {

using namespace std::chrono_literals;

class Resume : public ::testing::TestWithParam<Case> {
 protected:
  mc::Moment moment = mc::compile(GetParam().program);
  mc::Options options(std::uint64_t samples) const {
    return {.samples = samples, .parameters = GetParam().parameters};
  }
};
INSTANTIATE_TEST_SUITE_P(Programs, Resume, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

const std::vector<mc::Backend> kBackends = mc::testing::cpu_back_ends();

TEST_P(Resume, GivesTheBitsOfOneRun) {
  struct Split {
    std::uint64_t first, then, all;
  };
  constexpr Split kSplits[] = {{1, 2, 3},
                               {kTile, kTile + 1, 2 * kTile},
                               {5 * kTile + 3, 6 * kTile, 23 * kTile + 700},
                               {20 * kTile + 8191, 21 * kTile, 37 * kTile + 1},
                               {40 * kTile, 10 * kTile + 5, 33 * kTile}};  // back to fewer, too
  for (const auto& [first, then, all] : kSplits) {
    const std::string expected = found(moment.run(options(all)));
    for (const mc::Backend backend : kBackends)
      for (const unsigned threads : {1u, 2u, 5u}) {
        mc::Options next = options(first);
        next.backend = backend;
        next.threads = threads;
        for (const std::uint64_t samples : {first, then, all}) {
          next.samples = samples;
          const mc::Report report = moment.run(next);
          next.from = report.partial;
          if (samples == all) {
            EXPECT_EQ(found(report), expected) << first << " " << then << " " << all;
          }
        }
      }
  }
}

/// The samples it had are not taken again: whole tiles of them.
TEST_P(Resume, ComputesOnlyWhatIsNew) {
  mc::Options next = options(100 * kTile + 50);
  const mc::Report first = moment.run(next);
  EXPECT_EQ(first.reused, 0u);
  EXPECT_EQ(first.partial.samples(), 100 * kTile);
  EXPECT_FALSE(first.partial.empty());
  EXPECT_EQ(first.partial.seed(), next.seed);
  EXPECT_TRUE(mc::Partial().empty());
  next.from = first.partial;
  next.samples = 103 * kTile + 1;
  const mc::Report second = moment.run(next);
  EXPECT_EQ(second.reused, 100 * kTile);
  EXPECT_EQ(second.partial.samples(), 103 * kTile);
  EXPECT_EQ(second.tiles.total(), 4u);
  next.from = second.partial;
  const mc::Report again = moment.run(next);
  EXPECT_EQ(again.tiles.total(), 1u) << "the last one, which is not whole";
  EXPECT_EQ(found(again), found(second));
}

/// Whatever tiles a stop leaves out, and however often it comes.
TEST_P(Resume, GoesOnAfterStops) {
  const std::uint64_t all = 600 * kTile + 77;
  const std::string expected = found(moment.run(options(all)));
  for (const unsigned threads : {1u, 2u, 7u}) {
    mc::Options next = options(all);
    next.threads = threads;
    std::uint64_t before = 0;
    for (int stops = 0; stops < 4; ++stops) {
      std::stop_source source;
      next.stop = source.get_token();
      std::jthread stopping([&] {
        std::this_thread::sleep_for(1ms);
        source.request_stop();
      });
      const mc::Report report = moment.run(next);
      EXPECT_GE(report.partial.samples(), before);
      EXPECT_LE(report.partial.samples(), report.samples);
      EXPECT_EQ(report.reused, before);
      before = report.partial.samples();
      next.from = report.partial;
    }
    next.stop = {};
    EXPECT_EQ(found(moment.run(next)), expected) << threads;
  }
}

// ---- targets

constexpr const char* kTargetProgram = "x ~ normal(0, 1)^2; E[exp(x_1)], P[x_1 < x_2]";

mc::Options aimed(double error, std::uint64_t most = std::uint64_t{1} << 40) {
  return {.samples = most, .target_error = error};
}

/// A run with a target looks where it would have looked anyway.
TEST(Resume, ReachesATargetAfterAsManySamples) {
  const mc::Moment moment = mc::compile(kTargetProgram);
  const double targets[] = {1e-2, 3e-3, 1e-3};
  mc::Partial of_targets, of_samples = moment.run({.samples = 300 * kTile + 9}).partial;
  for (const double target : targets) {
    const mc::Report expected = moment.run(aimed(target));
    for (mc::Partial* from : {&of_targets, &of_samples}) {
      mc::Options next = aimed(target);
      next.from = *from;
      const mc::Report report = moment.run(next);
      EXPECT_EQ(found(report), found(expected)) << target;
      EXPECT_TRUE(report.reached);
      *from = report.partial;
    }
  }
  for (const double target : targets) {  // reached before: nothing is left to do
    mc::Options again = aimed(target);
    again.from = of_targets;
    const mc::Report report = moment.run(again);
    EXPECT_EQ(found(report), found(moment.run(aimed(target))));
    EXPECT_EQ(report.tiles.total(), 0u) << target;
    EXPECT_EQ(report.reused, report.samples);
  }
}

TEST(Resume, ReachesATargetAfterStops) {
  const mc::Moment moment = mc::compile(kTargetProgram);
  const std::string expected = found(moment.run(aimed(5e-4)));
  mc::Options next = aimed(5e-4);
  for (int stops = 0; stops < 200; ++stops) {
    std::stop_source source;
    next.stop = source.get_token();
    std::jthread stopping([&] {
      std::this_thread::sleep_for(3ms);
      source.request_stop();
    });
    const mc::Report report = moment.run(next);
    next.from = report.partial;
    if (!report.stopped) break;
    EXPECT_FALSE(report.reached && report.samples == 0);
  }
  next.stop = {};
  EXPECT_EQ(found(moment.run(next)), expected);
}

/// Of fewer samples than the target takes: the limit is where it ends.
TEST(Resume, EndsWhereTheSamplesDo) {
  const mc::Moment moment = mc::compile(kTargetProgram);
  mc::Options next = aimed(1e-9, 16 * kTile);  // the first look would be just there
  next.from = moment.run(aimed(1e-2)).partial;
  EXPECT_EQ(found(moment.run(next)), found(moment.run(aimed(1e-9, 16 * kTile))));
}

// ---- other calls

TEST(Resume, TakesBoxesAndSingleNumbers) {
  const mc::Moment moment = mc::compile("sum(x_i^2)", "prod(1/(hi_i - lo_i))");
  const mc::Box box = mc::box(3, 0, 2);
  mc::Options next{.samples = 3 * kTile + 1, .precision = mc::Precision::f32};
  next.from = moment.run(box, next).partial;
  next.samples = 9 * kTile;
  mc::Options whole = next;
  whole.from = {};
  EXPECT_EQ(found(moment.run(box, next)), found(moment.run(box, whole)));
  EXPECT_EQ(bits(moment.estimate(box, next).value), bits(moment.estimate(box, whole).value));
}

TEST(Resume, OutlivesItsMoment) {
  mc::Options next{.samples = 3 * kTile};
  next.from = mc::compile("x ~ uniform(0, 1); E[x]").run(next).partial;
  next.samples = 5 * kTile;
  const mc::Report report = mc::compile("x ~ uniform(0, 1); E[x]").run(next);
  EXPECT_EQ(report.reused, 3 * kTile);
}

TEST(Resume, OfNothingIsNothing) {
  EXPECT_EQ(mc::Partial().samples(), 0u);
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1); E[x]");
  const mc::Report report = moment.run({.samples = kTile - 1});
  EXPECT_EQ(report.partial.samples(), 0u);
  EXPECT_EQ(moment.run({.samples = 10, .from = report.partial}).reused, 0u);
}

/// How samples that are not finite are treated is said when the record is read.
TEST(Resume, LeavesTheTreatmentOfWhatIsNotFiniteOpen) {
  const mc::Moment moment = mc::compile("x ~ normal(0, 1); E[if(x > 3, 1/0, x)]");
  const mc::Report first = moment.run({.samples = 5 * kTile});
  const mc::Options dropping{.samples = 9 * kTile, .nonfinite = mc::Nonfinite::drop};
  mc::Options next = dropping;
  next.from = first.partial;
  EXPECT_EQ(found(moment.run(next)), found(moment.run(dropping)));
}

struct Refusal {
  const char* name;
  const char* program;
  mc::Options options;
  const char* says;
};

TEST(Resume, RefusesWhatIsOfAnotherRun) {
  const char* const program = "x ~ normal(m, 1); y ~ data(A); E[a_1*x + y]";
  const mc::Parameters parameters = {{"m", 1}, {"a", {1.0, 2.0}}, {"A", {1.0, 2.0}}};
  const mc::Partial from = mc::compile(program).run({.samples = 2 * kTile, .parameters = parameters}).partial;
  const Refusal rows[] = {
      {"program",
       "x ~ normal(m, 2); y ~ data(A); E[a_1*x + y]",
       {.parameters = parameters},
       "its program is x ~ normal(m, 1)"},
      {"seed", program, {.seed = 2, .parameters = parameters}, "its seed is 1, not 2"},
      {"number", program, {.parameters = {{"m", 2}, {"a", {1.0, 2.0}}, {"A", {1.0, 2.0}}}}, "other values"},
      {"vector", program, {.parameters = {{"m", 1}, {"a", {1.0, 3.0}}, {"A", {1.0, 2.0}}}}, "other values"},
      {"rows", program, {.parameters = {{"m", 1}, {"a", {1.0, 2.0}}, {"A", {1.0, 3.0}}}}, "other values"},
      {"more_rows",
       program,
       {.parameters = {{"m", 1}, {"a", {1.0, 2.0}}, {"A", {1.0, 2.0, 3.0}}}},
       "other values"},
      {"generator",
       program,
       {.parameters = parameters, .generator = mc::Generator::philox4x32},
       "its generator is xoshiro256++, not philox4x32-10"},
      {"precision",
       program,
       {.parameters = parameters, .precision = mc::Precision::f32},
       "its precision is f64, not f32"},
  };
  for (Refusal row : rows) {
    row.options.from = from;
    try {
      mc::compile(row.program).run(row.options);
      FAIL() << row.name;
    } catch (const mc::ArgumentError& error) {
      EXPECT_NE(std::string(error.what()).find(row.says), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace mc::testing
