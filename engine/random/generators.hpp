// What each generator's file gives to the table in stream.cpp; not for use outside this folder and its tests.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/random/stream.hpp"

namespace mc::random {

/// SplitMix64's finaliser: a bijection of 64 bits (Stafford's "mix 13").
ir::X mix(ir::X z);

/// Of a generator with so many words of state: word j of a lane is SplitMix64's number words·(256·tile +
/// lane) + j from the state mix(seed).
std::vector<ir::Value> lane_state(ir::Builder& builder, std::uint64_t words);

#define MC_GENERATOR(id, name, carries)                                          \
  std::vector<ir::Value> id##_initial_state(ir::Builder& builder);               \
  std::unique_ptr<Stream> make_##id(ir::Builder& builder, ir::Value sample_step, \
                                    std::vector<ir::Value> state);
#include "engine/random/generators.def"
#undef MC_GENERATOR

/// Philox's bijection itself: u64 words of which only the low 32 bits are read; those given back are below
/// 2^32.
std::array<ir::X, 4> philox4x32(ir::Builder& builder, const std::array<ir::X, 4>& counter,
                                const std::array<ir::X, 2>& key, std::uint32_t rounds);

}  // namespace mc::random
