// Making an instance, running it, reading its record.
#include "frontend/api/instance.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "engine/interpreter/interpreter.hpp"
#include "engine/ir/text.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/stretch.hpp"
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

runtime::Nonfinite policy_of(Nonfinite policy) {
  return policy == Nonfinite::drop ? runtime::Nonfinite::drop : runtime::Nonfinite::nan;
}

runtime::Estimate estimated(const language::Query& query, const runtime::Seen& seen,
                            runtime::Nonfinite policy) {
  switch (query.estimator) {
    case language::Estimator::mean:
      return runtime::mean(seen, 0, policy);
    case language::Estimator::probability:
      return runtime::probability(seen, 0, policy);
    case language::Estimator::conditional_probability:
      return runtime::conditional_probability(seen, policy);
    case language::Estimator::weighted_mean:
      return runtime::weighted_mean(seen, policy);
    case language::Estimator::weighted_probability:
      return runtime::weighted_probability(seen, policy);
    case language::Estimator::variance:
      return query.weighted ? runtime::weighted_variance(seen, policy) : runtime::variance(seen, policy);
    case language::Estimator::deviation:
      return query.weighted ? runtime::weighted_deviation(seen, policy) : runtime::deviation(seen, policy);
    case language::Estimator::covariance:
      return runtime::covariance(seen, policy);
    case language::Estimator::correlation:
      return runtime::correlation(seen, policy);
  }
  throw std::logic_error("unknown estimator");
}

Estimate published(runtime::Estimate found) {
  Estimate estimate{.value = found.value,
                    .standard_error = found.standard_error,
                    .variance = found.variance,
                    .samples = found.samples - found.nonfinite,
                    .nonfinite = found.nonfinite,
                    .is_probability = found.is_probability,
                    .scale = static_cast<Scale>(found.scale),
                    .warnings = {}};
  for (runtime::Warning& warning : found.warnings) estimate.warnings.push_back(std::move(warning.text));
  return estimate;
}

/// Why an error is too small to be believed of floats: a sample is good to 2^-24 of itself, and no event is
/// told apart from one that is likelier by as much.
std::string beyond_single_precision(const Estimate& estimate) {
  constexpr double kUnit = 0x1p-24;
  const auto n = static_cast<double>(estimate.samples);
  const bool is_probability = estimate.is_probability;
  const double error = is_probability ? std::max(estimate.standard_error, 3 / n) : estimate.standard_error;
  const double size = is_probability ? 1 : std::hypot(estimate.value, estimate.standard_error * std::sqrt(n));
  if (!(error > 0 && error < kUnit * size)) return {};
  return fmt::format("single precision tells {} apart by 6e-08 of {}, and the error is less: use f64",
                     is_probability ? "probabilities" : "samples", is_probability ? "1" : "themselves");
}

/// What is there when a tile begins. Where the job is surely large the compiler starts now; else the first
/// tiles tell: then, as for jobs before, what is already spent counts too, for more like them may come.
void serve(Tiers& tiers, runtime::Job& job, Backend backend) {
  job.tier = &tiers.serve(backend, job.stop);
  if (backend != Backend::automatic || !tiers.is_undecided()) return;
  constexpr double kSurely = 4;  // the guess is seldom as wrong as that
  if (tiers.ask_if_worth(tiers.expected_ms(job.samples) / (kSurely * std::max(1u, job.threads)))) return;
  job.watch = [&tiers, samples = job.samples](std::uint64_t done, std::chrono::nanoseconds elapsed) {
    const double all_ms = milliseconds(elapsed) * static_cast<double>(samples) / static_cast<double>(done);
    return !tiers.ask_if_worth(all_ms) && done < samples;
  };
}

}  // namespace

Instance::Instance(const language::Source& source, SignatureKey key)
    : key_(std::move(key)),
      source_(source.program.text()),
      density_(source.density ? source.density->text() : std::string_view()),
      limits_(source.limits),
      model_(checked_model(source, key_)),
      layout_(language::groups(model_)) {
  check_use_of_box(model_, key_);
  stages_.mark("check");
  ir::Kernel fast = kernel(false, stages_);
  stages_.skip();
  tiers_ = std::make_unique<Tiers>(std::move(fast), key_.vector_bits, kernel_name());
  gpu_ = std::make_unique<Gpu>(tiers_->kernel(), layout_, kernel_name());
  stages_.mark("assemble");
  factors_ = or_too_large(source_, [&] { return std::make_unique<Factors>(model_, limits_); });
  if (model_.requirements.empty()) return;
  requirements_ = interpreter::interpret(
      passes::lower(or_too_large(source_, [&] { return language::lower_requirements(model_, limits_); })));
  stages_.mark("requirements");
}

ir::Kernel Instance::kernel(bool screened, Stages& stages) const {
  return or_too_large(source_, [&] {
    const ir::Kernel lowered = language::lower(model_, engine_generator(key_.generator), screened, limits_);
    stages.mark("lower");
    return language::bounded(passes::lower(lowered, stages), limits_);
  });
}

