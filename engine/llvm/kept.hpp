// Machine code kept on disk: under which key, in which form, and how it runs from there without LLVM.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cache/disk.hpp"
#include "engine/ir/kernel.hpp"
#include "engine/llvm/compiler.hpp"

namespace mc::jit {

/// All that machine code depends on, as text: four lines that say what made it, for which processor and with
/// which options, then the kernel, printed unless its text is given.
std::string key_of(const ir::Kernel& kernel, const Options& options, std::string_view text = {});

/// What is kept of code whose object is still there.
std::string packed(const Compiled& code);

/// The code under that key, or null where there is none of use.
std::unique_ptr<Compiled> from_disk(const cache::Disk& disk, std::string_view key, const ir::Kernel& kernel,
                                    const Options& options);

/// What an entry of the disk cache is, by its key.
struct Description {
  std::size_t operations = 0;  ///< of its kernel
  unsigned vector_bits = 0;
  std::string processor;
  bool is_usable = false;  ///< on this machine, by this version
};
/// Nothing where it is no machine code.
std::optional<Description> described(std::string_view key);

}  // namespace mc::jit
