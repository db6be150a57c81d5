// Instance's other half: the samples themselves, by a kernel that draws what the estimate's draws.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/host.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/instance.hpp"
#include "frontend/language/lowering.hpp"
#include "runtime/data/passes.hpp"

namespace mc {
namespace {

runtime::KernelArray array_of(std::span<double> numbers) {
  return {.array = {.data = reinterpret_cast<std::byte*>(numbers.data()), .stride = sizeof(double)}};
}

}  // namespace

/// The query that is asked for, of which `to` takes all that there is.
const language::Query& Instance::sampled(const Samples& to) const {
  if (queries() != 1)
    fail<ArgumentError>(
        fmt::format("the program has {} queries, and sample() gives one's samples", queries()),
        "compile a program for each");
  const language::Query& query = model_.queries.front();
  if (query.value == language::TermId::none)
    fail<ArgumentError>(fmt::format("a sample of {} has two values", query.text), "ask for E of each");
  if (to.values.empty()) fail<ArgumentError>("there is no room for a sample");
  if (!to.weights.empty() && to.weights.size() != to.values.size())
    fail<ArgumentError>(
        fmt::format("there is room for {} samples and {} weights", to.values.size(), to.weights.size()));
  if (query.weight != language::TermId::none && to.weights.empty())
    fail<ArgumentError>(fmt::format("samples of {} have weights", query.text),
                        "give Samples::weights room for them");
  return query;
}

Tiers& Instance::sampler() {
  std::call_once(sampler_once_, [this] {
    sampler_ = or_too_large(source_, [&] {
      const ir::Kernel lowered =
          language::lower_samples(model_, model_.queries.front(), engine_generator(key_.generator), limits_);
      Stages unseen;
      return std::make_unique<Tiers>(finished(lowered, unseen), key_.vector_bits,
                                     "samples of " + kernel_name());
    });
  });
  return *sampler_;
}

void Instance::sample(const Samples& to, const Options& options, const Box* box) {
  if (options.backend == Backend::cuda)
    fail<DeviceError>("samples are not yet computed by CUDA",
                      "choose llvm or the interpreter, or leave the choice to Moment");
  const bool has_weights = sampled(to).weight != language::TermId::none;
  Binding binding;
  const kernels::Arguments arguments = bind(binding, options, box);
  const std::uint64_t count = to.values.size();
  if (const std::uint64_t rows = samples_of({.samples = count}, binding); rows < count)
    fail<ArgumentError>(
        fmt::format("there is room for {} samples, and the program takes {} rows", count, rows));

  Tiers& tiers = sampler();
  runtime::Draw job;
  job.code = &tiers.serve(options.backend, options.stop);
  if (options.backend == Backend::automatic && tiers.is_undecided())
    tiers.ask_if_worth(tiers.expected_ms(count));
  const std::array arrays{array_of(to.values), array_of(to.weights)};
  job.writes = std::span(arrays).first(has_weights ? 2 : 1);
  job.arrays = arguments.arrays;
  job.scalars = {arguments.scalars, model_.scalars.size()};
  job.seed = arguments.seed;
  job.tables = arguments.tables;
  job.count = count;
  job.threads = options.threads != 0 ? options.threads : host_threads();
  job.stop = options.stop;
  if (!runtime::draw(job)) throw Stopped(0, count);
  if (!has_weights) std::ranges::fill(to.weights, 1.0);
}

}  // namespace mc
