// xoshiro256++ 1.0 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), a stream
// for each (tile, lane), its state filled by SplitMix64.
#include <utility>

#include "engine/random/generators.hpp"

namespace mc::random {

namespace {

using ir::X;

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

std::vector<ir::Value> xoshiro256pp_initial_state(ir::Builder& builder) { return lane_state(builder, 4); }

std::unique_ptr<Stream> make_xoshiro256pp(ir::Builder&, ir::Value, std::vector<ir::Value> state) {
  return std::make_unique<Xoshiro>(std::move(state));
}

}  // namespace mc::random
