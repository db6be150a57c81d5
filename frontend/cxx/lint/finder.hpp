// Looking for programs' texts in a C++ source. Part of the module.
#pragma once

#include "frontend/cxx/module.hpp"

namespace mc::cxx {

/// Tells the checker of each text, and of what is wrong with it or with the source.
void find(const Linted& source, const Module::Checker& checker);

}  // namespace mc::cxx
