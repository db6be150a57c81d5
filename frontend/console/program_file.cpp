#include "frontend/console/program_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "frontend/console/numbers.hpp"

namespace mc::console {
namespace {

/// A program is short, and what never ends (/dev/zero) has to end somewhere. The language's own limit is
/// lower.
constexpr std::size_t longest_file = std::size_t{16} << 20;

std::string read_all(std::FILE* file, const std::string& name) {
  std::string text;
  std::array<char, 65536> block;
  std::size_t got = 0;
  do {
    got = std::fread(block.data(), 1, block.size(), file);
    text.append(block.data(), got);
    if (text.size() > longest_file) {
      throw FlagError(
          fmt::format("-f {}: more than {} MiB; that is no program", in_quotes(name), longest_file >> 20));
    }
  } while (got == block.size());
  if (std::ferror(file) != 0)
    throw FlagError(fmt::format("-f {}: {}", in_quotes(name), std::strerror(errno)));
  return text;
}

}  // namespace

std::string read_program(const std::string& name) {
  if (name == "-") return read_all(stdin, name);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), std::fclose);
  if (!file) throw FlagError(fmt::format("-f {}: {}", in_quotes(name), std::strerror(errno)));
  return read_all(file.get(), name);
}

}  // namespace mc::console
