// The reference evaluator of single operations, against operations.def: its edges, written out.
#include "engine/passes/fold.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace mc::passes {
namespace {

using ir::Op;
using ir::Type;
using enum Type;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kTop = std::uint64_t{1} << 63;

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }
std::uint64_t bits32(float x) { return std::bit_cast<std::uint32_t>(x); }

struct NumberCase {
  Op op;
  std::vector<double> operands;
  double result;
};

const NumberCase kNumberCases[] = {
    {Op::add, {0.1, 0.2}, 0.30000000000000004},
    {Op::add, {0.0, -0.0}, 0.0},
    {Op::add, {-0.0, -0.0}, -0.0},
    {Op::add, {kInf, -kInf}, kNan},
    {Op::sub, {1.0, 1.0}, 0.0},
    {Op::sub, {-0.0, 0.0}, -0.0},
    {Op::mul, {-1.0, 0.0}, -0.0},
    {Op::mul, {5e-324, 0.5}, 0.0},
    {Op::mul, {1e300, 1e300}, kInf},
    {Op::mul, {0.0, kInf}, kNan},
    {Op::div, {1.0, 3.0}, 0x1.5555555555555p-2},
    {Op::div, {1.0, -0.0}, -kInf},
    {Op::div, {0.0, 0.0}, kNan},
    {Op::fma, {0.1, 10.0, -1.0}, 0x1p-54},
    {Op::fma, {-1e-200, 1e-200, 0.0}, -0.0},
    {Op::fma, {1e300, 1e300, -kInf}, -kInf},
    {Op::sqrt, {2.0}, 0x1.6a09e667f3bcdp+0},
    {Op::sqrt, {-0.0}, -0.0},
    {Op::sqrt, {-1.0}, kNan},
    {Op::neg, {0.0}, -0.0},
    {Op::abs, {-0.0}, 0.0},
    {Op::abs, {-kInf}, kInf},
    {Op::min, {1.0, 2.0}, 1.0},
    {Op::min, {0.0, -0.0}, -0.0},
    {Op::min, {-0.0, 0.0}, 0.0},
    {Op::min, {kNan, 1.0}, 1.0},
    {Op::min, {1.0, kNan}, kNan},
    {Op::max, {1.0, 2.0}, 2.0},
    {Op::max, {0.0, -0.0}, -0.0},
    {Op::max, {kNan, 1.0}, 1.0},
    {Op::max, {1.0, kNan}, kNan},
    {Op::floor, {-0.5}, -1.0},
    {Op::floor, {-0.0}, -0.0},
    {Op::floor, {1e300}, 1e300},
    {Op::ceil, {-0.5}, -0.0},
    {Op::ceil, {0.2}, 1.0},
    {Op::trunc, {-1.9}, -1.0},
    {Op::trunc, {-0.9}, -0.0},
    {Op::rint, {0.5}, 0.0},
    {Op::rint, {1.5}, 2.0},
    {Op::rint, {-2.5}, -2.0},
    {Op::rint, {-0.3}, -0.0},
    {Op::rint, {kNan}, kNan},
};

TEST(Fold, arithmetic_of_f64) {
  for (const auto& [op, operands, result] : kNumberCases) {
    std::vector<std::uint64_t> words;
    for (double x : operands) words.push_back(bits(x));
    EXPECT_EQ(fold(op, f64, words), bits(result)) << ir::info(op).name << " of " << operands[0];
  }
}

struct WordCase {
  Op op;
  Type type;
  std::vector<std::uint64_t> operands;
  std::optional<std::uint64_t> result;
};

