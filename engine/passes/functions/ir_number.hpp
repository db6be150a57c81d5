// ir::X as a model of functions::Number: a function called with it records itself into the kernel.
#pragma once

#include "engine/ir/expression.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

template <>
struct number_traits<ir::X> {
  using Bits = ir::X;
  using Truth = ir::X;
};

static_assert(Number<ir::X>);

}  // namespace mc::functions
