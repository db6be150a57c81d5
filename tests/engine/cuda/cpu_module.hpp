// CUDA sources compiled as C++ by the compiler that built us, and loaded: shim.hpp stands for the GPU.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/cuda/translate.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::testing {

class CpuModule {
 public:
  /// Throws std::runtime_error with the compiler's words.
  explicit CpuModule(std::span<const cuda::Source> sources);

  /// The records of these tiles, computed by source number `source` in a grid of so many blocks.
  std::vector<double> records(std::size_t source, unsigned blocks, std::uint64_t seed, std::uint64_t first,
                              std::uint64_t tiles, std::uint64_t samples, std::span<const double> numbers,
                              std::size_t record_size) const;

 private:
  using Launch = void (*)(unsigned, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, const double*,
                          double*, double*);

  TemporaryFolder folder_;
  std::vector<Launch> launches_;
  std::vector<std::size_t> block_memory_;
};

}  // namespace mc::testing
