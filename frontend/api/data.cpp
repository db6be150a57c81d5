// Calls on data: names and types to an instance, arrays to its kernels.
#include "frontend/api/data.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "engine/cuda/array.hpp"
#include "engine/host.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/passes/passes.hpp"
#include "engine/stages.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/data_ways.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/gpu.hpp"
#include "runtime/data/passes.hpp"

namespace mc {
namespace {

using language::DataScalar;

// The two enumerations are one: the API's is the embedder's to see.
static_assert(static_cast<int>(NumberType::u8) == static_cast<int>(runtime::Number::u8));
static_assert(static_cast<int>(NumberType::f32) == static_cast<int>(runtime::Number::f32));

runtime::Number engine_type(NumberType type) { return static_cast<runtime::Number>(type); }

runtime::Array array_of(const Output& output) {
  return {static_cast<std::byte*>(output.data()), output.stride(), engine_type(output.type())};
}

[[noreturn]] void refuse_lengths(std::string_view name, std::size_t size, std::string_view other,
                                 std::size_t other_size) {
  fail<ArgumentError>(fmt::format("{} has {} numbers and {} has {}", name, size, other, other_size),
                      "all arrays of a call have one length");
}

/// Which of the key's numbers each of the model's scalars is.
std::vector<std::optional<std::uint32_t>> numbers_of(const language::Model& model, const DataKey& key) {
  std::vector<std::optional<std::uint32_t>> numbers;
  for (const std::string& name : model.scalars) {
    const auto found = std::ranges::find(key.parameters, name, &language::Setting::Parameter::name);
    numbers.emplace_back();
    if (found != key.parameters.end())
      numbers.back() = static_cast<std::uint32_t>(found - key.parameters.begin());
  }
  return numbers;
}

std::vector<const double*> literals_of(const language::Model& model) {
  std::vector<const double*> arrays;
  for (const language::Array& array : model.arrays) arrays.push_back(array.values.data());
  return arrays;
}

void refuse_arrays_that_are_parameters(const language::Model& model) {
  if (!model.factors.empty())
    fail<ArgumentError>("covariance matrices and data do not go together in this version",
                        "sample from the distribution instead");
}

/// More than this is written past the caches. Not the last cache's size: what the system calls that is shared
/// by all cores of a socket, or by several such caches (532 MB on an EPYC where a core reaches 32), and a
/// line that is written by way of a cache is read first. Measured there on products of floats: at 6 MB in
/// all both ways take the same, at 61 MB this one half of the time.
std::uint64_t streamed_from_bytes() {
  constexpr std::uint64_t kMost = std::uint64_t{16} << 20;
  static const long last_cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return last_cache > 0 ? std::min(static_cast<std::uint64_t>(last_cache), kMost) : kMost;
}

/// Data that take machine code, which is some five times as fast as what is expected here, as long as to wake
/// a thread; of fewer than a tile nobody has to know.
std::uint64_t worth_a_thread(const Tiers& tiers, std::uint64_t count) {
  if (count <= kernels::kReduceTile) return kernels::kReduceTile;
  constexpr double kInterpretedMs = 0.25;
  constexpr auto kTile = static_cast<double>(kernels::kReduceTile);
  return static_cast<std::uint64_t>(std::clamp(kInterpretedMs / tiers.expected_ms(1), kTile, 8 * kTile));
}

/// Tells while the interpreter is at it whether machine code would be worth it after all.
class PassWatch {
 public:
  PassWatch(Tiers& tiers, std::uint64_t count, const DataOptions& options)
      : tiers_(tiers),
        count_(static_cast<double>(count)),
        is_on_(options.backend == Backend::automatic && count > kernels::kReduceTile &&
               tiers.is_undecided()) {}

  bool is_on() const { return is_on_; }
  void look(std::uint64_t done) {
    if (!is_on_ || done == 0 || !tiers_.is_undecided()) return;
    tiers_.ask_if_worth(milliseconds(StageClock::now() - start_) * count_ / static_cast<double>(done));
  }

