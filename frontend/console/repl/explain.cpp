// The program's own measurement, beside one of a program that only draws as many numbers and adds them up.
#include "frontend/console/repl/explain.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

/// One line a loop: what is drawn and folded together in it.
std::string loops_text(const Explanation& explanation) {
  std::string text;
  for (const Explanation::Loop& loop : explanation.loops) {
    const std::string draws = loop.draws.empty() ? "" : "draws " + joined(loop.draws);
    text += fmt::format("  {}: {}{}{}{}\n", loop.rounds == 1 ? "once" : "loop of " + count_text(loop.rounds),
                        draws, draws.empty() || loop.folds.empty() ? "" : "; ", joined(loop.folds),
                        loop.hoisted ? " (the same for all samples: not computed again for each)" : "");
  }
  return text;
}

std::string sample_text(const Explanation& explanation) {
  return fmt::format("  a sample: {}{}, {:.0f} operations ({:.0f} floating-point){}; the kernel has {}\n",
                     explanation.rejects ? "at least " : "", counted(explanation.draws, "draw"),
                     explanation.operations, explanation.floating,
                     explanation.stored == 0 ? std::string(", nothing stored")
                                             : ", " + counted(explanation.stored, "number") + " stored",
                     count_text(explanation.kernel));
}

/// Nanoseconds a sample takes one thread, by a run of so many.
double measured(const Moment& moment, Options options, std::uint64_t samples) {
  options.target_error = options.target_relative = 0;
  options.threads = 1;
  options.samples = samples;
  const Report report = moment.run(options);
  if (report.stopped) throw FlagError("stopped before all was measured");
  return report.timing.run_ms * 1e6 / static_cast<double>(report.samples);
}

/// So many that a run takes some milliseconds, and no more than it has to where a sample takes long. Makes
/// what has to be made.
std::uint64_t enough_samples(const Moment& moment, const Options& options) {
  constexpr double kLong = 2e6;  // nanoseconds
  constexpr std::uint64_t kStep = 256, kMost = std::uint64_t{1} << 22;
  measured(moment, options, 1);
  std::uint64_t samples = kStep;  // each lane has one
  while (samples < kMost && measured(moment, options, samples) * static_cast<double>(samples) < kLong)
    samples *= 4;
  return samples;
}

/// The best of several runs, which other programs disturb; each beside one of a program that only draws as
/// many numbers. Adding up is a part of that, which a program that looks at few of them is spared.
std::string speed_text(const Question& question, const Options& options, const Explanation& explanation) {
  Options plain = options;
  plain.parameters.clear();
  const Moment drawing =
      compile(fmt::format("u ~ uniform(0, 1)^{}; E[sum(u)]", std::max<std::uint64_t>(explanation.draws, 1)));
  const std::uint64_t samples = enough_samples(question.moment, options),
                      others = enough_samples(drawing, plain);
  double own = std::numeric_limits<double>::infinity(), least = own;
  for (int run = 0; run < 5; ++run) {
    own = std::min(own, measured(question.moment, options, samples));
    least = std::min(least, measured(drawing, plain, others));
    if (own * static_cast<double>(samples) > 1e8) break;  // what takes so long is hardly disturbed
  }
  std::string text =
      fmt::format("  measured: {:.3g} ns a sample, {} on one {}\n", own, name_of(options.backend),
                  options.backend == Backend::cuda ? "GPU" : "thread");
  if (explanation.draws > 0)
    text +=
        fmt::format("  limit: drawing {} and adding them up takes {:.3g} ns; this is {:.0f}% as fast\n",
                    counted(explanation.draws, "uniform number"), least, std::min(100 * least / own, 100.0));
  return text;
}

/// As mc::Options::backend says, or why `auto` would do what.
std::string choice_text(const Options& options, const Explanation& e) {
  const std::string count = counted(options.budget(), "sample");
  if (options.backend != Backend::automatic)
    return fmt::format("  {} computes {}, as :set backend says\n", name_of(options.backend), count);
  if (e.compiled) return fmt::format("  llvm computes {}: its machine code is there\n", count);
  const unsigned threads = threads_of(options);
  const double interpreter_ms = e.interpreter_ms / threads;
  return fmt::format(
      "  {}: {} take the interpreter {} on {}, machine code {} to {}\n",
      interpreter_ms > e.compile_ms ? "the interpreter begins, llvm goes on" : "the interpreter computes all",
      count, time_text(interpreter_ms), counted(threads, "thread"), time_text(e.compile_ms),
      e.on_disk ? "load" : "make");
}

}  // namespace

std::string explanation(const Question& question, const Options& options) {
  if (question.reduces())
    throw FlagError(":explain is about samples, and this goes over a file's numbers once");
  const Explanation explained = question.moment.explain(options);
  const std::string choice = choice_text(options, explained);  // before the measurement makes machine code
  const std::string known = question.text + "\n" + loops_text(explained) + sample_text(explained) + choice;
  if (options.backend != Backend::automatic) return known + speed_text(question, options, explained);
  Options measuring = options;
  try {
    measuring.backend = Backend::llvm;
    return known + speed_text(question, measuring, explained);
  } catch (const DeviceError&) {
    measuring.backend = Backend::interpreter;  // all that `auto` has where code generation is forbidden
    return known + speed_text(question, measuring, explained);
  }
}

}  // namespace mc::console
