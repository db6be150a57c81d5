// What the module with LLVM in it exports, and what the library that opens it expects: one table of
// functions. Nothing that one side has allocated is freed by the other and no exception goes across, so each
// may have a C++ runtime and an allocator of its own. Only classes of the same build may meet: hence the
// stamp.
#pragma once

#include <string_view>

#include "engine/llvm/compiler.hpp"

namespace mc::jit {

struct Module {
  using Sink = void (*)(void* to, std::string_view text);

  const char* stamp;  ///< a hash over the headers below this one, made by CMake
  const char*
      emitter;  ///< kEmitterFingerprint: code is kept on disk under the library's, which has to be equal

  /// Null where it cannot be done; then the reason goes to the sink.
  Compiled* (*compile)(const ir::Kernel& kernel, const Options& options, Sink sink, void* to) noexcept;

  /// The member function's text, or false with the reason.
  bool (*text)(const Compiled& compiled, std::string (Compiled::*member)() const, Sink sink,
               void* to) noexcept;
};

inline constexpr char kModuleSymbol[] = "mc_llvm_module";

}  // namespace mc::jit
