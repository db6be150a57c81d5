// Calls on data: names and types to an instance, arrays to its kernels.
#include "frontend/api/data.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "engine/host.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/errors.hpp"
#include "runtime/data/passes.hpp"

namespace mc {
namespace {

using language::DataScalar;

// The two enumerations are one: the API's is the embedder's to see.
static_assert(static_cast<int>(Number::u8) == static_cast<int>(runtime::Number::u8));
static_assert(static_cast<int>(Number::f32) == static_cast<int>(runtime::Number::f32));

runtime::Number engine_type(Number type) { return static_cast<runtime::Number>(type); }

runtime::Array array_of(const Input& input) {
  // Only those that are written are ever written to.
  auto* data = static_cast<std::byte*>(const_cast<void*>(input.data()));
  return {data, input.stride(), engine_type(input.type())};
}

runtime::Array array_of(const Output& output) {
  return {static_cast<std::byte*>(output.data()), output.stride(), engine_type(output.type())};
}

unsigned threads_of(const DataOptions& options) {
  return options.threads != 0 ? options.threads : host_threads();
}

const Input& input_of(std::span<const NamedInput> inputs, std::string_view name) {
  const auto found = std::ranges::find(inputs, name, &NamedInput::name);
  if (found == inputs.end()) throw std::logic_error("a name of the signature has no input");
  return found->input;
}

/// Of arrays that have to be of one length; throws where they are not.
class Length {
 public:
  void add(std::string_view name, std::size_t size) {
    if (name_.empty()) {
      name_ = name;
      size_ = size;
    } else if (size != size_) {
      fail<ArgumentError>(fmt::format("{} has {} numbers and {} has {}", name_, size_, name, size),
                          "all arrays of a call have one length");
    }
  }
  std::uint64_t size() const { return size_; }

 private:
  std::string name_;
  std::size_t size_ = 0;
};

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

/// More than this does not stay in the last cache, so what is written had better not go there.
std::uint64_t last_cache_bytes() {
  static const long bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return bytes > 0 ? static_cast<std::uint64_t>(bytes) : std::uint64_t{32} << 20;
}

}  // namespace

// ---------------------------------------------------------------- keys

std::size_t DataKeyHash::operator()(const DataKey& key) const {
  std::size_t hash = key.vector_bits;
  const auto add = [&](std::size_t word) { hash = (hash ^ word) * 0x9E3779B97F4A7C15 + (hash >> 29); };
  for (const language::DataName& each : key.data) {
    add(std::hash<std::string>()(each.name));
    add(static_cast<std::size_t>(each.type));
  }
  for (const language::Setting::Parameter& each : key.parameters) add(std::hash<std::string>()(each.name));
  for (ir::Type type : key.writes) add(static_cast<std::size_t>(type));
  return hash;
}

DataKey data_key(const language::Source& source, std::span<const NamedInput> inputs,
                 std::span<const Output> outputs, unsigned vector_bits) {
  DataKey key{.data = {}, .parameters = {}, .writes = {}, .vector_bits = vector_bits};
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const auto& [name, input] = inputs[k];
    for (std::size_t j = 0; j < k; ++j)
      if (inputs[j].name == name)
        fail<ArgumentError>(fmt::format("{} is given twice", language::printable(name)));
    if (input.is_array())
      key.data.push_back({std::string(name), runtime::read_as(engine_type(input.type()))});
    else
      key.parameters.push_back({std::string(name), {}});
  }
  for (const Output& output : outputs) key.writes.push_back(runtime::read_as(engine_type(output.type())));
  language::Setting unsettled;
  unsettled.settled = false;
  for (const language::FreeName& free : language::check(source, unsettled).free_names)
    if (std::ranges::find(inputs, free.name, &NamedInput::name) == inputs.end())
      fail<NameError>(fmt::format("{} is free, and has no input", free.name),
                      fmt::format("give it an array or a number: {{\"{}\", …}}", free.name));
  return key;
}

