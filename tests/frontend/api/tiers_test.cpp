// The interpreter first, machine code from some tile on: when that happens never shows in a bit, and nobody
// waits for it.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "engine/interpreter/interpreter.hpp"
#include "engine/llvm/loading.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/machine_codes.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/parser.hpp"
#include "runtime/schedule/run.hpp"

namespace {

using mc::kernels::Executable;
using mc::kernels::kTileSamples;

/// The interpreter, which after so many tiles puts machine code into its own place.
class Switching : public Executable {
 public:
  Switching(const Executable& first, const Executable& then, unsigned tiles)
      : first_(first), then_(then), left_(static_cast<int>(tiles)), tier_(tiles == 0 ? &then : this) {}

  bool run(const mc::kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    if (first == 0 && --left_ <= 0) tier_.store(&then_, std::memory_order_release);
    return first_.run(arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return first_.granule(); }
  std::size_t scratch_bytes() const override { return first_.scratch_bytes(); }
  unsigned outputs() const override { return first_.outputs(); }

  const std::atomic<const Executable*>& tier() const { return tier_; }

 private:
  const Executable &first_, &then_;
  mutable std::atomic<int> left_;
  mutable std::atomic<const Executable*> tier_;
};

TEST(Tiers, NoBitTellsAtWhichTileTheyWereSwitched) {
  for (const char* program :
       {"x ~ normal(0, 1)^3; E[max(x)*exp(x_1)], Var[sum(x)]", "x ~ gamma(2.5, 1); P[x < 2], E[x | x > 1]"}) {
    const mc::language::Checked checked = mc::language::check({mc::language::parse(program).program, {}}, {});
    const mc::ir::Kernel kernel =
        mc::passes::lower(mc::language::lower(checked.model, mc::random::Generator::xoshiro256pp, false));
    const mc::kernels::Layout layout(mc::language::groups(checked.model));
    const auto interpreter = mc::interpreter::interpret(kernel);
    const auto machine_code = mc::jit::load_and_compile(kernel);
    constexpr unsigned kTiles = 9;
    mc::runtime::Job job;
    job.layout = &layout;
    job.fast = interpreter.get();
    job.arguments = {.seed = 7};
    job.samples = (kTiles - 1) * kTileSamples + 1000;  // the last one is not whole
    const std::vector<double> expected = mc::runtime::run(job).record;
    for (unsigned at = 0; at <= kTiles; ++at)
      for (unsigned threads : {1u, 3u}) {
        const Switching switching(*interpreter, *machine_code, at);
        job.tier = &switching.tier();
        job.threads = threads;
        const mc::runtime::Outcome outcome = mc::runtime::run(job);
        ASSERT_EQ(outcome.record, expected)
            << program << ", after " << at << " tiles, " << threads << " threads";
        if (threads > 1 || at == 0) continue;
        ASSERT_EQ(outcome.executables[0].executable, &switching);
        EXPECT_EQ(outcome.executables[0].tiles, at);
      }
  }
}

TEST(Tiers, ALongRunBeginsInTheInterpreterAndEndsInMachineCode) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^5; E[sum(x_i^2) + 1]");
  std::stop_source source;
  int since_compiled = 0;
  mc::Options options{.samples = std::uint64_t{1} << 40, .threads = 2, .stop = source.get_token()};
  options.progress = [&](const mc::Progress&) {
    since_compiled += moment.signatures()[0].compiled;
    if (since_compiled == 2) source.request_stop();
  };
  const mc::Report report = moment.run(options);
  EXPECT_GT(report.tiles_interpreter, 0u);
  EXPECT_GT(report.tiles_llvm, 0u);
  EXPECT_FALSE(report.compiling);
  EXPECT_GT(report.timing.compile_ms, 0);
}

TEST(Tiers, SmallJobsAreCompiledOnceManyOfThemHaveCome) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^5; E[sum(x_i^2) + 2]");
  EXPECT_EQ(moment.run({.samples = 1000}).tiles_llvm, 0u);
  int calls = 0;
  while (moment.run({.samples = 8000}).tiles_llvm == 0 && calls < 100'000) ++calls;
  EXPECT_GT(calls, 3);
  EXPECT_LT(calls, 100'000);
}

/// Hundreds of exponentials: they take seconds to compile.
std::string slow_to_compile() {
  std::string text = "x ~ uniform(0, 1); E[x";
  for (int k = 1; k < 400; ++k) text += " + exp(x*" + std::to_string(k) + ")";
  return text + "]";
}

TEST(Tiers, NobodyWaitsForTheCompiler) {
  using Clock = std::chrono::steady_clock;
  std::stop_source source;
  mc::Options options{.samples = std::uint64_t{1} << 40, .stop = source.get_token()};
  std::uint64_t seen = 0;
  Clock::time_point asked;
  options.progress = [&](const mc::Progress& now) {
    seen = now.samples_done;
    if (!source.stop_requested()) asked = Clock::now(), source.request_stop();
  };
  mc::Report report;
  {
    const mc::Moment moment = mc::compile(slow_to_compile());
    report = moment.run(options);  // the first progress comes after a tenth of a second
    EXPECT_LT(Clock::now() - asked, std::chrono::seconds(2));
  }  // the moment is gone while its kernel is being compiled
  EXPECT_TRUE(report.stopped);
  EXPECT_GT(seen, 0u);
  EXPECT_GT(report.tiles_interpreter, 0u);
}

TEST(MachineCodes, LearnWhatCompilesTake) {
  mc::MachineCodes codes;
  const double at_first = codes.expected_ms(100);
  mc::ir::Builder b;
  b.output(0, b.constant(1));
  codes.get(b.finish(0), 256);
  EXPECT_NE(codes.expected_ms(100), at_first);
  EXPECT_GT(codes.expected_ms(100), 0);
  EXPECT_LT(codes.expected_ms(100), codes.expected_ms(10'000));
}

TEST(MachineCodes, MadeBehindTellWhenTheyAreThere) {
  mc::MachineCodes codes;
  mc::ir::Builder good, bad;
  good.output(0, good.constant(1));
  bad.output(0, bad.emit(mc::ir::Op::log_function, {bad.scalar(0)}));  // no primitive
  std::atomic<int> there{0}, failed{0};
  const auto then = [&](const mc::MachineCodes::Answer&) { ++there; };
  codes.make_behind(good.finish(0), 256, then, [&] { ++failed; });
  codes.make_behind(bad.finish(1), 256, then, [&] { ++failed; });
  while (there + failed < 2) std::this_thread::yield();
  EXPECT_EQ(there, 1);
  EXPECT_EQ(failed, 1);
}

}  // namespace
