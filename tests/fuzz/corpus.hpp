// The kept inputs of a fuzz target.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace mc::fuzz {

struct Kept {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

/// Those of tests/fuzz/corpus/`target`, by name.
inline std::vector<Kept> corpus(const std::string& target) {
  std::vector<Kept> all;
  for (const auto& entry : std::filesystem::directory_iterator("tests/fuzz/corpus/" + target)) {
    std::ifstream in(entry.path(), std::ios::binary);
    all.push_back({entry.path().string(), {std::istreambuf_iterator<char>(in), {}}});
  }
  std::ranges::sort(all, {}, &Kept::name);
  return all;
}

}  // namespace mc::fuzz
