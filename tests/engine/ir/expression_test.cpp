// Formulas in C++ make the nodes they say.
#include "engine/ir/expression.hpp"

#include <gtest/gtest.h>

#include "engine/ir/text.hpp"

namespace mc::ir {
namespace {

/// C++ leaves open which operand of an operator comes first, so each line here has at most one that makes
/// nodes.
TEST(Expression, formulas_make_nodes) {
  Builder b;
  const X x(b, b.scalar(0));
  const X twice = x * 2.0;
  const X numerator = fma(twice, x, -1.0);
  const X denominator = 3.0 - sqrt(abs(x));
  const X is_half = x == 0.5;
  const X negated = -x;
  b.output(0, numerator / denominator);
  b.output(1, select(!is_half, negated, x));
  b.output(2, from_bits((to_bits(x) >> 12) | std::uint64_t{1}));
  b.output(3, min(x, negated));
  EXPECT_EQ(print(b.finish(1)), R"(kernel scalars 1 arrays 0 outputs 4
%0 = scalar f64 0
%1 = constant f64 0x1p+1  # 2
%2 = mul f64 %0, %1
%3 = constant f64 -0x1p+0  # -1
%4 = fma f64 %2, %0, %3
%5 = abs f64 %0
%6 = sqrt f64 %5
%7 = constant f64 0x1.8p+1  # 3
%8 = sub f64 %7, %6
%9 = constant f64 0x1p-1  # 0.5
%10 = eq i1 %0, %9
%11 = neg f64 %0
%12 = div f64 %4, %8
output 0, %12
%13 = bit_not i1 %10
%14 = select f64 %13, %11, %0
output 1, %14
%15 = to_bits u64 %0
%16 = constant u64 12
%17 = shr u64 %15, %16
%18 = constant u64 1
%19 = bit_or u64 %17, %18
%20 = from_bits f64 %19
output 2, %20
%21 = min f64 %0, %11
output 3, %21
)");
}

TEST(Expression, constants_take_the_kind_of_their_neighbour) {
  Builder b;
  const X single(b, b.constant_f32(2));
  EXPECT_EQ((single + 1.0).type(), Type::f32);
  EXPECT_EQ((X(b, b.leaf(Op::steps)) & std::uint64_t{7}).type(), Type::u32);
  EXPECT_EQ((X(b, b.leaf(Op::lane)) << 3).type(), Type::u64);
  EXPECT_EQ(word(single, 5).type(), Type::u32);
}

TEST(Expression, a_constant_of_the_other_kind_is_refused) {
  Builder b;
  const X number(b, b.constant(2.0)), word(b, b.leaf(Op::lane));
  EXPECT_THROW(number + std::uint64_t{1}, std::logic_error);
  EXPECT_THROW(word + 1.0, std::logic_error);
}

}  // namespace
}  // namespace mc::ir
