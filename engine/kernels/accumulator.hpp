// What a lane keeps of its samples, as IR: sums about a pivot, carried round the loop over samples, and in
// the end the columns of a GroupLayout.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/ir/expression.hpp"
#include "engine/kernels/statistics.hpp"

namespace mc::kernels {

class Accumulator {
 public:
  virtual ~Accumulator() = default;

  virtual unsigned inputs() const = 0;  ///< numbers a sample gives: a weight, if there is one, and the values
  virtual std::size_t size() const = 0;  ///< values carried
  virtual std::vector<ir::Value> initial(ir::Builder& builder) const = 0;

  /// The sums with one more sample: `step` counts from 0, `sample` is its global number (f64).
  virtual std::vector<ir::Value> next(ir::X step, ir::X sample, std::span<const ir::X> inputs,
                                      std::span<const ir::Value> carried) const = 0;

  /// Puts the columns out.
  virtual void output(ir::Builder& builder, std::span<const ir::Value> carried) const = 0;
};

/// `at` is a layout of a kernel's columns and has to outlive the accumulator. Screened ones look at every
/// value, and leave samples out that are not finite.
std::unique_ptr<Accumulator> make_accumulator(const GroupLayout& at, bool screened);

}  // namespace mc::kernels
