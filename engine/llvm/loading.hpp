// LLVM when it is needed: it lives in a module of its own (libmc_llvm.so), so that a process that only
// interprets never pays for its 30 MB, its relocations and its static objects. Where Moment is built without
// modules, it is linked in.
#pragma once

#include <memory>

#include "engine/llvm/compiler.hpp"

namespace mc::jit {

/// compile(), in the module, which the first call opens. Throws Error, also where the module is not there or
/// not of this build; the next call then tries again.
std::unique_ptr<Compiled> load_and_compile(const ir::Kernel& kernel, const Options& options = {});

/// What the next call will take for loading, before it compiles: a guess until the module has been opened,
/// then 0.
double expected_load_ms();

}  // namespace mc::jit
