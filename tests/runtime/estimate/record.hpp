// Records made of samples directly, without kernels.
#pragma once

#include <vector>

#include "runtime/estimate/estimate.hpp"
#include "tests/engine/kernels/lanes.hpp"

namespace mc::testing {

/// A record of one group from its samples.
struct Record {
  Layout layout;
  std::vector<double> numbers;

  Record(Group group, const std::vector<Values>& samples)
      : layout(std::span(&group, 1)), numbers(layout.size) {
    kernels::clear(layout, numbers.data());
    two_pass(layout.groups[0], samples, numbers.data(), 1);
  }
  runtime::Seen seen() const { return {layout.groups[0], numbers.data()}; }
};

}  // namespace mc::testing
