// Text taken apart, put together, and broken into lines that fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frontend/console/terminal.hpp"

namespace mc::console {

/// Without blanks and line ends around it.
std::string_view trimmed(std::string_view text);

/// The first word, and what follows it without the blanks between.
std::pair<std::string_view, std::string_view> first_word(std::string_view text);

std::string joined(const std::vector<std::string>& words, std::string_view between = ", ");

/// 1 sample, 1e6 samples.
std::string counted(std::uint64_t count, std::string_view what);

/// Whether names of the language have it: letters, digits, and all that is not ASCII.
bool is_in_name(char c);

/// Lines that fit the look, broken between words, or amid one that is too long for a line; what goes on
/// stands under the second column of a table, or is moved in. A line of a program and the caret below it stay
/// as they are.
std::string wrapped(std::string_view text, const Look& look);

/// A text's kinds of news in colour: the words error, warning and note, and the caret under a line.
std::string coloured(std::string_view text);

/// One word for a shell, whatever is in it.
std::string shell_quoted(std::string_view text);

/// What stands instead of ~ at the beginning of a file's name.
std::string at_home(std::string_view name);

}  // namespace mc::console
