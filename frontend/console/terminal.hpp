// The two ways out: results on stdout, words on stderr through spdlog. (The line of progress: progress.hpp.)
#pragma once

#include <cstddef>
#include <string_view>
#include <system_error>

namespace mc::console {

/// stdout took no more.
class OutputError : public std::system_error {
 public:
  using std::system_error::system_error;
  /// The reader had enough (`moment … | head`): nothing to complain about.
  bool is_closed_pipe() const;
};

/// Everything that main has to settle before anything is written: signals, descriptors, the logger and its
/// level from MC_LOG or SPDLOG_LEVEL (default: warn).
void set_up_terminal();

/// Writes all of it to stdout, or throws OutputError.
void print(std::string_view text);

/// Whether stdout is a terminal that shows colours, and the user did not opt out (NO_COLOR).
bool has_colour();

/// Whether what was written can be written over: TERM names a terminal that moves its cursor.
bool can_redraw();

/// Columns of the terminal behind a descriptor; 80 where it does not tell.
std::size_t terminal_width(int descriptor);

/// Columns that a terminal needs for it: UTF-8's continuation bytes take none.
std::size_t columns(std::string_view text);

}  // namespace mc::console
