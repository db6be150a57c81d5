// Making an instance, running it, reading its record.
#include "frontend/api/instance.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "engine/interpreter/interpreter.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/partial.hpp"
#include "frontend/language/lowering.hpp"
#include "runtime/estimate/estimate.hpp"

namespace mc {
namespace {

using Clock = std::chrono::steady_clock;

void check_dimension(const SignatureKey& key, const language::Limits& limits) {
  const auto most = static_cast<std::int64_t>(limits.dimensions);
  if (key.setting.dimension > most)
    fail<ArgumentError>(
        fmt::format("a box has at most {} coordinates, and this one has {}", most, key.setting.dimension),
        "raise Limits::dimensions (--limit dimensions=N)");
}

language::Model checked_model(const language::Source& source, const SignatureKey& key) {
  check_dimension(key, source.limits);
  language::Checked checked = language::check(source, key.setting);
  throw_if_wrong(checked.diagnostics, source.program.text());
  if (source.density) throw_if_wrong(checked.density_diagnostics, source.density->text(), "density");
  for (const auto& given : key.setting.parameters) {
    const bool used = std::ranges::count(checked.model.scalars, given.name) != 0 ||
                      std::ranges::count(checked.model.arrays, given.name, &language::Array::name) != 0 ||
                      std::ranges::count(checked.model.tables, given.name, &language::Table::name) != 0;
    if (!used)
      fail<ArgumentError>(fmt::format("the program has no parameter {}", given.name),
                          "give values to free names only");
  }
  return std::move(checked.model);
}

void check_use_of_box(const language::Model& model, const SignatureKey& key) {
  if (key.setting.bounds == language::Setting::Bounds::none || model.samples_box) return;
  fail<ArgumentError>("a box is given, and the program has no variable on it",
                      "a box is for a bare expression with one free name, such as sum(x_i^2)");
}

/// Hears after each tile how a run goes on, and decides who is to compute it.
class RunWatch {
 public:
  /// `expected` may change, and is 0 while nobody knows.
  RunWatch(Tiers& tiers, GpuOffer& offer, const runtime::Job& job, const std::uint64_t& expected)
      : tiers_(tiers), offer_(offer), expected_(expected) {
    constexpr double kSurely = 4;  // the guess is seldom as wrong as that
    if (job.done != nullptr) reused_ = job.done->tiles.tiles() * kernels::kTileSamples;
    const double expected_ms = tiers.expected_ms(samples()) / (kSurely * std::max(1u, job.threads));
    decides_ = tiers.is_undecided() && !tiers.ask_if_worth(expected_ms);
  }

  /// Whether it has to hear more.
  bool hear(std::uint64_t done, std::chrono::nanoseconds elapsed) {
    const std::uint64_t all = std::max(samples(), done);
    const double all_ms = milliseconds(elapsed) * static_cast<double>(all) / static_cast<double>(done);
    decides_ = decides_ && !tiers_.ask_if_worth(all_ms) && (done < all || expected_ == 0);
    offers_ = offers_ && offer_.hear(done, elapsed);
    return decides_ || offers_;
  }

 private:
  /// That nobody has computed yet, as far as that is known.
  std::uint64_t samples() const { return expected_ - std::min(expected_, reused_); }

