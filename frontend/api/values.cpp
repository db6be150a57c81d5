// What calls are given and what they give: boxes, estimates.
#include <cmath>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "frontend/api/errors.hpp"
#include "runtime/estimate/concise.hpp"
#include "runtime/estimate/confidence.hpp"
#include "runtime/estimate/estimate.hpp"

namespace mc {
namespace {

void check_bounds(std::span<const double> lo, std::span<const double> hi) {
  if (lo.empty()) fail<ArgumentError>("a box needs at least one coordinate");
  if (lo.size() != hi.size())
    fail<ArgumentError>(fmt::format("a box has {} lower bounds and {} upper ones", lo.size(), hi.size()));
  for (std::size_t k = 0; k < lo.size(); ++k)
    if (!std::isfinite(lo[k]) || !std::isfinite(hi[k]) || !(lo[k] < hi[k]))
      fail<ArgumentError>(
          fmt::format("the box's interval ({}, {}) is not one: bounds have to be finite and the lower one "
                      "below the upper",
                      lo[k], hi[k]));
}

std::size_t checked_dimension(std::int64_t dim) {
  if (dim < 1) fail<ArgumentError>(fmt::format("a box needs at least one coordinate, not {}", dim));
  return static_cast<std::size_t>(dim);
}

}  // namespace

Box::Box(std::vector<double> lo, std::vector<double> hi)
    : dim_(lo.size()), lo_(std::move(lo)), hi_(std::move(hi)) {
  check_bounds(lo_, hi_);
}

Box::Box(std::int64_t dim, double lo, double hi) : dim_(checked_dimension(dim)), lo_{lo}, hi_{hi} {
  check_bounds(lo_, hi_);
}

Box::Box(Box&& other) noexcept
    : dim_(std::exchange(other.dim_, 0)), lo_(std::move(other.lo_)), hi_(std::move(other.hi_)) {}

Box& Box::operator=(Box&& other) noexcept {
  if (this == &other) return *this;
  dim_ = std::exchange(other.dim_, 0);
  lo_ = std::move(other.lo_);
  hi_ = std::move(other.hi_);
  other.lo_.clear();
  other.hi_.clear();
  return *this;
}

Box box(std::vector<double> lo, std::vector<double> hi) { return Box(std::move(lo), std::move(hi)); }

Interval Estimate::interval(double level) const {
  if (!(level > 0 && level < 1))
    fail<ArgumentError>(fmt::format("an interval's level lies between 0 and 1, and is not {}", level));
  const runtime::Estimate counted{.value = value,
                                  .standard_error = standard_error,
                                  .variance = variance,
                                  .samples = samples,
                                  .first_nonfinite = {},
                                  .warnings = {},
                                  .is_probability = is_probability,
                                  .scale = static_cast<runtime::Scale>(scale)};
  const auto [low, high] = counted.interval(level);
  return {low, high};
}

std::string to_string(const Estimate& estimate, int digits) {
  if (digits < 1 || digits > runtime::kMostDigits)
    fail<ArgumentError>(fmt::format("an error has 1 to {} digits, not {}", runtime::kMostDigits, digits));
  return runtime::concise(estimate.value, estimate.standard_error, digits);
}

std::ostream& operator<<(std::ostream& out, const Estimate& estimate) { return out << to_string(estimate); }

std::vector<std::string> Report::all_warnings() const {
  std::vector<std::string> all = warnings;
  std::vector<std::pair<std::string, const Estimate*>> values;
  for (const Result& each : results) values.emplace_back(each.query, &each.estimate);
  for (const Integral& each : integrals)
    if (each.is_worth_a_line())
      values.emplace_back(fmt::format("∫ of {}'s density", each.variable), &each.estimate);
  for (const auto& [name, estimate] : values)
    for (const std::string& warning : estimate->warnings)
      all.push_back(values.size() > 1 ? name + ": " + warning : warning);
  return all;
}

std::string to_string(const Report& report, int digits) {
  std::string text;
  for (const auto& [query, estimate] : report.results) {
    if (!text.empty()) text += '\n';
    text += query + " = " + to_string(estimate, digits);
  }
  return text;
}

std::ostream& operator<<(std::ostream& out, const Report& report) { return out << to_string(report); }

std::vector<Estimate> Progress::Estimates::operator()() const {
  return make_ ? make_() : std::vector<Estimate>();
}

}  // namespace mc
