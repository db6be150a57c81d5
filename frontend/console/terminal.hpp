// The two ways out: results on stdout, words on stderr (log.hpp). (The line of progress: progress.hpp.)
#pragma once

#include <cstddef>
#include <string>
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

/// Everything that main has to settle before anything is written: signals and descriptors.
void set_up_terminal();

/// Writes all of it to stdout, or throws OutputError.
void print(std::string_view text);

/// Whether that is a terminal that shows colours, and the user did not opt out (NO_COLOR).
bool has_colour(int descriptor = 1);

/// Whether what was written can be written over: TERM names a terminal that moves its cursor.
bool can_redraw();

/// Whether stdout is a terminal that is known to show pictures in sixels; MC_SIXEL=1 and MC_SIXEL=0 say so or
/// not of any other. Nobody asks the terminal itself: its answer would come amid keys that are typed ahead.
bool shows_sixels();

/// What a terminal, or whoever reads, can show.
struct Look {
  std::size_t width = 80;  ///< columns; of words 0: lines may be of any length
  bool is_ascii = false;
  bool colour = false;
};

/// Columns of the terminal behind a descriptor; 80 where it does not tell, and where there is but one.
std::size_t terminal_width(int descriptor);
/// Its rows; 24 where it does not tell.
std::size_t terminal_height(int descriptor);

/// Whether the user's locale is of UTF-8. From then on it is the process's, for characters.
bool has_utf8_locale();

/// For a terminal that shows no UTF-8. `in_place`: each sign becomes one of as many columns, so that what
/// stands below it still does.
std::string in_ascii(std::string_view text, bool in_place = false);

/// Columns that a terminal needs for it: marks take none, nor do colours, and signs of East Asia take two.
std::size_t columns(std::string_view text);

/// As much of it as takes no more than `width` columns.
std::string_view first_columns(std::string_view text, std::size_t width);

/// Rows of that many columns that a line fills, and columns of what is left of it. A sign of two columns does
/// not stand in two rows.
struct Filled {
  std::size_t rows, columns;
};
Filled filled_rows(std::string_view line, std::size_t width);

}  // namespace mc::console
