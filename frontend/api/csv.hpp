// Text of numbers in columns: CSV and its kin.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mc::csv {

/// Numbers row by row.
struct Table {
  std::vector<double> values;
  std::size_t columns = 0;
};

/// Columns are parted by commas, semicolons, tabs or spaces, whichever the first line has; it names the
/// columns where none of its fields is a number. A line that begins with # is a comment, an empty one does
/// not count, and a field may stand in double quotes. `wanted` says which columns, by their names or their
/// numbers from 1, with commas between; empty: all. Throws SyntaxError with line and column of `name`, or
/// ArgumentError.
Table read(std::string_view text, const std::string& name, std::string_view wanted);

}  // namespace mc::csv
