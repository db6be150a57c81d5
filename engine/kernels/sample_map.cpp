// The loop over a lane's samples, which carries nothing but the stream.
#include "engine/kernels/sample_map.hpp"

#include <stdexcept>

namespace mc::kernels {

using ir::Type;
using ir::X;

ir::Kernel sample_map(random::Generator generator, std::size_t values, const Sample& sample,
                      std::uint32_t scalars, std::vector<std::uint32_t> arrays) {
  ir::Builder builder;
  for (std::size_t k = 0; k < values; ++k) builder.data({.type = Type::f64, .is_written = true});
  const auto one_sample = [&](ir::Value step, std::span<const ir::Value> carried) {
    const auto stream = random::make_stream(generator, builder, step, {carried.begin(), carried.end()});
    const std::vector<X> drawn = sample(builder, *stream);
    if (drawn.size() != values) throw std::invalid_argument("sample_map: a sample gives other values");
    for (std::uint32_t k = 0; k < values; ++k)
      builder.put(k, step, drawn[k].type() == Type::f64 ? drawn[k] : to_f64(drawn[k]));
    return random::carried_state(generator, *stream);
  };
  builder.loop(builder.leaf(ir::Op::steps), random::initial_state(generator, builder), one_sample);
  return builder.finish(scalars, std::move(arrays));
}

}  // namespace mc::kernels
