// What can be known of a value from the operations it is made of.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/ir/builder.hpp"

namespace mc::passes {

/// The bits of a constant.
std::optional<std::uint64_t> constant_of(const ir::Builder& builder, ir::Value v);

/// The value of a float constant; exact for f32.
std::optional<double> number_of(const ir::Builder& builder, ir::Value v);

/// The bits of `number` as a float of this type.
std::uint64_t float_bits(ir::Type type, double number);

/// True only if the value can never be -0. Looks a few operations deep.
bool never_minus_zero(const ir::Builder& builder, ir::Value v);

/// True only if a float is an integer, infinite or NaN, so that rounding to an integer leaves it as it is.
bool is_integral(const ir::Builder& builder, ir::Value v);

/// 1/c where that is exact, so that x / c and x * (1/c) round the same number: c is a power of two, c and 1/c
/// normal.
std::optional<std::uint64_t> exact_reciprocal(ir::Type type, std::uint64_t bits);

}  // namespace mc::passes
