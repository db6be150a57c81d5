// A file is a header, the payload, the key. Names come from a hash of the key, and as the key itself stands
// in the file, two keys with one hash cost no more than a file. The checksum is there for what disks do;
// against people there are the folder's rights.
#include "engine/cache/disk.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <utility>

#include "engine/cache/eviction.hpp"
#include "engine/cache/folder.hpp"

namespace mc::cache {
namespace {

constexpr std::uint64_t kMagic =
    0x0a656863'61636d00;               ///< a machine with its bytes the other way reads another
constexpr std::uint64_t kVersion = 1;  ///< of this file's layout

struct Header {
  std::uint64_t magic = kMagic, version = kVersion;
  std::uint64_t key_bytes, payload_bytes;
  std::array<std::uint64_t, 2> checksum;  ///< of all before it, the payload and the key
};
static_assert(sizeof(Header) == 48, "nothing stands between the members, and payloads begin aligned to 16");

std::array<std::uint64_t, 2> checksum(const Header& header, std::string_view key, std::string_view payload) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  XXH3_128bits_update(&state, &header, offsetof(Header, checksum));
  XXH3_128bits_update(&state, payload.data(), payload.size());
  XXH3_128bits_update(&state, key.data(), key.size());
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return {hash.low64, hash.high64};
}

Header header_of(std::string_view key, std::string_view payload) {
  Header header{.key_bytes = key.size(), .payload_bytes = payload.size(), .checksum = {}};
  header.checksum = checksum(header, key, payload);
  return header;
}

struct Content {
  std::string_view key, payload;
};

/// Written to see whether anything can be; by its name a temporary file, for who is killed meanwhile.
constexpr char kProbe[] = ".moment-tmp-0000000000000000";

/// Nothing unless every byte is as it was written.
std::optional<Content> content_of(std::string_view file) {
  Header header;
  if (file.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, file.data(), sizeof header);
  file.remove_prefix(sizeof header);
  if (header.magic != kMagic || header.version != kVersion) return std::nullopt;
  if (header.payload_bytes > file.size() || header.key_bytes != file.size() - header.payload_bytes)
    return std::nullopt;
  const Content content{.key = file.substr(header.payload_bytes),
                        .payload = file.substr(0, header.payload_bytes)};
  if (checksum(header, content.key, content.payload) != header.checksum) return std::nullopt;
  return content;
}

std::string name_of(std::string_view key) {
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  std::string name;
  for (std::uint64_t word : {hash.high64, hash.low64})
    for (int shift = 60; shift >= 0; shift -= 4) name += "0123456789abcdef"[(word >> shift) & 15];
  return name.append(kSuffix);
}

}  // namespace

Disk::Disk(std::string folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), most_bytes_(most_bytes) {}

std::optional<Disk::Found> Disk::find(std::string_view key) const {
  if (folder_.empty()) return std::nullopt;
  const auto folder = Folder::open(folder_);
  if (!folder) return std::nullopt;
  const std::string name = name_of(key);
  auto file = folder->read(name, most_bytes_);
  if (!file) return std::nullopt;
  const auto content = content_of(*file);
  if (!content || content->key != key) return std::nullopt;
  folder->touch(name);
  const std::size_t size = content->payload.size();
  return Found(std::move(*file), sizeof(Header), size);
}

bool Disk::may_have(std::string_view key) const {
  return !folder_.empty() && Folder::has(folder_, name_of(key));
}

bool Disk::put(std::string_view key, std::string_view payload) const {
  const std::uint64_t bytes = in_blocks(sizeof(Header) + key.size() + payload.size());
  if (folder_.empty() || bytes > most_a_file()) return false;
  const auto folder = Folder::open_or_make(folder_);
  if (!folder) return false;
  const Header header = header_of(key, payload);
  const Eviction eviction(*folder, most_bytes_);
  const bool is_due = eviction.account(bytes);
  const std::string_view head(reinterpret_cast<const char*>(&header), sizeof header);
  const bool is_there = !folder->replace(name_of(key), {head, payload, key});
  if (is_due) eviction.sweep();
  return is_there;
}

std::vector<Disk::Entry> Disk::entries() const {
  std::vector<Entry> entries;
  const auto folder = Folder::open(folder_);
  if (!folder) return entries;
  for (Folder::File& file : folder->files()) {
    if (!is_entry(file.name)) continue;
    Entry entry{.name = file.name, .key = {}, .bytes = file.bytes, .used = file.used};
    if (const auto bytes = folder->read(file.name, most_bytes_))
      if (const auto content = content_of(*bytes); content && name_of(content->key) == file.name)
        entry.key = content->key;
    entries.push_back(std::move(entry));
  }
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
    return std::tie(b.used, a.name) < std::tie(a.used, b.name);
  });
  return entries;
}

Disk::State Disk::state() const {
  if (folder_.empty()) return {.trouble = "there is no folder"};
  const auto folder = Folder::open_or_make(folder_);
  if (!folder) return {.trouble = folder_ + ": " + folder.error().why};
  State state;
  for (const Folder::File& file : folder->files()) {
    state.files += is_entry(file.name);
    state.unfinished += Folder::is_temporary(file.name);
    if (is_ours(file.name)) state.bytes += file.bytes;
  }
  const std::string block(in_blocks(1), '\0');
  if (const std::error_code error = folder->replace(kProbe, {block}))
    state.trouble = folder_ + ": " + error.message();
  folder->remove(kProbe);
  return state;
}

std::size_t Disk::clear() const {
  std::size_t removed = 0;
  const auto folder = Folder::open(folder_);
  if (!folder) return removed;
  for (const Folder::File& file : folder->files())
    if (is_ours(file.name) && folder->remove(file.name)) removed += is_entry(file.name);
  return removed;
}

}  // namespace mc::cache
