// Runs that go on until their errors are small enough: how far an estimate is from that, and how many samples
// to look at it again after. All of it follows from the samples so far, so a run ends after as many on any
// machine.
#pragma once

#include <cstdint>
#include <string>

#include <mc/mc.hpp>

namespace mc {

class Target {
 public:
  /// Throws ArgumentError where a target is negative or not finite.
  explicit Target(const Options& options);

  /// Samples that are not finite have made it NaN, and more samples will not change that.
  static bool is_spoiled(const Estimate& estimate, Nonfinite policy);

  /// The estimate's error as a multiple of what was asked for; infinite where it is not known. 0 where more
  /// samples would not change it: it is spoiled, or all are bound to be the same.
  double excess(const Estimate& estimate, Nonfinite policy) const;

  /// How many samples a run with this excess after `done` goes on to: `done`, where it has reached its
  /// target.
  static std::uint64_t next(double excess, std::uint64_t done, std::uint64_t most);

  /// After how many samples a run with this excess after `done` is likely to end.
  static std::uint64_t expected(double excess, std::uint64_t done, std::uint64_t most);

  std::string text() const;  ///< "an error of 0.001"

 private:
  double error_, relative_;
};

}  // namespace mc
