// Running sums that depend on an index from outside them, such as cumsum(x_i*y) inside sum(…): what each loop
// has to do for them. They belong into the rounds of the innermost loop whose index they depend on; there
// they are made in one of three ways, the cheapest that serves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "frontend/language/terms.hpp"

namespace mc::language {

struct Running {
  /// Made at the beginning of each of the loop's rounds, because they depend on its index: all elements of a
  /// scan, stored, or only the one that `term` is, as a fold.
  struct Made {
    TermId term;  ///< the element; for all of them the scan's body: sorted by it, dependence is kept
    bool all = false;
    std::uint32_t scan = 0;
    auto operator<=>(const Made&) const = default;
  };
  std::vector<Made> made;

  /// Scans that go along with the loop: in round k their element k is all that is needed of them.
  std::vector<std::uint32_t> along;
};

/// What the loop over ranges[0] does; the other ranges are loops inside it, the last one's body is `body`.
Running running_in(const Terms& terms, std::span<const Range> ranges, TermId body);

}  // namespace mc::language
