// `moment eval` of a program without random variables over files: its reductions of their numbers.
#pragma once

#include "frontend/console/eval.hpp"
#include "frontend/console/progress.hpp"

namespace mc::console {

/// Whether the program goes over the numbers of the parameters, instead of being sampled.
bool reduces_files(const Moment& moment, const EvalArguments& arguments);

/// Runs and prints. Throws FlagError, mc::Error or OutputError.
Ending reduce(const Moment& moment, const EvalArguments& arguments, const std::string& program,
              const Options& options, ProgressLine::When when);

}  // namespace mc::console