// ---------------------------------------------------------------- maps

MapInstance::MapInstance(const language::Source& source, const DataKey& key)
    : data_(key.data), writes_(key.writes) {
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
  refuse_arrays_that_are_parameters(map_.model);
  code_ = std::make_unique<DataCode>(passes::lower(map_.kernel), key.vector_bits);
}

void MapInstance::run(std::span<const Output> outputs, std::span<const NamedInput> inputs,
                      const DataOptions& options) {
  Length length;
  for (const auto& [name, input] : inputs)
    if (input.is_array()) length.add(name, input.size());
  std::uint64_t bytes = 0;
  for (const Output& output : outputs) {
    length.add(outputs.size() == 1 ? "the output" : fmt::format("output {}", &output - outputs.data() + 1),
               output.size());
    bytes += output.size() * runtime::bytes_of(engine_type(output.type()));
  }
  std::vector<runtime::KernelArray> reads, writes;
  std::vector<std::vector<double>> copies;
  for (std::uint32_t k : map_.reads) {
    const Input& input = input_of(inputs, data_[k].name);
    reads.push_back({array_of(input), data_[k].type});
    bytes += input.size() * runtime::bytes_of(engine_type(input.type()));
    for (const Output& output : outputs)
      if (runtime::overlaps(array_of(input), array_of(output), length.size()))
        fail<ArgumentError>(fmt::format("an output overlaps {} without being it", data_[k].name),
                            "write to another array, or to the same one from its first number on");
  }
  for (std::size_t k = 0; k < outputs.size(); ++k) writes.push_back({array_of(outputs[k]), writes_[k]});
  std::vector<double> scalars;
  for (const std::string& name : map_.model.scalars) {
    const auto found = std::ranges::find(inputs, name, &NamedInput::name);
    scalars.push_back(found == inputs.end() || found->input.is_array() ? 0 : found->input.number());
  }
  const auto arrays = literals_of(map_.model);
  runtime::Map job;
  job.code = &code_->serve(options.backend, length.size());
  job.reads = reads;
  job.writes = writes;
  job.scalars = scalars;
  job.arrays = arrays.data();
  job.count = length.size();
  job.threads = threads_of(options);
  if (bytes > last_cache_bytes() && options.backend != Backend::interpreter)
    job.streaming = code_->streaming();
  runtime::map(job);
}

// ---------------------------------------------------------------- reductions

ReduceInstance::ReduceInstance(const language::Source& source, const DataKey& key) : data_(key.data) {
  language::Diagnostics diagnostics;
  const std::string_view text = source.program.text();
  program_ = or_too_large(
      text, [&] { return language::lower_reduction(source, key.data, key.parameters, diagnostics); });
  throw_if_wrong(diagnostics, text);
  refuse_arrays_that_are_parameters(program_.model);
  std::map<std::uint32_t, std::uint32_t> of_reduction;
  for (std::uint32_t k = 0; k < program_.scalars.size(); ++k) {
    const DataScalar& scalar = program_.scalars[k];
    if (scalar.source == DataScalar::Source::fold) of_reduction.emplace(scalar.number, k);
    if (scalar.source == DataScalar::Source::first) first_scalar_ = k;
  }
  for (const language::DataPass& pass : program_.passes) {
    passes_.push_back({std::make_unique<DataCode>(passes::lower(pass.kernel), key.vector_bits), {}});
    for (std::uint32_t reduction : pass.reductions)
      passes_.back().scalars.push_back(of_reduction.at(reduction));
  }
  values_ = interpreter::interpret(passes::lower(program_.values));
  arrays_ = literals_of(program_.model);
}

void ReduceInstance::compile() {
  for (const Pass& pass : passes_) pass.code->compiled();
}

std::vector<double> ReduceInstance::parameters(std::span<const NamedInput> inputs) const {
  std::vector<double> values;
  for (const std::string& name : program_.model.scalars)
    values.push_back(name.empty() ? 0 : input_of(inputs, name).number());
  return values;
}

