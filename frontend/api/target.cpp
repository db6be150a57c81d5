// The error falls with the root of the samples: from how it stands it can be told how many more are needed.
#include "frontend/api/target.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "engine/kernels/executable.hpp"
#include "frontend/api/errors.hpp"

namespace mc {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Before that nobody knows how large an error is: 16 tiles, some tenths of a millisecond.
constexpr std::uint64_t kFirstLook = 16 * kernels::kTileSamples;

/// At most so many times the samples before: an error may be taken for too large.
constexpr std::uint64_t kGrowth = 8;

double checked(const char* name, double target) {
  if (!(target >= 0 && target < kInfinity))
    fail<ArgumentError>(fmt::format("Options::{} has to be 0 or more and finite, and is {}", name, target));
  return target;
}

}  // namespace

Target::Target(const Options& options)
    : error_(checked("target_error", options.target_error)),
      relative_(checked("target_relative", options.target_relative)) {}

bool Target::is_spoiled(const Estimate& estimate, Nonfinite policy) {
  return policy == Nonfinite::nan && estimate.nonfinite > 0;
}

double Target::excess(const Estimate& estimate, Nonfinite policy) const {
  const double error = estimate.standard_error;
  if (is_spoiled(estimate, policy)) return 0;
  if (std::isnan(error) || std::isnan(estimate.value)) return kInfinity;
  // That all samples are the same may be by chance: so says a warning.
  if (error == 0) return estimate.warnings.empty() ? 0 : kInfinity;
  const double of_error = error_ > 0 ? error / error_ : 0;
  const double of_relative = relative_ > 0 ? error / (relative_ * std::abs(estimate.value)) : 0;
  return std::max(of_error, of_relative);
}

std::uint64_t Target::next(double excess, std::uint64_t done, std::uint64_t most) {
  if (done == 0) return std::min(kFirstLook, most);
  if (excess <= 1) return done;
  return std::max(done + 1, std::min(expected(excess, done, most), kGrowth * done));
}

std::uint64_t Target::expected(double excess, std::uint64_t done, std::uint64_t most) {
  if (excess <= 1) return done;
  // A little more than it takes, for the error is an estimate too.
  const double wanted = 1.05 * excess * excess * static_cast<double>(done);
  return wanted < static_cast<double>(most) ? static_cast<std::uint64_t>(wanted) : most;
}

std::string Target::text() const {
  if (relative_ == 0) return fmt::format("an error of {}", error_);
  if (error_ == 0) return fmt::format("a relative error of {}", relative_);
  return fmt::format("an error of {} and a relative one of {}", error_, relative_);
}

}  // namespace mc
