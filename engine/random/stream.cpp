// The table of generators, and what all of them share: the mixing of seeds and the conversion to (0, 1).
#include "engine/random/stream.hpp"

#include <algorithm>
#include <utility>

#include "engine/random/generators.hpp"

namespace mc::random {

namespace {

struct Row {
  std::string_view name;
  std::vector<ir::Value> (*initial_state)(ir::Builder&);
  std::unique_ptr<Stream> (*make)(ir::Builder&, ir::Value, std::vector<ir::Value>);
  bool carries_state;  ///< from one sample to the next
};

constexpr Row kGenerators[] = {
#define MC_GENERATOR(id, name, carries) {name, id##_initial_state, make_##id, carries},
#include "engine/random/generators.def"
#undef MC_GENERATOR
};

const Row& row(Generator generator) { return kGenerators[static_cast<std::size_t>(generator)]; }

}  // namespace

std::string_view name(Generator generator) { return row(generator).name; }

std::unique_ptr<Stream> make_stream(Generator generator, ir::Builder& builder, ir::Value sample_step,
                                    std::vector<ir::Value> state) {
  auto stream = row(generator).make(builder, sample_step, std::move(state));
  stream->sample_step = sample_step;
  return stream;
}

std::vector<ir::Value> initial_state(Generator generator, ir::Builder& builder) {
  return row(generator).initial_state(builder);
}

std::vector<ir::Value> carried_state(Generator generator, const Stream& stream) {
  return row(generator).carries_state ? stream.state : std::vector<ir::Value>{};
}

ir::X mix(ir::X z) {
  z = (z ^ (z >> 30)) * std::uint64_t{0xBF58476D1CE4E5B9};
  z = (z ^ (z >> 27)) * std::uint64_t{0x94D049BB133111EB};
  return z ^ (z >> 31);
}

std::vector<ir::Value> lane_state(ir::Builder& builder, std::uint64_t words) {
  constexpr std::uint64_t kGolden =
      0x9E3779B97F4A7C15;  // SplitMix64's increment, 2⁶⁴ divided by the golden ratio
  const ir::X seed(builder, builder.leaf(ir::Op::seed));
  const ir::X tile(builder, builder.leaf(ir::Op::tile));
  const ir::X lane(builder, builder.leaf(ir::Op::lane));
  const ir::X base = mix(seed);  // stream 0: mix(seed ^ mix(0)), and mix(0) = 0
  // Everything up to the addition of the lane is the same in all lanes and computed once a call.
  const ir::X tile_start = base + tile * (256 * words * kGolden);
  const ir::X first = tile_start + lane * (words * kGolden);
  // A loop: written out, this is a fourth of a short kernel's text, and as much of what compiling that takes.
  // Each round moves the words on by one.
  const auto round = [&](ir::Value, std::span<const ir::Value> carried) {
    const ir::X next = ir::X(builder, carried[0]) + kGolden;
    std::vector<ir::Value> moved{next};
    moved.insert(moved.end(), carried.begin() + 2, carried.end());
    moved.push_back(mix(next));
    return moved;
  };
  const std::vector<ir::Value> start(1 + words, first);
  const auto end = builder.loop(builder.constant_u32(static_cast<std::uint32_t>(words)), start, round);
  return {end.begin() + 1, end.end()};
}

ir::X uniform(ir::X word) {
  // 1 + m·2⁻⁵² lies in [1, 2), so taking 1 − 2⁻⁵³ away is exact. So it is with 2⁻²³ and 2⁻²⁴.
  if (word.type() == ir::Type::u32)
    return from_bits((word >> 9) | std::uint64_t{0x3F800000}) - (1.0 - 0x1p-24);
  const ir::X one_and_fraction = from_bits((word >> 12) | std::uint64_t{0x3FF0000000000000});
  return one_and_fraction - (1.0 - 0x1p-53);
}

ir::X below(ir::X word, ir::X count) {
  // The high half of the product, by halves: no sum here reaches 2⁶⁴.
  constexpr std::uint64_t kLow = 0xFFFFFFFF;
  const ir::X a = word & kLow, b = word >> 32, c = count & kLow, d = count >> 32;
  const ir::X middle = b * c + (a * c >> 32);
  const ir::X other = a * d + (middle & kLow);
  return b * d + (middle >> 32) + (other >> 32);
}

ir::X Uniforms::draw(ir::Builder& builder) {
  if (high_half_) return uniform(*std::exchange(high_half_, std::nullopt));
  const ir::X word = stream_->draw(builder);
  if (type_ == ir::Type::f64) return uniform(word);
  high_half_ = narrow(word >> 32);
  return uniform(narrow(word));
}

void Uniforms::align() {
  high_half_.reset();
  stream_->align();
}

}  // namespace mc::random
