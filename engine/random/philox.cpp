// philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Its
// words live in u64 lanes: a product of two 32-bit numbers is then one multiplication with both halves in one
// place (vpmuludq).
#include <optional>
#include <utility>

#include "engine/random/generators.hpp"

namespace mc::random {

namespace {

using ir::X;

constexpr std::uint64_t kMultipliers[] = {0xD2511F53, 0xCD9E8D57};
constexpr std::uint64_t kWeyl[] = {0x9E3779B9, 0xBB67AE85};  // golden ratio, √3 − 1
constexpr std::uint64_t kLow = 0xFFFFFFFF;
constexpr std::uint32_t kRounds = 10;

X low(X word) { return word & kLow; }

/// One round. The high halves of what comes in and goes out are noise: they are cut off where they would
/// matter, just before a multiplication, where the machine's 32×32 → 64 instruction does it for nothing.
std::vector<ir::Value> round(X c0, X c1, X c2, X c3, X k0, X k1) {
  const X p0 = low(c0) * kMultipliers[0];
  const X p1 = low(c2) * kMultipliers[1];
  return {(p1 >> 32) ^ c1 ^ k0, p1, (p0 >> 32) ^ c3 ^ k1, p0, k0 + kWeyl[0], k1 + kWeyl[1]};
}

class Philox final : public Stream {
 public:
  Philox(ir::Builder& builder, ir::Value sample_step)
      : step_(widen(X(builder, sample_step))),
        lane_(X(builder, builder.leaf(ir::Op::tile)) * std::uint64_t{256} +
              X(builder, builder.leaf(ir::Op::lane))),
        seed_(builder, builder.leaf(ir::Op::seed)) {
    state = {builder.constant_u64(0)};
  }

  unsigned words() const override { return 2; }
  void align() override { second_word_.reset(); }

  X draw(ir::Builder& builder) override {
    if (second_word_) return *std::exchange(second_word_, std::nullopt);
    const X block(builder, state[0]);
    const auto r = philox4x32(builder, {block, step_, lane_, lane_ >> 32}, {seed_, seed_ >> 32}, kRounds);
    state = {block + std::uint64_t{1}};
    second_word_ = r[2] | (r[3] << 32);
    return r[0] | (r[1] << 32);
  }

 private:
  X step_, lane_, seed_;
  std::optional<X> second_word_;
};

}  // namespace

std::array<X, 4> philox4x32(ir::Builder& builder, const std::array<X, 4>& counter,
                            const std::array<X, 2>& key, std::uint32_t rounds) {
  // Rolled: ten rounds written out in each of several places cost more to compile than they gain.
  const auto body = [&](ir::Value, std::span<const ir::Value> c) {
    const auto word = [&](unsigned k) { return X(builder, c[k]); };
    return round(word(0), word(1), word(2), word(3), word(4), word(5));
  };
  const std::array<ir::Value, 6> start{counter[0], counter[1], counter[2], counter[3], key[0], key[1]};
  const auto end = builder.loop(builder.constant_u32(rounds), start, body);
  const auto word = [&](unsigned k) { return low(X(builder, end[k])); };
  return {word(0), word(1), word(2), word(3)};
}

std::vector<ir::Value> philox4x32_initial_state(ir::Builder&) { return {}; }

std::unique_ptr<Stream> make_philox4x32(ir::Builder& builder, ir::Value sample_step, std::vector<ir::Value>) {
  return std::make_unique<Philox>(builder, sample_step);
}

}  // namespace mc::random
