// A moment's bare expressions applied to data: made once for each set of types, as signatures are.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <mc/mc.hpp>

#include "engine/cache/single_flight.hpp"
#include "frontend/api/data_gpu.hpp"
#include "frontend/api/tiers.hpp"
#include "frontend/language/data.hpp"
#include "runtime/data/arrays.hpp"
#include "runtime/data/few.hpp"

namespace mc {

/// To be read only, unless it is the memory of an output too.
runtime::Array array_of(const Input& input);

/// A call's arrays and the numbers that stand beside them, each in the order in which they are given.
struct Given {
  explicit Given(std::span<const NamedInput> inputs);
  std::span<const Input* const> arrays() { return {arrays_.data(), arrays_count_}; }
  std::span<const double> numbers() { return {numbers_.data(), numbers_count_}; }

 private:
  std::size_t arrays_count_ = 0, numbers_count_ = 0;
  runtime::Few<const Input*, 8> arrays_;
  runtime::Few<double, 8> numbers_;
};

struct DataCall;

/// What the kernels of a call depend on.
struct DataKey {
  std::vector<language::DataName> data;  ///< names that are arrays
  std::vector<language::Setting::Parameter> parameters;
  std::vector<ir::Type> writes;  ///< of a map; empty for reductions
  unsigned vector_bits = 512;

  bool operator==(const DataKey&) const = default;
  bool matches(const DataCall& call) const;  ///< allocates nothing
};

/// A call, whose key is built only where there is none yet.
struct DataCall {
  std::span<const NamedInput> inputs;
  std::span<const Output> outputs;
  unsigned vector_bits;
  explicit operator DataKey() const;
};

/// Throws NameError where the program leaves a name free that is none of the key's, ArgumentError where one
/// of them is there twice.
void check_names(const language::Source& source, const DataKey& key);

/// Throws ArgumentError where the program does not leave one of the key's names free. Once it is known to be
/// right itself.
void refuse_other_names(const language::Source& source, const DataKey& key);

/// For tables of keys in which calls are looked up.
struct DataKeyHash {
  using is_transparent = void;
  std::size_t operator()(const DataKey& key) const;
  std::size_t operator()(const DataCall& call) const;
};
struct DataKeyEqual {
  using is_transparent = void;
  bool operator()(const DataKey& a, const DataKey& b) const { return a == b; }
  bool operator()(const DataKey& a, const DataCall& b) const { return a.matches(b); }
  bool operator()(const DataCall& a, const DataKey& b) const { return b.matches(a); }
};

/// Both throw for names given twice, free names that are not given, and names that the source does not have.
class MapInstance {
 public:
  MapInstance(const language::Source& source, const DataKey& key);
  void run(std::span<const Output> outputs, std::span<const Input* const> arrays,
           std::span<const double> numbers, const DataOptions& options);
  std::size_t size() const { return tiers_->kernel().nodes.size(); }  ///< operations

 private:
  void check_lengths(std::span<const Output> outputs, std::span<const Input* const> arrays) const;
  std::optional<unsigned> device(std::span<const Output> outputs, std::span<const Input* const> arrays,
                                 Backend backend) const;
  void check_overlaps(std::span<const Output> outputs, std::span<const Input* const> arrays,
                      std::uint64_t length) const;
  const kernels::Executable* streaming(const DataOptions& options);

  language::DataMap map_;
  std::vector<language::DataName> data_;
  std::vector<ir::Type> writes_;
  std::vector<std::optional<std::uint32_t>> numbers_;  ///< of a scalar of the model: the number it is
  std::vector<const double*> literals_;
  unsigned vector_bits_;
  std::string text_;
  std::unique_ptr<Tiers> tiers_;
  std::unique_ptr<DataGpu> gpu_;
  std::once_flag streaming_once_;
  std::unique_ptr<Tiers> streaming_;  ///< the same kernel, what it writes goes past the caches
};

class ReduceInstance {
 public:
  ReduceInstance(const language::Source& source, const DataKey& key);
  std::size_t results() const { return program_.texts.size(); }
  std::size_t size() const;  ///< operations
  void compile();

  void run(std::span<const Input* const> arrays, std::span<const double> numbers, const DataOptions& options,
           double* results);

 private:
  struct Pass {
    std::unique_ptr<Tiers> tiers;
    std::unique_ptr<DataGpu> gpu;
    std::vector<std::uint32_t> scalars;         ///< where fold k goes
    std::optional<std::uint32_t> first_scalar;  ///< that is told the number of a call's first datum
  };
  using Scalars = runtime::Few<double, 16>;

  std::uint64_t length(std::span<const Input* const> arrays) const;
  std::optional<unsigned> device(std::span<const Input* const> arrays, Backend backend) const;
  void fill(Scalars& scalars, std::span<const Input* const> arrays, std::span<const double> numbers,
            std::uint64_t length) const;
  double element(const language::DataScalar& scalar, const Input& array, std::uint64_t length) const;
  void pass(std::size_t number, std::span<const Input* const> arrays, std::uint64_t length,
            std::optional<unsigned> device, const DataOptions& options, Scalars& scalars);
  void evaluate(Scalars& scalars, const std::stop_token& stop, double* results) const;

  language::DataProgram program_;
  std::vector<language::DataName> data_;
  std::vector<std::optional<std::uint32_t>> numbers_;  ///< of a scalar of the model: the number it is
  std::vector<Pass> passes_;
  std::vector<std::uint32_t> plain_;  ///< the scalars that the results are, where they are nothing else
  std::unique_ptr<kernels::Executable> values_;
  std::vector<const double*> literals_;
};

using Maps = cache::SingleFlight<DataKey, MapInstance, DataKeyHash, DataKeyEqual>;
using Reductions = cache::SingleFlight<DataKey, ReduceInstance, DataKeyHash, DataKeyEqual>;

}  // namespace mc
