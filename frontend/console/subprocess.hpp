// Other programs: started without a shell, so that no text is ever taken for a command, and waited for.
#pragma once

#include <string>
#include <vector>

namespace mc::console {

struct Command {
  std::vector<std::string> words;             ///< the first one is looked for in PATH, unless it has a slash
  std::vector<std::string> environment = {};  ///< NAME=VALUE, on top of ours
  std::string input = {};                     ///< what stands on its stdin
};

struct Finished {
  bool started = false;
  int exit = -1;  ///< -signal when a signal ended it
  std::string out, err;
  double wall_ms = 0;  ///< from before it was started until it was gone
  bool is_good() const { return started && exit == 0; }
};

/// Throws std::system_error where not even the streams can be made.
Finished run(const Command& command);

}  // namespace mc::console
