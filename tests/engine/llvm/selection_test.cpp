// The instructions chosen by hand: which patterns are seen, that results stay the same, and that the code
// shows them.
#include "engine/llvm/selection.hpp"

#include <gtest/gtest.h>

#include <random>

#include "engine/ir/builder.hpp"
#include "engine/ir/expression.hpp"
#include "engine/random/stream.hpp"
#include "tests/engine/llvm/running.hpp"

namespace mc::testing {
namespace {

using ir::Op;
using ir::Value;
using jit::Choice;
using jit::Instructions;
using jit::Placement;
using jit::Selection;

constexpr Instructions kAll{.registers = 32, .has_avx512 = true, .has_double_shift = true};

/// Words that vary, to build patterns from.
struct Words {
  ir::Builder b;
  Value lane = b.leaf(Op::lane);
  Value word(std::uint64_t k) { return b.emit(Op::imul, {lane, b.constant_u64(2 * k + 3)}); }
  Value operator()(Op op, Value x, Value y) { return b.emit(op, {x, y}); }
  Value number(Value word) { return b.emit(Op::to_f64, {b.emit(Op::shr, {word, b.constant_u64(11)})}); }
};

std::vector<Choice::Kind> kinds(const ir::Kernel& kernel, Instructions instructions,
                                const std::vector<Value>& of) {
  const Placement placement(kernel);
  const Selection selection(kernel, placement, instructions);
  std::vector<Choice::Kind> kinds;
  for (Value v : of) kinds.push_back(selection[v].kind);
  return kinds;
}

TEST(Selection, an_xor_vanishes_where_all_its_users_take_it_in) {
  Words w;
  const Value inner = w(Op::bit_xor, w.word(0), w.word(1));
  const Value left = w(Op::bit_xor, inner, w.word(2));
  const Value right = w(Op::bit_xor, w.word(3), inner);
  w.b.output(0, w.number(left));
  w.b.output(1, w.number(right));
  const ir::Kernel kernel = w.b.finish(0);
  EXPECT_EQ(kinds(kernel, kAll, {inner, left, right}),
            (std::vector{Choice::vanishes, Choice::ternary, Choice::ternary}));
  EXPECT_EQ(kinds(kernel, {}, {inner, left, right}),
            (std::vector{Choice::plain, Choice::plain, Choice::plain}));
}

TEST(Selection, an_xor_with_another_kind_of_user_stays) {
  Words w;
  const Value inner = w(Op::bit_xor, w.word(0), w.word(1));
  const Value outer = w(Op::bit_xor, inner, w.word(2));
  w.b.output(0, w.number(outer));
  w.b.output(1, w.number(w.b.emit(Op::rotl, {inner, w.b.constant_u64(5)})));
  EXPECT_EQ(kinds(w.b.finish(0), kAll, {inner, outer}), (std::vector{Choice::ternary, Choice::ternary}));
}

TEST(Selection, a_chain_of_xors_is_taken_in_pairs) {
  Words w;
  std::vector<Value> chain{w(Op::bit_xor, w.word(0), w.word(1))};
  for (std::uint64_t k = 2; k < 6; ++k) chain.push_back(w(Op::bit_xor, chain.back(), w.word(k)));
  w.b.output(0, w.number(chain.back()));
  EXPECT_EQ(
      kinds(w.b.finish(0), kAll, chain),
      (std::vector{Choice::vanishes, Choice::ternary, Choice::vanishes, Choice::ternary, Choice::ternary}));
}

TEST(Selection, a_shift_is_filled_only_where_the_constant_fits) {
  Words w;
  const Value shifted = w(Op::shr, w.word(0), w.b.constant_u64(12));
  const Value fits = w(Op::bit_or, shifted, w.b.constant_u64(0x3FF0000000000000));
  const Value overlaps = w(Op::bit_or, shifted, w.b.constant_u64(0x3FF8000000000000));
  w.b.output(0, w.number(fits));
  w.b.output(1, w.number(overlaps));
  EXPECT_EQ(kinds(w.b.finish(0), kAll, {fits, overlaps}), (std::vector{Choice::shift_in, Choice::plain}));
}

TEST(Selection, halves_of_words_and_shifts_of_32_bits_are_seen) {
  Words w;
  const Value low = w.b.emit(Op::narrow, {w.word(0)});
  const Value high = w.b.emit(Op::narrow, {w(Op::shr, w.word(0), w.b.constant_u64(32))});
  const Value middle = w.b.emit(Op::narrow, {w(Op::shr, w.word(0), w.b.constant_u64(31))});
  const Value fits = w(Op::bit_or, w(Op::shr, low, w.b.constant_u32(9)), w.b.constant_u32(0x3F800000));
  const Value overlaps = w(Op::bit_or, w(Op::shr, high, w.b.constant_u32(9)), w.b.constant_u32(0x3FC00000));
  for (Value v : {fits, overlaps, middle}) w.b.output(w.b.kernel().outputs, w.b.emit(Op::to_f64, {v}));
  const ir::Kernel kernel = w.b.finish(0);
  EXPECT_EQ(kinds(kernel, kAll, {low, high, middle, fits, overlaps}),
            (std::vector{Choice::half, Choice::half, Choice::half, Choice::shift_in, Choice::plain}));
  const Placement placement(kernel);
  const Selection selection(kernel, placement, kAll);
  EXPECT_EQ(selection[low].count, 0U);
  EXPECT_EQ(selection[high].count, 1U) << "the high half of the word that was shifted";
  EXPECT_EQ(selection[middle].count, 0U) << "the low half of what the shift gave";
}

TEST(Selection, values_the_same_in_all_lanes_are_left_alone) {
  ir::Builder b;
  const Value tile = b.leaf(Op::tile);
  const Value x = b.emit(Op::bit_xor, {tile, b.leaf(Op::seed)});
  b.output(0, b.emit(Op::to_f64, {b.emit(Op::bit_xor, {x, b.constant_u64(5)})}));
  EXPECT_EQ(kinds(b.finish(0), kAll, {x}), (std::vector{Choice::plain}));
}

/// Many xors, ors and shifts over few words, each used by anyone.
ir::Kernel tangle(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Words w;
  std::vector<Value> words{w.word(0), w.word(1), w.word(2)};
  const auto any = [&] {
    return words[words.size() - 1 - random() % std::min<std::size_t>(words.size(), 6)];
  };
  for (int k = 0; k < 40; ++k) {
    const unsigned count = 1 + static_cast<unsigned>(random() % 63);
    switch (random() % 8) {
      case 0:
        words.push_back(w(Op::iadd, any(), any()));
        break;
      case 1:
        words.push_back(w(Op::rotl, any(), w.b.constant_u64(count)));
        break;
      case 2: {
        const Value shifted = w(Op::shr, any(), w.b.constant_u64(count));
        words.push_back(w(Op::bit_or, w.b.constant_u64(random() << (64 - count)), shifted));
        break;
      }
      default:
        words.push_back(w(Op::bit_xor, any(), any()));
    }
  }
  for (unsigned k = 0; k < 8; ++k) w.b.output(k, w.number(words[words.size() - 1 - k]));
  return w.b.finish(0);
}

TEST(Selection, results_are_those_of_the_reference) {
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Kernel kernel = tangle(seed);
    for (unsigned bits : {128u, 256u, 512u}) expect_kernel(kernel, {}, shape(bits, 1 + seed % 2));
  }
}

#if defined(__x86_64__)
TEST(Selection, the_generator_saves_an_xor_and_a_shift) {
  ir::Builder b;
  const auto state = random::initial_state(random::Generator::xoshiro256pp, b);
  auto start = state;
  start.push_back(b.constant(0.0));
  const auto end = b.loop(b.leaf(Op::steps), start, [&](Value step, std::span<const Value> carried) {
    const auto stream =
        random::make_stream(random::Generator::xoshiro256pp, b, step, {carried.begin(), carried.end() - 1});
    const ir::X sum = ir::X(b, carried.back()) + random::uniform(stream->draw(b));
    std::vector<Value> next = stream->state;
    next.push_back(sum);
    return next;
  });
  b.output(0, end.back());
  const std::string text = jit::compile(b.finish(0), shape(512, 1, "icelake-server"))->assembly_text();
  const std::string loop = text.substr(text.find("vprolq"));
  const auto count = [&](const std::string& what) {
    unsigned n = 0;
    for (auto at = loop.find(what); at != std::string::npos; at = loop.find(what, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("vprolq"), 2u);
  EXPECT_EQ(count("vpternlogq\t$150"), 2u);
  EXPECT_EQ(count("vpternlogq"), 4u);  // of five xors
  EXPECT_EQ(count("vpshrdq"), 1u);
  EXPECT_EQ(count("vpsrlq"), 0u);
}
#endif

}  // namespace
}  // namespace mc::testing