 private:
  Tiers& tiers_;
  double count_;
  bool is_on_;
  StageClock::time_point start_ = is_on_ ? StageClock::now() : StageClock::time_point();
};

}  // namespace

// ---------------------------------------------------------------- maps

MapInstance::MapInstance(const language::Source& source, const DataKey& key)
    : data_(key.data), writes_(key.writes), vector_bits_(key.vector_bits), text_(source.program.text()) {
  check_names(source, key);
  const std::size_t results = language::data_results(source);
  if (results != writes_.size())
    fail<ArgumentError>(fmt::format("the program has {} expression{}, and {} array{} to write {} given",
                                    results, results == 1 ? "" : "s", writes_.size(),
                                    writes_.size() == 1 ? "" : "s", writes_.size() == 1 ? "is" : "are"),
                        "each expression goes to an array of its own");
  language::Diagnostics diagnostics;
  const std::string_view text = source.program.text();
  map_ = or_too_large(
      text, [&] { return language::lower_map(source, key.data, key.parameters, writes_, diagnostics); });
  throw_if_wrong(diagnostics, text);
  refuse_other_names(source, key);
  refuse_arrays_that_are_parameters(map_.model);
  numbers_ = numbers_of(map_.model, key);
  literals_ = literals_of(map_.model);
  tiers_ = std::make_unique<Tiers>(passes::lower(map_.kernel), vector_bits_, text_);
  gpu_ = std::make_unique<DataGpu>(tiers_->kernel(), std::vector<kernels::Fold>(), std::nullopt);
}

namespace {

std::string output_name(std::size_t k, std::size_t outputs) {
  return outputs == 1 ? "the output" : fmt::format("output {}", k + 1);
}

}  // namespace

std::optional<unsigned> MapInstance::device(std::span<const Output> outputs,
                                            std::span<const Input* const> arrays, Backend backend) const {
  const auto on_host = [](const auto& each) { return each.device() < 0; };
  if (std::ranges::all_of(outputs, on_host) &&
      std::ranges::all_of(arrays, [&](const Input* each) { return on_host(*each); }))
    return std::nullopt;
  std::vector<std::string> output_names;
  for (std::size_t k = 0; k < outputs.size(); ++k) output_names.push_back(output_name(k, outputs.size()));
  std::vector<std::string_view> names;
  std::vector<int> devices;
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    names.emplace_back(data_[k].name);
    devices.push_back(arrays[k]->device());
  }
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    names.emplace_back(output_names[k]);
    devices.push_back(outputs[k].device());
  }
  return device_of(names, devices, backend);
}

void MapInstance::check_lengths(std::span<const Output> outputs, std::span<const Input* const> arrays) const {
  const std::size_t length = arrays.empty() ? outputs[0].size() : arrays[0]->size();
  const auto output_name = [&](std::size_t k) { return mc::output_name(k, outputs.size()); };
  const auto refuse = [&](std::string_view name, std::size_t size) {
    refuse_lengths(arrays.empty() ? output_name(0) : data_[0].name, length, name, size);
  };
  for (std::size_t k = 0; k < arrays.size(); ++k)
    if (arrays[k]->size() != length) refuse(data_[k].name, arrays[k]->size());
  for (std::size_t k = 0; k < outputs.size(); ++k)
    if (outputs[k].size() != length) refuse(output_name(k), outputs[k].size());
  for (std::size_t k = 0; k < outputs.size(); ++k)
    if (length > 1 && outputs[k].stride() == 0)
      fail<ArgumentError>(
          fmt::format("{} has one place for {} numbers: its stride is 0", output_name(k), length),
          "each number needs a place of its own");
}

void MapInstance::check_overlaps(std::span<const Output> outputs, std::span<const Input* const> arrays,
                                 std::uint64_t length) const {
  for (std::uint32_t k : map_.reads)
    for (const Output& output : outputs)
      if (runtime::overlaps(array_of(*arrays[k]), array_of(output), length))
        fail<ArgumentError>(fmt::format("an output overlaps {} without being it", data_[k].name),
                            "write to another array, or to the same one from its first number on");
  for (std::size_t k = 1; k < outputs.size(); ++k)
    for (std::size_t j = 0; j < k; ++j) {
      const runtime::Array one = array_of(outputs[j]), other = array_of(outputs[k]);
      if (length > 0 && (one.data == other.data || runtime::overlaps(one, other, length)))
        fail<ArgumentError>(fmt::format("outputs {} and {} overlap", j + 1, k + 1),
                            "each expression goes to an array of its own");
    }
}

namespace {

bool writes_where_it_reads(const runtime::Pass& job) {
  return std::ranges::any_of(job.writes, [&](const runtime::KernelArray& written) {
    return std::ranges::any_of(
        job.reads, [&](const runtime::KernelArray& read) { return read.array.data == written.array.data; });
  });
}

}  // namespace

