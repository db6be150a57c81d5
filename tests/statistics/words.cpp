// A kernel whose columns are the words themselves, a tile's 32 steps written out.
#include "tests/statistics/words.hpp"

#include <bit>

#include "engine/ir/builder.hpp"
#include "engine/passes/passes.hpp"

namespace mc::testing {

namespace {

using ir::Builder;
using kernels::kLanes;
using kernels::kSteps;

/// As kernels::sample_reduce carries the stream from sample to sample, without what it makes of the draws.
ir::Kernel kernel_of_words(random::Generator generator, unsigned coordinates) {
  Builder builder;
  std::vector<ir::Value> state = random::initial_state(generator, builder);
  std::uint32_t column = 0;
  for (unsigned step = 0; step < kSteps; ++step) {
    const auto stream = random::make_stream(generator, builder, builder.constant_u32(step), state);
    stream->align();
    for (unsigned j = 0; j < coordinates; ++j)
      builder.output(column++, from_bits(stream->draw(builder)));  // words leave as the bits of f64
    stream->align();
    state = random::carried_state(generator, *stream);
  }
  return passes::lower(builder.finish(0));
}

}  // namespace

Words::Words(random::Generator generator, unsigned coordinates, std::uint64_t seed)
    : coordinates_(coordinates), kernel_(jit::compile(kernel_of_words(generator, coordinates))) {
  arguments_.seed = seed;
  columns_.reserve(std::size_t{kernel_->outputs()} * kLanes * sizeof(double));
  scratch_.reserve(kernel_->scratch_bytes());
  words_.resize(std::size_t{kernel_->outputs()} * kLanes);
}

const std::vector<std::uint64_t>& Words::next_tile() {
  auto* columns = reinterpret_cast<double*>(columns_.data());
  kernel_->run(arguments_, 0, kLanes, 1, columns, scratch_.data());
  ++arguments_.tile;
  auto to = words_.begin();
  for (unsigned step = 0; step < kSteps; ++step)
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (unsigned j = 0; j < coordinates_; ++j, ++to)
        *to = std::bit_cast<std::uint64_t>(columns[std::size_t{step * coordinates_ + j} * kLanes + lane]);
  return words_;
}

}  // namespace mc::testing