std::uint64_t ReduceInstance::length(std::span<const Input* const> data) const {
  Length length;
  for (std::size_t k = 0; k < data.size(); ++k) length.add(data_[k].name, data[k]->size());
  return length.size();
}

namespace {

double number_at(const Input& input, std::uint64_t at) {
  double value = 0;
  runtime::pack(array_of(input), at, 1, ir::Type::f64, reinterpret_cast<std::byte*>(&value));
  return value;
}

/// A thread's memory for calls, kept: a warm one allocates nothing.
struct CallMemory {
  std::vector<double> scalars, columns;
  std::vector<runtime::KernelArray> reads;
  kernels::Buffer scratch;

  static CallMemory& own() {
    thread_local CallMemory memory;
    return memory;
  }
};

}  // namespace

void ReduceInstance::fill_scalars(std::span<const Input* const> data, std::span<const double> parameters,
                                  std::uint64_t length) {
  std::vector<double>& scalars = CallMemory::own().scalars;
  scalars.clear();
  for (const DataScalar& scalar : program_.scalars) switch (scalar.source) {
      case DataScalar::Source::parameter:
        scalars.push_back(parameters[scalar.number]);
        break;
      case DataScalar::Source::count:
        scalars.push_back(static_cast<double>(length));
        break;
      case DataScalar::Source::element:
        if (std::cmp_greater_equal(scalar.at, length))
          fail<ArgumentError>(fmt::format("{} has {} numbers, and the program asks for number {}",
                                          data_[scalar.number].name, length, scalar.at + 1));
        scalars.push_back(number_at(*data[scalar.number], static_cast<std::uint64_t>(scalar.at)));
        break;
      case DataScalar::Source::fold:
      case DataScalar::Source::first:
        scalars.push_back(0);
    }
}

void ReduceInstance::run(std::span<const Input* const> data, std::span<const double> parameters,
                         const DataOptions& options, std::span<double> results) {
  const std::uint64_t length = this->length(data);
  CallMemory& memory = CallMemory::own();
  fill_scalars(data, parameters, length);
  for (std::size_t p = 0; p < passes_.size(); ++p) {
    const language::DataPass& pass = program_.passes[p];
    const auto outside = static_cast<std::uint64_t>(pass.first + pass.behind);
    const std::uint64_t count = length > outside ? length - outside : 0;
    memory.reads.clear();
    for (const language::DataRead& read : pass.reads) {
      runtime::Array array = array_of(*data[read.name]);
      if (count > 0) array.data = array.at(static_cast<std::uint64_t>(read.first));
      memory.reads.push_back({array, data_[read.name].type});
    }
    runtime::Reduce job;
    job.code = &passes_[p].code->serve(options.backend, count);
    job.reads = memory.reads;
    job.scalars = memory.scalars;
    job.arrays = arrays_.data();
    job.first_scalar = first_scalar_;
    job.count = count;
    job.threads = threads_of(options);
    job.folds = pass.folds;
    std::array<double, 16> few;
    std::vector<double> many;
    double* folds = few.data();
    if (pass.folds.size() > few.size()) {
      many.resize(pass.folds.size());
      folds = many.data();
    }
    runtime::reduce(job, folds);
    for (std::size_t k = 0; k < pass.folds.size(); ++k) memory.scalars[passes_[p].scalars[k]] = folds[k];
  }
  memory.columns.resize(std::size_t{values_->outputs()} * kernels::kLanes);
  memory.scratch.reserve(values_->scratch_bytes());
  values_->run({.scalars = memory.scalars.data(), .arrays = arrays_.data()}, 0, values_->granule(), 1,
               memory.columns.data(), memory.scratch.data());
  for (std::size_t k = 0; k < results.size(); ++k) results[k] = memory.columns[k * kernels::kLanes];
}

}  // namespace mc
