// A build without modules: LLVM is part of the program.
#include "engine/llvm/loading.hpp"

namespace mc::jit {

std::unique_ptr<Compiled> load_and_compile(const ir::Kernel& kernel, const Options& options) {
  return compile(kernel, options);
}

double expected_load_ms() { return 0; }

}  // namespace mc::jit
