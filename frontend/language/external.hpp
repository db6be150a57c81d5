// Functions that a program calls and that are written elsewhere, in C++ perhaps: what the checker has to know
// of them, and how they write themselves into a kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/ir/expression.hpp"
#include "frontend/language/limits.hpp"

namespace mc::language {

/// A call's argument in the kernel: a number, or a vector by its elements.
struct ExternalArgument {
  std::optional<ir::X> number = {};                ///< f64, or f32 in single precision
  std::int64_t length = 0;                         ///< of a vector
  std::function<ir::X(ir::X index)> element = {};  ///< at an index (u32, from 0) that is proven inside
};

/// What a function may ask of the kernel around it.
struct ExternalSurroundings {
  ir::Builder& builder;
  /// A row of scratch of this length.
  std::function<std::uint32_t(std::int64_t length)> row;
  /// Builds what runs so many times as often as what is around it; the limits on rounds and operations count
  /// it.
  std::function<void(std::int64_t rounds, const std::function<void()>& inside)> repeated;
  const Limits& limits;
};

class External {
 public:
  struct Parameter {
    std::string name;
    bool is_vector = false;
    std::int64_t length = 0;  ///< of a vector; 0 for any
  };

  virtual ~External() = default;

  /// Writes a call into the kernel: f64, f32 where it is `single`, or a truth value where it is one and there
  /// is no trouble.
  virtual ir::X emit(std::span<const ExternalArgument> arguments,
                     const ExternalSurroundings& around) const = 0;

  std::string name;
  std::vector<Parameter> parameters;
  bool gives_truth = false;
  bool single = false;  ///< it gives a float
  /// What a sample for which it has no value may come from, for a warning. It then gives NaN, in place of a
  /// truth value a number that is 1, 0 or NaN. Empty: it has a value for every sample.
  std::string trouble;
};

}  // namespace mc::language
