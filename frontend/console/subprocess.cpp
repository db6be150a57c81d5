// Anonymous files for the streams: there is nothing to poll, and no pipe that fills up on both sides.
#include "frontend/console/subprocess.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <system_error>
#include <thread>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mc::console {

Stream stream(const std::string& text) {
  Stream file(std::tmpfile(), std::fclose);
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
      std::fflush(file.get()) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot make a temporary file");
  std::rewind(file.get());
  return file;
}

/// pread: both programs share the offset.
std::string read_all(std::FILE* file) {
  std::string text;
  std::array<char, 65536> block;
  ssize_t got = 0;
  while ((got = pread(fileno(file), block.data(), block.size(), static_cast<off_t>(text.size()))) > 0)
    text.append(block.data(), static_cast<std::size_t>(got));
  return text;
}

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// Of two entries for a name, getenv takes the first.
std::vector<std::string> environment_with(std::vector<std::string> all) {
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

int wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) == -1 && errno == EINTR) {
  }
  return exit_of(status);
}

/// Looks again and again, as there is no waiting for a program and for a request at once.
int wait_for(pid_t process, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kNap(2);
  constexpr std::chrono::seconds kGrace(1);
  std::optional<std::chrono::steady_clock::time_point> until;
  for (int status = 0;;) {
    const pid_t ended = waitpid(process, &status, WNOHANG);
    if (ended == process) return exit_of(status);
    if (ended == -1 && errno != EINTR) return -1;
    const auto now = std::chrono::steady_clock::now();
    if (stop.stop_requested() && !until) until = now + kGrace;
    if (until && now >= *until) {
      kill(process, SIGKILL);
      return wait_for(process);
    }
    std::this_thread::sleep_for(kNap);
  }
}

}  // namespace

int exit_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

int start(const Command& command, const Descriptors& descriptors, pid_t& process) {
  std::vector<std::string> words = command.words, environment = environment_with(command.environment);
  const std::vector<char*> arguments = pointers(words), variables = pointers(environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, descriptors.in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, descriptors.out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, descriptors.err, STDERR_FILENO);
  const int error =
      posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

Finished run(const Command& command, const std::stop_token& stop) {
  const Stream in = stream(command.input), out = stream(), err = stream();
  const auto begin = std::chrono::steady_clock::now();
  pid_t process = 0;
  Finished finished;
  finished.started = start(command, {fileno(in.get()), fileno(out.get()), fileno(err.get())}, process) == 0;
  if (finished.started) finished.exit = stop.stop_possible() ? wait_for(process, stop) : wait_for(process);
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;
  finished.wall_ms = wall.count();
  finished.out = read_all(out.get());
  finished.err = read_all(err.get());
  return finished;
}

}  // namespace mc::console
