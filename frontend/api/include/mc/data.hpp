/// \file
/// Arrays that a bare expression is applied to: borrowed, as they lie in memory, or kept on a GPU.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <mc/errors.hpp>

namespace mc {

/// What an array's numbers are. Where all arrays of a call are f32 they are computed with in single
/// precision, else in double precision.
enum class NumberType : std::uint8_t {
  f64,  ///< double
  f32,  ///< float
  i64,  ///< std::int64_t; beyond 2^53 it is rounded
  i32,  ///< std::int32_t
  u8    ///< std::uint8_t
};

/// A number of any C++ type: characters are none.
template <class T>
concept PlainNumber = std::is_arithmetic_v<T> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                      !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// What arrays that are not copied may be of; others than double and float can only be read.
template <class T>
concept DataNumber = std::same_as<T, double> || std::same_as<T, float> || std::same_as<T, std::int64_t> ||
                     std::same_as<T, std::int32_t> || std::same_as<T, std::uint8_t>;

/// Numbers side by side: std::vector, std::array, std::span, double[3].
template <class R>
concept DataRange = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
                    DataNumber<std::remove_cv_t<std::ranges::range_value_t<R>>>;

/// Those that do not end with the expression that they stand in: no temporary std::vector.
template <class R>
concept LastingRange = DataRange<R> && std::ranges::borrowed_range<R>;

/// \cond
namespace detail {

constexpr std::size_t bytes_of(NumberType type) {
  constexpr std::size_t kBytes[] = {8, 4, 8, 4, 1};
  return kBytes[static_cast<std::size_t>(type)];
}

template <DataNumber T>
constexpr NumberType number_type() {
  if constexpr (std::same_as<T, double>) return NumberType::f64;
  if constexpr (std::same_as<T, float>) return NumberType::f32;
  if constexpr (std::same_as<T, std::int64_t>) return NumberType::i64;
  if constexpr (std::same_as<T, std::int32_t>) return NumberType::i32;
  return NumberType::u8;
}

}  // namespace detail
/// \endcond

template <DataNumber T>
class DeviceArray;

/// An array to read, or a number that stands beside every datum. Arrays are borrowed: they have to be there,
/// unchanged, while a call reads them. So what would be gone after the expression, as a temporary
/// std::vector, is refused by the compiler. Cheap to copy.
class Input {
 public:
  /// A number, which is kept as a double.
  template <PlainNumber T>
  Input(T number) : number_(static_cast<double>(number)) {}

  /// All of the numbers of a std::vector, std::span, std::array, …
  template <LastingRange R>
  Input(R&& numbers) : Input(std::ranges::data(numbers), std::ranges::size(numbers)) {}

  /// Every stride-th number from `first` on, `size` of them; a negative stride goes backwards, 0 stays where
  /// it is.
  template <DataNumber T>
  Input(const T* first, std::size_t size, std::ptrdiff_t stride = 1)
      : data_(first),
        size_(size),
        stride_(stride * static_cast<std::ptrdiff_t>(sizeof(T))),
        type_(detail::number_type<T>()),
        is_array_(true) {}

  /// All numbers of an array on a GPU: the call then runs there.
  template <DataNumber T>
  Input(const DeviceArray<T>& numbers);
  /// A temporary's memory is freed before the call.
  template <DataNumber T>
  Input(const DeviceArray<T>&& numbers) = delete;

  bool is_array() const noexcept { return is_array_; }        ///< else a number
  double number() const noexcept { return number_; }          ///< 0 where it is an array
  const void* data() const noexcept { return data_; }         ///< the first number; null where it is a number
  std::size_t size() const noexcept { return size_; }         ///< how many; 0 where it is a number
  std::ptrdiff_t stride() const noexcept { return stride_; }  ///< in bytes
  NumberType type() const noexcept { return type_; }          ///< of the numbers
  int device() const noexcept { return device_; }             ///< on which data() is; -1: none

 private:
  double number_ = 0;
  const void* data_ = nullptr;
  std::size_t size_ = 0;
  std::ptrdiff_t stride_ = 0;
  NumberType type_ = NumberType::f64;
  bool is_array_ = false;
  int device_ = -1;
};

/// An array of double or float to write. Borrowed, as an Input is. Cheap to copy.
class Output {
 public:
  /// All of the numbers of a std::vector, std::span, std::array, …
  template <LastingRange R>
    requires std::ranges::output_range<R, float>
  Output(R&& numbers) : Output(std::ranges::data(numbers), std::ranges::size(numbers)) {}

