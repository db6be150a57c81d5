// The operation table and the type rules.
#include "engine/ir/types.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace mc::ir {
namespace {

TEST(Types, operations_have_names_of_their_own) {
  std::set<std::string_view> names;
  for (std::size_t k = 0; k < op_count(); ++k) {
    const OpInfo& op = info(static_cast<Op>(k));
    EXPECT_TRUE(names.insert(op.name).second) << op.name;
    EXPECT_FALSE(op.meaning.empty()) << op.name;
    EXPECT_LE(op.arity, 3) << op.name;
    EXPECT_EQ(op_named(op.name), static_cast<Op>(k)) << op.name;
  }
  EXPECT_EQ(op_named("frobnicate"), std::nullopt);
}

TEST(Types, types_have_names) {
  for (Type type : {Type::none, Type::i1, Type::u32, Type::u64, Type::f32, Type::f64})
    EXPECT_EQ(type_named(name(type)), type);
  EXPECT_EQ(type_named("double"), std::nullopt);
}

struct TypeCase {
  Op op;
  std::array<Type, 3> operands;
  Type result;  ///< `none`: refused
};

constexpr Type kNo = Type::none, kI1 = Type::i1, kU32 = Type::u32, kU64 = Type::u64, kF32 = Type::f32,
               kF64 = Type::f64;

constexpr TypeCase kTypeCases[] = {{Op::add, {kF64, kF64}, kF64},
                                   {Op::add, {kF32, kF32}, kF32},
                                   {Op::add, {kF64, kF32}, kNo},
                                   {Op::add, {kU64, kU64}, kNo},
                                   {Op::fma, {kF32, kF32, kF32}, kF32},
                                   {Op::fma, {kF32, kF32, kF64}, kNo},
                                   {Op::lt, {kF64, kF64}, kI1},
                                   {Op::lt, {kU64, kU64}, kNo},
                                   {Op::ult, {kU32, kU32}, kI1},
                                   {Op::ult, {kU32, kU64}, kNo},
                                   {Op::iadd, {kU32, kU32}, kU32},
                                   {Op::iadd, {kI1, kI1}, kNo},
                                   {Op::bit_and, {kI1, kI1}, kI1},
                                   {Op::bit_and, {kU64, kU64}, kU64},
                                   {Op::bit_and, {kF64, kF64}, kNo},
                                   {Op::select, {kI1, kF32, kF32}, kF32},
                                   {Op::select, {kI1, kI1, kI1}, kI1},
                                   {Op::select, {kU32, kF32, kF32}, kNo},
                                   {Op::select, {kI1, kF32, kF64}, kNo},
                                   {Op::select, {kI1, kNo, kNo}, kNo},
                                   {Op::to_bits, {kF64}, kU64},
                                   {Op::to_bits, {kF32}, kU32},
                                   {Op::to_bits, {kU32}, kNo},
                                   {Op::from_bits, {kU64}, kF64},
                                   {Op::from_bits, {kU32}, kF32},
                                   {Op::from_bits, {kI1}, kNo},
                                   {Op::to_f64, {kU64}, kF64},
                                   {Op::to_f64, {kU32}, kF64},
                                   {Op::to_f64, {kF32}, kF64},
                                   {Op::to_f64, {kF64}, kNo},
                                   {Op::to_f64, {kI1}, kNo},
                                   {Op::to_f32, {kF64}, kF32},
                                   {Op::to_f32, {kU32}, kNo},
                                   {Op::widen, {kU32}, kU64},
                                   {Op::widen, {kU64}, kNo},
                                   {Op::narrow, {kU64}, kU32},
                                   {Op::narrow, {kU32}, kNo},
                                   {Op::element, {kU32}, kF64},
                                   {Op::element, {kU64}, kNo},
                                   {Op::load, {kU32}, kF64},
                                   {Op::load, {kF64}, kNo},
                                   {Op::exp_function, {kF32}, kF32},
                                   {Op::pow_function, {kF64, kF64}, kF64},
                                   {Op::pow_function, {kF64, kF32}, kNo}};

TEST(Types, rules_give_the_result_or_refuse) {
  for (const auto& [op, operands, result] : kTypeCases) {
    const auto type = result_type(info(op).rule, std::span(operands.data(), info(op).arity));
    EXPECT_EQ(type, result == Type::none ? std::nullopt : std::optional(result)) << info(op).name;
  }
}

TEST(Types, what_has_no_value_still_has_a_rule) {
  const std::array store = {Type::u32, Type::f64};
  EXPECT_EQ(result_type(Rule::store, store), Type::none);
  const std::array wrong = {Type::f64, Type::f64};
  EXPECT_EQ(result_type(Rule::store, wrong), std::nullopt);
  EXPECT_EQ(result_type(Rule::output, std::array{Type::f64}), Type::none);
  EXPECT_EQ(result_type(Rule::output, std::array{Type::f32}), std::nullopt);
  EXPECT_EQ(result_type(Rule::loop, std::array{Type::u32}), Type::none);
  EXPECT_EQ(result_type(Rule::loop, std::array{Type::u64}), std::nullopt);
}

}  // namespace
}  // namespace mc::ir
