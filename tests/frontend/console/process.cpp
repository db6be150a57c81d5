// posix_spawn, with anonymous files for the streams: nothing to poll, and no pipe to fill up.
#include "tests/frontend/console/process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <regex>
#include <system_error>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mc::console_test {
namespace {

using std::chrono::steady_clock;

void write_all(std::FILE* file, const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size()) throw std::runtime_error("fwrite");
  std::rewind(file);  // also flushes
}

std::string read_all(std::FILE* file) {
  std::string text;
  char block[65536];
  ssize_t got = 0;
  // pread: the child shares the file's offset.
  while ((got = pread(fileno(file), block, sizeof block, static_cast<off_t>(text.size()))) > 0) {
    text.append(block, static_cast<std::size_t>(got));
  }
  return text;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// Our environment with the row's on top: of two entries for a name, getenv takes the first.
std::vector<std::string> environment_with(const std::vector<std::string>& extra) {
  std::vector<std::string> all = extra;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

void expect_text(const char* stream, const std::string& text, const std::string& pattern) {
  if (pattern.empty()) {
    EXPECT_EQ(text, "") << "on " << stream;
    return;
  }
  const std::string start = text.substr(0, 4000);  // std::regex recurses over the text
  EXPECT_TRUE(std::regex_search(start, std::regex(pattern)))
      << stream << ": " << start << "\nlacks: " << pattern;
}

}  // namespace

Process::Process(const Start& start)
    : in_(std::tmpfile(), std::fclose), out_(std::tmpfile(), std::fclose), err_(std::tmpfile(), std::fclose) {
  write_all(in_.get(), start.input);
  std::vector<std::string> arguments = start.arguments;
  arguments.insert(arguments.begin(), MC_MOMENT);
  std::vector<std::string> environment = environment_with(start.environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in_.get()), 0);
  posix_spawn_file_actions_adddup2(&actions, start.out >= 0 ? start.out : fileno(out_.get()), 1);
  posix_spawn_file_actions_adddup2(&actions, fileno(err_.get()), 2);
  const int failed = posix_spawn(&pid_, MC_MOMENT, &actions, nullptr, pointers(arguments).data(),
                                 pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::system_error(failed, std::generic_category(), MC_MOMENT);
}

Process::~Process() {
  if (has_ended()) return;
  signal(SIGKILL);
  waitpid(pid_, &status_, 0);
}

void Process::signal(int number) const { kill(pid_, number); }

bool Process::has_ended() {
  if (!ended_) ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  return ended_;
}

bool Process::says(const std::string& text) {
  const auto limit = steady_clock::now() + std::chrono::minutes(1);
  while (read_all(err_.get()).find(text) == std::string::npos) {
    if (has_ended() || steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

Ended Process::wait() {
  const auto limit = steady_clock::now() + std::chrono::minutes(2);
  while (!has_ended()) {
    if (steady_clock::now() > limit) signal(SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return ended();
}

Ended Process::wait_closely() {
  ended_ = ended_ || waitpid(pid_, &status_, 0) == pid_;
  return ended();
}

Ended Process::ended() const {
  const int exit = WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
  return {exit, read_all(out_.get()), read_all(err_.get())};
}

Ended moment(const Start& start) { return Process(start).wait(); }

Ended moment(std::vector<std::string> arguments) { return moment(Start{std::move(arguments)}); }

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

void check(const Row& row) {
  const Ended ended = moment(row.start);
  EXPECT_EQ(ended.exit, row.exit) << ended.err;
  expect_text("stdout", ended.out, row.out);
  expect_text("stderr", ended.err, row.err);
  EXPECT_LT(ended.err.size(), 20'000U) << "nobody reads that";
}

}  // namespace mc::console_test
