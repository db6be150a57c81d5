// Any process may sweep at any time: two at once remove the same files.
#include "engine/cache/eviction.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <vector>

namespace mc::cache {
namespace {

const std::uint64_t kBlock = in_blocks(1);

/// A file is written in milliseconds: whoever began so long ago was killed.
constexpr std::chrono::minutes kAbandoned{10};

/// What a tally has at least once somebody swept: none at all, as in a folder that was cleared, is due.
constexpr std::uint64_t kSwept = 1;

}  // namespace

bool is_entry(std::string_view name) {
  constexpr std::size_t kDigits = 32;
  return name.size() == kDigits + kSuffix.size() && name.ends_with(kSuffix) &&
         name.find_first_not_of("0123456789abcdef") == kDigits;
}

bool is_ours(std::string_view name) { return is_entry(name) || Folder::is_temporary(name) || name == kTally; }

bool Eviction::account(std::uint64_t bytes) const {
  const std::uint64_t blocks = bytes / kBlock;
  const auto before = folder_.lengthen(kTally, blocks);
  return !before || *before < kSwept || *before + blocks > most_bytes_ / 8 / kBlock;
}

void Eviction::sweep() const {
  folder_.shorten(kTally, kSwept);  // first: what others write meanwhile counts for the next sweep
  std::vector<Folder::File> entries;
  std::uint64_t total = 0;
  const auto now = std::chrono::system_clock::now();
  for (Folder::File& file : folder_.files()) {
    if (!is_ours(file.name)) continue;
    if (Folder::is_temporary(file.name) && now - file.used > kAbandoned && folder_.remove(file.name))
      continue;
    total += file.bytes;
    if (is_entry(file.name)) entries.push_back(std::move(file));
  }
  std::ranges::sort(entries, [](const Folder::File& a, const Folder::File& b) {
    return std::tie(a.used, a.name) < std::tie(b.used, b.name);
  });
  for (const Folder::File& oldest : entries) {
    if (total <= most_bytes_ / 4 * 3) break;
    folder_.remove(oldest.name);  // or somebody else did
    total -= oldest.bytes;
  }
}

}  // namespace mc::cache
