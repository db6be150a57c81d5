// The self-pipe: the handler writes a byte, a thread that waits for it requests the stop.
#include "frontend/console/interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace mc::console {
namespace {

constexpr std::array signals{SIGINT, SIGTERM};

/// A second signal so soon is taken for the same one: `timeout` sends its own to the process and then to its
/// group, wrappers pass on what the terminal has sent to all anyway, and keys bounce.
constexpr std::int64_t same_within_ns = 200'000'000;

constexpr char stop_byte = 's', end_byte = 'e';

std::atomic<int> first_signal = 0;
std::atomic<std::int64_t> first_ns = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a handler uses them");

struct Pipe {
  int reads = -1, writes = -1;
};

/// A handler may write to a pipe, but may not request a stop: that takes locks. The pipe is the process's and
/// stays open: a handler that another thread is still in when an Interrupt ends must not write to whatever
/// file would have got its number. (What it writes then stops the next one, as the signal should.)
const Pipe& self_pipe() {
  static const Pipe pipe = [] {
    std::array<int, 2> ends{};
    return pipe2(ends.data(), O_CLOEXEC) == 0 ? Pipe{ends[0], ends[1]} : Pipe{};
  }();
  return pipe;
}

std::atomic<int> handler_end = -1;

/// clock_gettime is one of the few calls that a handler may make.
std::int64_t now_ns() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// What the signal does to a process that does not handle it, once the handler has returned.
void let_it_have_its_usual_effect(int number) {
  signal(number, SIG_DFL);
  raise(number);
}

void on_signal(int number) {
  const int saved = errno;
  int none = 0;
  if (first_signal.compare_exchange_strong(none, number)) {
    first_ns = now_ns();
    [[maybe_unused]] const auto written = write(handler_end, &stop_byte, 1);
  } else if (first_ns != 0 && now_ns() - first_ns > same_within_ns) {
    let_it_have_its_usual_effect(number);
  }
  errno = saved;
}

}  // namespace

Interrupt::Interrupt() {
  handler_end = self_pipe().writes;
  first_signal = 0;
  if (!start_waiting()) return;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : signals) sigaddset(&action.sa_mask, number);
  for (std::size_t k = 0; k < signals.size(); ++k) {
    sigaction(signals[k], nullptr, &before_[k]);
    if (before_[k].sa_handler != SIG_IGN) sigaction(signals[k], &action, nullptr);
  }
}

Interrupt::~Interrupt() {
  if (!waiting_.joinable()) return;
  // After a signal the process ends; the same one may come again until it has.
  if (first_signal == 0)
    for (std::size_t k = 0; k < signals.size(); ++k) sigaction(signals[k], &before_[k], nullptr);
  while (write(handler_end, &end_byte, 1) < 0 && errno == EINTR) {
  }
  waiting_.join();
}

int Interrupt::signal() const { return first_signal; }

bool Interrupt::start_waiting() {
  if (self_pipe().reads < 0) return false;
  try {
    waiting_ = std::thread([this] { wait(); });
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void Interrupt::wait() {
  for (char byte = 0; byte != end_byte;) {
    const ssize_t got = read(self_pipe().reads, &byte, 1);
    if (got == 1 && byte == stop_byte) source_.request_stop();
    if (got != 1 && errno != EINTR) return;
  }
}

}  // namespace mc::console
