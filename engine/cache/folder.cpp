// Every name is opened relative to the folder that was checked, and no link in it is followed.
#include "engine/cache/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

namespace mc::cache {
namespace {

constexpr std::string_view kTemporary = ".moment-tmp-";
constexpr std::size_t kDigits = 16;

std::error_code last_error() { return {errno, std::generic_category()}; }

Folder::Refusal refusal_of_system() { return {std::strerror(errno), errno == ENOENT}; }

bool is_ours(const struct stat& status) { return status.st_uid == geteuid(); }

/// A link's target is checked like any other folder, so only its maker matters here. Behind a slash at the
/// end the system would show the target instead.
std::expected<Descriptor, Folder::Refusal> opened(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return std::unexpected(refusal_of_system());
  const bool is_link = S_ISLNK(status.st_mode);
  if (is_link && !is_ours(status))
    return std::unexpected(Folder::Refusal{"is a link that another user made"});
  Descriptor folder(::open(path.c_str(), is_link ? kFlags : kFlags | O_NOFOLLOW));
  if (!folder) return std::unexpected(refusal_of_system());
  return folder;
}

std::optional<Folder::Refusal> refusal_of(const Descriptor& folder) {
  struct stat status{};
  if (fstat(*folder, &status) != 0) return refusal_of_system();
  if (!is_ours(status)) return Folder::Refusal{"belongs to another user"};
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Folder::Refusal{"is open to other users' writing (chmod go-w mends that)"};
  return std::nullopt;
}

/// Above the last one too, as the XDG specification wants it: for their owner alone. What stopped it first,
/// if anything did.
std::error_code make_folders(const std::string& path) {
  std::error_code first;
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const bool is_there = mkdir(path.substr(0, at).c_str(), S_IRWXU) == 0 || errno == EEXIST;
    if (!is_there && !first) first = last_error();
    if (is_there) first.clear();  // what stopped it on the way did not matter
  }
  return first;
}

/// A name that nobody else uses; 64 random bits need no second try.
std::optional<std::string> temporary_name() {
  std::uint64_t bits = 0;
  if (getentropy(&bits, sizeof bits) != 0) return std::nullopt;
  std::string name(kTemporary);
  for (std::size_t k = 0; k < kDigits; ++k, bits >>= 4) name += "0123456789abcdef"[bits & 15];
  return name;
}

/// Beyond that limit a write raises a signal that ends the process.
bool may_have(std::uint64_t bytes) {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || bytes <= limit.rlim_cur;
}

/// How many there were of so many bytes.
std::size_t read_all(int file, char* to, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(file, to + done, size - done);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
    done += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
  return done;
}

std::error_code write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return last_error();
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return {};
}

std::error_code write_parts(Descriptor& file, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    if (const std::error_code error = write_all(*file, part)) return error;
  return file.close();
}

std::chrono::system_clock::time_point time_of(const timespec& time) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)));
}

