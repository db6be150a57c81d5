// A function's tree → operations of a kernel. Nothing of Clang is needed here.
#pragma once

#include <memory>

#include "frontend/cxx/function.hpp"
#include "frontend/language/external.hpp"

namespace mc::cxx {

/// The unit's first function as one that programs can call. What only a call's dimensions show to be wrong,
/// an index outside of an array, is an ArgumentError that points into the user's file. `passes` is the limit.
std::shared_ptr<const language::External> external(Unit unit, std::size_t passes);

/// A message about a place of the source, as Clang renders such.
std::string rendered(const Place& place, std::string_view message);

}  // namespace mc::cxx
