/// \file
/// What a program's free names stand for in a call: boxes, numbers, vectors and matrices, from memory or
/// files.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <mc/data.hpp>

namespace mc {

/// The region a bare expression's variable is uniform on: dim() intervals (lo, hi). Made by box(). What was
/// moved from has no coordinate, and is refused by calls.
class MC_API Box {
 public:
  Box(const Box&) = default;             ///< its bounds are copied
  Box& operator=(const Box&) = default;  ///< its bounds are copied
  Box(Box&& other) noexcept;             ///< leaves no coordinate
  Box& operator=(Box&& other) noexcept;  ///< leaves no coordinate

  std::size_t dim() const noexcept { return dim_; }          ///< how many coordinates
  bool is_cube() const noexcept { return lo_.size() == 1; }  ///< one interval for all coordinates
  /// dim() lower bounds, or one for a cube.
  std::span<const double> lo() const noexcept MC_LIFETIMEBOUND { return lo_; }
  /// As many upper bounds.
  std::span<const double> hi() const noexcept MC_LIFETIMEBOUND { return hi_; }

 private:
  template <std::integral Dim>
  friend Box box(Dim dim, double lo, double hi);
  friend MC_API Box box(std::vector<double> lo, std::vector<double> hi);
  Box(std::vector<double> lo, std::vector<double> hi);
  Box(std::int64_t dim, double lo, double hi);

  std::size_t dim_;
  std::vector<double> lo_, hi_;
};

/// The same interval for all of `dim` coordinates. Throws ArgumentError unless lo < hi, both finite, and
/// there is at least one coordinate.
template <std::integral Dim>
[[nodiscard]] Box box(Dim dim, double lo, double hi) {
  return Box(static_cast<std::int64_t>(dim), lo, hi);
}
/// An interval for each coordinate: box({0, -1}, {1, 1}). Throws ArgumentError as the other one, and where
/// there are not as many lower bounds as upper ones.
[[nodiscard]] MC_API Box box(std::vector<double> lo, std::vector<double> hi);

/// \cond
class Parameter;
/// \endcond

/// Numbers of any type that can be gone through once: what a Parameter copies.
template <class R>
concept NumberRange = !std::same_as<std::remove_cvref_t<R>, Parameter> &&
                      !std::same_as<std::remove_cvref_t<R>, std::vector<double>> &&
                      std::ranges::input_range<R> && PlainNumber<std::ranges::range_value_t<R>>;

/// A parameter's value: a number, a vector or a matrix (row by row). Its shape is part of a call's signature,
/// its numbers are not: new numbers never recompile. Of what data(A) or rows(A) takes, the number of rows is
/// none either. A number that was moved from keeps its value; a vector or matrix that was moved from is
/// empty, and refused by calls.
class MC_API Parameter {
 public:
  /// A number, which is kept as a double.
  template <PlainNumber T>
  Parameter(T value) : number_(static_cast<double>(value)) {}
  /// A vector.
  Parameter(std::vector<double> values) : rank_(1), rows_(values.size()), values_(std::move(values)) {}
  /// A vector: {1.0, 2.5}.
  Parameter(std::initializer_list<double> values) : Parameter(std::vector<double>(values)) {}
  /// A vector, copied from a range of any numbers: std::span<const float>, std::array<int, 3>, …
  template <NumberRange R>
  Parameter(R&& values) : Parameter(copied(values)) {}
  /// A matrix by its rows: {{2, 1}, {1, 3}}. Throws ArgumentError where they differ in length.
  Parameter(std::initializer_list<std::initializer_list<double>> rows);
  /// A matrix whose rows stand one after another. Throws ArgumentError unless rows*columns values are given.
  Parameter(std::size_t rows, std::size_t columns, std::vector<double> values);

  /// A vector of numbers that lie elsewhere, of any type and stride: they are not copied, and have to be
  /// there, unchanged, while a call uses the parameter or a copy of it; `owner`, if given, is kept as long as
  /// they are. Throws ArgumentError for a number, and for an array on a GPU. data(A) and rows(A) read them
  /// where they are; used otherwise, those that are not doubles side by side are copied in each call.
  [[nodiscard]] static Parameter view(const Input& numbers, std::shared_ptr<const void> owner = {});
  /// A matrix with rows of `columns` numbers one after another. Throws ArgumentError as the other one, where
  /// a last row is not whole, and where the numbers do not lie side by side.
  [[nodiscard]] static Parameter view(const Input& numbers, std::size_t columns,
                                      std::shared_ptr<const void> owner = {});

  Parameter(const Parameter&) = default;             ///< its numbers are copied, a view's are not
  Parameter& operator=(const Parameter&) = default;  ///< its numbers are copied, a view's are not
  Parameter(Parameter&& other) noexcept;             ///< leaves the number, or an empty vector or matrix
  Parameter& operator=(Parameter&& other) noexcept;  ///< leaves the number, or an empty vector or matrix

  unsigned rank() const noexcept { return rank_; }           ///< 0: a number, 1: a vector, 2: a matrix
  std::size_t rows() const noexcept { return rows_; }        ///< of a vector its length, of a number 1
  std::size_t columns() const noexcept { return columns_; }  ///< of a matrix, else 1
  /// Row by row; empty where they are not doubles that lie side by side, at addresses for doubles: see
  /// numbers(). Good as long as this lives and is not changed.
  std::span<const double> values() const noexcept MC_LIFETIMEBOUND;
  /// The number, or where its numbers lie and of what type: for calls over arrays. Good as long as this lives
  /// and is not changed.
  Input numbers() const& noexcept MC_LIFETIMEBOUND {
    if (rank_ == 0) return number_;
    return view_.is_array() ? view_ : Input(values());
  }
  /// A temporary's numbers may end with it: name the parameter first.
  Input numbers() const&& = delete;

 private:
  template <class R>
  static std::vector<double> copied(R& values) {
    std::vector<double> all;
    if constexpr (std::ranges::sized_range<R>) all.reserve(std::ranges::size(values));
    for (auto&& each : values)
      all.push_back(static_cast<double>(static_cast<std::ranges::range_value_t<R>>(each)));
    return all;
  }

  unsigned rank_ = 0;
  std::size_t rows_ = 1, columns_ = 1;
  double number_ = 0;  ///< of rank 0
  std::vector<double> values_;
  Input view_ = 0.0;  ///< a number: there is none
  std::shared_ptr<const void> owner_;
};

/// The array of a file: a .npy, of which nothing is copied (its memory is a map of the file, which must not
/// be cut short meanwhile; files larger than memory will do), or numbers in columns of text (CSV), one row a
/// line, which are all read into memory. `columns` chooses some of them by number from 1, or by the names in
/// a text's first line, with commas between: "price,volume"; of a .npy one. One column makes a vector. Throws
/// ArgumentError, and SyntaxError for a place in a text. docs/data.md.
[[nodiscard]] MC_API Parameter read_array(const std::string& path, std::string_view columns = {});

/// Values by name.
using Parameters = std::vector<std::pair<std::string, Parameter>>;

}  // namespace mc
