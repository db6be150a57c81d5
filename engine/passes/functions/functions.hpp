// All mathematical functions, and the one table that the expand pass, the tests and the documentation are
// driven by.
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
#include "engine/passes/functions/trigonometric.hpp"

// F1(name) for every function of one argument, F2(name) for two: the same as engine/ir/functions.def.
// clang-format off
#define MC_FUNCTIONS(F1, F2) \
  F1(exp) F1(log) F2(pow) F1(sin) F1(cos) F1(tanh) F1(erf) F1(normicdf) \
  F1(expm1) F1(exp2) F1(log1p) F1(log2) F1(log10) F1(cbrt) F2(hypot) \
  F1(tan) F1(asin) F1(acos) F1(atan) F2(atan2) F1(sinh) F1(cosh) F1(erfc) F1(normcdf) \
  F1(asinh) F1(acosh) F1(atanh) F1(normpdf) F1(gamma) F1(lgamma)
// clang-format on
