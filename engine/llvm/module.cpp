// The module's side of its boundary.
#include "engine/llvm/module.hpp"

/// Static objects in the module, LLVM's above all, are never destroyed: kernels that the host's static
/// objects hold, and compiles that go on, may outlive them. This takes the place of the C library's function
/// in the module alone.
extern "C" [[gnu::visibility("hidden")]] int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

namespace mc {
extern const char* const kEmitterFingerprint;  ///< CMakeLists.txt
}

namespace mc::jit {
namespace {

/// Runs what gives a pointer or a truth value; where that throws, the reason goes to the sink.
template <class Work>
auto guarded(Module::Sink sink, void* to, const Work& work) noexcept -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    sink(to, error.what());
  } catch (...) {
    sink(to, "unknown error");
  }
  return {};
}

Compiled* compile_here(const ir::Kernel& kernel, const Options& options, Module::Sink sink,
                       void* to) noexcept {
  return guarded(sink, to, [&] { return compile(kernel, options).release(); });
}

bool text_here(const Compiled& compiled, std::string (Compiled::*member)() const, Module::Sink sink,
               void* to) noexcept {
  return guarded(sink, to, [&] {
    sink(to, (compiled.*member)());
    return true;
  });
}

}  // namespace

extern "C" [[gnu::visibility("default")]] const Module mc_llvm_module;
const Module mc_llvm_module{MC_MODULE_STAMP, kEmitterFingerprint, &compile_here, &text_here};

}  // namespace mc::jit
