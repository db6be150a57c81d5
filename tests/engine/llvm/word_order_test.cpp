// Which words are dealt to two registers, and that no result tells.
#include "engine/llvm/word_order.hpp"

#include <gtest/gtest.h>

#include <random>

#include "engine/ir/expression.hpp"
#include "tests/engine/llvm/running.hpp"

namespace mc::testing {
namespace {

using ir::Op;
using ir::Value;
using ir::X;
using jit::Placement;
using jit::WordOrder;

TEST(WordOrder, places_and_lanes_are_each_others_inverse) {
  EXPECT_EQ(WordOrder::lane_at(2, 16), 4U);
  EXPECT_EQ(WordOrder::lane_at(8, 16), 2U);
  for (unsigned lanes : {4u, 8u, 16u})
    for (unsigned k = 0; k < lanes; ++k)
      EXPECT_EQ(WordOrder::place_of(WordOrder::lane_at(k, lanes), lanes), k);
}

TEST(WordOrder, words_that_meet_others_stay_in_order) {
  ir::Builder b;
  const X lane(b, b.leaf(Op::lane));
  const X word = lane * std::uint64_t{5};
  const X bits = to_bits(to_f64(word));
  const X mixed = word ^ bits;
  const X half = narrow(word);
  b.output(0, to_f64(mixed));
  b.output(1, to_f64(half));
  const ir::Kernel kernel = b.finish(0);
  const Placement placement(kernel);
  const WordOrder pairs(kernel, placement, true), one(kernel, placement, false);
  EXPECT_TRUE(pairs.is_dealt(lane));
  EXPECT_TRUE(pairs.is_dealt(word));
  EXPECT_FALSE(pairs.is_dealt(bits));
  EXPECT_FALSE(pairs.is_dealt(mixed));
  EXPECT_FALSE(pairs.is_dealt(half)) << "no word";
  EXPECT_FALSE(one.is_dealt(word)) << "one register holds them all";
}

/// A word that is carried round stands in one order at the loop's beginning, in it and after it.
TEST(WordOrder, what_a_loop_carries_stands_in_one_order) {
  ir::Builder b;
  const X lane(b, b.leaf(Op::lane));
  const X bits = to_bits(to_f64(lane) + 0.5);
  const std::vector<Value> start{lane * std::uint64_t{3}, lane * std::uint64_t{7}};
  std::vector<Value> inside;
  const auto end = b.loop(b.constant_u32(3), start, [&](Value, std::span<const Value> carried) {
    inside.assign(carried.begin(), carried.end());
    return std::vector<Value>{X(b, carried[0]) + std::uint64_t{1}, X(b, carried[1]) ^ bits};
  });
  b.output(0, to_f64(X(b, end[0])));
  b.output(1, to_f64(X(b, end[1])));
  const ir::Kernel kernel = b.finish(0);
  const Placement placement(kernel);
  const WordOrder order(kernel, placement, true);
  for (Value v : {start[0], inside[0], end[0]}) EXPECT_TRUE(order.is_dealt(v));
  for (Value v : {start[1], inside[1], end[1]}) EXPECT_FALSE(order.is_dealt(v));
}

/// Words, halves, comparisons, choices and bits of numbers over one another.
ir::Kernel tangle(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  ir::Builder b;
  const X lane(b, b.leaf(Op::lane));
  std::vector<X> words{lane * std::uint64_t{0x9E3779B97F4A7C15}, lane * std::uint64_t{0xBF58476D1CE4E5B9}};
  const auto any = [&] {
    return words[words.size() - 1 - random() % std::min<std::size_t>(words.size(), 5)];
  };
  for (int k = 0; k < 24; ++k) {
    const X x = any(), y = any();
    switch (random() % 7) {
      case 0:
        words.push_back(x + rotl(y, static_cast<unsigned>(1 + random() % 63)));
        break;
      case 1:
        words.push_back(select(x < y, x, y));
        break;
      case 2:
        words.push_back(widen(narrow(x >> 32)) * std::uint64_t{0x10001});
        break;
      case 3:
        words.push_back(to_bits(to_f64(narrow(x))));
        break;
      case 4:
        words.push_back(select(to_f64(x) < 0x1p63, x, y >> 1));
        break;
      default:
        words.push_back(x ^ (y >> static_cast<std::uint64_t>(1 + random() % 63)));
    }
  }
  for (std::uint32_t k = 0; k < 6; ++k) b.output(k, to_f64(words[words.size() - 1 - k] >> 11));
  return b.finish(0);
}

TEST(WordOrder, results_are_those_of_the_reference) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Kernel kernel = tangle(seed);
    for (unsigned bits : {128u, 256u, 512u})
      for (unsigned lane_bits : {32u, 64u}) {
        jit::Options options = shape(bits, 1 + seed % 2);
        options.lane_bits = lane_bits;
        expect_kernel(kernel, {}, options);
      }
  }
}

}  // namespace
}  // namespace mc::testing
