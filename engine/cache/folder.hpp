// A private folder of small files, and nothing that can go wrong there is an exception: it may be missing,
// somebody else's, full or gone in the next moment. Leans on POSIX alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace mc::cache {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int operator*() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  std::error_code close();  ///< where a full disk may be told

 private:
  int number_;
};

/// Opened for one operation: a descriptor kept for longer would not survive a host that closes all it does
/// not know, and the folder may be another one by then.
class Folder {
 public:
  struct File {
    std::string name;
    std::uint64_t bytes = 0;  ///< on the disk, in whole blocks
    std::chrono::system_clock::time_point used;
  };

  /// Why a folder is not used, as the end of a sentence that begins with its path.
  struct Refusal {
    std::string why;
    bool is_missing = false;  ///< there is none yet; for open() only
  };

  /// A folder that is ours, and that nobody else may write to. A link to one has to be ours too: somebody
  /// else's would let him choose where we write and what we delete.
  static std::expected<Folder, Refusal> open(const std::string& path);
  /// The same; made where it is missing, for us alone.
  static std::expected<Folder, Refusal> open_or_make(const std::string& path);

  /// Regular files, no folders or links. In no order.
  std::vector<File> files() const;

  /// A regular file of ours as a whole, if it has at most so many bytes.
  std::optional<std::string> read(const std::string& name, std::uint64_t most) const;

  /// Puts a file of these parts there, at once for all who look: under a temporary name first. Who is killed
  /// meanwhile leaves that behind.
  std::error_code replace(const std::string& name, std::initializer_list<std::string_view> parts) const;

  /// Appends so many bytes to a file, one write for all of them; its size before that.
  std::optional<std::uint64_t> lengthen(const std::string& name, std::uint64_t bytes) const;
  void shorten(const std::string& name, std::uint64_t bytes) const;

  void touch(const std::string& name) const;   ///< it is used now
  bool remove(const std::string& name) const;  ///< whether it was there and is not any more

  static bool is_temporary(std::string_view name);

  /// Whether anything has that name there: one system call, and nothing is checked.
  static bool has(const std::string& path, const std::string& name);

 private:
  explicit Folder(Descriptor folder) : folder_(std::move(folder)) {}

  Descriptor folder_;
};

/// What a file takes of the disk.
std::uint64_t in_blocks(std::uint64_t bytes);

/// $MC_CACHE_DIR, else moment in the XDG cache folder; empty where the environment names neither.
std::string folder_of_environment();

}  // namespace mc::cache
