// CUDA sources compiled as C++ by the compiler that built us, and loaded: shim.hpp stands for the GPU.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/cuda/translate.hpp"
#include "engine/kernels/trees.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::testing {

class CpuModule {
 public:
  /// Throws std::runtime_error with the compiler's words.
  explicit CpuModule(std::span<const cuda::Source> sources);

  /// The records of these trees, computed by source number `source` in a grid of so many blocks.
  std::vector<double> records(std::size_t source, unsigned blocks, std::uint64_t seed,
                              const kernels::Trees& trees, std::uint64_t samples,
                              std::span<const double> numbers, std::size_t record_size,
                              unsigned stop = 0) const;

 private:
  using Launch = void (*)(unsigned, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, unsigned,
                          const double*, double*, double*, const volatile unsigned*);

  TemporaryFolder folder_;
  std::vector<Launch> launches_;
  std::vector<std::size_t> block_memory_;
};

}  // namespace mc::testing
