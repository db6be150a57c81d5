// Tier 1: a kernel of primitives becomes machine code of the host's vector width, through explicit vector
// LLVM IR and ORC. Safe from many threads, which compile side by side; nothing is printed. No LLVM header is
// needed to use this.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/host.hpp"
#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"

namespace mc::jit {

inline constexpr char kEntryName[] = "mc_kernel";  ///< of the function in an object file

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
  std::string name;       ///< its symbol, which gdb is told; empty where nobody has to know it
};

/// Milliseconds of each stage, one after another. There is none for passes over LLVM IR: what the emitter
/// writes gains nothing from them.
struct Timing {
  double disk_ms = 0;     ///< looked for on the disk, or read from there
  double load_ms = 0;     ///< the module with LLVM in it is opened: the process's first compile
  double start_ms = 0;    ///< a code generator is made or, from the second compile on, fetched
  double emit_ms = 0;     ///< kernel IR → LLVM IR
  double codegen_ms = 0;  ///< LLVM IR → object file
  double link_ms = 0;     ///< object file → executable pages
  std::chrono::steady_clock::time_point begin{};  ///< of the first one
  std::uint64_t thread = 0;                       ///< thread_number() of who made it
  double total_ms() const { return disk_ms + load_ms + start_ms + emit_ms + codegen_ms + link_ms; }
};

/// Machine code; its pages are given back when it is destroyed, unless it has a name: what tools were told
/// stays true.
class Compiled : public kernels::Executable {
 public:
  virtual const Timing& timing() const = 0;
  virtual std::size_t operations() const = 0;           ///< of the kernel it was made of
  virtual std::span<const std::byte> code() const = 0;  ///< where its entry is; how long, if it has a name

  virtual bool is_from_disk() const { return false; }

  /// The object file it was linked from, until it is told to forget it; empty afterwards.
  virtual std::string_view object() const = 0;
  virtual void forget_object() const = 0;

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
