// Any bytes as a file of an array: read, or refused with an error that can be printed.
#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mc/mc.hpp>

#include "frontend/api/csv.hpp"
#include "frontend/api/npy.hpp"
#include "tests/fuzz/inputs.hpp"

namespace mc::fuzz {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::string wrong_with_npy(Bytes bytes) try {
  const npy::Array array = npy::read(std::as_bytes(bytes), "a.npy");
  const auto numbers = static_cast<__uint128_t>(array.rows) * array.columns.value_or(1);
  const __uint128_t end = array.begin + numbers * detail::bytes_of(array.type);
  return end <= bytes.size() ? "" : "an array reaches past its file";
} catch (const Error& error) {
  return wrong_with(error);
}

bool is_same(const csv::Table& a, const csv::Table& b) {
  return a.columns == b.columns && std::ranges::equal(a.values, b.values, [](double x, double y) {
           return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y) || (x != x && y != y);
         });
}

std::string written(const csv::Table& table) {
  std::string text;
  for (std::size_t k = 0; k < table.values.size(); ++k)
    text += fmt::format("{}{}", table.values[k], (k + 1) % table.columns == 0 ? '\n' : ',');
  return text;
}

/// What is read can be written and read again. The first line chooses columns.
std::string wrong_with_text(std::string_view text) try {
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view columns = text.substr(0, line);
  text.remove_prefix(std::min(line + 1, text.size()));
  const csv::Table table = csv::read(text, "a.csv", columns);
  if (table.columns == 0 || table.values.size() % table.columns != 0)
    return fmt::format("{} numbers in {} columns", table.values.size(), table.columns);
  const std::string again = written(table);
  return is_same(csv::read(again, "a.csv", ""), table) ? "" : fmt::format("'{}' is read otherwise", again);
} catch (const Error& error) {
  return wrong_with(error);
}

}  // namespace

std::string array_finding(Bytes bytes) {
  if (std::string wrong = wrong_with_npy(bytes); !wrong.empty()) return wrong;
  return wrong_with_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace mc::fuzz
