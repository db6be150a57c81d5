// gnuplot, where it is installed: scripts go in by a pipe's like, pictures come out; it never hears a file's
// name.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

namespace mc::console {

/// "there is no gnuplot, so …", and how to have it.
std::string no_gnuplot(std::string_view consequence);
inline constexpr std::string_view kNoPicture = "no picture", kTextOnPages = "pictures on the page are text";

bool has_gnuplot(const std::stop_token& stop = {});

/// What it draws on its stdout. Throws std::runtime_error with what it says; after a stop it has a second
/// left.
std::string gnuplot(const std::string& script, const std::stop_token& stop = {});

/// The text as one of its strings, in which nothing means anything: control characters are blanks, and
/// apostrophes are those of print, as none that ends a string is safe at a string's beginning. With
/// `noenhanced` and UTF-8, as scripts set them, it is drawn letter by letter.
std::string gnuplot_text(std::string_view text);

}  // namespace mc::console
