// The self-pipe: the handler writes a byte, a thread that waits for it requests the stop.
#include "frontend/console/interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

#include <unistd.h>

namespace mc::console {
namespace {

constexpr std::array signals{SIGINT, SIGTERM};

/// A second signal so soon is taken for the same one: `timeout` sends its own to the process and then to its
/// group, wrappers pass on what the terminal has sent to all anyway, and keys bounce.
constexpr std::int64_t same_within_ns = 200'000'000;

std::atomic<int> handler_end = -1;
std::atomic<int> first_signal = 0;
std::atomic<std::int64_t> first_ns = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a handler uses them");

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
    const char byte = 0;
    [[maybe_unused]] const auto written = write(handler_end, &byte, 1);
  } else if (first_ns != 0 && now_ns() - first_ns > same_within_ns) {
    let_it_have_its_usual_effect(number);
  }
  errno = saved;
}

}  // namespace

Interrupt::Interrupt() {
  if (pipe(pipe_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  handler_end = pipe_[1];
  first_signal = 0;
  waiting_ = std::thread([this] { wait(); });
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
  for (std::size_t k = 0; k < signals.size(); ++k) sigaction(signals[k], &before_[k], nullptr);
  close(pipe_[1]);  // ends wait()
  waiting_.join();
  close(pipe_[0]);
}

int Interrupt::signal() const { return first_signal; }

void Interrupt::wait() {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = read(pipe_[0], &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) source_.request_stop();
}

}  // namespace mc::console