/// Null as long as there is none: what goes through the caches gives the same.
const kernels::Executable* MapInstance::streaming(const DataOptions& options) {
  if (!tiers_->is_compiled()) return nullptr;
  std::call_once(streaming_once_, [this] {
    streaming_ = std::make_unique<Tiers>(ir::Kernel(tiers_->kernel()), vector_bits_, text_, true);
  });
  if (options.backend == Backend::automatic) streaming_->ask();
  if (options.backend == Backend::llvm) try {
      streaming_->serve(options.backend, options.stop);
    } catch (const DeviceError&) {
      return nullptr;
    }
  return streaming_->is_compiled() ? &streaming_->compiled() : nullptr;
}

void MapInstance::run(std::span<const Output> outputs, std::span<const Input* const> arrays,
                      std::span<const double> numbers, const DataOptions& options) {
  check_lengths(outputs, arrays);
  const std::optional<unsigned> device = this->device(outputs, arrays, options.backend);
  const std::uint64_t length = outputs[0].size();
  check_overlaps(outputs, arrays, length);
  runtime::Few<runtime::KernelArray, 8> reads(map_.reads.size()), writes(outputs.size());
  std::uint64_t bytes = 0;
  for (std::size_t k = 0; k < reads.size(); ++k) {
    reads[k] = {array_of(*arrays[map_.reads[k]]), data_[map_.reads[k]].type};
    bytes += length * runtime::bytes_of(reads[k].array.type);
  }
  for (std::size_t k = 0; k < writes.size(); ++k) {
    writes[k] = {array_of(outputs[k]), writes_[k]};
    bytes += length * runtime::bytes_of(writes[k].array.type);
  }
  runtime::Few<double, 8> scalars(numbers_.size());
  for (std::size_t k = 0; k < scalars.size(); ++k) scalars[k] = numbers_[k] ? numbers[*numbers_[k]] : 0;
  runtime::Map job;
  job.reads = {reads.data(), reads.size()};
  job.writes = {writes.data(), writes.size()};
  job.scalars = {scalars.data(), scalars.size()};
  job.arrays = literals_.data();
  job.count = length;
  job.threads = threads_of(options);
  job.a_thread = worth_a_thread(*tiers_, length);
  job.stop = options.stop;
  std::uint64_t done = 0;
  PassWatch watch(*tiers_, length, options);
  if (watch.is_on() || options.progress || options.stop.stop_possible())
    job.progress = [&](std::uint64_t so_far) {
      watch.look(so_far);
      done = std::max(done, so_far);
      if (options.progress) options.progress(done, length);
    };
  bool is_whole = true;
  const auto by_gpu = [&](const runtime::OnDevices& on) { is_whole = runtime::map(job, on); };
  if (!gone_through_there(job, *gpu_, device, options, !writes_where_it_reads(job), by_gpu))
    go_through(length, *tiers_, *gpu_, options, [&](const Tiers::Current& code) {
      job.code = &code;
      const bool may_stream = options.backend == Backend::automatic || options.backend == Backend::llvm;
      if (may_stream && bytes > streamed_from_bytes()) job.streaming = streaming(options);
      is_whole = runtime::map(job);
    });
  if (!is_whole) throw Stopped(done, length);
}

// ---------------------------------------------------------------- reductions

namespace {

bool reads_scalar(const ir::Kernel& kernel, std::uint32_t number) {
  return std::ranges::any_of(kernel.nodes, [&](const ir::Node& node) {
    return node.op == ir::Op::scalar && node.immediate == number;
  });
}

/// The scalars that the kernel's outputs are; none where one of them is anything else.
std::vector<std::uint32_t> plain_outputs(const ir::Kernel& kernel) {
  std::vector<std::uint32_t> scalars(kernel.outputs);
  for (const ir::Node& node : kernel.nodes) {
    if (node.op != ir::Op::output) continue;
    const ir::Node& value = kernel[node.operands[0]];
    if (value.op != ir::Op::scalar) return {};
    scalars[node.immediate] = static_cast<std::uint32_t>(value.immediate);
  }
  return scalars;
}

}  // namespace

