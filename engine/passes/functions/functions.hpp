// All mathematical functions, and the one table that the expand pass, the tests and the documentation are
// driven by.
#pragma once

#include "engine/passes/functions/error.hpp"
#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/hyperbolic.hpp"
#include "engine/passes/functions/logarithm.hpp"
#include "engine/passes/functions/normal.hpp"
#include "engine/passes/functions/number.hpp"
#include "engine/passes/functions/power.hpp"
#include "engine/passes/functions/trigonometric.hpp"

/// F1(name) for every function of one argument, F2(name) for two.
#define MC_FUNCTIONS(F1, F2) \
  F1(exp)                    \
  F1(log)                    \
  F1(sin)                    \
  F1(cos)                    \
  F1(tanh)                   \
  F1(erf)                    \
  F1(normicdf)               \
  F2(pow)
