// The back ends that users can choose on any machine: what one of them gives, all have to give.
#pragma once

#include <vector>

#include <mc/mc.hpp>

namespace mc::testing {

/// `automatic` among them, CUDA not.
inline std::vector<Backend> cpu_back_ends() {
  std::vector<Backend> all;
  for (const auto& [name, backend] : backends())
    if (backend != Backend::cuda) all.push_back(backend);
  return all;
}

}  // namespace mc::testing
