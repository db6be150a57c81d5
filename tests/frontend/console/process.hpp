// Runs the built `moment` as a shell would, and what a row of a test table expects of it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include <sys/types.h>

#include "frontend/console/subprocess.hpp"

namespace mc::console_test {

/// How to start it.
struct Start {
  std::vector<std::string> arguments;
  std::string input = {};                     ///< what stands on its stdin
  std::vector<std::string> environment = {};  ///< NAME=VALUE, on top of ours
  int in = -1;                                ///< its stdin, instead of the input
  int out = -1;                               ///< its stdout; -1: kept for Ended::out
};

/// What came of it.
struct Ended {
  int exit = -1;  ///< -signal when a signal ended it
  std::string out, err;
};

/// A running `moment`. Killed after nine minutes, and when it goes out of scope.
class Process {
 public:
  explicit Process(const Start& start);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  /// Waits until that text stands on its stderr; false if it ends or a minute passes before.
  bool says(const std::string& text);
  Ended wait();
  Ended wait_closely();  ///< the same, for who takes the time: without naps in between

 private:
  bool has_ended();
  Ended ended() const;

  console::Stream in_, out_, err_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

Ended moment(const Start& start);
Ended moment(std::vector<std::string> arguments);

/// One line of a test table. The patterns are regular expressions that have to be found; an empty one wants
/// silence.
struct Row {
  const char* name;
  Start start;
  int exit;
  const char* out = "";
  const char* err = "";
};

std::ostream& operator<<(std::ostream& out, const Row& row);

/// Runs the row and compares.
void check(const Row& row);

}  // namespace mc::console_test
