// Kernels as text, both ways: print(*parse(t)) == t for every t that print() made, and parse(print(k)) is k
// with its nodes renumbered in the order in which they stand.
//
//   kernel scalars 1 arrays 2 (8 6) outputs 1 rows 10   in brackets the arrays' lengths, if there are any
//   %0 = constant f64 0x1.8p+1  # 3
//   %1 = steps u32
//   %2, %3 = loop %1 (%0, %0) { %4, %5, %6 ->     results, count (initial values) { index, carried values ->
//     %7 = fma f64 %5, %5, %6
//     store 0, %4, %7                             the number of a row, array, scalar or column stands first
//     next %5, %7
//   }
//   output 0, %3
//
// A kernel that reads tables says so before its rows: `tables 1 (f64:3)`, of f64 in three columns.
// A kernel that goes through data says so after its outputs: `data 3 (f64 f32 f64:put)`, the last one being
// written.
//
// A loop that settles says by which carried value: `{ %4, %5, %6 until %6 ->`.
//
// Values may have any names of letters, digits, `_` and `.` after their %, each once in a kernel; # starts a
// comment. Floats are hexadecimal, `inf`, `-inf`, `nan`, or with their bits `nan:0x7ff8000000000001`; decimal
// is read too.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "engine/ir/kernel.hpp"

namespace mc::ir {

/// Only for kernels whose numbers fit each other: stages 1 and 2 of verify().
std::string print(const Kernel& kernel);

/// The line of print(kernel) in which a value is defined, without its indentation.
std::string line_of(const Kernel& kernel, Value v);

/// The kernel that a text describes, verified (functions allowed), or a message with the line it is about.
std::expected<Kernel, std::string> parse(std::string_view text);

}  // namespace mc::ir
