// Byte strings by a text key, kept on disk between processes: at most so many bytes, what was not used for
// the longest time goes first. Many threads and processes may use one folder at once. Knows nothing of what
// it keeps.
//
// Nothing here throws for what a disk does, and what stands in a file is believed only if all of it is as it
// was written: a file that was cut off, changed, made by another version or by somebody else is as good as
// none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mc::cache {

class Disk {
 public:
  static constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

  /// Keeps in this folder, which is made when there is something to keep; nothing where it is empty. The
  /// folder has to be ours, and no other user may write to it.
  explicit Disk(std::string folder, std::uint64_t most_bytes = kMostBytes);

  const std::string& folder() const { return folder_; }
  std::uint64_t most_bytes() const { return most_bytes_; }

  /// A file's bytes, with what was put there as a part of them.
  class Found {
   public:
    Found(std::string file, std::size_t begin, std::size_t size)
        : file_(std::move(file)), begin_(begin), size_(size) {}
    std::string_view payload() const { return std::string_view(file_).substr(begin_, size_); }
    bool operator==(std::string_view payload) const { return this->payload() == payload; }

   private:
    std::string file_;
    std::size_t begin_, size_;
  };
  /// What was put there last under that key. It begins where 16 divides its address, if there is much of it.
  std::optional<Found> find(std::string_view key) const;

  /// Whether there is a file for that key: one system call. Only find() knows whether it is of use.
  bool may_have(std::string_view key) const;

  /// Whether it is there now; nobody has to care. What takes more than an eighth of all is never kept.
  bool put(std::string_view key, std::string_view payload) const;

  struct Entry {
    std::string name;  ///< the file's
    std::string key;   ///< empty where the file is of no use
    std::uint64_t bytes = 0;
    std::chrono::system_clock::time_point used;
  };
  /// Reads all of them. The latest used comes first.
  std::vector<Entry> entries() const;

  struct State {
    std::uint64_t files = 0, bytes = 0;
    std::uint64_t unfinished = 0;  ///< files of processes that were killed, removed before long
    std::string trouble;           ///< why nothing can be kept, found out by trying; empty: it can
  };
  State state() const;

  /// Removes all entries, and only what is ours; how many.
  std::size_t clear() const;

 private:
  std::uint64_t most_a_file() const { return most_bytes_ / 8; }

  std::string folder_;
  std::uint64_t most_bytes_;
};

}  // namespace mc::cache