const kernels::Executable& Instance::screened() {
  std::call_once(screened_once_, [this] {
    Stages unseen;
    screened_ = interpreter::interpret(kernel(true, unseen));
  });
  return *screened_;
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
        all.push_back(estimate_of(k, record, options.nonfinite));
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
  if (first == nullptr) return options.samples;
  if (Target(options).is_set())
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

void Instance::execute(Run& run, const Options& options, const Box* box, bool timed) {
  Binding& binding = run.binding;
  binding.bind(model_, options.parameters, box);
  factors_->make(model_, binding, source_);
  const kernels::Arguments arguments = binding.arguments(options.seed);
  if (requirements_) check_requirements(model_, *requirements_, arguments, options.stop, source_, density_);
  run.on_gpu = options.backend == Backend::cuda;
  run.was_compiled = run.on_gpu ? gpu_->is_loaded() : tiers_->is_compiled();
  runtime::Job job;
  job.layout = &layout_;
  job.arguments = arguments;
  job.samples = samples_of(options, binding);
  job.threads = options.threads;
  job.stop = options.stop;
  job.screened = [this]() -> const kernels::Executable& { return screened(); };
  job.timed = timed;
  const std::vector<runtime::Trail> trails = trails_of(binding);
  if (!trails.empty())
    job.passed = [&trails](std::uint64_t tile) {
      for (const runtime::Trail& trail : trails) trail.passed(tile);
    };
  const Target target(options);
  std::uint64_t expected = target.is_set() ? 0 : job.samples;
  job.progress = telling(options, job.samples, expected);
  if (target.is_set())
    job.goal = [&](const double* record, std::uint64_t done) {
      const double error = done > 0 ? excess(target, record, options.nonfinite) : 0;
      if (done > 0) expected = Target::expected(error, done, options.samples);
      return Target::next(error, done, options.samples);
    };
  if (run.on_gpu)
    job.device = &gpu_->loaded();
  else
    serve(*tiers_, job, options.backend);
  const auto start = Clock::now();
  or_device_error([&] { runtime::run(job, run.outcome); });
  run.run_ms = milliseconds(Clock::now() - start);
  run.asked = job.samples;
  const auto& used = run.outcome.executables;
  if (used.size() == 1 && tiers_->is_interpreter(used[0].executable))
    tiers_->account(run.outcome.samples, run.run_ms);
}

/// Of the query that is farthest from the target.
double Instance::excess(const Target& target, const double* record, Nonfinite policy) const {
  double most = 0;
  for (std::size_t k = 0; k < queries(); ++k)
    most = std::max(most, target.excess(estimate_of(k, record, policy)));
  return most;
}

/// Whether there was a target and it was reached; a warning where the samples ended first.
bool Instance::judge_target(const Run& run, const Options& options,
                            std::vector<std::string>& warnings) const {
  const Target target(options);
  if (!target.is_set() || run.outcome.samples == 0) return false;
  const double error = excess(target, run.outcome.record.data(), options.nonfinite);
  if (error > 1 && !run.outcome.stopped)
    warnings.push_back(fmt::format("after {} samples, the most allowed, {} is not reached",
                                   run.outcome.samples, target.text()));
  return error <= 1;
}

runtime::Seen Instance::seen_of(std::size_t group, const double* record) const {
  return {layout_.groups[group], record};
}

Estimate Instance::estimate_of(std::size_t query, const double* record, Nonfinite policy) const {
  const language::Query& asked = model_.queries[query];
  Estimate estimate = published(estimated(asked, seen_of(query, record), policy_of(policy)));
  // Two values may go along exactly; anything else that varies and was not seen to is not known to be
  // constant.
  const bool may_be_exact = !asked.varies || asked.estimator == language::Estimator::correlation;
  if (estimate.standard_error == 0 && estimate.samples > 1 && !may_be_exact)
    estimate.warnings.push_back(fmt::format(
        "all {} samples gave the same: if that is by chance, the error is not 0", estimate.samples));
  const bool has_floats = std::ranges::any_of(asked.values, [this](language::TermId value) {
    return model_.terms[value].exactness == language::Exactness::single;
  });
  if (has_floats && asked.varies)
    if (std::string why = beyond_single_precision(estimate); !why.empty())
      estimate.warnings.push_back(std::move(why));
  return estimate;
}

Estimate Instance::estimate(const Options& options, const Box* box) {
  if (queries() != 1)
    fail<ArgumentError>(fmt::format("the program has {} queries, and estimate() gives one value", queries()),
                        "use run(), which gives all");
  const Lease lease;
  Run& run = *lease;
  execute(run, options, box, false);
  Estimate estimate = estimate_of(0, run.outcome.record.data(), options.nonfinite);
  judge_density(run.outcome, estimate.warnings);
  judge_target(run, options, estimate.warnings);
  return estimate;
}

/// A weight's mean is its density's integral.
Estimate Instance::integral_of(std::size_t density, const runtime::Outcome& outcome, Nonfinite policy) const {
  return published(runtime::mean(seen_of(queries() + density, outcome.record.data()), 0, policy_of(policy)));
}

/// The integral is 1, unless the density says that it is not or is none; and no density is negative.
void Instance::judge_density(const runtime::Outcome& outcome, std::vector<std::string>& warnings) const {
  if (outcome.samples == 0) return;
  for (std::size_t k = 0; k < model_.densities.size(); ++k) {
    const language::Density& density = model_.densities[k];
    const std::string about = density.name.empty() ? "" : " of " + density.name;
    const double negative = seen_of(queries() + k, outcome.record.data()).mean(1);
    if (negative > 0)
      warnings.push_back(
          fmt::format("the density{} is negative for {:.3g}% of the samples", about, 100 * negative));
    const Estimate integral = integral_of(k, outcome, Nonfinite::drop);
    if (!density.normalized || std::abs(integral.value - 1) <= 5 * integral.standard_error + 1e-12) continue;
    warnings.push_back(fmt::format("the density{} integrates to {}, not to 1", about, to_string(integral)));
  }
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
                .asked = run.asked,
                .device = run.on_gpu ? std::string(gpu_->loaded().device_name()) : "",
                .tiles = {},
                .stopped = run.outcome.stopped,
                .timing = timing_of(run)};
  for (std::size_t k = 0; k < queries(); ++k)
    report.results.push_back(
        {model_.queries[k].text, estimate_of(k, run.outcome.record.data(), options.nonfinite)});
  for (std::size_t k = 0; k < model_.densities.size(); ++k)
    report.integrals.push_back({model_.densities[k].name, model_.densities[k].normalized,
                                integral_of(k, run.outcome, options.nonfinite)});
  judge_density(run.outcome, report.warnings);
  report.reached = judge_target(run, options, report.warnings);
  count_tiles(run.outcome, report);
  report.compiling = tiers_->is_compiling();
  return report;
}

