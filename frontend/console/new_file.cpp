#include "frontend/console/new_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "frontend/console/numbers.hpp"

namespace mc::console {

namespace {

/// Where a file's name leads; one that is not there yet may be named by a link too.
std::string behind_links(std::string name) {
  namespace fs = std::filesystem;
  std::error_code failed;
  for (int links = 0; links < 40 && fs::is_symlink(name, failed); ++links) {
    const fs::path next = fs::read_symlink(name, failed);
    if (failed) break;
    name = (next.is_absolute() ? next : fs::path(name).parent_path() / next).string();
  }
  return name;
}

}  // namespace

NewFile::NewFile(std::string name)
    : name_(std::move(name)),
      place_(behind_links(name_)),
      meanwhile_(fmt::format("{}.{}.new", place_, getpid())) {
  look_at_what_is_there();
  descriptor_ = open(meanwhile_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail();
  if (replaces_) fchmod(descriptor_, mode_);
}

/// To rename over a device or a pipe would take its place, and not write into it.
void NewFile::look_at_what_is_there() {
  struct stat there = {};
  if (stat(place_.c_str(), &there) != 0) return;
  if (S_ISDIR(there.st_mode)) {
    errno = EISDIR;
    fail();
  }
  if (!S_ISREG(there.st_mode))
    throw FlagError(fmt::format("{}: it is no regular file; nothing is written", in_quotes(name_)));
  replaces_ = true;
  mode_ = there.st_mode & 0777;
}

NewFile::~NewFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(meanwhile_.c_str());
}

void NewFile::fail() const { throw FlagError(fmt::format("{}: {}", in_quotes(name_), std::strerror(errno))); }

void NewFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno != EINTR) fail();
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (close(std::exchange(descriptor_, -1)) != 0 || std::rename(meanwhile_.c_str(), place_.c_str()) != 0) {
    const int why = errno;
    unlink(meanwhile_.c_str());
    errno = why;
    fail();
  }
}

}  // namespace mc::console
