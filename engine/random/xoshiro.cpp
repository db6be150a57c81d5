// xoshiro256++ 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), a stream
// for each (tile, lane), its state filled by SplitMix64.
#include <utility>

#include "engine/random/generators.hpp"

namespace mc::random {

namespace {

using ir::X;

constexpr std::uint64_t kGolden =
    0x9E3779B97F4A7C15;  // SplitMix64's increment, 2⁶⁴ divided by the golden ratio
constexpr std::uint64_t kWords = 4;

class Xoshiro final : public Stream {
 public:
  explicit Xoshiro(std::vector<ir::Value> initial) { state = std::move(initial); }

  unsigned words() const override { return 1; }
  void align() override {}

  X draw(ir::Builder& builder) override {
    X s0(builder, state[0]), s1(builder, state[1]), s2(builder, state[2]), s3(builder, state[3]);
    const X word = rotl(s0 + s3, 23) + s0;
    // In this order every line overwrites a word whose old value nobody needs any more: four registers and
    // one for t.
    const X t = s1 << 17;
    s2 = s2 ^ s0;
    s3 = s3 ^ s1;
    s1 = s1 ^ s2;
    s0 = s0 ^ s3;
    s2 = s2 ^ t;
    s3 = rotl(s3, 45);
    state = {s0, s1, s2, s3};
    return word;
  }
};

}  // namespace

std::vector<ir::Value> xoshiro256pp_initial_state(ir::Builder& builder) {
  const X seed(builder, builder.leaf(ir::Op::seed));
  const X tile(builder, builder.leaf(ir::Op::tile));
  const X lane(builder, builder.leaf(ir::Op::lane));
  const X base = mix(seed);  // stream 0: mix(seed ^ mix(0)), and mix(0) = 0
  // Everything up to the addition of the lane is the same in all lanes and computed once a call.
  const X tile_start = base + tile * (256 * kWords * kGolden);
  const X first = tile_start + lane * (kWords * kGolden);
  // A loop: written out, this is a fourth of a short kernel's text, and as much of what compiling that takes.
  const auto round = [&](ir::Value, std::span<const ir::Value> carried) {
    const X next = X(builder, carried[0]) + kGolden;
    return std::vector<ir::Value>{next, carried[2], carried[3], carried[4], mix(next)};
  };
  const std::vector<ir::Value> start(1 + kWords, first);
  const auto end = builder.loop(builder.constant_u32(kWords), start, round);
  return {end.begin() + 1, end.end()};
}

std::unique_ptr<Stream> make_xoshiro256pp(ir::Builder&, ir::Value, std::vector<ir::Value> state) {
  return std::make_unique<Xoshiro>(std::move(state));
}

}  // namespace mc::random
