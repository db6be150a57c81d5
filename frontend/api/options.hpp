// Whether what a call is given can be: looked at before anything is done with it.
#pragma once

#include <string_view>
#include <type_traits>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/api/errors.hpp"

namespace mc {

/// What stands in an enumeration's place has to be one of its values; `last` is the last of them.
template <class E>
void check_enumeration(std::string_view what, E value, E last) {
  using Number = std::underlying_type_t<E>;
  if (static_cast<Number>(value) < 0 || value > last)
    fail<ArgumentError>(fmt::format("there is no {} number {}", what, static_cast<Number>(value)));
}

/// These throw ArgumentError for what cannot be.
void check_options(const Options& options);
void check_options(const Box& box, const Options& options);  ///< of a box that stands beside them
void check_options(const DataOptions& options);

inline const Box* box_of(const Options& options) { return options.box ? &*options.box : nullptr; }

/// Whether the k-th row of a table of names and enumerators is number k here, and in mc.h, by what `in_c`
/// says.
template <class Table, class InC>
constexpr bool are_numbered_alike(const Table& table, InC in_c) {
  int number = 0;
  for (const auto& [name, enumerator] : table) {
    if (static_cast<int>(enumerator) != number || static_cast<int>(in_c(enumerator)) != number) return false;
    ++number;
  }
  return true;
}

}  // namespace mc
