// The self-pipe: the handler writes a byte, a thread that waits for it requests the stop.
#include "frontend/console/interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace mc::console {
namespace {

std::atomic<int> handler_end = -1;

void on_signal(int) {
  const int saved = errno;
  const char byte = 0;
  [[maybe_unused]] const auto written = write(handler_end, &byte, 1);
  errno = saved;
}

}  // namespace

Interrupt::Interrupt() {
  if (pipe(pipe_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  handler_end = pipe_[1];
  waiting_ = std::thread([this] { wait(); });
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);  // the second signal has its usual effect
  sigaction(SIGINT, &action, &before_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &before_, nullptr);
  close(pipe_[1]);  // ends wait()
  waiting_.join();
  close(pipe_[0]);
}

void Interrupt::wait() {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = read(pipe_[0], &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) source_.request_stop();
}

}  // namespace mc::console
