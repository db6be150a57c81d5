// What stands for what among the values of a flag or a setting.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/console/numbers.hpp"

namespace mc::console {

template <class T>
using Names = std::span<const std::pair<std::string_view, T>>;

/// Those of a flag or a setting whose values are these.
template <class T>
Names<T> names();

template <>
inline Names<Backend> names() {
  return backends();
}

template <>
inline Names<Generator> names() {
  return generators();
}

template <>
inline Names<Precision> names() {
  static constexpr std::array<std::pair<std::string_view, Precision>, 2> all{{
      {"f64", Precision::f64},
      {"f32", Precision::f32},
  }};
  return all;
}

template <>
inline Names<Nonfinite> names() {
  static constexpr std::array<std::pair<std::string_view, Nonfinite>, 2> all{{
      {"nan", Nonfinite::nan},
      {"drop", Nonfinite::drop},
  }};
  return all;
}

template <>
inline Names<Stage> names() {
  static constexpr std::array<std::pair<std::string_view, Stage>, 9> all{{
      {"lowered", Stage::lowered},
      {"simplified", Stage::simplified},
      {"contracted", Stage::contracted},
      {"expanded", Stage::expanded},
      {"ir", Stage::ir},
      {"llvm", Stage::llvm},
      {"assembly", Stage::assembly},
      {"cuda", Stage::cuda},
      {"ptx", Stage::ptx},
  }};
  return all;
}

/// "auto, interpreter, llvm or cuda"; or with another word between any two of them.
template <class T>
std::string listed(std::string_view between = ", ", std::string_view before_last = " or ") {
  std::string all;
  for (const auto& [name, value] : names<T>()) {
    const bool is_last = &name == &names<T>().back().first;
    all += std::string(all.empty() ? "" : is_last ? before_last : between).append(name);
  }
  return all;
}

/// The value of that name. Throws FlagError, which lists what there is.
template <class T>
T choose(std::string_view flag, std::string_view text) {
  for (const auto& [name, value] : names<T>())
    if (name == text) return value;
  throw FlagError(fmt::format("{}: {} is none of {}", flag, in_quotes(text), listed<T>(", ", ", ")));
}

template <class T>
std::string_view name_of(T value) {
  return std::ranges::find(names<T>(), value, &std::pair<std::string_view, T>::second)->first;
}

}  // namespace mc::console