/// Nothing that a process with more rights than its user's would take from him.
std::string variable(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Descriptor::~Descriptor() { close(); }

std::error_code Descriptor::close() {
  const int number = std::exchange(number_, -1);
  return number >= 0 && ::close(number) != 0 ? last_error() : std::error_code();
}

std::expected<Folder, Folder::Refusal> Folder::open(const std::string& path) {
  auto folder = opened(path);
  if (!folder) return std::unexpected(std::move(folder.error()));
  if (auto refusal = refusal_of(*folder)) return std::unexpected(std::move(*refusal));
  return Folder(std::move(*folder));
}

std::expected<Folder, Folder::Refusal> Folder::open_or_make(const std::string& path) {
  auto folder = open(path);
  if (folder || !folder.error().is_missing) return folder;
  if (const std::error_code error = make_folders(path)) return std::unexpected(Refusal{error.message()});
  return open(path);
}

std::vector<Folder::File> Folder::files() const {
  std::vector<File> files;
  const int again = openat(*folder_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(again < 0 ? nullptr : fdopendir(again), closedir);
  if (!entries) return files;
  while (const dirent* entry = readdir(entries.get())) {
    struct stat status{};
    if (fstatat(*folder_, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
      continue;
    files.push_back({.name = entry->d_name,
                     .bytes = in_blocks(static_cast<std::uint64_t>(status.st_size)),
                     .used = time_of(status.st_mtim)});
  }
  return files;
}

std::optional<std::string> Folder::read(const std::string& name, std::uint64_t most) const {
  // Without O_NONBLOCK a pipe of that name would wait for somebody to write to it.
  const Descriptor file(openat(*folder_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (!file || fstat(*file, &status) != 0 || !S_ISREG(status.st_mode) || !is_ours(status) ||
      static_cast<std::uint64_t>(status.st_size) > most)
    return std::nullopt;
  std::string bytes;
  const auto size = static_cast<std::size_t>(status.st_size);
  bytes.resize_and_overwrite(size, [&](char* data, std::size_t) { return read_all(*file, data, size); });
  if (bytes.size() != size) return std::nullopt;
  return bytes;
}

std::error_code Folder::replace(const std::string& name,
                                std::initializer_list<std::string_view> parts) const {
  std::uint64_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size();
  if (!may_have(bytes)) return std::make_error_code(std::errc::file_too_large);
  const auto temporary = temporary_name();
  if (!temporary) return last_error();
  Descriptor file(openat(*folder_, temporary->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         S_IRUSR | S_IWUSR));
  if (!file) return last_error();
  std::error_code error = write_parts(file, parts);
  if (!error && renameat(*folder_, temporary->c_str(), *folder_, name.c_str()) != 0) error = last_error();
  if (error) unlinkat(*folder_, temporary->c_str(), 0);
  return error;
}

std::optional<std::uint64_t> Folder::lengthen(const std::string& name, std::uint64_t bytes) const {
  const Descriptor file(openat(*folder_, name.c_str(),
                               O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                               S_IRUSR | S_IWUSR));
  struct stat status{};
  if (!file || fstat(*file, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const auto before = static_cast<std::uint64_t>(status.st_size);
  if (!may_have(before + bytes) || write_all(*file, std::string(bytes, '\0'))) return std::nullopt;
  return before;
}

void Folder::shorten(const std::string& name, std::uint64_t bytes) const {
  const Descriptor file(openat(*folder_, name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file && may_have(bytes) && ftruncate(*file, static_cast<off_t>(bytes)) != 0)
    return;  // then it stays as long as it is
}

void Folder::touch(const std::string& name) const {
  const std::array<timespec, 2> times{{{0, UTIME_OMIT}, {0, UTIME_NOW}}};
  utimensat(*folder_, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
}

bool Folder::remove(const std::string& name) const { return unlinkat(*folder_, name.c_str(), 0) == 0; }

bool Folder::is_temporary(std::string_view name) {
  return name.size() == kTemporary.size() + kDigits && name.starts_with(kTemporary) &&
         name.find_first_not_of("0123456789abcdef", kTemporary.size()) == name.npos;
}

bool Folder::has(const std::string& path, const std::string& name) {
  return access((path + "/" + name).c_str(), F_OK) == 0;
}

std::uint64_t in_blocks(std::uint64_t bytes) {
  constexpr std::uint64_t kBlock = 4096;
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

std::string folder_of_environment() {
  if (std::string folder = variable("MC_CACHE_DIR"); !folder.empty()) {
    std::error_code error;  // a relative one means the working folder of now
    const auto absolute = std::filesystem::absolute(folder, error);
    return error ? std::string() : absolute.string();
  }
  const std::string xdg = variable("XDG_CACHE_HOME"), home = variable("HOME");
  if (xdg.starts_with('/')) return xdg + "/moment";  // the specification ignores relative ones
  return home.starts_with('/') ? home + "/.cache/moment" : "";
}

}  // namespace mc::cache
