// Results go out by write(2): the buffer is one string, and an error is known before the exit code is chosen.
#include "frontend/console/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/cfg/env.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace mc::console {
namespace {

/// A descriptor that the parent closed would go to the next file we open, and results with it. This takes the
/// place with one that fails in use.
void occupy_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) == -1) open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
}

/// No time, no thread: what a person reads. The library logs through the same default logger.
void set_up_log() {
  const auto logger = spdlog::stderr_logger_mt("moment");
  logger->set_pattern("%v");
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::warn);
  spdlog::cfg::load_env_levels();
  if (const char* level = std::getenv("MC_LOG")) spdlog::cfg::helpers::load_levels(level);
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool OutputError::is_closed_pipe() const { return code() == std::errc::broken_pipe; }

void set_up_terminal() {
  std::signal(SIGPIPE, SIG_IGN);  // write() says EPIPE instead
  occupy_standard_descriptors();
  set_up_log();
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw OutputError(errno, std::generic_category(), "cannot write to stdout");
    }
  }
}

bool has_colour() {
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) != 0 && !is_set("NO_COLOR") && term != nullptr &&
         std::string_view(term) != "dumb";
}

bool can_redraw() {
  const char* term = std::getenv("TERM");
  return term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

std::size_t terminal_width(int descriptor) {
  winsize size = {};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace mc::console
