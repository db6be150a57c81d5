// The interpreter first, machine code from some tile on: when that happens never shows in a bit, and nobody
// waits for it.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "engine/interpreter/interpreter.hpp"
#include "engine/ir/builder.hpp"
#include "engine/kernels/data.hpp"
#include "engine/llvm/loading.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/machine_codes.hpp"
#include "frontend/api/tiers.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/parser.hpp"
#include "runtime/schedule/run.hpp"
#include "tests/support/constant_kernel.hpp"
#include "tests/support/sanitized.hpp"

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
  EXPECT_GT(report.tiles[mc::Backend::interpreter], 0u);
  EXPECT_GT(report.tiles[mc::Backend::llvm], 0u);
  EXPECT_FALSE(report.compiling);
  EXPECT_GT(report.timing.compile_ms, 0);
}

TEST(Tiers, SmallJobsAreCompiledOnceManyOfThemHaveCome) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^5; E[sum(x_i^2) + 2]");
  EXPECT_EQ(moment.run({.samples = 1000}).tiles[mc::Backend::llvm], 0u);
  int calls = 0;
  while (moment.run({.samples = 8000}).tiles[mc::Backend::llvm] == 0 && calls < 100'000) ++calls;
  EXPECT_GT(calls, 3);
  EXPECT_LT(calls, 100'000);
}

/// Who is asked computes, all of it and nobody else.
TEST(BackEnds, ComputeWhatTheyAreAskedFor) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^5; E[sum(x_i^2) + 7]");
  const double expected = moment.estimate({.samples = 20'000}).value;
  for (const auto& [name, backend] : mc::backends()) {
    if (backend == mc::Backend::automatic || backend == mc::Backend::cuda) continue;
    const mc::Report report = moment.run({.samples = 20'000, .backend = backend});
    EXPECT_EQ(report.results[0].estimate.value, expected) << name;
    EXPECT_EQ(report.tiles[backend], 3u) << name;
    EXPECT_EQ(report.tiles.total(), 3u) << name;
    for (const mc::Stretch& stretch : report.stretches) EXPECT_EQ(stretch.name, name);
  }
}

/// Of so many exponentials; hundreds of them take seconds to compile.
std::string slow_to_compile(int terms) {
  std::string text = "x ~ uniform(0, 1); E[x";
  for (int k = 1; k < terms; ++k) text += " + exp(x*" + std::to_string(k) + ")";
  return text + "]";
}

/// As Python's multiprocessing forks, in the midst of a compile. The child has none of its parent's threads.
TEST(Tiers, AForkedProcessCompilesAndEnds) {
  if (mc::testing::kIsSanitized)
    GTEST_SKIP() << "TSan allows no new thread in a forked process, and ASan calls its parent's a leak";
  const mc::Moment moment = mc::compile(slow_to_compile(40));
  int tries = 0;
  while (!moment.run({.samples = 8000}).compiling && tries < 100'000) ++tries;
  ASSERT_LT(tries, 100'000);
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    const mc::Moment another = mc::compile(slow_to_compile(30));
    const auto value = [](const mc::Moment& of, mc::Backend backend) {
      return of.estimate({.samples = 100'000, .backend = backend}).value;
    };
    bool is_right = true;
    for (const mc::Moment* each : {&moment, &another})
      is_right = is_right && value(*each, mc::Backend::llvm) == value(*each, mc::Backend::interpreter);
    std::exit(is_right ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
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
    const mc::Moment moment = mc::compile(slow_to_compile(400));
    report = moment.run(options);  // the first progress comes after a tenth of a second
    EXPECT_LT(Clock::now() - asked, std::chrono::seconds(2));
  }  // the moment is gone while its kernel is being compiled
  EXPECT_TRUE(report.stopped);
  EXPECT_GT(seen, 0u);
  EXPECT_GT(report.tiles[mc::Backend::interpreter], 0u);
}

/// However small the work: what is there costs nothing.
TEST(Tiers, MachineCodeOfAnEqualKernelIsTakenAtOnce) {
  const mc::Moment before = mc::compile("y ~ uniform(0, 1)^4; E[sum(y_i^2) + 3]");
  const mc::Report interpreted = before.run({.samples = 100, .backend = mc::Backend::interpreter});
  EXPECT_EQ(interpreted.tiles[mc::Backend::interpreter], 1u);
  mc::compile("z ~ uniform(0, 1)^4; E[sum(z_i^2) + 3]")
      .estimate({.samples = 1, .backend = mc::Backend::llvm});
  const mc::Moment after = mc::compile("x ~ uniform(0, 1)^4; E[sum(x_i^2) + 3]");
  for (const mc::Moment& moment : {before, after}) {
    const mc::Report report = moment.run({.samples = 100});
    EXPECT_EQ(report.tiles[mc::Backend::llvm], 1u);
    EXPECT_EQ(report.timing.cache, "memory");
    EXPECT_EQ(report.results[0].estimate.value, interpreted.results[0].estimate.value);
  }
  const mc::Moment another = mc::compile("x ~ uniform(0, 1)^5; E[sum(x_i^2) + 3]");
  EXPECT_EQ(another.run({.samples = 100}).tiles[mc::Backend::interpreter], 1u);
}

/// 2x of each datum x.
mc::ir::Kernel twice(double more) {
  return mc::kernels::map(
      std::array{mc::ir::Type::f64}, std::array{mc::ir::Type::f64},
      [more](mc::ir::Builder& b, std::span<const mc::ir::X> data, mc::ir::X) {
        return std::vector{data[0] * mc::ir::X(b, b.constant(2)) + mc::ir::X(b, b.constant(more))};
      },
      0);
}

TEST(Tiers, WaitForACompilerUntilTheWorkIsWorthIt) {
  mc::Tiers tiers(twice(1), 256, "2x");
  const auto is_interpreted = [&](const mc::Tiers::Current& code) {
    return tiers.is_interpreter(code.load());
  };
  EXPECT_TRUE(is_interpreted(tiers.serve(mc::Backend::automatic)));
  EXPECT_FALSE(tiers.ask_if_worth(0.01));
  EXPECT_TRUE(tiers.is_undecided());
  tiers.account(100'000, 1e6);  // a thousand seconds
  EXPECT_TRUE(tiers.ask_if_worth(0.01)) << "what was spent counts";
  while (tiers.is_compiling()) std::this_thread::yield();
  EXPECT_TRUE(tiers.is_machine_code(tiers.serve(mc::Backend::automatic).load()));
  EXPECT_TRUE(tiers.is_machine_code(tiers.serve(mc::Backend::llvm).load()));
  EXPECT_TRUE(is_interpreted(tiers.serve(mc::Backend::interpreter))) << "whoever asks for it gets it";
}

TEST(Tiers, ExpectWhatTheInterpreterWasMeasuredToTake) {
  mc::Tiers one(twice(2), 256, "2x"), other(twice(3), 256, "2x");
  const double before = other.expected_ms(1000);
  EXPECT_DOUBLE_EQ(other.expected_ms(2000), 2 * before);
  one.account(mc::kernels::kTileSamples, 1000);
  EXPECT_GT(other.expected_ms(1000), before) << "all kernels learn from it";
  for (int k = 0; k < 300; ++k) one.account(mc::kernels::kTileSamples, 1e-6);
  EXPECT_LT(other.expected_ms(1000), before);
}

/// No machine has such vectors.
TEST(Tiers, GoOnInTheInterpreterWhereNothingCanBeCompiled) {
  mc::Tiers tiers(twice(4), 100, "2x");
  EXPECT_TRUE(tiers.ask_if_worth(1e6));
  while (tiers.is_compiling()) std::this_thread::yield();
  EXPECT_FALSE(tiers.is_undecided()) << "it is not asked for again";
  EXPECT_FALSE(tiers.is_compiled());
  EXPECT_TRUE(tiers.is_interpreter(tiers.serve(mc::Backend::automatic).load()));
  EXPECT_THROW(tiers.serve(mc::Backend::llvm), mc::DeviceError);
}

TEST(Tiers, DataGoToMachineCodeOnceThatPays) {
  const mc::Moment moment = mc::compile("a*b + 17");
  const std::vector<double> a(1 << 20, 2), b(1 << 20, 3);
  std::vector<double> out(1 << 20);
  const std::uint64_t before = mc::MachineCodes::shared().compiles();
  moment.map(std::span(out).first(100), {{"a", std::span(a).first(100)}, {"b", std::span(b).first(100)}});
  EXPECT_EQ(mc::MachineCodes::shared().compiles(), before) << "too little";
  while (mc::MachineCodes::shared().compiles() == before) moment.map(out, {{"a", a}, {"b", b}});
  EXPECT_EQ(out, std::vector<double>(1 << 20, 23));
}

TEST(MachineCodes, LearnWhatCompilesTake) {
  mc::MachineCodes codes;
  const double at_first = codes.expected_ms(100);
  codes.get({mc::testing::constant(1), 256});
  EXPECT_NE(codes.expected_ms(100), at_first);
  EXPECT_GT(codes.expected_ms(100), 0);
  EXPECT_LT(codes.expected_ms(100), codes.expected_ms(10'000));
}

TEST(MachineCodes, MadeBehindTellWhenTheyAreThere) {
  mc::MachineCodes codes;
  mc::ir::Builder bad;
  bad.output(0, bad.emit(mc::ir::Op::log_function, {bad.scalar(0)}));  // no primitive
  std::atomic<int> there{0}, failed{0};
  const auto then = [&](const mc::MachineCodes::Answer&) { ++there; };
  codes.make_behind({mc::testing::constant(1), 256}, then, [&] { ++failed; });
  codes.make_behind({bad.finish(1), 256}, then, [&] { ++failed; });
  while (there + failed < 2) std::this_thread::yield();
  EXPECT_EQ(there, 1);
  EXPECT_EQ(failed, 1);
}

}  // namespace