  Tiers& tiers_;
  GpuOffer& offer_;
  const std::uint64_t& expected_;
  std::uint64_t reused_ = 0;
  bool decides_ = false, offers_ = true;
};

/// What is there when a tile begins. Where the job is surely large the compiler starts now; else the first
/// tiles tell: then, as for jobs before, what is already spent counts too, for more like them may come.
void serve(Tiers& tiers, runtime::Job& job, Backend backend, GpuOffer& offer, const std::uint64_t& expected,
           std::optional<RunWatch>& watch) {
  job.tier = &tiers.serve(backend, job.stop);
  if (backend != Backend::automatic) return;
  job.devices = &offer.devices();
  watch.emplace(tiers, offer, job, expected);
  job.watch = [&watch = *watch](std::uint64_t done, std::chrono::nanoseconds elapsed) {
    return watch.hear(done, elapsed);
  };
}

}  // namespace

Instance::Instance(const language::Source& source, SignatureKey key)
    : key_(std::move(key)),
      source_(source.program.text()),
      density_(source.density ? source.density->text() : std::string_view()),
      limits_(source.limits),
      model_(checked_model(source, key_)),
      reading_(std::make_shared<Reading>(model_)) {
  check_use_of_box(model_, key_);
  stages_.mark("check");
  ir::Kernel fast = kernel(false, stages_);
  stages_.skip();
  tiers_ = std::make_unique<Tiers>(std::move(fast), key_.vector_bits, kernel_name());
  gpu_ = std::make_unique<Gpu>(tiers_->kernel(), reading_->layout(), kernel_name());
  stages_.mark("assemble");
  factors_ = or_too_large(source_, [&] { return std::make_unique<Factors>(model_, limits_); });
  if (model_.requirements.empty()) return;
  requirements_ = interpreter::interpret(
      passes::lower(or_too_large(source_, [&] { return language::lower_requirements(model_, limits_); })));
  stages_.mark("requirements");
}

ir::Kernel Instance::kernel(bool screened, Stages& stages, const passes::Seen& seen) const {
  return or_too_large(source_, [&] {
    const ir::Kernel lowered = language::lower(model_, engine_generator(key_.generator), screened, limits_);
    stages.mark("lower");
    return finished(lowered, stages, seen);
  });
}

ir::Kernel Instance::finished(const ir::Kernel& lowered, Stages& stages, const passes::Seen& seen) const {
  constexpr std::size_t kMayVanish =
      4;  // the last simplification finds constants among what functions were made of
  try {
    return language::bounded(passes::lower(lowered, stages, seen, kMayVanish * limits_.operations), limits_);
  } catch (const passes::TooManyOperations&) {
    throw language::TooLarge(
        fmt::format("the program needs a kernel of more than {} operations (Limits::operations)",
                    limits_.operations),
        "operations");
  }
}

const kernels::Executable& Instance::screened() {
  std::call_once(screened_once_, [this] {
    Stages unseen;
    screened_ = interpreter::interpret(kernel(true, unseen));
  });
  return *screened_;
}

/// Null where there is none, and the call does not wait for it.
const kernels::Device* Instance::screened_beside(const kernels::Device& device, bool waits) {
  std::call_once(screened_gpu_once_, [this] {
    Stages unseen;
    screened_gpu_ = std::make_unique<Gpu>(kernel(true, unseen), reading_->layout(), kernel_name());
  });
  if (waits)
    screened_gpu_->serve();
  else
    screened_gpu_->ask();
  return screened_gpu_->beside(device);
}

std::uint64_t Instance::table_bytes(const Binding& binding) const {
  std::uint64_t bytes = 0;
  const auto& tables = tiers_->kernel().tables;
  for (std::size_t k = 0; k < tables.size(); ++k)
    bytes += binding.table(k).rows * tables[k].columns * ir::bytes_of(tables[k].type);
  return bytes;
}

/// What profilers and debuggers call it.
std::string Instance::kernel_name() const {
  const std::size_t others = queries() - 1;
  return others == 0 ? model_.queries[0].text : fmt::format("{}+{}", model_.queries[0].text, others);
}

/// A thread's working memory, used again by its next call. A progress callback may itself ask for an
/// estimate, on this thread, while the call it belongs to is still using its own: so there is one for each
/// depth.
class Instance::Lease {
 public:
  Lease() {
    if (depth == runs.size()) runs.push_back(std::make_unique<Run>());
    run_ = runs[depth++].get();
  }
  ~Lease() { --depth; }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Run& operator*() const { return *run_; }

