#include "frontend/console/program_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <unistd.h>

#include <fmt/format.h>

#include "frontend/console/numbers.hpp"

namespace mc::console {
namespace {

/// A program is short, and what never ends (/dev/zero) has to end somewhere. The language's own limit is
/// lower.
struct Longest {
  std::size_t bytes;
  std::string_view what;
};
constexpr Longest longest_program{std::size_t{16} << 20, "program"};
/// A query takes some ten kilobytes of it.
constexpr Longest longest_partial{std::size_t{64} << 20, "partial result"};

std::string read_all(std::FILE* file, std::string_view flag, const std::string& name,
                     const Longest& longest = longest_program) {
  std::string text;
  std::array<char, 65536> block;
  std::size_t got = 0;
  do {
    got = std::fread(block.data(), 1, block.size(), file);
    text.append(block.data(), got);
    if (text.size() > longest.bytes) {
      throw FlagError(fmt::format("{}{}: more than {} MiB; that is no {}", flag, in_quotes(name),
                                  longest.bytes >> 20, longest.what));
    }
  } while (got == block.size());
  if (std::ferror(file) != 0)
    throw FlagError(fmt::format("{}{}: {}", flag, in_quotes(name), std::strerror(errno)));
  return text;
}

std::string read_opened(const std::string& name, std::string_view flag, const Longest& longest) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), std::fclose);
  if (!file) throw FlagError(fmt::format("{}{}: {}", flag, in_quotes(name), std::strerror(errno)));
  return read_all(file.get(), flag, name, longest);
}

}  // namespace

std::string read_file(const std::string& name, std::string_view flag) {
  return read_opened(name, flag, longest_program);
}

std::string read_partial(const std::string& name) {
  return name == "-" ? read_all(stdin, "", name, longest_partial) : read_opened(name, "", longest_partial);
}

std::string read_program(const std::string& name) {
  return name == "-" ? read_all(stdin, "-f ", name) : read_file(name, "-f ");
}

std::optional<std::string> Lines::next() {
  std::size_t searched = at_;
  for (;;) {
    const std::size_t end = text_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = text_.substr(at_, end - at_);
      at_ = end + 1;
      return line;
    }
    searched = text_.size() - at_;
    if (descriptor_ < 0 || !read_more()) break;
  }
  if (at_ == text_.size()) return {};
  return text_.substr(std::exchange(at_, text_.size()));
}

/// What was taken is forgotten. False: that was all.
bool Lines::read_more() {
  text_.erase(0, std::exchange(at_, 0));
  if (text_.size() > longest_program.bytes)
    throw FlagError(
        fmt::format("a line of more than {} MiB; that is no program", longest_program.bytes >> 20));
  std::array<char, 65536> block;
  ssize_t got = 0;
  do got = read(descriptor_, block.data(), block.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) throw FlagError(fmt::format("standard input: {}", std::strerror(errno)));
  if (got == 0) descriptor_ = -1;
  text_.append(block.data(), static_cast<std::size_t>(got));
  return got > 0;
}

}  // namespace mc::console
