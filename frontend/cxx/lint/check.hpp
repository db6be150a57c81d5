// What the language says of a text in a C++ source, whatever the calls will be.
#pragma once

#include <vector>

#include "frontend/cxx/lint/found.hpp"

namespace mc::cxx {

/// Of a program that calls C++ functions only the syntax can be told: what they are called is not known here.
std::vector<Remark> remarks(const Site& site);

}  // namespace mc::cxx
