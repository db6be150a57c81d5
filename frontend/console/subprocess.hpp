// Other programs: started without a shell, so that no text is ever taken for a command, and waited for.
#pragma once

#include <cstdio>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <sys/types.h>

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

/// Throws std::system_error where not even the streams can be made. A program that has not ended a second
/// after a stop was requested is killed.
Finished run(const Command& command, const std::stop_token& stop = {});

// ---- what that is made of

/// An anonymous file, to be a program's stdin with that text, or its stdout.
using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
Stream stream(const std::string& text = {});
std::string read_all(std::FILE* stream);  ///< what was written to it so far

struct Descriptors {
  int in, out, err;
};
/// 0, or the number of the error because of which it could not be started. Command::input is none of its
/// business.
int start(const Command& command, const Descriptors& descriptors, pid_t& process);

int exit_of(int status);  ///< waitpid's, as Finished::exit

}  // namespace mc::console
