// Arrays that a bare expression is applied to: borrowed, as they lie in memory.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#if defined(__GNUC__)
#define MC_API __attribute__((visibility("default")))
#else
#define MC_API
#endif

namespace mc {

/// What an array's numbers are. Where all arrays of a call are f32 they are computed with in single
/// precision, else in double precision; an i64 beyond 2^53 is rounded.
enum class Number : std::uint8_t { f64, f32, i64, i32, u8 };

constexpr std::size_t bytes_of(Number type) {
  constexpr std::size_t kBytes[] = {8, 4, 8, 4, 1};
  return kBytes[static_cast<std::size_t>(type)];
}

template <class T>
concept DataNumber = std::same_as<T, double> || std::same_as<T, float> || std::same_as<T, std::int64_t> ||
                     std::same_as<T, std::int32_t> || std::same_as<T, std::uint8_t>;

template <DataNumber T>
constexpr Number number_type() {
  if constexpr (std::same_as<T, double>) return Number::f64;
  if constexpr (std::same_as<T, float>) return Number::f32;
  if constexpr (std::same_as<T, std::int64_t>) return Number::i64;
  if constexpr (std::same_as<T, std::int32_t>) return Number::i32;
  return Number::u8;
}

template <class R>
concept DataRange = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
                    DataNumber<std::remove_cv_t<std::ranges::range_value_t<R>>>;

/// An array to read, or a number that stands beside every datum. Borrowed: it has to outlive the call.
class Input {
 public:
  Input(double number) : number_(number) {}
  Input(int number) : number_(number) {}

  template <DataRange R>
  Input(const R& numbers) : Input(std::ranges::data(numbers), std::ranges::size(numbers)) {}

  /// Every stride-th number from `first` on, `size` of them; a negative stride goes backwards.
  template <DataNumber T>
  Input(const T* first, std::size_t size, std::ptrdiff_t stride = 1)
      : data_(first),
        size_(size),
        stride_(stride * static_cast<std::ptrdiff_t>(sizeof(T))),
        type_(number_type<T>()),
        is_array_(true) {}

  bool is_array() const noexcept { return is_array_; }
  double number() const noexcept { return number_; }
  const void* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::ptrdiff_t stride() const noexcept { return stride_; }  ///< in bytes
  Number type() const noexcept { return type_; }

 private:
  double number_ = 0;
  const void* data_ = nullptr;
  std::size_t size_ = 0;
  std::ptrdiff_t stride_ = 0;
  Number type_ = Number::f64;
  bool is_array_ = false;
};

/// An array of double or float to write. Borrowed.
class Output {
 public:
  template <class R>
    requires DataRange<R> && std::ranges::output_range<R, float>
  Output(R&& numbers) : Output(std::ranges::data(numbers), std::ranges::size(numbers)) {}

  /// Every stride-th number from `first` on, `size` of them; each needs a place of its own.
  template <std::floating_point T>
    requires DataNumber<T>
  Output(T* first, std::size_t size, std::ptrdiff_t stride = 1)
      : data_(first),
        size_(size),
        stride_(stride * static_cast<std::ptrdiff_t>(sizeof(T))),
        type_(number_type<T>()) {}

  void* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::ptrdiff_t stride() const noexcept { return stride_; }  ///< in bytes
  Number type() const noexcept { return type_; }

 private:
  void* data_;
  std::size_t size_;
  std::ptrdiff_t stride_;
  Number type_;
};

/// A name of the expression and what it stands for.
struct NamedInput {
  std::string_view name;
  Input input;
};

/// A name of the expression and the type of the arrays it will stand for.
struct NamedType {
  std::string_view name;
  Number type = Number::f64;
};

enum class Backend : int;

/// How data is gone through. No result depends on any of it.
struct DataOptions {
  Backend backend{};     ///< automatic
  unsigned threads = 0;  ///< 0: all cores, where there is enough to do
  /// Ends the call within milliseconds; it then throws Stopped. A map has written part of its outputs by
  /// then.
  std::stop_token stop = {};
  /// Hears in the calling thread, up to some thousand times a second, how many data are done, and of how
  /// many; data that several passes go through count as often.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
};

/// What a call throws that DataOptions::stop has ended: of part of the data there is no value.
class MC_API Stopped : public std::runtime_error {
 public:
  Stopped(std::uint64_t done, std::uint64_t all)
      : std::runtime_error("a pass over data was stopped"), done(done), all(all) {}
  std::uint64_t done, all;  ///< data, each as often as passes go through it
};

/// A moment's reductions made ready for arrays of given types: calls look nothing up and allocate nothing.
/// Cheap to copy; may be called from many threads.
class MC_API Reduction {
 public:
  /// The value of the only expression; inputs in the order of bind(). Throws ArgumentError where lengths or
  /// types do not fit.
  double operator()(std::initializer_list<Input> inputs, const DataOptions& options = {}) const {
    return (*this)(std::span(inputs.begin(), inputs.size()), options);
  }
  double operator()(std::span<const Input> inputs, const DataOptions& options = {}) const;

  /// The values of all expressions into as many `results`.
  void run(std::span<const Input> inputs, std::span<double> results, const DataOptions& options = {}) const;

  std::size_t results() const noexcept;

 private:
  friend class Moment;
  class State;
  explicit Reduction(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace mc