ReduceInstance::ReduceInstance(const language::Source& source, const DataKey& key) : data_(key.data) {
  check_names(source, key);
  language::Diagnostics diagnostics;
  const std::string_view text = source.program.text();
  program_ = or_too_large(
      text, [&] { return language::lower_reduction(source, key.data, key.parameters, diagnostics); });
  throw_if_wrong(diagnostics, text);
  refuse_other_names(source, key);
  refuse_arrays_that_are_parameters(program_.model);
  std::map<std::uint32_t, std::uint32_t> of_reduction;
  std::uint32_t first_scalar = 0;
  for (std::uint32_t k = 0; k < program_.scalars.size(); ++k) {
    const DataScalar& scalar = program_.scalars[k];
    if (scalar.source == DataScalar::Source::fold) of_reduction.emplace(scalar.number, k);
    if (scalar.source == DataScalar::Source::first) first_scalar = k;
  }
  for (const language::DataPass& pass : program_.passes) {
    Pass& made = passes_.emplace_back();
    made.tiers = std::make_unique<Tiers>(passes::lower(pass.kernel), key.vector_bits, std::string(text));
    for (std::uint32_t reduction : pass.reductions) made.scalars.push_back(of_reduction.at(reduction));
    if (reads_scalar(made.tiers->kernel(), first_scalar)) made.first_scalar = first_scalar;
    made.gpu = std::make_unique<DataGpu>(made.tiers->kernel(), pass.folds, made.first_scalar);
  }
  const ir::Kernel values = passes::lower(program_.values);
  plain_ = plain_outputs(values);
  values_ = interpreter::interpret(values);
  numbers_ = numbers_of(program_.model, key);
  literals_ = literals_of(program_.model);
}

void ReduceInstance::compile() {
  for (const Pass& pass : passes_) pass.tiers->compiled();
}

std::size_t ReduceInstance::size() const {
  std::size_t operations = 0;
  for (const Pass& pass : passes_) operations += pass.tiers->kernel().nodes.size();
  return operations;
}

std::uint64_t ReduceInstance::length(std::span<const Input* const> arrays) const {
  if (arrays.empty()) return 0;
  const std::size_t length = arrays[0]->size();
  for (std::size_t k = 1; k < arrays.size(); ++k)
    if (arrays[k]->size() != length) refuse_lengths(data_[0].name, length, data_[k].name, arrays[k]->size());
  return length;
}

double ReduceInstance::element(const DataScalar& scalar, const Input& array, std::uint64_t length) const {
  if (std::cmp_greater_equal(scalar.at, length))
    fail<ArgumentError>(fmt::format("{} has {} numbers, and the program asks for number {}",
                                    data_[scalar.number].name, length, scalar.at + 1));
  double value = 0;
  runtime::Array from = array_of(array);
  std::byte fetched[sizeof(double)];
  const auto at = static_cast<std::uint64_t>(scalar.at);
  if (array.device() >= 0) {
    or_device_error([&] {
      cuda::read(device_of(static_cast<unsigned>(array.device())), fetched,
                 reinterpret_cast<std::uintptr_t>(from.at(at)), runtime::bytes_of(from.type));
    });
    from.data = fetched;
  }
  runtime::pack(from, array.device() >= 0 ? 0 : at, 1, ir::Type::f64, reinterpret_cast<std::byte*>(&value));
  return value;
}

void ReduceInstance::fill(Scalars& scalars, std::span<const Input* const> arrays,
                          std::span<const double> numbers, std::uint64_t length) const {
  for (std::size_t k = 0; k < scalars.size(); ++k) {
    const DataScalar& scalar = program_.scalars[k];
    switch (scalar.source) {
      case DataScalar::Source::parameter:
        scalars[k] = numbers_[scalar.number] ? numbers[*numbers_[scalar.number]] : 0;
        break;
      case DataScalar::Source::count:
        scalars[k] = static_cast<double>(length);
        break;
      case DataScalar::Source::element:
        scalars[k] = element(scalar, *arrays[scalar.number], length);
        break;
      case DataScalar::Source::fold:
      case DataScalar::Source::first:
        scalars[k] = 0;
    }
  }
}

std::optional<unsigned> ReduceInstance::device(std::span<const Input* const> arrays, Backend backend) const {
  if (std::ranges::all_of(arrays, [](const Input* each) { return each->device() < 0; })) return std::nullopt;
  std::vector<std::string_view> names;
  std::vector<int> devices;
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    names.emplace_back(data_[k].name);
    devices.push_back(arrays[k]->device());
  }
  return device_of(names, devices, backend);
}

namespace {

/// Through how many data the pass goes.
std::uint64_t data_of(const language::DataPass& pass, std::uint64_t length) {
  const std::int64_t inside = static_cast<std::int64_t>(length) - pass.first - pass.behind;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(inside, 0));
}

}  // namespace

