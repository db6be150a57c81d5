// The kernel that the whole project is about, without the language: a sum over coordinates as a rolled loop.
#pragma once

#include <span>
#include <vector>

#include "engine/kernels/sample_reduce.hpp"
#include "engine/passes/passes.hpp"

namespace mc::testing {

/// Σ over `dimension` coordinates of term(x), rolled.
inline kernels::Sample rolled_sum(unsigned dimension, ir::X (*term)(ir::X)) {
  return [dimension, term](ir::Builder& b, random::Stream& stream) {
    stream.align();
    std::vector<ir::Value> start = stream.state;
    start.push_back(b.constant(0.0));
    const auto end =
        b.loop(b.constant_u32(dimension), start, [&](ir::Value, std::span<const ir::Value> carried) {
          stream.state.assign(carried.begin(), carried.end() - 1);
          const ir::X x = random::uniform(stream.draw(b));
          std::vector<ir::Value> next = stream.state;
          next.push_back(ir::X(b, carried.back()) + term(x));
          return next;
        });
    stream.state.assign(end.begin(), end.end() - 1);
    return std::vector<ir::X>{ir::X(b, end.back())};
  };
}

inline ir::X square(ir::X x) { return x * x; }

/// E[Σ x_i²] over `dimension` uniform coordinates, as the language lowers it.
inline ir::Kernel square_sum(unsigned dimension) {
  return passes::lower(
      kernels::sample_reduce({.groups = {kernels::Group{}}}, rolled_sum(dimension, square), 0));
}

}  // namespace mc::testing
