// Something to keep on disk, and the file in which it then lies.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/cache/disk.hpp"

namespace mc::testing {

inline constexpr char kKey[] = "key";
inline constexpr std::string_view kPayload = "what is kept\0under that key, with a zero in it";

inline std::string file_of(const cache::Disk& disk, std::string_view key) {
  for (const cache::Disk::Entry& entry : disk.entries())
    if (entry.key == key) return disk.folder() + "/" + entry.name;
  ADD_FAILURE() << "no file has the key " << key;
  return {};
}

}  // namespace mc::testing
