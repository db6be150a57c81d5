// Clang when it is needed: it lives in a module of its own (libmc_cxx.so), which the first C++ function
// opens.
#pragma once

#include <functional>
#include <vector>

#include "frontend/cxx/function.hpp"
#include "frontend/cxx/lint/found.hpp"

namespace mc::cxx {

/// What the module made of the source: a function, or what is wrong with it. Throws DeviceError where there
/// is no module of this build.
struct Outcome {
  Unit unit;
  std::vector<Problem> problems;
};
Outcome load_and_read(const Request& request);

/// Who is asked about each call that is given a program's text, and told of each problem.
struct Checker {
  std::function<void(const Site& site, const std::function<void(const Remark&)>& remark)> check;
  std::function<void(const Problem& problem)> wrong;
};
/// Looks through a source. Throws DeviceError as above.
void load_and_lint(const Linted& source, const Checker& checker);

}  // namespace mc::cxx
