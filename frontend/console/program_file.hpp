// The texts that flags and arguments name.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mc::console {

/// The file's text. Throws FlagError, which begins with `flag`, where it cannot be read, or is too long for a
/// program.
std::string read_file(const std::string& name, std::string_view flag);

/// What -f names: - is standard input.
std::string read_program(const std::string& name);

/// A partial result, which may be larger; - is standard input.
std::string read_partial(const std::string& name);

/// A text's lines, without their ends: a whole text's, or as they come from a descriptor.
class Lines {
 public:
  explicit Lines(std::string text) : text_(std::move(text)) {}
  explicit Lines(int descriptor) : descriptor_(descriptor) {}

  /// Nothing at the end. Throws FlagError where reading fails, or a line is longer than a program may be.
  std::optional<std::string> next();

 private:
  bool read_more();

  int descriptor_ = -1;  ///< -1: no more is to come
  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace mc::console
