// from_chars and to_chars throughout: they know no locale and lose no bit.
#include "frontend/console/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

[[noreturn]] void refuse(std::string_view flag, std::string_view why) {
  throw FlagError(fmt::format("{}: {}", flag, why));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end; (end = text.find(separator)) != text.npos; text.remove_prefix(end + 1)) {
    parts.push_back(trimmed(text.substr(0, end)));
  }
  parts.push_back(trimmed(text));
  return parts;
}

/// All of the text as a T, or nothing. from_chars knows no leading plus, people do.
template <class T>
std::optional<T> read(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// A count written with a point or an exponent. Up to 2^53 every whole number is a double, so none is changed
/// silently.
std::optional<std::uint64_t> read_scientific(std::string_view text) {
  const auto value = read<double>(text);
  if (!value || !(*value >= 0 && *value <= 0x1p53) || *value != std::floor(*value)) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::string range_text(Range range) {
  if (range.most == std::numeric_limits<std::uint64_t>::max()) {
    return fmt::format("a whole number, {} or more", range.least);
  }
  return fmt::format("a whole number from {} to {}", range.least, range.most);
}

/// Whether it begins and ends as a row does.
bool is_bracketed(std::string_view text) {
  return text.size() >= 2 && text.front() == '[' && text.back() == ']';
}

/// "[1, 2, 3]" → 1 2 3
std::vector<double> parse_row(std::string_view flag, std::string_view text) {
  if (!is_bracketed(text)) refuse(flag, fmt::format("{} is not a row of numbers [1, 2, 3]", in_quotes(text)));
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (trimmed(inside).empty()) refuse(flag, "there is nothing between the brackets");
  std::vector<double> row;
  for (const std::string_view part : split(inside, ',')) row.push_back(parse_number(flag, part));
  return row;
}

/// "[1, 2], [3, 4]" → "[1, 2]" "[3, 4]": cut at the commas that stand outside of brackets.
std::vector<std::string_view> split_rows(std::string_view text) {
  std::vector<std::string_view> rows;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    depth += (text[at] == '[') - (text[at] == ']');
    if (text[at] != ',' || depth != 0) continue;
    rows.push_back(trimmed(text.substr(begin, at - begin)));
    begin = at + 1;
  }
  rows.push_back(trimmed(text.substr(begin)));
  return rows;
}

/// "[[2, 1], [1, 3]]"
Parameter parse_matrix(std::string_view flag, std::string_view text) {
  std::vector<double> values;
  std::size_t rows = 0, columns = 0;
  for (const std::string_view part : split_rows(text.substr(1, text.size() - 2))) {
    const std::vector<double> row = parse_row(flag, part);
    if (rows++ == 0) columns = row.size();
    if (row.size() != columns) {
      refuse(flag, fmt::format("row {} has {} numbers, row 1 has {}", rows, row.size(), columns));
    }
    values.insert(values.end(), row.begin(), row.end());
  }
  return Parameter(rows, columns, std::move(values));
}

/// "prices.csv:close": a file of all of that name comes first.
Parameter read_file(std::string_view flag, const std::string& text) {
  if (text.empty()) refuse(flag, "a file's name stands behind @");
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || std::filesystem::exists(text)) return read_array(text);
  if (colon + 1 == text.size()) refuse(flag, "a column's name or number stands behind the colon");
  return read_array(text.substr(0, colon), text.substr(colon + 1));
}

/// One coordinate's ends from "LO,HI".
std::pair<double, double> parse_interval(std::string_view text) {
  constexpr std::string_view flag = "--box";
  const std::vector<std::string_view> ends = split(text, ',');
  if (ends.size() != 2 || ends[0].empty() || ends[1].empty()) {
    refuse(flag, fmt::format("{} is not two numbers LO,HI", in_quotes(text)));
  }
  const double lo = parse_number(flag, ends[0]), hi = parse_number(flag, ends[1]);
  if (!std::isfinite(lo) || !std::isfinite(hi)) {
    refuse(flag, fmt::format("the ends {} are not both finite; infinite ones need a density in the program: "
                             "x ~ density(g, -inf, inf)",
                             in_quotes(text)));
  }
  if (!(lo < hi))
    refuse(flag, fmt::format("the lower end {} is not below the upper end {}", ends[0], ends[1]));
  return {lo, hi};
}

constexpr Range dimensions{1, std::uint64_t{1} << 53};