  /// Every stride-th number from `first` on, `size` of them; each needs a place of its own, so a stride of 0
  /// is refused by the call.
  template <std::floating_point T>
    requires DataNumber<T>
  Output(T* first, std::size_t size, std::ptrdiff_t stride = 1)
      : data_(first),
        size_(size),
        stride_(stride * static_cast<std::ptrdiff_t>(sizeof(T))),
        type_(detail::number_type<T>()) {}

  /// All numbers of an array on a GPU: the call then runs there.
  template <std::floating_point T>
    requires DataNumber<T>
  Output(DeviceArray<T>& numbers);

  void* data() const noexcept { return data_; }               ///< where the first number goes
  std::size_t size() const noexcept { return size_; }         ///< how many
  std::ptrdiff_t stride() const noexcept { return stride_; }  ///< in bytes
  NumberType type() const noexcept { return type_; }          ///< f64 or f32
  int device() const noexcept { return device_; }             ///< on which data() is; -1: none

 private:
  void* data_;
  std::size_t size_;
  std::ptrdiff_t stride_;
  NumberType type_;
  int device_ = -1;
};

/// \cond
/// Memory of a GPU: what DeviceArray is made of.
class MC_API DeviceMemory {
 public:
  /// On the device of this number, from 0. Throws DeviceError where that is not there or has not enough.
  DeviceMemory(std::size_t bytes, unsigned device);
  ~DeviceMemory();
  DeviceMemory(DeviceMemory&&) noexcept;
  DeviceMemory& operator=(DeviceMemory&&) noexcept;

  std::uint64_t address() const noexcept;
  unsigned device() const noexcept;
  void write(const void* from, std::size_t bytes);                              ///< throws DeviceError
  void read(void* to, std::size_t bytes) const;                                 ///< throws DeviceError
  [[noreturn]] static void refuse_length(std::size_t size, std::size_t given);  ///< throws ArgumentError

 private:
  struct State;
  std::unique_ptr<State> state_;
};
/// \endcond

/// Numbers that stay on a GPU: calls that are given such arrays run there, and nothing is copied. Moved,
/// never copied; what was moved from is of length 0. As with a std::vector, threads may read one at the same
/// time, and who writes it has it alone. docs/gpu.md.
template <DataNumber T>
class DeviceArray {
 public:
  /// `size` numbers, which may be anything. The first one of a process starts CUDA, which takes some tenths
  /// of a second. Throws DeviceError where there is no such device, or not enough memory on it.
  explicit DeviceArray(std::size_t size, unsigned device = 0)
      : memory_(size <= SIZE_MAX / sizeof(T) ? size * sizeof(T) : SIZE_MAX, device), size_(size) {}

  /// Copies of these numbers. Throws DeviceError.
  template <DataRange R>
    requires std::same_as<std::remove_cv_t<std::ranges::range_value_t<R>>, T>
  explicit DeviceArray(const R& numbers, unsigned device = 0)
      : DeviceArray(std::ranges::size(numbers), device) {
    copy_from(std::span<const T>(numbers));
  }