 private:
  static thread_local std::vector<std::unique_ptr<Run>> runs;
  static thread_local std::size_t depth;
  Run* run_;
};

thread_local std::vector<std::unique_ptr<Instance::Run>> Instance::Lease::runs;
thread_local std::size_t Instance::Lease::depth = 0;

/// What tells the caller where the run stands.
std::function<void(const runtime::Standing&)> Instance::telling(const Options& options, std::uint64_t samples,
                                                                const std::uint64_t& expected) const {
  if (!options.progress) return {};
  return [this, &options, samples, &expected](const runtime::Standing& now) {
    const auto estimates = [this, &options, &now] {
      const double* record = now.record();
      std::vector<Estimate> all;
      for (std::size_t k = 0; k < queries(); ++k) {
        all.push_back(reading_->estimate(k, record, options.nonfinite));
        all.back().warnings.clear();
      }
      return all;
    };
    options.progress({.samples_done = now.samples,
                      .samples = samples,
                      .expected = expected == 0 ? 0 : std::max(expected, now.samples),
                      .seconds = std::chrono::duration<double>(now.elapsed).count(),
                      .estimates = estimates});
  };
}

/// Of a program that takes each row once, as many as there are rows.
std::uint64_t Instance::samples_of(const Options& options, const Binding& binding) const {
  const language::Variable* first = nullptr;
  const auto rows = [&](const language::Variable& v) { return binding.table(*v.table).rows; };
  for (const language::Variable& variable : model_.variables) {
    if (!variable.in_order) continue;
    if (first == nullptr) first = &variable;
    if (rows(variable) != rows(*first))
      fail<ArgumentError>(fmt::format("{} goes through {} rows, and {} through {}", first->name, rows(*first),
                                      variable.name, rows(variable)),
                          "rows(A) and rows(B) of one program go together, row by row");
  }
  if (first == nullptr) return options.budget();
  if (options.has_target())
    fail<ArgumentError>("a target is set, and the program takes every row once",
                        "leave the target out, or draw from the rows: x ~ data(A)");
  return rows(*first);
}

/// Rows taken in order are read once.
std::vector<runtime::Trail> Instance::trails_of(const Binding& binding) const {
  std::vector<runtime::Trail> trails;
  for (const language::Variable& variable : model_.variables) {
    if (!variable.in_order) continue;
    const kernels::Table& table = binding.table(*variable.table);
    runtime::Trail trail(table.data, table.stride, table.rows, kernels::kTileSamples);
    if (!trail.is_kept()) trails.push_back(std::move(trail));
  }
  return trails;
}

/// The call's numbers in place, and seen to be such as the program requires.
kernels::Arguments Instance::bind(Binding& binding, const Options& options, const Box* box) const {
  binding.bind(model_, options.parameters, box);
  factors_->make(model_, binding, source_, options.stop);
  const kernels::Arguments arguments = binding.arguments(options.seed);
  if (requirements_) check_requirements(model_, *requirements_, arguments, options.stop, source_, density_);
  return arguments;
}

void Instance::execute(Run& run, const Options& options, const Box* box, bool timed) {
  Binding& binding = run.binding;
  const kernels::Arguments arguments = bind(binding, options, box);
  run.on_gpu = options.backend == Backend::cuda;
  run.was_compiled = run.on_gpu ? gpu_->is_loaded() : tiers_->is_compiled();
  runtime::Job job;
  job.layout = &reading_->layout();
  job.arguments = arguments;
  job.samples = samples_of(options, binding);
  if (const Partial::Content* from = options.from.content_.get()) {
    check_origin(from->origin, origin(options, binding));
    job.done = &from->done;
  }
  job.threads = options.threads;
  job.stop = options.stop;
  job.screened = [this]() -> const kernels::Executable& { return screened(); };
  job.timed = timed;
  const std::vector<runtime::Trail> trails = trails_of(binding);
  if (!trails.empty())
    job.passed = [&trails](std::uint64_t tile) {
      for (const runtime::Trail& trail : trails) trail.passed(tile);
    };
  job.part = tiles_of(options.part, job.samples);
  const Target target(options);
  if (options.has_target() && options.part.of > 1)
    fail<ArgumentError>("a target is set, and only a part of the samples is to be taken",
                        "how many samples a target takes is told by all of them: leave one of the two out");
  run.samples = job.samples;
  run.planned = job.samples_of_part();
  std::uint64_t expected = options.has_target() ? 0 : run.planned;
  job.progress = telling(options, run.planned, expected);
  if (options.has_target())
    job.goal = [&](const double* record, std::uint64_t done) {
      const double error = done > 0 ? excess(target, record, options.nonfinite) : 0;
      if (done > 0) expected = Target::expected(error, done, job.samples);
      return Target::next(error, done, job.samples);
    };
  GpuOffer offer(*gpu_, *tiers_, expected, table_bytes(binding));
  std::optional<RunWatch> watch;
  if (run.on_gpu)
    job.devices = &gpu_->serve(options.stop);
  else
    serve(*tiers_, job, options.backend, offer, expected, watch);
  const auto screened_there = [this, &job, &run](std::size_t device) {
    return screened_beside(*(*job.devices->load())[device], run.on_gpu);
  };
  if (job.devices != nullptr) job.screened_there = std::ref(screened_there);  // so that it takes no memory
  const auto start = Clock::now();
  or_device_error([&] { runtime::run(job, run.outcome); });
  run.run_ms = milliseconds(Clock::now() - start);
  if (!run.outcome.failed.empty() || run.outcome.has_slow_devices) gpu_->give_up();
  if (options.backend == Backend::automatic) gpu_->account(run.run_ms);
  const auto& used = run.outcome.executables;
  if (used.size() == 1 && tiers_->is_interpreter(used[0].executable))
    tiers_->account(run.outcome.samples - run.outcome.reused, run.run_ms);
}

/// Of the query that is farthest from the target.
double Instance::excess(const Target& target, const double* record, Nonfinite policy) const {
  double most = 0;
  for (std::size_t k = 0; k < queries(); ++k)
    most = std::max(most, target.excess(reading_->estimate(k, record, policy), policy));
  return most;
}

/// Whether one of the queries has no value any more, whatever comes.
bool Instance::is_spoiled(const double* record, Nonfinite policy) const {
  for (std::size_t k = 0; k < queries(); ++k)
    if (Target::is_spoiled(reading_->estimate(k, record, policy), policy)) return true;
  return false;
}

/// Whether there was a target and it was reached; a warning where it was not, though nobody stopped the run.
bool Instance::judge_target(const Run& run, const Options& options,
                            std::vector<std::string>& warnings) const {
  const Target target(options);
  if (!options.has_target() || run.outcome.samples == 0) return false;
  const double* record = run.outcome.record.data();
  if (is_spoiled(record, options.nonfinite)) {
    warnings.push_back(fmt::format(
        "{} cannot be reached: more samples would not mend a value that is not a number", target.text()));
    return false;
  }
  const double error = excess(target, record, options.nonfinite);
  if (error > 1 && !run.outcome.stopped)
    warnings.push_back(fmt::format("after {} samples, the most allowed, {} is not reached",
                                   run.outcome.samples, target.text()));
  return error <= 1;
}

/// Of those that the caller chose; what fails beside the CPU nobody has to know.
void Instance::tell_of_devices(const Run& run, std::vector<std::string>& warnings) {
  const runtime::Outcome& outcome = run.outcome;
  if (outcome.failed.empty()) return;
  const bool is_whole = outcome.samples >= run.planned;
  warnings.push_back(
      (is_whole
           ? std::string("a device failed, and others did its part: ")
           : fmt::format("there was no device left after {} of {} samples: ", outcome.samples, run.planned)) +
      outcome.failure);
}

Estimate Instance::estimate(const Options& options, const Box* box) {
  if (queries() != 1)
    fail<ArgumentError>(fmt::format("the program has {} queries, and estimate() gives one value", queries()),
                        "use run(), which gives all");
  const Lease lease;
  Run& run = *lease;
  execute(run, options, box, false);
  Estimate estimate = reading_->estimate(0, run.outcome.record.data(), options.nonfinite);
  reading_->judge_densities(run.outcome.record.data(), run.outcome.samples, estimate.warnings);
  judge_target(run, options, estimate.warnings);
  if (run.on_gpu) tell_of_devices(run, estimate.warnings);
  return estimate;
}

Report Instance::run(const Options& options, const Box* box) {
  const Lease lease;
  Run& run = *lease;
  execute(run, options, box, true);
  Report report{.results = {},
                .integrals = {},
                .warnings = {},
                .samples = run.outcome.samples,
                .seed = options.seed,
                .planned = run.planned,
                .reused = run.outcome.reused,
                .partial = partial(options, run),
                .tiles = {},
                .device = device_names(run.outcome),
                .stretches = {},
                .stopped = run.outcome.stopped,
                .timing = timing_of(run)};
  reading_->report(run.outcome.record.data(), run.outcome.samples, options.nonfinite, report);
  report.reached = judge_target(run, options, report.warnings);
  if (run.on_gpu) tell_of_devices(run, report.warnings);
  count_tiles(run.outcome, report);
  report.compiling = tiers_->is_compiling() || gpu_->is_being_made();
  return report;
}

}  // namespace mc
