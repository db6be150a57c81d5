// The invariants of kernel IR, in one table (verify.cpp); run after every pass in debug builds and in tests.
#pragma once

#include <string>
#include <vector>

#include "engine/ir/kernel.hpp"

namespace mc::ir {

/// Which operations may appear.
enum class Level {
  functions,   ///< also the mathematical functions
  primitives,  ///< only what back ends translate
};

/// One thing wrong, and the node it is about (none where it is about the kernel as a whole).
struct Fault {
  Value node;
  std::string text;
};

/// Everything wrong with the kernel, which may hold any garbage. Where the numbers in it do not even fit each
/// other, only that is reported.
std::vector<Fault> find_faults(const Kernel& kernel, Level level);

/// The same, a line each; empty when the kernel is well formed.
std::vector<std::string> verify(const Kernel& kernel, Level level);

}  // namespace mc::ir
