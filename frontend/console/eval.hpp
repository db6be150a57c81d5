// `moment eval`: from the arguments as they stand on the command line to printed results.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mc::console {

/// What the process ends with. docs/command.md promises the numbers; 143 is what shells say of SIGTERM.
enum ExitCode : int {
  done = 0,
  internal_error = 1,
  bad_input = 2,
  no_device = 3,
  interrupted = 130,
  terminated = 143
};

struct Ending {
  ExitCode code = done;
  bool at_once = false;  ///< a kernel is still being compiled, which the end of a process waits for
  Ending(ExitCode code, bool at_once = false) : code(code), at_once(at_once) {}
};

/// The flags of `moment eval` as text. eval.cpp gives them their meaning, so that all refusals read alike.
struct EvalArguments {
  std::optional<std::string> program, file, density, dim, box, samples, seed, threads, backend, precision,
      generator, nonfinite, part, dump, target_error, target_relative, trace, density_cxx;
  std::vector<std::string> parameters, limits, cxx, cxx_flags;
  std::optional<bool> progress;  ///< the line of it: always, never, or for runs that take long
  bool json = false, debug_jit = false, no_cache = false;
};

/// Runs and prints. Throws FlagError, mc::Error or OutputError.
Ending eval(const EvalArguments& arguments);

}  // namespace mc::console
