// What every CUDA source begins with: files of this folder and of engine/kernels, embedded when Moment is
// built.
#pragma once

#include <span>
#include <string_view>

namespace mc::cuda {

struct Text {
  std::string_view name;  ///< the file's, without its ending
  std::string_view content;
};

std::span<const Text> texts();

}  // namespace mc::cuda
