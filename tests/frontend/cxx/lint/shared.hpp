// What stands in a header is said once, however many sources include it.
#pragma once

#include <mc/mc.hpp>

inline mc::Moment shared() { return mc::compile("x ~ normal(0, 1); E[cos(x, 2)]"); }
