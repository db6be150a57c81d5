// forkpty, and as much of a terminal as the command uses: \r, \n, "erase to the end of the line", colours.
#include "tests/frontend/console/pseudo_terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <regex>
#include <system_error>

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mc::console_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void become(std::vector<std::string> arguments, const std::vector<std::string>& environment) {
  setenv("TERM", "xterm", 1);
  for (const std::string& each : environment) {
    const std::size_t equals = each.find('=');
    setenv(each.substr(0, equals).c_str(), each.substr(equals + 1).c_str(), 1);
  }
  arguments.insert(arguments.begin(), MC_MOMENT);
  std::vector<char*> pointers;
  for (std::string& each : arguments) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  execv(MC_MOMENT, pointers.data());
  _exit(127);
}

std::string without_colours(const std::string& text) {
  static const std::regex colour("\033\\[[0-9;]*m");
  return std::regex_replace(text, colour, "");
}

}  // namespace

PseudoTerminal::PseudoTerminal(std::vector<std::string> arguments, unsigned short columns,
                               std::vector<std::string> environment, unsigned short rows) {
  winsize size = {};
  size.ws_row = rows;
  size.ws_col = columns;
  pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
  if (pid_ == 0) become(std::move(arguments), environment);
}

PseudoTerminal::~PseudoTerminal() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(terminal_);
}

void PseudoTerminal::type(const std::string& keys) const {
  [[maybe_unused]] const auto n = write(terminal_, keys.data(), keys.size());
}

void PseudoTerminal::signal(int number) const { kill(pid_, number); }

/// The kernel tells the foreground's processes with SIGWINCH.
void PseudoTerminal::resize(unsigned short columns, unsigned short rows) const {
  winsize size = {};
  size.ws_row = rows;
  size.ws_col = columns;
  ioctl(terminal_, TIOCSWINSZ, &size);
}

bool PseudoTerminal::read_some(milliseconds most) {
  pollfd waiting = {.fd = terminal_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(std::max(most, milliseconds(0)).count())) <= 0) return true;
  char block[4096];
  const ssize_t got = read(terminal_, block, sizeof block);
  if (got <= 0) return false;  // EIO: nobody has the other end open any more
  written_.append(block, static_cast<std::size_t>(got));
  return true;
}

bool PseudoTerminal::shows(const std::string& text) {
  const auto limit = steady_clock::now() + std::chrono::minutes(1);
  std::size_t at = 0;
  while ((at = written_.find(text, seen_)) == std::string::npos)
    if (steady_clock::now() > limit || !read_some(milliseconds(100))) return false;
  seen_ = at + text.size();
  return true;
}

void PseudoTerminal::watch(milliseconds time) {
  const auto limit = steady_clock::now() + time;
  while (steady_clock::now() < limit)
    if (!read_some(std::chrono::duration_cast<milliseconds>(limit - steady_clock::now()))) return;
}

int PseudoTerminal::wait() {
  const auto limit = steady_clock::now() + std::chrono::minutes(9);
  while (steady_clock::now() < limit && read_some(milliseconds(100))) {
  }
  int status = 0;
  if (steady_clock::now() >= limit) kill(pid_, SIGKILL);
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::vector<std::string> PseudoTerminal::drawings() const {
  std::vector<std::string> all;
  const std::string wipe = "\033[K";
  const std::string text = without_colours(written_);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    std::string line = text.substr(begin, end - begin);
    line.erase(std::min(line.find(wipe), line.size()));  // what follows is a key's echo
    if (line.find("%") != std::string::npos) all.push_back(line);
    begin = end + 1;
  }
  return all;
}

std::vector<std::string> PseudoTerminal::screen() const {
  std::vector<std::string> lines(1);
  const std::string text = without_colours(written_);
  std::size_t column = 0;  // in bytes: whole lines are redrawn here, so that is as good
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string& line = lines.back();
    if (text.compare(at, 3, "\033[K") == 0) {
      line.resize(std::min(line.size(), column));
      at += 2;
    } else if (text[at] == '\r') {
      column = 0;
    } else if (text[at] == '\n') {
      lines.emplace_back();
    } else {
      line.resize(std::max(line.size(), column + 1), ' ');
      line[column++] = text[at];
    }
  }
  std::erase(lines, "");
  return lines;
}

std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace mc::console_test
