// The generators' raw words as kernels draw them: the engine's own IR and machine code, tile after tile, in a
// tile sample after sample, and for each sample lane after lane.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/kernels/sample_reduce.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/random/stream.hpp"

namespace mc::testing {

class Words {
 public:
  /// Of a program with one variable of `coordinates` coordinates, one word each.
  Words(random::Generator generator, unsigned coordinates, std::uint64_t seed);

  /// The words of the next tile: coordinate j of the sample in step k of lane ℓ stands at
  /// (256 k + ℓ)·coordinates + j. They are good until the next call.
  const std::vector<std::uint64_t>& next_tile();

 private:
  unsigned coordinates_;
  std::unique_ptr<jit::Compiled> kernel_;
  kernels::Arguments arguments_;
  kernels::Buffer columns_, scratch_;
  std::vector<std::uint64_t> words_;
};

}  // namespace mc::testing
