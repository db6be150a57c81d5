// C++ source → a function's tree, by Clang. This room alone sees Clang's headers.
#pragma once

#include <vector>

#include "frontend/cxx/function.hpp"

namespace mc::cxx {

struct Reading {
  Unit unit;  ///< good where there are no problems
  std::vector<Problem> problems;
};

/// What the source's function is. What cannot be a moment's function is a problem, as is what is no C++.
Reading read(const Request& request);

}  // namespace mc::cxx
