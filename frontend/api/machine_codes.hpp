// Machine code by kernel, shared by all moments of the process, so that equal kernels are compiled once. Keeps
// a bounded amount; code that a moment uses lives on whether it is kept here or not.
#pragma once

#include <string>
#include <vector>

#include "engine/cache/single_flight.hpp"
#include "engine/ir/kernel.hpp"
#include "engine/llvm/compiler.hpp"

namespace mc {

class MachineCodes {
  using Cache = cache::SingleFlight<std::string, const jit::Compiled>;

 public:
  /// A host that compiles a million programs must not fill its memory: this many operations of kernels take
  /// some 300 MB at most.
  static constexpr std::size_t kMostOperations = 1'000'000;

  /// A kernel's pages and its place in LLVM's session cost as much as these many operations. So there are two
  /// thousand kernels at most, and far fewer mappings than a process may have.
  static constexpr std::size_t kPages = 500;

  static MachineCodes& shared();

  explicit MachineCodes(std::size_t most_operations = kMostOperations);

  /// Throws jit::Error.
  Cache::Answer get(const ir::Kernel& kernel, unsigned vector_bits);

  std::size_t size() const { return cache_.values().size(); }

 private:
  Cache cache_;
};

}  // namespace mc
