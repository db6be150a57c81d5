// Tier 1: a kernel of primitives becomes machine code of the host's vector width, through explicit vector
// LLVM IR and ORC. Safe from many threads, which compile side by side; nothing is printed. No LLVM header is
// needed to use this.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/cache/disk.hpp"
#include "engine/host.hpp"
#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"

namespace mc::jit {

/// What LLVM, or the kernel itself, made impossible.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  unsigned vector_bits = mc::vector_bits();  ///< 128, 256 or 512: limits the registers, not the instructions
  unsigned interleave = 0;  ///< vectors computed side by side: 1, 2, 4, or 0 to let the kernel decide
  unsigned lane_bits = 0;   ///< a vector has vector_bits / lane_bits lanes: 32, 64, or 0: the kernel decides
  std::string processor;    ///< in LLVM's words, as "x86-64-v3"; the host's own when empty
  /// Where machine code is looked for before any is made, if anywhere; Compiled::keep() puts it there.
  std::shared_ptr<const cache::Disk> disk = nullptr;
};

/// Milliseconds of each stage. There is none for passes over LLVM IR: what the emitter writes gains nothing
/// from them.
struct Timing {
  double disk_ms = 0;     ///< looked for on the disk, or read from there
  double start_ms = 0;    ///< a code generator is made or, from the second compile on, fetched
  double emit_ms = 0;     ///< kernel IR → LLVM IR
  double codegen_ms = 0;  ///< LLVM IR → object file
  double link_ms = 0;     ///< object file → executable pages
  double total_ms() const { return disk_ms + start_ms + emit_ms + codegen_ms + link_ms; }
};

/// Machine code; its pages are given back when it is destroyed.
class Compiled : public kernels::Executable {
 public:
  virtual const Timing& timing() const = 0;
  virtual std::size_t operations() const = 0;  ///< of the kernel it was made of

  virtual bool is_from_disk() const = 0;

  /// Puts what was made into Options::disk, where it is not from there; once, whoever asks. No part of
  /// compile(), so that nobody waits for a disk.
  virtual void keep() const = 0;

  /// Made again from the kernel when asked for: what runs, in words.
  virtual std::string llvm_text() const = 0;
  virtual std::string assembly_text() const = 0;
};

/// Sets LLVM up for the process, which the first compile otherwise does. Statics made after it may compile
/// until they are destroyed. Throws Error.
void set_up();

/// Whether Options::disk seems to have it: compile() then takes a tenth of its time. LLVM is not set up for
/// that.
bool is_kept(const ir::Kernel& kernel, const Options& options);

/// What an entry of the disk cache is, by its key.
struct Description {
  std::size_t operations = 0;  ///< of its kernel
  unsigned vector_bits = 0;
  std::string processor;
  bool is_usable = false;  ///< on this machine, by this version
};
/// Nothing where it is no machine code.
std::optional<Description> described(std::string_view key);

/// Throws Error. The kernel has primitives only (ir::Level::primitives), and every loop's count is the same
/// in all lanes.
/// Its text, as ir::print() gives it, for who has that anyway.
std::unique_ptr<Compiled> compile(const ir::Kernel& kernel, const Options& options = {},
                                  std::string_view text = {});

}  // namespace mc::jit
