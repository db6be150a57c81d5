// Known answers of the generators inside interpreted and compiled kernels, and whole streams against the
// plain C++ of reference.hpp.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <vector>

#include "engine/ir/expression.hpp"
#include "engine/passes/passes.hpp"
#include "engine/random/generators.hpp"
#include "engine/random/stream.hpp"
#include "tests/engine/kernels/back_ends.hpp"
#include "tests/engine/random/reference.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::X;
using kernels::kLanes;

/// What a kernel's columns hold in one lane, as words. Words travel through kernels as the bits of f64.
std::vector<std::uint64_t> words_of_lane(std::span<const double> columns, unsigned lane) {
  std::vector<std::uint64_t> words;
  for (std::size_t at = lane; at < columns.size(); at += kLanes)
    words.push_back(std::bit_cast<std::uint64_t>(columns[at]));
  return words;
}

X word_parameter(Builder& b, std::uint32_t number) { return to_bits(X(b, b.scalar(number))); }

class Words {
 public:
  explicit Words(Builder& b) : builder_(b) {}
  void put(X word) { builder_.output(column_++, from_bits(word)); }

 private:
  Builder& builder_;
  std::uint32_t column_ = 0;
};

/// Runs `build` on every back end; `check` gets all columns.
void on_all(const std::function<void(Builder&, Words&)>& build, const std::vector<std::uint64_t>& parameters,
            kernels::Arguments arguments, const std::function<void(std::span<const double>)>& check) {
  Builder builder;
  Words words(builder);
  build(builder, words);
  const ir::Kernel kernel = passes::lower(builder.finish(static_cast<std::uint32_t>(parameters.size())));
  std::vector<double> scalars;
  for (std::uint64_t p : parameters) scalars.push_back(std::bit_cast<double>(p));
  arguments.scalars = scalars.data();
  for (const BackEnd& each : back_ends()) {
    SCOPED_TRACE(each.name);
    check(columns_of(*each.make(kernel), arguments));
  }
}

TEST(SplitMix64, KnownAnswers) {
  const std::uint64_t golden = 0x9E3779B97F4A7C15;
  on_all(
      [](Builder& b, Words& out) {
        for (std::uint32_t k = 0; k < 3; ++k) out.put(random::mix(word_parameter(b, k)));
      },
      {golden, 2 * golden, 3 * golden}, {},
      [](std::span<const double> columns) {
        const std::vector<std::uint64_t> expected{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f};
        EXPECT_EQ(words_of_lane(columns, 0), expected);
        EXPECT_EQ(words_of_lane(columns, 255), expected);
      });
}

TEST(Xoshiro, KnownAnswers) {
  const std::vector<std::uint64_t> expected{41943041, 58720359, 3588806011781223, 3591011842654386};
  on_all(
      [](Builder& b, Words& out) {
        const X step(b, b.constant_u32(0));
        std::vector<ir::Value> state;
        for (std::uint32_t k = 0; k < 4; ++k) state.push_back(word_parameter(b, k));
        const auto stream = random::make_stream(random::Generator::xoshiro256pp, b, step, state);
        for (unsigned k = 0; k < 4; ++k) out.put(stream->draw(b));
      },
      {1, 2, 3, 4}, {},
      [&](std::span<const double> columns) { EXPECT_EQ(words_of_lane(columns, 17), expected); });
}

TEST(Xoshiro, StateOfTheFirstLanesIsSplitMix64sSequence) {
  on_all(
      [](Builder& b, Words& out) {
        for (ir::Value word : random::initial_state(random::Generator::xoshiro256pp, b)) out.put(X(b, word));
      },
      {}, {.seed = 0, .tile = 0},
      [](std::span<const double> columns) {
        // Seed 0 mixes to 0, so lanes 0, 1, … hold words 0–3, 4–7, … of the sequence from state 0.
        SplitMix64 sequence{0};
        for (unsigned lane = 0; lane < kLanes; ++lane)
          for (std::uint64_t word : words_of_lane(columns, lane)) ASSERT_EQ(word, sequence.next());
      });
}

struct Place {
  std::uint64_t seed, tile;
};
constexpr Place kPlaces[] = {{0, 0}, {1, 0}, {1, 1}, {0xDEADBEEFCAFEF00D, 12345678901}, {~0ull, ~0ull >> 8}};

