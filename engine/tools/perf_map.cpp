// The format: linux/tools/perf/Documentation/jit-interface.txt. perf takes a map only if it is its reader's
// own or root's, and /tmp is anybody's: so the file is made anew, by this process, or not at all.
#include "engine/tools/perf_map.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace mc::tools {
namespace {

int made_anew(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC;
  int file = open(path.c_str(), kFlags, 0600);
  // In /tmp nobody can remove what is another user's; and a link that is removed has not been followed.
  if (file < 0 && errno == EEXIST && unlink(path.c_str()) == 0) file = open(path.c_str(), kFlags, 0600);
  if (file < 0) throw std::system_error(errno, std::generic_category(), path);
  return file;
}

bool is_part_of_a_name(char c) {
  // Not ';', which separates the frames of folded stacks, nor '@', which begins a version, nor quotes and
  // blanks.
  constexpr std::string_view kSigns = "_.:,+-*/^()[]<>=|&!~%";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || kSigns.find(c) != kSigns.npos;
}

/// FNV-1a (Fowler, Noll, Vo): the same in every process, which std::hash does not promise.
std::uint32_t hash(std::string_view text) {
  std::uint64_t h = 0xCBF29CE484222325;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

}  // namespace

PerfMap::PerfMap(std::string folder)
    : path_(fmt::format("{}/perf-{}.map", std::move(folder), getpid())),
      process_(getpid()),
      file_(made_anew(path_)) {}

PerfMap::~PerfMap() { close(file_); }

bool PerfMap::is_mine() const { return process_ == getpid(); }

void PerfMap::add(std::span<const std::byte> code, std::string_view name) {
  const std::string line =
      fmt::format("{:x} {:x} {}\n", reinterpret_cast<std::uintptr_t>(code.data()), code.size(), name);
  [[maybe_unused]] const ssize_t written = write(file_, line.data(), line.size());
}

std::string symbol_name(std::string_view text, std::string_view key) {
  constexpr std::size_t kLongest = 60;
  std::string name = "mc::";
  for (const char c : text) {
    if (c == ' ') continue;
    // The second and further bytes of a letter beyond ASCII: one underscore is enough for all.
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
    if (name.size() == kLongest) {
      name += "...";
      break;
    }
    name += is_part_of_a_name(c) ? c : '_';
  }
  return fmt::format("{}#{:08x}", name, hash(key));
}

}  // namespace mc::tools
