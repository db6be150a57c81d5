// Machine code for what a source asks of its moments, before the program that it is of ever runs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "frontend/cxx/lint/found.hpp"

namespace mc::cxx {

struct Warmed {
  std::size_t kernels = 0;
  std::vector<std::string> cold;  ///< why there is none of a use
};

/// Uses that cannot be read are passed by; where none can be, a program with random variables is expected to
/// be run in double precision, with numbers for its free names.
Warmed warm(const Site& site);

}  // namespace mc::cxx
