// What the sources of all kernels are put together from.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/ir/kernel.hpp"

namespace mc::cuda {

/// An embedded file (texts.hpp) without the lines that are the host compiler's.
void append_text(std::string& out, std::string_view name);

template <class... T>
void put(std::string& out, fmt::format_string<T...> form, T&&... values) {
  fmt::format_to(std::back_inserter(out), form, std::forward<T>(values)...);
}

/// How many `numbers` the kernel has (Source).
std::size_t numbers_of(const ir::Kernel& kernel);

/// Numbers of a lane's rows in the device's memory. A few are the lane's own instead: in registers, as far as
/// loops are written out.
std::uint64_t far_rows_of(const ir::Kernel& kernel);

/// How a lane's function takes rows that are far, and declares those that are its own.
std::string rows_parameter(const ir::Kernel& kernel);
std::string own_rows(const ir::Kernel& kernel);

/// A block has that much shared memory without asking; columns that need more lie in device memory.
inline constexpr std::size_t kSharedBytes = 48 << 10;

/// What C++ calls numbers of the type.
std::string_view cpp_name(ir::Number type);

}  // namespace mc::cuda
