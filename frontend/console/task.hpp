// What `moment eval` and its like are asked: a program, and what it is run with.
#pragma once

#include <optional>
#include <string>

#include <mc/mc.hpp>

#include "frontend/console/eval.hpp"

namespace mc::console {

/// A program with the box it runs on, if it needs one.
struct Task {
  std::string program;
  std::optional<std::string> density;
  Options options;
};

/// Throws FlagError, and ArgumentError for a box.
Task task_of(const EvalArguments& arguments);

/// Its program, which may be made of C++ functions, or be one. Throws FlagError and mc::Error.
Moment compiled(const EvalArguments& arguments, const Task& task);

}  // namespace mc::console