Box boxed(const std::optional<std::string>& dim, std::span<const std::string_view> intervals) {
  std::vector<double> lo, hi;
  for (const std::string_view text : intervals) {
    const auto [a, b] = parse_interval(text);
    lo.push_back(a);
    hi.push_back(b);
  }
  if (!dim && intervals.size() == 1)
    refuse("--dim", "it is missing; --box LO,HI needs the number of coordinates, --dim N");
  const std::uint64_t n = dim ? parse_count("--dim", *dim, dimensions) : intervals.size();
  if (intervals.size() == 1) return box(n, lo[0], hi[0]);
  if (n == intervals.size()) return box(std::move(lo), std::move(hi));
  refuse("--box", fmt::format("it has {} intervals for {} coordinates; write one, or as many as --dim says",
                              intervals.size(), n));
}

}  // namespace

std::uint64_t parse_count(std::string_view flag, std::string_view text, Range range) {
  const std::string_view digits = trimmed(text);
  auto count = read<std::uint64_t>(digits);
  if (!count) count = read_scientific(digits);
  if (count && range.least <= *count && *count <= range.most) return *count;
  const bool is_whole =
      !digits.empty() && std::ranges::all_of(digits, [](char c) { return '0' <= c && c <= '9'; });
  const auto rough = read<double>(digits);
  if (is_whole ? !count : rough && *rough > static_cast<double>(range.most))
    refuse(flag, fmt::format("{} is too large: at most {}", in_quotes(text), range.most));
  if (rough && *rough > 0x1p53 && !count && !is_whole)
    refuse(flag, fmt::format("{} is too large to be read exactly: write its digits out", in_quotes(text)));
  refuse(flag, fmt::format("{} is not {}", in_quotes(text), range_text(range)));
}

Part parse_part(std::string_view flag, std::string_view text) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos)
    throw FlagError(fmt::format("{}: {}; write NUMBER/OF, for example 3/8", flag, in_quotes(text)));
  const auto of = parse_count(flag, text.substr(slash + 1), {1, most});
  const auto number = parse_count(flag, text.substr(0, slash), {1, most});
  if (number > of) throw FlagError(fmt::format("{}: there is no part {} of {}", flag, number, of));
  return {static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(of)};
}

double parse_number(std::string_view flag, std::string_view text) {
  const auto value = read<double>(trimmed(text));
  if (!value) refuse(flag, fmt::format("{} is not a number", in_quotes(text)));
  if (std::isnan(*value)) refuse(flag, "NaN is not a value");
  return *value;
}

std::optional<Box> parse_box(const std::optional<std::string>& dim, const std::optional<std::string>& box) {
  if (!dim && !box) return std::nullopt;
  return boxed(dim, split(box ? std::string_view(*box) : "0,1", ';'));
}

Parameter parse_value(std::string_view flag, std::string_view text) {
  if (text.empty())
    refuse(flag, "there is no value; write -D NAME=1.5, NAME=[1, 2], NAME=[[2, 1], [1, 3]] or NAME=@FILE");
  if (text.starts_with('@')) return read_file(flag, std::string(text.substr(1)));
  if (!text.starts_with('[')) return parse_number(flag, text);
  if (!is_bracketed(text)) refuse(flag, fmt::format("{} lacks its last bracket", in_quotes(text)));
  if (trimmed(text.substr(1)).starts_with('[')) return parse_matrix(flag, text);
  return parse_row(flag, text);
}

std::pair<std::string, Parameter> parse_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trimmed(text.substr(0, equals));
  if (equals == text.npos || name.empty()) refuse("-D", fmt::format("{} is not NAME=VALUE", in_quotes(text)));
  return {std::string(name),
          parse_value(fmt::format("-D {}", in_quotes(name)), trimmed(text.substr(equals + 1)))};
}

bool names_file(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  return equals != parameter.npos && trimmed(parameter.substr(equals + 1)).starts_with('@');
}

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t significant = digits.find_last_not_of('0') + 1;
  if (significant + 4 > digits.size()) return digits;
  const std::string_view fraction = std::string_view(digits).substr(1, significant - 1);
  return fmt::format("{}{}{}e{}", digits[0], fraction.empty() ? "" : ".", fraction, digits.size() - 1);
}

std::string hex_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), std::fabs(value), std::chars_format::hex);
  return fmt::format("{}0x{}", std::signbit(value) ? "-" : "", std::string_view(digits.data(), end.ptr));
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string out = "'";
  for (const char c : text.substr(0, longest)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out + (text.size() > longest ? "…'" : "'");
}

}  // namespace mc::console