void ReduceInstance::pass(std::size_t number, std::span<const Input* const> arrays, std::uint64_t length,
                          std::optional<unsigned> device, const DataOptions& options, Scalars& scalars) {
  const language::DataPass& pass = program_.passes[number];
  const std::uint64_t count = data_of(pass, length);
  double unread = 0;
  runtime::Few<runtime::KernelArray, 8> reads(std::max<std::size_t>(pass.reads.size(), 1));
  reads[0] = {{.data = reinterpret_cast<std::byte*>(&unread)},
              ir::Type::f64};  // as sum(i, i = 1..dim(x)) reads no array
  for (std::size_t k = 0; k < pass.reads.size(); ++k) {
    const language::DataRead& read = pass.reads[k];
    runtime::Array array = array_of(*arrays[read.name]);
    if (count > 0) array.data = array.at(static_cast<std::uint64_t>(read.first));
    reads[k] = {array, data_[read.name].type};
  }
  runtime::Reduce job;
  job.reads = {reads.data(), reads.size()};
  job.scalars = {scalars.data(), scalars.size()};
  job.arrays = literals_.data();
  job.first_scalar = passes_[number].first_scalar;
  job.count = count;
  job.threads = threads_of(options);
  job.a_thread = worth_a_thread(*passes_[number].tiers, count);
  job.folds = pass.folds;
  runtime::Few<double, 16> folds(pass.folds.size());
  job.stop = options.stop;
  std::uint64_t before = 0, all = 0;
  PassWatch watch(*passes_[number].tiers, count, options);
  if (watch.is_on() || options.progress || options.stop.stop_possible()) {
    for (std::size_t k = 0; k < passes_.size(); ++k) {
      const std::uint64_t of_it = data_of(program_.passes[k], length);
      all += of_it;
      if (k < number) before += of_it;
    }
    job.progress = [&, begin = before](std::uint64_t done) {
      watch.look(done);
      before = std::max(before, begin + done);
      if (options.progress) options.progress(before, all);
    };
  }
  bool is_whole = true;
  DataGpu& gpu = *passes_[number].gpu;
  const auto by_gpu = [&](const runtime::OnDevices& on) {
    is_whole = runtime::reduce(job, on, folds.data());
  };
  // Where no datum is read there is nothing to be copied, and the CPU is there.
  if (pass.reads.empty() || !gone_through_there(job, gpu, device, options, true, by_gpu))
    go_through(count, *passes_[number].tiers, gpu, options, [&](const Tiers::Current& code) {
      job.code = &code;
      is_whole = runtime::reduce(job, folds.data());
    });
  if (!is_whole) throw Stopped(before, all);
  for (std::size_t k = 0; k < folds.size(); ++k) scalars[passes_[number].scalars[k]] = folds[k];
}

/// The results as what is computed of the scalars.
void ReduceInstance::evaluate(Scalars& scalars, const std::stop_token& stop, double* results) const {
  thread_local kernels::Buffer memory;
  const std::size_t columns = std::size_t{values_->outputs()} * kernels::kLanes * sizeof(double);
  memory.reserve(values_->scratch_bytes() + columns);
  auto* out = reinterpret_cast<double*>(memory.data() + values_->scratch_bytes());
  kernels::StopFlag stopped{false};
  const std::stop_callback stopping(stop, [&]() noexcept { stopped = true; });
  if (!values_->run({.scalars = scalars.data(), .arrays = literals_.data(), .stop = &stopped}, 0,
                    values_->granule(), 1, out, memory.data()))
    throw Stopped(0, 0);
  for (std::size_t k = 0; k < this->results(); ++k) results[k] = out[k * kernels::kLanes];
}

void ReduceInstance::run(std::span<const Input* const> arrays, std::span<const double> numbers,
                         const DataOptions& options, double* results) {
  const std::uint64_t length = this->length(arrays);
  const std::optional<unsigned> device = this->device(arrays, options.backend);
  Scalars scalars(program_.scalars.size());
  fill(scalars, arrays, numbers, length);
  for (std::size_t k = 0; k < passes_.size(); ++k) pass(k, arrays, length, device, options, scalars);
  if (plain_.empty()) return evaluate(scalars, options.stop, results);
  for (std::size_t k = 0; k < plain_.size(); ++k) results[k] = scalars[plain_[k]];
}

}  // namespace mc
