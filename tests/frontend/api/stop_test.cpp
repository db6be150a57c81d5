// Stopping a run whose samples are so long that a tile of them takes minutes; and what is said when nothing
// was done. Bounds are generous: what is told apart is milliseconds from minutes.
#include <chrono>
#include <cmath>
#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "frontend/api/machine_codes.hpp"
#include "tests/support/cpu_back_ends.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Runs until it is stopped, a quarter of a second after its beginning; how long that took it.
mc::Report stopped(const mc::Moment& moment, mc::Options options, Clock::duration& took) {
  std::stop_source source;
  options.stop = source.get_token();
  options.samples = 1'000'000'000'000;
  Clock::time_point asked;
  std::jthread asking([&] {
    std::this_thread::sleep_for(250ms);
    asked = Clock::now();
    source.request_stop();
  });
  mc::Report report = moment.run(options);
  const auto end = Clock::now();
  asking.join();
  took = end - asked;
  return report;
}

void expect_nothing(const mc::Estimate& e) {
  EXPECT_TRUE(std::isnan(e.value));
  EXPECT_EQ(e.standard_error, INFINITY);
  EXPECT_EQ(e.variance, INFINITY);
  EXPECT_EQ(e.samples, 0u);
  EXPECT_EQ(mc::to_string(e), "nan");
  EXPECT_TRUE(std::isnan(e.interval().lower));
  ASSERT_EQ(e.warnings.size(), 1u);
  EXPECT_NE(e.warnings[0].find("not one sample"), std::string::npos) << e.warnings[0];
}

const std::vector<mc::Backend> kBackends = mc::testing::cpu_back_ends();

const char* const kLong[] = {
    "x ~ uniform(0, 1)^1000000; E[sum(x_i^2)]",             // a million coordinates
    "x ~ uniform(0, 1)^3000; E[sum(x_i*x_j)]",              // nine million pairs
    "x ~ normal(0, 1)^30000; Var[max(x - mean(x))]",        // as much scratch as may be
    "x ~ uniform(0, sum(sqrt(i), i = 1..10000000)); E[x]",  // the same for all lanes; and a requirement
    "x ~ uniform(0, 1); E[iterate(y = x, 3.9*y*(1 - y), 10000000)]",  // may settle, and never does
};

TEST(Stop, ComesSoonAmidALongSample) {
  for (const char* program : kLong) {
    const mc::Moment moment = mc::compile(program);
    for (const mc::Backend backend : kBackends) {
      Clock::duration took;
      const mc::Report report = stopped(moment, {.backend = backend}, took);
      EXPECT_TRUE(report.stopped) << program;
      EXPECT_LT(took, 10s) << program;  // not the hours that a tile of it takes
      EXPECT_EQ(report.samples % 8192, 0u) << program;
      if (report.samples == 0) expect_nothing(report.results[0].estimate);
    }
  }
}

TEST(Stop, ComesSoonWhileTheKernelIsBeingCompiled) {
  std::string text = "x ~ uniform(0, 1); E[x";
  for (int k = 1; k < 100; ++k)
    text += " + sin(x*" + std::to_string(k) + ")*exp(x/" + std::to_string(k) + ")";
  const mc::Moment moment = mc::compile(text + "]");
  const mc::MachineCodes& codes = mc::MachineCodes::shared();
  std::stop_source source;
  std::jthread asking([&, before = codes.compiles()] {
    while (codes.compiles() == before) std::this_thread::yield();
    source.request_stop();
  });
  const mc::Report report =
      moment.run({.samples = 1'000'000'000'000, .backend = mc::Backend::llvm, .stop = source.get_token()});
  EXPECT_FALSE(moment.signatures()[0].compiled) << "that is still going on";
  EXPECT_TRUE(report.stopped);
  if (report.samples == 0) expect_nothing(report.results[0].estimate);
  // The code comes all the same, and this call waits for it.
  EXPECT_GT(moment.run({.samples = 10'000, .backend = mc::Backend::llvm}).tiles[mc::Backend::llvm], 0u);
}

TEST(Stop, KeepsTheTilesThatAreDone) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^10; E[sum(x_i^2)]");
  for (const mc::Backend backend : kBackends) {
    std::stop_source source;
    mc::Options options{
        .samples = 1'000'000'000'000, .backend = backend, .threads = 2, .stop = source.get_token()};
    options.progress = [&](const mc::Progress& now) {
      if (now.samples_done > 0) source.request_stop();
    };
    const mc::Report report = moment.run(options);
    EXPECT_TRUE(report.stopped);
    ASSERT_GT(report.samples, 0u);
    EXPECT_EQ(report.samples % 8192, 0u);
    EXPECT_EQ(report.tiles.total(), report.samples / 8192);
    const mc::Estimate& e = report.results[0].estimate;
    EXPECT_EQ(e.samples, report.samples);
    EXPECT_NEAR(e.value, 10.0 / 3, 6 * e.standard_error);
  }
}

TEST(Stop, BeforeTheBeginningGivesNothingAndSaysSo) {
  std::stop_source source;
  source.request_stop();
  const mc::Options options{.backend = mc::Backend::llvm, .stop = source.get_token()};
  for (const char* program :
       {"x ~ normal(0, 1); E[x], P[x > 0], Var[x], Std[x]", "x ~ density(2*x, 0, 1); E[x], Var[x], Std[x]"}) {
    const mc::Report report = mc::compile(program).run(options);
    EXPECT_TRUE(report.stopped);
    EXPECT_EQ(report.samples, 0u);
    EXPECT_TRUE(report.warnings.empty()) << report.warnings[0];
    for (const mc::Report::Result& result : report.results) {
      SCOPED_TRACE(result.query);
      expect_nothing(result.estimate);
    }
  }
  const mc::Moment one = mc::compile("x ~ normal(0, 1); E[x]");
  expect_nothing(one.estimate(options));
  EXPECT_FALSE(one.signatures()[0].compiled) << "for nothing";
}

TEST(Stop, DoesNotHideWhatIsWrong) {
  std::stop_source source;
  const mc::Options options{.parameters = {{"s", -1}}, .stop = source.get_token()};
  EXPECT_THROW(mc::compile("x ~ normal(0, s); E[x]").run(options), mc::ArgumentError);
}

}  // namespace
