// All mathematical functions in single precision.
#pragma once

#include "engine/passes/functions/single/error.hpp"
#include "engine/passes/functions/single/exponential.hpp"
#include "engine/passes/functions/single/hyperbolic.hpp"
#include "engine/passes/functions/single/inverse_hyperbolic.hpp"
#include "engine/passes/functions/single/inverse_trigonometric.hpp"
#include "engine/passes/functions/single/logarithm.hpp"
#include "engine/passes/functions/single/normal.hpp"
#include "engine/passes/functions/single/number.hpp"
#include "engine/passes/functions/single/power.hpp"
#include "engine/passes/functions/single/root.hpp"
#include "engine/passes/functions/single/trigonometric.hpp"