/// What the signature took, and what this run found: machine code, or that it had to be made.
Timing Instance::timing_of(const Run& run) const {
  Timing timing = signature_timing();
  timing.run_ms = run.run_ms;
  if (run.on_gpu) {
    const cuda::Loaded& loaded = gpu_->loaded();
    timing.cache = run.was_compiled ? "memory" : loaded.is_from_disk() ? "disk" : "miss";
    if (!run.was_compiled) timing.compile_ms = loaded.assembled().compile_ms;
    return timing;
  }
  const bool was_there = run.was_compiled || (tiers_->is_compiled() && tiers_->shared());
  timing.cache = was_there ? "memory" : tiers_->is_from_disk() ? "disk" : "miss";
  if (!was_there) add_machine_code(timing);
  return timing;
}

Timing Instance::signature_timing() const {
  Timing timing;
  timing.lower_ms = whole_ms(stages_.all());
  timing.stages.reserve(16);
  for (const StageTime& stage : stages_.all()) timing.stages.push_back(stretch(stage));
  return timing;
}

/// The compile's stages followed one another without a pause.
void Instance::add_machine_code(Timing& timing) const {
  const jit::Timing* compile = tiers_->timing();
  if (compile == nullptr) return;
  timing.compile_ms = compile->total_ms();
  if (tiers_->is_from_disk()) timing.cache = "disk";
  auto begin = compile->begin;
  const auto add = [&](std::string_view name, double ms) {
    if (ms == 0) return;
    const auto length =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(ms));
    timing.stages.push_back({.name = name, .begin = begin, .length = length, .thread = compile->thread});
    begin += length;
  };
  add("disk", compile->disk_ms);
  add("load", compile->load_ms);
  add("start", compile->start_ms);
  add("emit", compile->emit_ms);
  add("codegen", compile->codegen_ms);
  add("link", compile->link_ms);
}

void Instance::count_tiles(const runtime::Outcome& outcome, Report& report) const {
  for (const auto& [executable, tiles] : outcome.executables)
    (executable == nullptr                 ? report.tiles_cuda
     : tiers_->is_machine_code(executable) ? report.tiles_llvm
                                           : report.tiles_interpreter) += tiles;
  for (const runtime::Outcome::Stretch& each : outcome.stretches)
    report.tiles.push_back({.name = each.executable == nullptr                 ? "cuda"
                                    : tiers_->is_machine_code(each.executable) ? "llvm"
                                                                               : "interpreter",
                            .begin = each.begin,
                            .length = each.end - each.begin,
                            .thread = each.thread,
                            .tiles = each.tiles});
  std::ranges::sort(report.tiles, {}, &Stretch::begin);
}

std::string Instance::inspect(Stage stage) {
  switch (stage) {
    case Stage::ir:
      return ir::print(tiers_->kernel());
    case Stage::llvm:
      return tiers_->text(&jit::Compiled::llvm_text);
    case Stage::assembly:
      return tiers_->text(&jit::Compiled::assembly_text);
    case Stage::cuda:
      return gpu_->source();
    case Stage::ptx:
      return gpu_->ptx();
  }
  throw std::logic_error("unknown stage");
}

Signature Instance::signature() const {
  Timing timing = signature_timing();
  add_machine_code(timing);
  return {.text = key_.text(), .timing = timing, .compiled = tiers_->is_compiled()};
}

}  // namespace mc
