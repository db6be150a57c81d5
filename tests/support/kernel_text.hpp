// Kernels from text in tests, where a mistake in the text is the test's.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/ir/text.hpp"

namespace mc::testing {

inline ir::Kernel kernel_of(std::string_view text) {
  auto kernel = ir::parse(text);
  if (!kernel) throw std::invalid_argument(kernel.error() + "\n" + std::string(text));
  return std::move(*kernel);
}

}  // namespace mc::testing
