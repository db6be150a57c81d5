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

inline const Names<Backend> backends = mc::backends();
inline constexpr std::array<std::pair<std::string_view, Precision>, 2> precisions{{
    {"f64", Precision::f64},
    {"f32", Precision::f32},
}};
inline const Names<Generator> generators = mc::generators();
inline constexpr std::array<std::pair<std::string_view, Nonfinite>, 2> nonfinites{{
    {"nan", Nonfinite::nan},
    {"drop", Nonfinite::drop},
}};
inline constexpr std::array<std::pair<std::string_view, Stage>, 9> stages{{
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

/// "auto, interpreter, llvm or cuda"; or with another word between any two of them.
template <class T>
std::string listed(Names<T> names, std::string_view between = ", ", std::string_view before_last = " or ") {
  std::string all;
  for (const auto& [name, value] : names) {
    const bool is_last = &name == &names.back().first;
    all += std::string(all.empty() ? "" : is_last ? before_last : between).append(name);
  }
  return all;
}

/// The value of that name. Throws FlagError, which lists what there is.
template <class T>
T choose(std::string_view flag, std::string_view text, Names<T> names) {
  for (const auto& [name, value] : names)
    if (name == text) return value;
  throw FlagError(fmt::format("{}: {} is none of {}", flag, in_quotes(text), listed<T>(names, ", ", ", ")));
}

template <class T>
std::string_view name_of(T value, Names<T> names) {
  return std::ranges::find(names, value, &std::pair<std::string_view, T>::second)->first;
}

}  // namespace mc::console
