// A module that looks like ours, and whose emitter is another one.
#include "engine/llvm/module.hpp"

namespace mc::jit {

extern "C" [[gnu::visibility("default")]] const Module mc_llvm_module;
const Module mc_llvm_module{MC_MODULE_STAMP, "another", nullptr, nullptr};

}  // namespace mc::jit
