// Between which numbers a kernel's floats, f64 and f32, lie, whatever is drawn and whatever arguments it
// gets: interval arithmetic, from the uniform variates' (0, 1) on. With it a function whose argument cannot
// be exceptional is written out without what exceptions cost (expand.cpp).
#pragma once

#include <limits>
#include <vector>

#include "engine/ir/kernel.hpp"

namespace mc::passes {

/// Every value lies in low..high, both included, or is not a number where `may_be_nan`. Zeros are not told
/// apart by their signs.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool may_be_nan = true;
  /// A power of two that every number is a multiple of, so that 2p - 1 is exact for a uniform variate p; 0
  /// where none is known.
  double unit = 0;

  /// Whether each value is a number of first..last.
  bool lies_in(double first, double last) const { return !may_be_nan && first <= low && high <= last; }
};

class Ranges {
 public:
  /// Looks at each node once, in the order in which a kernel runs, at a loop with a running sum twice, and at
  /// all once more where rows hold nothing but what is bounded.
  explicit Ranges(const ir::Kernel& kernel);

  /// Of a float; of anything else, every number.
  const Range& operator[](ir::Value v) const { return ranges_[position(v)]; }

 private:
  void walk(ir::RegionId region);
  void walk_loop(const ir::Loop& loop);
  bool bound_rows();
  bool bound_sums(const ir::Loop& loop);
  Range summand(const ir::Loop& loop, std::size_t slot) const;
  Range of(const ir::Node& node) const;
  Range of_loop_part(const ir::Node& node) const;
  Range of_word(ir::Value word) const;

  const ir::Kernel& kernel_;
  std::vector<Range> ranges_, rows_;
};

}  // namespace mc::passes
