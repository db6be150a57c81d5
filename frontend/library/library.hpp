// The library's functions and distributions as text: the *.mc files of this folder, embedded when Moment is
// built. texts() is defined in a source that cmake/EmbedText.cmake generates.
#pragma once

#include <span>
#include <string_view>

namespace mc::library {

struct Text {
  std::string_view name;  // the file's name without .mc
  std::string_view content;
};

// All texts, in the order of their names; they live as long as the program.
std::span<const Text> texts();

}  // namespace mc::library
