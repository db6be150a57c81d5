#include "frontend/api/options.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "frontend/language/diagnostics.hpp"

namespace mc {
namespace {

/// One that was moved from has none.
void check_box(const Box& box) {
  if (box.dim() == 0) fail<ArgumentError>("a box needs at least one coordinate, and this one has none");
}

}  // namespace

void check_options(const Options& options) {
  check_enumeration("back end", options.backend, backends().back().second);
  check_enumeration("precision", options.precision, Precision::f32);
  check_enumeration("generator", options.generator, generators().back().second);
  check_enumeration("treatment of samples that are not finite", options.nonfinite, Nonfinite::drop);
  if (options.samples == 0) fail<ArgumentError>("the number of samples has to be at least 1, and is 0");
  if (options.samples > std::uint64_t{INT64_MAX})
    fail<ArgumentError>(
        fmt::format("the number of samples has to be at most {}, and is {}", INT64_MAX, *options.samples));
  if (options.part.number < 1 || options.part.number > options.part.of)
    fail<ArgumentError>(fmt::format("there is no part {} of {}", options.part.number, options.part.of),
                        "parts are counted from 1");
  const auto is_letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
  };
  for (const auto& [name, value] : options.parameters)
    if (name.empty() || !std::ranges::all_of(name, is_letter))
      fail<ArgumentError>(fmt::format("'{}' is no name that a program could have", language::printable(name)),
                          "names are letters and digits");
  for (const auto& [name, value] : options.parameters)
    if (value.rows() * value.columns() == 0)
      fail<ArgumentError>(fmt::format("the parameter {} has no elements", name));
  if (options.box) check_box(*options.box);
  for (std::size_t k = 0; k < options.parameters.size(); ++k)
    for (std::size_t j = 0; j < k; ++j)
      if (options.parameters[j].first == options.parameters[k].first)
        fail<ArgumentError>(fmt::format("the parameter {} is given twice", options.parameters[k].first));
}

void check_options(const Box& box, const Options& options) {
  check_options(options);
  check_box(box);
  if (options.box) fail<ArgumentError>("two boxes are given", "leave Options::box empty");
}

void check_options(const DataOptions& options) {
  check_enumeration("back end", options.backend, backends().back().second);
}

std::uint64_t Options::budget() const noexcept {
  constexpr std::uint64_t kUsual = 1'000'000, kMostForTarget = 10'000'000'000;
  return samples.value_or(has_target() ? kMostForTarget : kUsual);
}

}  // namespace mc
