// From a line to a picture on the terminal or in a file.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "frontend/console/pictures/pictures.hpp"

namespace mc::console {

/// What a prompt can do while and after a picture is made.
struct Studio {
  using Hear = std::function<void(const Progress&)>;
  using Work = std::function<void(const std::stop_token&, const Hear&)>;
  /// Does it, and hears meanwhile of Ctrl-C, which asks it to stop; the work tells how far it is, without
  /// estimates, where there is anybody to hear that. A picture's calculation and gnuplot's run are each such
  /// work.
  std::function<void(const Work&)> work;
  std::function<void(std::string_view)> say;
  std::function<void(std::string_view)> note;  ///< beside the results
  bool has_terminal = true;                    ///< or whatever reads text: else only files are drawn
  bool has_sixels = false;                     ///< the terminal shows what gnuplot draws
  Look look;
};

/// What was drawn; for a report, as files show it.
struct Drawn {
  std::string line;
  Picture picture;
  Options options = {};
  bool was_stopped = false;  ///< before all of it was there
};

/// Draws what the line asks for. Throws Error, FlagError, and OutputError.
Drawn draw(const PictureRequest& request, const Session& session, const Options& options,
           const Studio& studio);

}  // namespace mc::console
