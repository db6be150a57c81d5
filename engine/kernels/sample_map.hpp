// The sample-and-reduce kernel's sibling: each lane draws the same samples, and puts their values into arrays
// instead of adding them up.
#pragma once

#include "engine/kernels/sample_reduce.hpp"

namespace mc::kernels {

/// Value k of the sample in step s of lane ℓ goes to data array k, as the number s·lanes + ℓ: with kLanes of
/// them, the tile's samples stand in their order. `values` is how many a sample gives; `scalars` and `arrays`
/// as in Builder::finish. Throws std::invalid_argument where `sample` gives more or fewer.
ir::Kernel sample_map(random::Generator generator, std::size_t values, const Sample& sample,
                      std::uint32_t scalars, std::vector<std::uint32_t> arrays = {});

}  // namespace mc::kernels
