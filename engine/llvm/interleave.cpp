#include "engine/llvm/interleave.hpp"
#include <cstdlib>
namespace mc::jit {
unsigned choose_interleave(const ir::Kernel&, unsigned) { const char* i = std::getenv("I"); return i ? atoi(i) : 2; }
}
