// All mathematical functions: those of engine/ir/functions.def. In single precision namespace f32 has them,
// each as single/functions.def says.
#pragma once

#include "engine/passes/functions/error.hpp"
#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/gamma.hpp"
#include "engine/passes/functions/hyperbolic.hpp"
#include "engine/passes/functions/inverse_hyperbolic.hpp"
#include "engine/passes/functions/inverse_trigonometric.hpp"
#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/normal.hpp"
#include "engine/passes/functions/number.hpp"
#include "engine/passes/functions/power.hpp"
#include "engine/passes/functions/root.hpp"
#include "engine/passes/functions/single/functions.hpp"
#include "engine/passes/functions/trigonometric.hpp"

namespace mc::functions {

/// Every function for doubles as one of floats.
namespace through_double {
#define MC_THROUGH1(name)                      \
  template <Number F>                          \
  F name(F x) {                                \
    return to_f32(functions::name(to_f64(x))); \
  }
#define MC_THROUGH2(name)                                 \
  template <Number F>                                     \
  F name(F x, F y) {                                      \
    return to_f32(functions::name(to_f64(x), to_f64(y))); \
  }
#define MC_FUNCTION(name, arity) MC_THROUGH##arity(name)
#include "engine/ir/functions.def"
#undef MC_FUNCTION
#undef MC_THROUGH1
#undef MC_THROUGH2
}  // namespace through_double

/// Every function of floats, computed in the way that single/functions.def has decided.
namespace f32 {
namespace native = single;
namespace in_double = single;
#define MC_CHOSEN1(name, way) \
  template <Number F>         \
  F name(F x) {               \
    return way::name(x);      \
  }
#define MC_CHOSEN2(name, way) \
  template <Number F>         \
  F name(F x, F y) {          \
    return way::name(x, y);   \
  }
#define MC_SINGLE(name, arity, way, reason) MC_CHOSEN##arity(name, way)
#include "engine/passes/functions/single/functions.def"
#undef MC_SINGLE
#undef MC_CHOSEN1
#undef MC_CHOSEN2
}  // namespace f32

}  // namespace mc::functions