const WordCase kWordCases[] = {
    // f32
    {Op::add, f32, {bits32(16777216.0F), bits32(1.0F)}, bits32(16777216.0F)},
    {Op::mul, f32, {bits32(0.1F), bits32(0.1F)}, bits32(0.1F * 0.1F)},
    {Op::fma, f32, {bits32(0.1F), bits32(10.0F), bits32(-1.0F)}, bits32(0x1p-26F)},
    {Op::neg, f32, {bits32(0.0F)}, 0x80000000},
    {Op::abs, f32, {0xffc00001}, 0x7fc00001},
    {Op::lt, f32, {bits32(1.0F), bits32(2.0F)}, 1},
    {Op::to_bits, f32, {bits32(1.0F)}, 0x3f800000},

    // comparisons
    {Op::lt, f64, {bits(1.0), bits(2.0)}, 1},
    {Op::lt, f64, {bits(-0.0), bits(0.0)}, 0},
    {Op::le, f64, {bits(0.0), bits(-0.0)}, 1},
    {Op::le, f64, {bits(kNan), bits(kNan)}, 0},
    {Op::eq, f64, {bits(0.0), bits(-0.0)}, 1},
    {Op::eq, f64, {bits(kNan), bits(kNan)}, 0},

    // integers
    {Op::iadd, u64, {~std::uint64_t{0}, 2}, 1},
    {Op::iadd, u32, {0xffffffff, 2}, 1},
    {Op::isub, u32, {0, 1}, 0xffffffff},
    {Op::imul, u32, {0x10001, 0x10001}, 0x20001},
    {Op::imul, u64, {std::uint64_t{1} << 33, std::uint64_t{1} << 33}, 0},
    {Op::shl, u64, {1, 63}, kTop},
    {Op::shl, u32, {3, 31}, 0x80000000},
    {Op::shl, u32, {1, 32}, std::nullopt},
    {Op::shl, u64, {1, 64}, std::nullopt},
    {Op::shr, u64, {kTop, 63}, 1},
    {Op::shr, u32, {0x80000000, 32}, std::nullopt},
    {Op::rotl, u64, {kTop | 1, 1}, 3},
    {Op::rotl, u32, {0x80000001, 1}, 3},
    {Op::rotl, u32, {5, 0}, 5},
    {Op::rotl, u64, {5, 64}, std::nullopt},
    {Op::ult, u64, {1, kTop}, 1},
    {Op::ule, u32, {7, 7}, 1},
    {Op::ieq, u32, {7, 8}, 0},
    {Op::bit_not, u32, {0}, 0xffffffff},
    {Op::bit_not, u64, {0}, ~std::uint64_t{0}},
    {Op::bit_xor, u64, {12, 10}, 6},

    // truth values
    {Op::bit_and, i1, {1, 0}, 0},
    {Op::bit_or, i1, {1, 0}, 1},
    {Op::bit_xor, i1, {1, 1}, 0},
    {Op::bit_not, i1, {1}, 0},
    {Op::bit_not, i1, {0}, 1},

    // choice and conversion: bits as they are, NaN too
    {Op::select, f64, {1, 0x7ff0000000000001, 5}, 0x7ff0000000000001},
    {Op::select, i1, {0, 1, 0}, 0},
    {Op::to_bits, f64, {0xfff8000000000005}, 0xfff8000000000005},
    {Op::from_bits, u64, {0x7ff0000000000001}, 0x7ff0000000000001},
    {Op::to_f64, u64, {(std::uint64_t{1} << 53) + 1}, bits(0x1p53)},
    {Op::to_f64, u64, {(std::uint64_t{1} << 53) + 3}, bits(0x1p53 + 4)},
    {Op::to_f64, u64, {~std::uint64_t{0}}, bits(0x1p64)},
    {Op::to_f64, u32, {0xffffffff}, bits(4294967295.0)},
    {Op::to_f64, f32, {bits32(0.1F)}, bits(0.1F)},
    {Op::to_f64, f32, {0x80000000}, bits(-0.0)},
    {Op::to_f32, f64, {bits(0.1)}, bits32(0.1F)},
    {Op::to_f32, f64, {bits(1e300)}, bits32(std::numeric_limits<float>::infinity())},
    {Op::to_f32, f64, {bits(-1e-300)}, 0x80000000},
    {Op::to_f32, f64, {bits(1e-40)}, bits32(1e-40F)},
    {Op::widen, u32, {0xffffffff}, 0xffffffff},
    {Op::narrow, u64, {0x123456789}, 0x23456789},

    // one NaN, whatever goes in
    {Op::add, f64, {0xfff0000000000001, bits(1.0)}, 0x7ff8000000000000},
    {Op::to_f32, f64, {0xfff8000000000000}, 0x7fc00000},
    {Op::sqrt, f32, {bits32(-1.0F)}, 0x7fc00000},

    // what has no value by itself
    {Op::constant, f64, {}, std::nullopt},
    {Op::element, u32, {0}, std::nullopt},
    {Op::load, u32, {0}, std::nullopt},
    {Op::loop, u32, {0}, std::nullopt},
    {Op::exp_function, f64, {bits(1.0)}, std::nullopt},
};

TEST(Fold, words_truths_and_conversions) {
  for (const auto& [op, type, operands, result] : kWordCases)
    EXPECT_EQ(fold(op, type, operands), result)
        << ir::info(op).name << " " << name(type) << " of " << (operands.empty() ? 0 : operands[0]);
}

TEST(Fold, covers_every_primitive_with_operands) {
  for (std::size_t k = 0; k < ir::op_count(); ++k) {
    const auto op = static_cast<Op>(k);
    const bool is_pure =
        ir::info(op).arity > 0 && !ir::is_pinned(op) && !ir::is_read(op) && !ir::info(op).is_function;
    bool has_value = false;
    for (Type type : {i1, u32, u64, f32, f64})
      has_value |= fold(op, type, std::vector<std::uint64_t>(ir::info(op).arity, 0)).has_value();
    EXPECT_EQ(has_value, is_pure) << ir::info(op).name;
  }
}

/// No contraction, no extra precision: the error of a product comes out by fma and is not lost otherwise.
TEST(Fold, rounds_every_operation_by_itself) {
  std::mt19937_64 random(3);
  unsigned inexact = 0;
  for (int k = 0; k < 1000; ++k) {
    const double a = std::ldexp(static_cast<double>(random() >> 11), -52),
                 b = std::ldexp(static_cast<double>(random() >> 11), -52);
    const std::uint64_t words[] = {bits(a), bits(b)};
    const double product = std::bit_cast<double>(*fold(Op::mul, f64, words));
    const std::uint64_t error[] = {bits(a), bits(b), bits(-product)};
    inexact += *fold(Op::fma, f64, error) != 0;
    const std::uint64_t difference[] = {bits(product), bits(product)};
    EXPECT_EQ(*fold(Op::sub, f64, difference), 0);
  }
  EXPECT_GT(inexact, 900);
}

}  // namespace
}  // namespace mc::passes
