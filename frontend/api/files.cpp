// Arrays of files as parameters.
#include <charconv>
#include <system_error>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/api/csv.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/npy.hpp"
#include "runtime/data/mapping.hpp"

namespace mc {
namespace {

std::shared_ptr<const runtime::Mapping> mapping_of(const std::string& path) try {
  return std::make_shared<const runtime::Mapping>(path);
} catch (const std::system_error& error) {
  const bool is_odd = error.code() == std::errc::invalid_seek;
  fail<ArgumentError>(
      fmt::format("{}: {}", language::printable(path), is_odd ? "no regular file" : error.code().message()));
}

Input numbers_at(const std::byte* data, NumberType type, std::size_t size, std::ptrdiff_t stride) {
  switch (type) {
    case NumberType::f64:
      return {reinterpret_cast<const double*>(data), size, stride};
    case NumberType::f32:
      return {reinterpret_cast<const float*>(data), size, stride};
    case NumberType::i64:
      return {reinterpret_cast<const std::int64_t*>(data), size, stride};
    case NumberType::i32:
      return {reinterpret_cast<const std::int32_t*>(data), size, stride};
    case NumberType::u8:
      break;
  }
  return {reinterpret_cast<const std::uint8_t*>(data), size, stride};
}

/// A column's number, from 0.
std::size_t column_of(const npy::Array& array, std::string_view wanted, const std::string& path) {
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
  const std::uint64_t columns = array.columns.value_or(1);
  if (wrong != std::errc{} || end != wanted.data() + wanted.size() || number < 1 || number > columns)
    fail<ArgumentError>(
        fmt::format("{}: there is no column {}", language::printable(path), language::printable(wanted)),
        fmt::format("it has {}, counted from 1, and one of them can be chosen", columns));
  return number - 1;
}

Parameter of_npy(std::shared_ptr<const runtime::Mapping> file, const std::string& path,
                 std::string_view columns) {
  const npy::Array array = npy::read(file->bytes(), path);
  const std::byte* first = file->bytes().data() + array.begin;
  const std::size_t all = array.columns.value_or(1);
  if (!columns.empty()) {
    const std::size_t column = column_of(array, columns, path);
    if (array.rows > 0) first += column * detail::bytes_of(array.type);  // else the file ends here
    return Parameter::view(numbers_at(first, array.type, array.rows, static_cast<std::ptrdiff_t>(all)),
                           std::move(file));
  }
  const Input numbers = numbers_at(first, array.type, array.rows * all, 1);
  if (!array.columns) return Parameter::view(numbers, std::move(file));
  if (all == 0) fail<ArgumentError>(fmt::format("{}: it has no columns", language::printable(path)));
  return Parameter::view(numbers, all, std::move(file));
}

Parameter of_text(std::string_view text, const std::string& path, std::string_view columns) {
  csv::Table table = csv::read(text, path, columns);
  if (table.columns == 1) return Parameter(std::move(table.values));
  const std::size_t rows = table.values.size() / table.columns;
  return Parameter(rows, table.columns, std::move(table.values));
}

}  // namespace

Parameter read_array(const std::string& path, std::string_view columns) {
  auto file = mapping_of(path);
  const std::span<const std::byte> bytes = file->bytes();
  if (npy::is_npy(bytes) || path.ends_with(".npy")) return of_npy(std::move(file), path, columns);
  return of_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, columns);
}

}  // namespace mc
