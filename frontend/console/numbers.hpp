// Text → numbers and back, whatever the locale: sample counts (1e7), boxes, parameters' values. Every refusal
// is a FlagError that names the flag, quotes what stood there and says what to write instead.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <mc/mc.hpp>

namespace mc::console {

/// A flag that makes no sense; the command ends with 2.
class FlagError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a count may be.
struct Range {
  std::uint64_t least = 1;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

inline constexpr Range kThreads{0, 1024};  ///< more than that the library does not start

/// A whole number: 10000000, 1e7, 2.5e6.
std::uint64_t parse_count(std::string_view flag, std::string_view text, Range range = {});

/// NUMBER/OF, as 3/8.
mc::Part parse_part(std::string_view flag, std::string_view text);

/// A number, maybe infinite; NaN is refused.
double parse_number(std::string_view flag, std::string_view text);

/// The region of --dim N and --box: LO,HI for all coordinates, or LO,HI;LO,HI;… one by one. Without --box it
/// is the unit cube, without both there is none.
std::optional<Box> parse_box(const std::optional<std::string>& dim, const std::optional<std::string>& box);

/// -D NAME=VALUE with VALUE a number, a vector [1, 2, 3], a matrix [[2, 1], [1, 3]], or an array in a file:
/// @FILE, @FILE:COLUMN,COLUMN.
std::pair<std::string, Parameter> parse_parameter(std::string_view text);

/// The VALUE; `flag` is what a refusal is about.
Parameter parse_value(std::string_view flag, std::string_view text);

/// Whether the VALUE of NAME=VALUE is a file's.
bool names_file(std::string_view parameter);

/// As parse_count would read it back, short: 1e7, 2.5e6, 8192.
std::string count_text(std::uint64_t count);

/// As printf's %a writes it: 0x1.8p+1, inf, nan.
std::string hex_text(double value);

/// The text between quotes, fit for a terminal and cut short: control characters and all that is not ASCII
/// escaped.
std::string in_quotes(std::string_view text);

}  // namespace mc::console
