// The generators once more in plain C++, straight from their authors' descriptions: what kernels are compared
// with.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <stdexcept>
#include <variant>

#include "engine/random/stream.hpp"

namespace mc::testing {

struct SplitMix64 {
  std::uint64_t state;

  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  std::uint64_t next() { return mix(state += 0x9E3779B97F4A7C15); }
};

struct Xoshiro256pp {
  std::array<std::uint64_t, 4> s;

  /// The stream of a lane (docs/contract.md, "Generators"): the SplitMix64 sequence from mix(seed), four
  /// words a lane.
  static Xoshiro256pp of_lane(std::uint64_t seed, std::uint64_t tile, std::uint64_t lane) {
    SplitMix64 words{SplitMix64::mix(seed) + 0x9E3779B97F4A7C15 * 4 * (256 * tile + lane)};
    Xoshiro256pp generator{};
    for (std::uint64_t& word : generator.s) word = words.next();
    return generator;
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std::rotl(s[3], 45);
    return result;
  }
  static constexpr std::size_t kWordsAStep = 1;
  void align() {}
  void next_sample() {}
};

using Words4 = std::array<std::uint32_t, 4>;
using Words2 = std::array<std::uint32_t, 2>;

inline Words4 philox4x32(Words4 c, Words2 k, unsigned rounds) {
  for (unsigned r = 0; r < rounds; ++r) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c[2];
    const auto high = [](std::uint64_t p) { return static_cast<std::uint32_t>(p >> 32); };
    c = {high(p1) ^ c[1] ^ k[0], static_cast<std::uint32_t>(p1), high(p0) ^ c[3] ^ k[1],
         static_cast<std::uint32_t>(p0)};
    k[0] += 0x9E3779B9;
    k[1] += 0xBB67AE85;
  }
  return c;
}

/// The words of one sample of a lane, by the counter that engine/random/stream.hpp lays out.
struct PhiloxSample {
  std::uint64_t seed, tile, lane;
  std::uint32_t sample;
  std::uint32_t drawn = 0;

  std::uint64_t next() {
    const std::uint64_t stream = 256 * tile + lane;
    const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
    const Words4 r =
        philox4x32({drawn / 2, sample, low(stream), low(stream >> 32)}, {low(seed), low(seed >> 32)}, 10);
    const unsigned first = drawn++ % 2 * 2;
    return r[first] | std::uint64_t{r[first + 1]} << 32;
  }
  void align() { drawn += drawn % 2; }
  void next_sample() { ++sample, drawn = 0; }
  static constexpr std::size_t kWordsAStep = 2;
};

inline constexpr random::Generator kGenerators[] = {
#define MC_GENERATOR(id, name, carries) random::Generator::id,
#include "engine/random/generators.def"
#undef MC_GENERATOR
};

/// The words of a lane, sample after sample, by any generator.
class LaneWords {
 public:
  LaneWords(random::Generator generator, std::uint64_t seed, std::uint64_t tile, std::uint64_t lane)
      : words_(of_lane(generator, seed, tile, lane)) {}

  std::uint64_t next() {
    return std::visit([](auto& words) { return words.next(); }, words_);
  }
  /// What is left of a step is dropped before each variable, and where a sample ends.
  void align() {
    std::visit([](auto& words) { words.align(); }, words_);
  }
  void next_sample() {
    std::visit([](auto& words) { words.next_sample(); }, words_);
  }

  std::size_t words_a_step() const {
    return std::visit([](const auto& words) { return words.kWordsAStep; }, words_);
  }

 private:
  using Each = std::variant<Xoshiro256pp, PhiloxSample>;

  /// No default: the compiler names a generator that is forgotten here.
  static Each of_lane(random::Generator generator, std::uint64_t seed, std::uint64_t tile,
                      std::uint64_t lane) {
    switch (generator) {
      case random::Generator::xoshiro256pp:
        return Xoshiro256pp::of_lane(seed, tile, lane);
      case random::Generator::philox4x32:
        return PhiloxSample{.seed = seed, .tile = tile, .lane = lane, .sample = 0};
    }
    throw std::logic_error("tests/engine/random/reference.hpp does not have this generator");
  }

  Each words_;
};

inline double uniform(std::uint64_t word) {
  return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;  // exact as well: 53 bits
}

}  // namespace mc::testing
