// What keeps a folder below its bound without looking at all files each time. A tally, a file that grows by a
// byte for each block written, tells when an eighth of the bound is written since the last look: then what
// was not used for the longest time goes, until three quarters are left. So even with another eighth under
// way in other processes the bound holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/cache/folder.hpp"

namespace mc::cache {

inline constexpr std::string_view kSuffix = ".entry";
/// Like those of temporary files a name that nobody else's has: the folder may hold more than ours.
inline constexpr char kTally[] = ".moment-tally";

bool is_entry(std::string_view name);
bool is_ours(
    std::string_view name);  ///< an entry, a temporary file or the tally; nothing else is ever removed

class Eviction {
 public:
  Eviction(const Folder& folder, std::uint64_t most_bytes) : folder_(folder), most_bytes_(most_bytes) {}

  /// Notes that so much is going to be written. True: sweep() is due after that.
  bool account(std::uint64_t bytes) const;
  void sweep() const;

 private:
  const Folder& folder_;
  std::uint64_t most_bytes_;
};

}  // namespace mc::cache
