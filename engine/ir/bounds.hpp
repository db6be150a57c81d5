// Where a kernel's memory accesses can reach: intervals of its u32 values, and with them whether each index
// stays inside its row or array. What cannot be proven from the kernel's text counts as outside: text from
// strangers is compiled, so that no access leaves its memory is an invariant of kernels, not a habit of those
// who build them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/ir/kernel.hpp"

namespace mc::ir {

/// Whole numbers first..last, both included. A u32 value lies in it if it equals one of them modulo 2^32, so
/// that counter + (2^32 - 3) is counter - 3.
struct Interval {
  std::int64_t first = 0, last = 0xffffffff;
};

class Bounds {
 public:
  /// Looks at each node once, in the order in which a kernel runs. Expects stages 1 and 2 of verify().
  explicit Bounds(const Kernel& kernel);

  const Interval& operator[](Value v) const { return intervals_[position(v)]; }

  /// Nothing if the node touches no memory, or only inside its row, array or table; else what is wrong.
  std::string fault(Value v) const;

  /// The first fault of the kernel with the node it is about, or nothing.
  std::string first_fault() const;

 private:
  void walk(RegionId region);
  Interval of(const Node& node) const;
  Interval chosen(const Node& select) const;
  std::string fault_of_cell(const Node& node) const;
  Interval operand(const Node& node, std::size_t k) const { return (*this)[node.operands[k]]; }

  const Kernel& kernel_;
  std::vector<Interval> intervals_;
};

}  // namespace mc::ir
