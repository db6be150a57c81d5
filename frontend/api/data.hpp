// A moment's bare expressions applied to data: made once for each set of types, as signatures are.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <mc/mc.hpp>

#include "engine/cache/single_flight.hpp"
#include "frontend/api/data_code.hpp"
#include "frontend/language/data.hpp"

namespace mc {

/// What the kernels of a call depend on.
struct DataKey {
  std::vector<language::DataName> data;  ///< names that are arrays
  std::vector<language::Setting::Parameter> parameters;
  std::vector<ir::Type> writes;  ///< of a map; empty for reductions
  unsigned vector_bits = 512;
  bool operator==(const DataKey&) const = default;
};

struct DataKeyHash {
  std::size_t operator()(const DataKey& key) const;
};

class MapInstance {
 public:
  MapInstance(const language::Source& source, const DataKey& key);
  void run(std::span<const Output> outputs, std::span<const NamedInput> inputs, const DataOptions& options);

 private:
  language::DataMap map_;
  std::vector<language::DataName> data_;
  std::vector<ir::Type> writes_;
  std::unique_ptr<DataCode> code_;
};

/// Inputs in the order of the key's data, and the values of the model's scalars that are parameters.
class ReduceInstance {
 public:
  ReduceInstance(const language::Source& source, const DataKey& key);
  std::size_t results() const { return program_.texts.size(); }
  void compile();

  void run(std::span<const Input* const> data, std::span<const double> parameters, const DataOptions& options,
           std::span<double> results);

  /// The values of the model's scalars.
  std::vector<double> parameters(std::span<const NamedInput> inputs) const;

 private:
  std::uint64_t length(std::span<const Input* const> data) const;
  void fill_scalars(std::span<const Input* const> data, std::span<const double> parameters,
                    std::uint64_t length);

  struct Pass {
    std::unique_ptr<DataCode> code;
    std::vector<std::uint32_t> scalars;  ///< where fold k goes
  };
  language::DataProgram program_;
  std::vector<language::DataName> data_;
  std::vector<Pass> passes_;
  std::optional<std::uint32_t> first_scalar_;
  std::unique_ptr<kernels::Executable> values_;
  std::vector<const double*> arrays_;
  bool only_folds_ = false;  ///< the results are the folds themselves
};

using Maps = cache::SingleFlight<DataKey, MapInstance, DataKeyHash>;
using Reductions = cache::SingleFlight<DataKey, ReduceInstance, DataKeyHash>;

/// The key of a call. Throws ArgumentError for names given twice, or that the source does not leave free.
DataKey data_key(const language::Source& source, std::span<const NamedInput> inputs,
                 std::span<const Output> outputs, unsigned vector_bits);

}  // namespace mc