  /// Takes its memory and leaves it with none.
  DeviceArray(DeviceArray&& other) noexcept
      : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}
  /// Frees its own memory, takes the other one's and leaves it with none.
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    memory_ = std::move(other.memory_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::size_t size() const noexcept { return size_; }            ///< how many numbers
  unsigned device() const noexcept { return memory_.device(); }  ///< on which they are
  /// There: a CUdeviceptr, for kernels of your own. Moment's streams do not wait for yours, nor for the
  /// default one: have them finished before a call that reads what they write.
  std::uint64_t address() const noexcept { return memory_.address(); }

  /// Writes all of its numbers, and returns when they are there. Throws ArgumentError for another length, and
  /// DeviceError.
  void copy_from(std::span<const T> numbers) {
    if (numbers.size() != size_) DeviceMemory::refuse_length(size_, numbers.size());
    memory_.write(numbers.data(), numbers.size_bytes());
  }
  /// Reads all of its numbers. Throws ArgumentError for another length, and DeviceError.
  void copy_to(std::span<T> numbers) const {
    if (numbers.size() != size_) DeviceMemory::refuse_length(size_, numbers.size());
    memory_.read(numbers.data(), numbers.size_bytes());
  }
  /// All of its numbers, copied. Throws DeviceError.
  [[nodiscard]] std::vector<T> to_host() const {
    std::vector<T> numbers(size_);
    copy_to(numbers);
    return numbers;
  }

 private:
  DeviceMemory memory_;
  std::size_t size_;
};

/// \cond
template <DataRange R>
DeviceArray(const R&) -> DeviceArray<std::remove_cv_t<std::ranges::range_value_t<R>>>;
template <DataRange R>
DeviceArray(const R&, unsigned) -> DeviceArray<std::remove_cv_t<std::ranges::range_value_t<R>>>;

template <DataNumber T>
Input::Input(const DeviceArray<T>& numbers)
    : data_(reinterpret_cast<const void*>(numbers.address())),
      size_(numbers.size()),
      stride_(sizeof(T)),
      type_(detail::number_type<T>()),
      is_array_(true),
      device_(static_cast<int>(numbers.device())) {}

template <std::floating_point T>
  requires DataNumber<T>
Output::Output(DeviceArray<T>& numbers)
    : data_(reinterpret_cast<void*>(numbers.address())),
      size_(numbers.size()),
      stride_(sizeof(T)),
      type_(detail::number_type<T>()),
      device_(static_cast<int>(numbers.device())) {}
/// \endcond

/// A name of the expression and what it stands for. The name is kept; an array is borrowed.
struct NamedInput {
  std::string name;  ///< a free one of the program
  Input input;       ///< its numbers
};

/// A name of the expression and the type of the arrays it will stand for.
struct NamedType {
  std::string name;                   ///< a free one of the program
  NumberType type = NumberType::f64;  ///< of each array that it will stand for
};

/// Who computes. No result depends on it: all give the same bits.
enum class Backend : int {
  automatic,    ///< the interpreter at once, machine code and a GPU once they are worth it
  interpreter,  ///< needs nothing, and is two to three times slower than machine code
  llvm,         ///< machine code of the processor, for which the call waits
  cuda          ///< a GPU; DeviceError where there is none
};
/// All of them, in their enumeration's order, by the names that flags and reports have for them: "auto" is
/// the first. What it gives lives for ever.
MC_API std::span<const std::pair<std::string_view, Backend>> backends() noexcept;

/// How data is gone through. No result depends on any of it.
struct DataOptions {
  Backend backend = Backend::automatic;  ///< automatic or cuda where arrays are on a GPU, else ArgumentError
  unsigned threads = 0;                  ///< 0: all cores, where there is enough to do
  /// Ends the call within milliseconds; it then throws Stopped. A map has written part of its outputs by
  /// then.
  std::stop_token stop = {};
  /// Hears in the calling thread, up to some thousand times a second, how many data are done, and of how
  /// many; data that several passes go through count as often. What it throws ends the call.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
};

/// A moment's reductions made ready for arrays of given types: calls look nothing up, and allocate nothing:
/// of up to eight arrays, without a stop token and progress, after a thread's first one. Made by
/// Moment::bind(), and outlives the moment. Cheap to copy; a copy is the same, and moving one copies it.
/// Const calls may come from many threads at once.
class MC_API Reduction {
 public:
  /// The same as another one.
  Reduction(const Reduction&) = default;
  /// From now on the same as another one.
  Reduction& operator=(const Reduction&) = default;

  /// The value of the only expression; inputs in the order of bind(). Throws ArgumentError where lengths,
  /// types or the number of expressions do not fit, DeviceError where a device or a compiler that was asked
  /// for fails, and Stopped.
  [[nodiscard]] double operator()(std::initializer_list<Input> inputs,
                                  const DataOptions& options = {}) const {
    return (*this)(std::span(inputs.begin(), inputs.size()), options);
  }
  /// The same for inputs that a program puts together.
  [[nodiscard]] double operator()(std::span<const Input> inputs, const DataOptions& options = {}) const;

  /// The values of all expressions into as many `results`, which are as they were where it throws: what
  /// operator() throws.
  void run(std::span<const Input> inputs, std::span<double> results, const DataOptions& options = {}) const;

  std::size_t result_count() const noexcept;  ///< of the program's expressions

 private:
  friend class Moment;
  class State;
  explicit Reduction(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace mc
