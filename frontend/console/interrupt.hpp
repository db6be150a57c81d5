// Ctrl-C and SIGTERM ask the run to stop, which then still gives the estimate of what it has done. A second
// one ends the process.
#pragma once

#include <array>
#include <stop_token>
#include <thread>

#include <signal.h>

namespace mc::console {

/// While it lives, SIGINT and SIGTERM request a stop, unless the process was started with the signal ignored
/// (as `nohup` and a shell's background jobs are), or has no thread left to wait for it: then they have their
/// usual effect. One at a time: a signal is the whole process's.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  int signal() const;  ///< that came first; 0: none

 private:
  bool start_waiting();
  void wait();

  std::stop_source source_;
  std::array<struct sigaction, 2> before_ = {};
  std::thread waiting_;
};

}  // namespace mc::console
