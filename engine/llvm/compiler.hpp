// Tier 1: a kernel of primitives becomes machine code of the host's vector width, through explicit vector
// LLVM IR and ORC. Safe from many threads, which compile side by side; nothing is printed. No LLVM header is
// needed to use this.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

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
  unsigned interleave = 0;  ///< vectors computed side by side: 1, 2, 4, 8, or 0 to let the kernel decide
  unsigned lane_bits = 0;   ///< a vector has vector_bits / lane_bits lanes: 32, 64, or 0: the kernel decides
  /// What is put into data arrays goes past the caches. They then have to begin at addresses that are
  /// multiples of 64, and Arguments::lanes be a multiple of the granule.
  bool streams = false;
  std::string processor;  ///< in LLVM's words, as "x86-64-v3"; the host's own when empty
};

/// Milliseconds of each stage. There is none for passes over LLVM IR: what the emitter writes gains nothing
/// from them.
struct Timing {
  double start_ms = 0;    ///< a code generator is made or, from the second compile on, fetched
  double emit_ms = 0;     ///< kernel IR → LLVM IR
  double codegen_ms = 0;  ///< LLVM IR → object file
  double link_ms = 0;     ///< object file → executable pages
  double total_ms() const { return start_ms + emit_ms + codegen_ms + link_ms; }
};

/// Machine code; its pages are given back when it is destroyed.
class Compiled : public kernels::Executable {
 public:
  virtual const Timing& timing() const = 0;
  virtual std::size_t operations() const = 0;  ///< of the kernel it was made of

  /// Made again from the kernel when asked for: what runs, in words.
  virtual std::string llvm_text() const = 0;
  virtual std::string assembly_text() const = 0;
};

/// Sets LLVM up for the process, which the first compile otherwise does. Statics made after it may compile
/// until they are destroyed. Throws Error.
void set_up();

/// Throws Error. The kernel has primitives only (ir::Level::primitives), and every loop's count is the same
/// in all lanes.
std::unique_ptr<Compiled> compile(const ir::Kernel& kernel, const Options& options = {});

}  // namespace mc::jit
