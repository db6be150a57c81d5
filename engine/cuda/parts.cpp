#include "engine/cuda/parts.hpp"

#include <algorithm>
#include <numeric>

#include "engine/cuda/texts.hpp"
#include "engine/cuda/translate.hpp"

namespace mc::cuda {

void append_text(std::string& out, std::string_view name) {
  const auto found = std::ranges::find(texts(), name, &Text::name);
  if (found == texts().end()) throw Error(fmt::format("the text {} is not embedded", name));
  for (std::string_view rest = found->content; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n') + 1);
    if (!line.starts_with("#include") && !line.starts_with("#pragma once")) out += line;
    rest.remove_prefix(line.size());
  }
  out += '\n';
}

std::size_t numbers_of(const ir::Kernel& kernel) {
  return std::accumulate(kernel.arrays.begin(), kernel.arrays.end(), std::size_t{kernel.scalars}) +
         2 * kernel.tables.size();
}

namespace {

constexpr std::uint64_t kMostOwn = 32;

}  // namespace

std::uint64_t far_rows_of(const ir::Kernel& kernel) {
  const std::uint64_t all = ir::scratch_elements(kernel);
  return all <= kMostOwn ? 0 : all;
}

std::string rows_parameter(const ir::Kernel& kernel) {
  return far_rows_of(kernel) > 0 ? "f64* __restrict__ rows" : "f64*";
}

std::string own_rows(const ir::Kernel& kernel) {
  const std::uint64_t all = ir::scratch_elements(kernel);
  return all > 0 && far_rows_of(kernel) == 0 ? fmt::format("  f64 rows[{}];\n", all) : "";
}

std::string_view cpp_name(ir::Number type) {
  constexpr std::string_view kNames[] = {"f64", "f32", "i64", "i32", "u8"};
  return kNames[static_cast<std::size_t>(type)];
}

}  // namespace mc::cuda
