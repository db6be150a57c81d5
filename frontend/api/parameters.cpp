// Parameters: matrices by their rows, views of numbers that lie elsewhere, and what moving one leaves.
#include <cstdint>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "frontend/api/errors.hpp"

namespace mc {

Parameter::Parameter(std::initializer_list<std::initializer_list<double>> rows)
    : rank_(2), rows_(rows.size()), columns_(rows.size() == 0 ? 0 : rows.begin()->size()) {
  for (const auto& row : rows) {
    if (row.size() != columns_)
      fail<ArgumentError>(fmt::format("the rows of a matrix differ in length: one has {} numbers, another {}",
                                      columns_, row.size()));
    values_.insert(values_.end(), row.begin(), row.end());
  }
}

Parameter::Parameter(std::size_t rows, std::size_t columns, std::vector<double> values)
    : rank_(2), rows_(rows), columns_(columns), values_(std::move(values)) {
  const bool fits = rows == 0 || columns == 0
                        ? values_.empty()
                        : values_.size() / rows == columns && values_.size() % rows == 0;
  if (!fits)
    fail<ArgumentError>(
        fmt::format("a matrix of {} rows and {} columns has not {} numbers", rows, columns, values_.size()));
}

Parameter Parameter::view(const Input& numbers, std::shared_ptr<const void> owner) {
  if (!numbers.is_array())
    fail<ArgumentError>("a view is of an array, and a number is given", "give the number itself");
  if (numbers.device() >= 0)
    fail<ArgumentError>("an array on a GPU cannot be a parameter", "give its to_host()");
  Parameter viewed(0);
  viewed.rank_ = 1;
  viewed.rows_ = numbers.size();
  viewed.view_ = numbers;
  viewed.owner_ = std::move(owner);
  return viewed;
}

Parameter Parameter::view(const Input& numbers, std::size_t columns, std::shared_ptr<const void> owner) {
  Parameter viewed = view(numbers, std::move(owner));
  if (columns == 0 || numbers.size() % columns != 0)
    fail<ArgumentError>(fmt::format("{} numbers are no whole rows of {} columns", numbers.size(), columns));
  if (numbers.stride() != static_cast<std::ptrdiff_t>(detail::bytes_of(numbers.type())))
    fail<ArgumentError>("the numbers of a matrix have to lie side by side", "copy them into a std::vector");
  viewed.rank_ = 2;
  viewed.rows_ = numbers.size() / columns;
  viewed.columns_ = columns;
  return viewed;
}

Parameter::Parameter(Parameter&& other) noexcept
    : rank_(other.rank_),
      rows_(other.rows_),
      columns_(other.columns_),
      number_(other.number_),
      values_(std::move(other.values_)),
      view_(std::exchange(other.view_, Input(0))),
      owner_(std::move(other.owner_)) {
  if (rank_ > 0) other.rows_ = 0;
}

Parameter& Parameter::operator=(Parameter&& other) noexcept {
  if (this == &other) return *this;
  std::destroy_at(this);
  return *std::construct_at(this, std::move(other));
}

std::span<const double> Parameter::values() const noexcept {
  if (rank_ == 0) return {&number_, 1};
  if (!view_.is_array()) return values_;
  if (view_.type() != NumberType::f64 || view_.stride() != sizeof(double)) return {};
  // A file's header may have any length.
  if (reinterpret_cast<std::uintptr_t>(view_.data()) % alignof(double) != 0) return {};
  return {static_cast<const double*>(view_.data()), view_.size()};
}

}  // namespace mc
