// What of a compiled kernel is kept on disk: under which key, and in which form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/ir/kernel.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/llvm/shape.hpp"

namespace mc::jit {

/// All that machine code depends on, as text: four lines that say what made it, for which processor and with
/// which options, then the kernel, printed unless its text is given. Needs nothing of LLVM that has to be set
/// up.
std::string key_of(const ir::Kernel& kernel, const Options& options, std::string_view text = {});

struct Kept {
  Shape shape;
  std::string_view object;  ///< an object file, the payload's beginning
};
std::string packed(Shape shape, std::string_view object);
std::optional<Kept> unpacked(std::string_view payload);

}  // namespace mc::jit
