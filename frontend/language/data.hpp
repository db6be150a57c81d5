// A bare expression over data, whose length only the call tells: as a map, which gives a datum for each
// datum, or as passes that fold the data into numbers, and what is computed of those.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/data.hpp"
#include "frontend/language/checker.hpp"

namespace mc::language {

/// A name that is data, and the type its numbers have in memory, or are converted to on their way in. Where
/// all are floats the program computes with floats, as with draws in single precision; folds are of doubles.
struct DataName {
  std::string name;
  ir::Type type = ir::Type::f64;
  bool operator==(const DataName&) const = default;
};

/// Element first + datum (from 0) of the array that stands for data name number `name`.
struct DataRead {
  std::uint32_t name = 0;
  std::int64_t first = 0;
  bool operator==(const DataRead&) const = default;
};

/// Where a scalar argument of the kernels comes from.
struct DataScalar {
  enum class Source : std::uint8_t {
    parameter,  ///< the model's scalar number `number`
    count,      ///< the length of the data
    element,    ///< element `at` (from 0) of data name number `number`
    fold,       ///< what reduction number `number` came to
    first,      ///< the number (from 0) of a call's first datum
  };
  Source source = Source::parameter;
  std::uint32_t number = 0;
  std::int64_t at = 0;
};

/// Folds data first .. count - behind, both from 0, the last one left out; either may be negative, where no
/// datum of that number is read.
struct DataPass {
  ir::Kernel kernel;  ///< kernels::reduce
  std::vector<DataRead>
      reads;  ///< where there are none, the kernel has an array of f64 that it does not read
  std::vector<kernels::Fold> folds;
  std::vector<std::uint32_t> reductions;  ///< fold k is this reduction's
  std::int64_t first = 0, behind = 0;
};

/// The kernels still hold mathematical functions: passes::lower comes next.
struct DataProgram {
  Model model;
  std::vector<DataScalar> scalars;  ///< the arguments of all of the kernels
  std::vector<DataPass> passes;     ///< in their order
  ir::Kernel values;                ///< output k is the value of expression k
  std::vector<std::string> texts;   ///< of the expressions
};

/// A map: every name stands for one datum, or for a number where `data` does not have it. As many results as
/// the program has bare expressions; result k is of type writes[k].
struct DataMap {
  Model model;
  ir::Kernel kernel;                 ///< kernels::map; reads the data names in their order
  std::vector<std::uint32_t> reads;  ///< data name read by data array k
};

/// How many results the source has: its bare expressions.
std::size_t data_results(const Source& source);

/// What is wrong goes to `diagnostics`, and the result is then worth nothing.
DataProgram lower_reduction(const Source& source, std::span<const DataName> data,
                            std::span<const Setting::Parameter> parameters, Diagnostics& diagnostics);
DataMap lower_map(const Source& source, std::span<const DataName> data,
                  std::span<const Setting::Parameter> parameters, std::span<const ir::Type> writes,
                  Diagnostics& diagnostics);

}  // namespace mc::language
