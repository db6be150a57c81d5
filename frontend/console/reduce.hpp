// `moment eval` of a program without random variables over files: its reductions of their numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

#include "frontend/console/eval.hpp"
#include "frontend/console/progress.hpp"

namespace mc::console {

/// What a pass over arrays came to.
struct Reduced {
  std::vector<std::string> queries;
  std::vector<double> values;
  std::uint64_t length = 0;  ///< of the arrays
  double ms = 0;
};

/// Throws FlagError where a parameter is a matrix, mc::Error, or Stopped.
Reduced reduced(const Moment& moment, const Parameters& parameters, const DataOptions& options);

/// All digits of it; a NaN has no sign.
std::string value_text(double value);

std::string reduced_text(const Reduced& reduced, bool colour, bool with_cost = true);
std::string reduced_json(const Reduced& reduced, std::string_view program);
std::vector<std::string> reduced_warnings(const Reduced& reduced);

/// Whether the program goes over the numbers of the parameters, instead of being sampled.
bool reduces_files(const Moment& moment, const EvalArguments& arguments);

/// Runs and prints. Throws FlagError, mc::Error or OutputError.
Ending reduce(const Moment& moment, const EvalArguments& arguments, const std::string& program,
              const Options& options, ProgressLine::When when);

}  // namespace mc::console
