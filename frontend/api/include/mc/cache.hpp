/// \file
/// Machine code on disk: where it is kept, and what is there. Part of <mc/mc.hpp>.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <mc/errors.hpp>

namespace mc {

/// Machine code is kept on disk, for this user's other processes: in $MC_CACHE_DIR, else in the folder moment
/// of the XDG cache folder, at most 256 MiB; no result depends on it (docs/cache.md). From this call on it is
/// another folder for the whole process, for runs that are under way too. A folder that cannot be used is as
/// good as none: nothing is thrown for it, and cache_state() says why. May be called from any thread.
MC_API void use_cache(const std::string& folder, std::uint64_t most_bytes = std::uint64_t{256} << 20);
/// From this call on nothing is kept on disk, nor looked for there.
MC_API void use_no_cache();

/// What cache_state() tells.
struct CacheState {
  std::string folder;            ///< empty: there is none
  std::string trouble;           ///< why nothing can be kept there; empty where it can, which was tried
  std::uint64_t kernels = 0;     ///< that are there
  std::uint64_t bytes = 0;       ///< that they take
  std::uint64_t most_bytes = 0;  ///< that they may take
  std::uint64_t unfinished = 0;  ///< files of processes that were killed while they wrote
};
/// How things stand with the folder: looks at each file in it, and tries whether one can be written.
[[nodiscard]] MC_API CacheState cache_state();

/// A kernel on disk.
struct CacheEntry {
  std::string file;                                 ///< in the folder
  std::uint64_t bytes = 0;                          ///< of the file
  std::chrono::system_clock::time_point used = {};  ///< last
  bool usable = false;                              ///< by this version on this machine
  std::size_t operations = 0;                       ///< of the kernel; 0 where the file cannot be read
  unsigned vector_bits = 0;                         ///< 0 where it is a GPU's
  std::string processor;                            ///< or a GPU's architecture, as sm_90
};
/// The latest used comes first. Reads all files.
[[nodiscard]] MC_API std::vector<CacheEntry> cache_entries();

/// Removes them all and nothing else; how many there were. Other processes may go on using the folder.
MC_API std::size_t clear_cache();

}  // namespace mc