struct PhiloxAnswer {
  unsigned rounds;
  Words4 counter;
  Words2 key;
  Words4 expected;
};
constexpr std::uint32_t kOnes = 0xffffffff;
constexpr Words4 kPiCounter{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
constexpr Words2 kPiKey{0xa4093822, 0x299f31d0};
constexpr PhiloxAnswer kPhilox[] = {
    {7, {}, {}, {0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48}},
    {7, {kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}, {0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662}},
    {7, kPiCounter, kPiKey, {0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a}},
    {10, {}, {}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {10, {kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {10, kPiCounter, kPiKey, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(Philox, KnownAnswers) {
  for (const PhiloxAnswer& answer : kPhilox) {
    EXPECT_EQ(philox4x32(answer.counter, answer.key, answer.rounds),
              answer.expected);  // the reference itself
    std::vector<std::uint64_t> parameters(answer.counter.begin(), answer.counter.end());
    parameters.insert(parameters.end(), answer.key.begin(), answer.key.end());
    on_all(
        [&](Builder& b, Words& out) {
          const auto p = [&](std::uint32_t k) { return word_parameter(b, k); };
          for (const X& word : random::philox4x32(b, {p(0), p(1), p(2), p(3)}, {p(4), p(5)}, answer.rounds))
            out.put(word);
        },
        parameters, {},
        [&](std::span<const double> columns) {
          const std::vector<std::uint64_t> expected(answer.expected.begin(), answer.expected.end());
          EXPECT_EQ(words_of_lane(columns, 0), expected);
          EXPECT_EQ(words_of_lane(columns, 100), expected);
        });
  }
}

/// Three words, the rest of the step dropped, then two: what drawing a variable of three coordinates and
/// another comes to. What carries a state goes on with it, what counts has the sample's own words.
TEST(Streams, EveryLaneHasItsOwn) {
  constexpr std::uint32_t kSample = 29;
  for (const random::Generator generator : kGenerators)
    for (const Place& place : kPlaces)
      on_all(
          [&](Builder& b, Words& out) {
            const X step(b, b.constant_u32(kSample));
            const auto stream = random::make_stream(generator, b, step, random::initial_state(generator, b));
            for (unsigned k = 0; k < 3; ++k) out.put(stream->draw(b));
            stream->align();
            for (unsigned k = 0; k < 2; ++k) out.put(stream->draw(b));
          },
          {}, {.seed = place.seed, .tile = place.tile},
          [&](std::span<const double> columns) {
            for (unsigned lane = 0; lane < kLanes; ++lane) {
              LaneWords reference(generator, place.seed, place.tile, lane);
              for (unsigned k = 0; k < kSample; ++k) reference.next_sample();
              std::vector<std::uint64_t> expected;
              for (unsigned k = 0; k < 3; ++k) expected.push_back(reference.next());
              reference.align();
              for (unsigned k = 0; k < 2; ++k) expected.push_back(reference.next());
              ASSERT_EQ(words_of_lane(columns, lane), expected) << random::name(generator) << " " << lane;
            }
          });
}

/// The same words whether a loop over coordinates is rolled or written out.
TEST(Streams, RolledLoopsDrawWhatUnrolledOnesDo) {
  constexpr unsigned kRounds = 3;
  for (const random::Generator generator : kGenerators) {
    const auto build = [&](bool rolled) {
      return [=](Builder& b, Words& out) {
        const X step(b, b.constant_u32(3));
        const auto stream = random::make_stream(generator, b, step, random::initial_state(generator, b));
        stream->align();
        const unsigned words = stream->words();
        X sum(b, b.constant_u64(0));
        const auto round = [&](X s) {
          for (unsigned w = 0; w < words; ++w) s = s * std::uint64_t{3} + stream->draw(b);
          return s;
        };
        if (rolled) {
          std::vector<ir::Value> start = stream->state;
          start.push_back(sum);
          auto end =
              b.loop(b.constant_u32(kRounds), start, [&](ir::Value, std::span<const ir::Value> carried) {
                stream->state.assign(carried.begin(), carried.end() - 1);
                const X s = round(X(b, carried.back()));
                std::vector<ir::Value> next = stream->state;
                next.push_back(s);
                return next;
              });
          sum = X(b, end.back());
          end.pop_back();
          stream->state = end;
        } else {
          for (unsigned r = 0; r < kRounds; ++r) sum = round(sum);
        }
        stream->align();
        out.put(sum);
        out.put(stream->draw(b));
      };
    };
    std::vector<double> unrolled;
    on_all(build(false), {}, {.seed = 7, .tile = 9},
           [&](auto columns) { unrolled.assign(columns.begin(), columns.end()); });
    on_all(build(true), {}, {.seed = 7, .tile = 9}, [&](std::span<const double> columns) {
      for (unsigned lane = 0; lane < kLanes; ++lane)
        ASSERT_EQ(words_of_lane(columns, lane), words_of_lane(unrolled, lane)) << random::name(generator);
    });
  }
}

TEST(Uniform, IsExactAndNeverAnEnd) {
  const std::vector<std::uint64_t> words{
      0, 1, 0xfff, 0x1000, 1ull << 63, (1ull << 63) - 1, 0x123456789abcdef0, ~0ull};
  on_all(
      [&](Builder& b, Words& out) {
        for (std::uint32_t k = 0; k < words.size(); ++k)
          out.put(to_bits(random::uniform(word_parameter(b, k))));
      },
      words, {},
      [&](std::span<const double> columns) {
        for (std::size_t k = 0; k < words.size(); ++k) {
          EXPECT_EQ(columns[k * kLanes], uniform(words[k]));
          EXPECT_GT(columns[k * kLanes], 0);
          EXPECT_LT(columns[k * kLanes], 1);
        }
        EXPECT_EQ(columns[0], 0x1p-53);
        EXPECT_EQ(columns[(words.size() - 1) * kLanes], 1 - 0x1p-53);
        // Symmetric about one half: a word and its complement add up to exactly 1.
        EXPECT_EQ(uniform(words[6]) + uniform(~words[6]), 1);
      });
}

/// Known answers, worked out by hand: the low half's top 23 bits first, then the high half's.
TEST(Uniform, OfFloatsTakesBothHalvesTheLowOneFirst) {
  struct Row {
    std::uint64_t word;
    double low, high;
  };
  constexpr Row kRows[] = {
      {0, 0x1p-24, 0x1p-24},
      {0x00000000'ffffffff, 1 - 0x1p-24, 0x1p-24},
      {0x80000000'00000000, 0x1p-24, 0.5 + 0x1p-24},
      {0x00000200'000001ff, 0x1p-24, 3 * 0x1p-24},
      {0x40000000'c0000000, 0.75 + 0x1p-24, 0.25 + 0x1p-24},
      {~std::uint64_t{0}, 1 - 0x1p-24, 1 - 0x1p-24},
  };
  std::vector<std::uint64_t> words;
  for (const Row& row : kRows) words.push_back(row.word);
  on_all(
      [&](Builder& b, Words& out) {
        for (std::uint32_t k = 0; k < words.size(); ++k) {
          const X word = word_parameter(b, k);
          for (const X& half : {narrow(word), narrow(word >> 32)})
            out.put(to_bits(to_f64(random::uniform(half))));
        }
      },
      words, {},
      [&](std::span<const double> columns) {
        for (std::size_t k = 0; k < std::size(kRows); ++k) {
          EXPECT_EQ(columns[2 * k * kLanes], kRows[k].low);
          EXPECT_EQ(columns[(2 * k + 1) * kLanes], kRows[k].high);
        }
      });
}

/// A stream of one word after another gives low, high, low, …; align() drops the half that is left.
TEST(Uniforms, AlternateAndAlign) {
  for (const random::Generator generator : kGenerators) {
    std::vector<double> floats, words;
    on_all(
        [&](Builder& b, Words& out) {
          const X step(b, b.constant_u32(0));
          const auto stream = random::make_stream(generator, b, step, random::initial_state(generator, b));
          random::Uniforms uniforms(stream.get(), ir::Type::f32);
          for (int k = 0; k < 5; ++k) out.put(to_bits(to_f64(uniforms.draw(b))));
          uniforms.align();
          out.put(to_bits(to_f64(uniforms.draw(b))));
        },
        {}, {.seed = 7, .tile = 9},
        [&](std::span<const double> columns) { floats.assign(columns.begin(), columns.end()); });
    on_all(
        [&](Builder& b, Words& out) {
          const X step(b, b.constant_u32(0));
          const auto stream = random::make_stream(generator, b, step, random::initial_state(generator, b));
          for (int k = 0; k < 5; ++k) out.put(stream->draw(b));
        },
        {}, {.seed = 7, .tile = 9},
        [&](std::span<const double> columns) { words.assign(columns.begin(), columns.end()); });
    const std::size_t a_block = LaneWords(generator, 0, 0, 0).words_a_step();
    const std::size_t after =
        (3 + a_block - 1) / a_block * a_block;  // words drawn before align() and dropped
    const auto half = [&](std::size_t word, unsigned shift) {
      const auto bits = std::bit_cast<std::uint64_t>(words[word * kLanes]) >> shift & 0xffff'ffff;
      return (static_cast<double>(bits >> 9) + 0.5) * 0x1p-23;
    };
    const double expected[] = {half(0, 0), half(0, 32), half(1, 0), half(1, 32), half(2, 0), half(after, 0)};
    for (std::size_t k = 0; k < std::size(expected); ++k)
      EXPECT_EQ(floats[k * kLanes], expected[k]) << random::name(generator);
  }
}

}  // namespace
}  // namespace mc::testing
