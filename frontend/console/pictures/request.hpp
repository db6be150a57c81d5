// A line that asks for a picture: plot f, g, x = 0..3 > file.svg
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

#include "frontend/console/repl/session.hpp"

namespace mc::console {

/// A piece of the line.
struct Part {
  std::string text;
  std::size_t begin = 0;
  std::size_t before = 0, after = 0;  ///< letters that are not the line's, around those that are
  std::size_t end() const { return begin + text.size() - before - after; }
};

struct PictureRequest {
  std::string line;
  Part word;                  ///< plot, hist, converge or compare
  std::vector<Part> asked;    ///< expressions or questions, at least one
  std::size_t asked_end = 0;  ///< of what is to be drawn
  std::optional<Part> file;   ///< where it goes instead of the terminal; ends with .svg, .png or .html

  bool log_x = false, log_y = false;  ///< of plot and hist: these axes are logarithmic

  /// Of plot alone: the variable, and its range's ends as expressions.
  Part variable, from, to;
};

/// Nothing where the line asks for something else. Throws SyntaxError, with the line's places.
std::optional<PictureRequest> picture_request(std::string_view line);

/// Throws an error about a part of the line.
[[noreturn]] void refuse(const PictureRequest& request, const Part& part, std::string message,
                         std::string hint = {});

/// The part as a question under the session's definitions but that of `free`, which is a parameter then.
/// Throws Error, with the line's places.
Question ask(const PictureRequest& request, const Part& part, const Session& session,
             std::string_view free = {});

/// What the question's run threw, with the line's places.
Error placed(const Error& error, const PictureRequest& request, const Part& part, const Question& question);

struct PictureHelp {
  std::string_view word, arguments, help;
};
/// The words that such lines begin with.
const std::vector<PictureHelp>& picture_words();

}  // namespace mc::console
