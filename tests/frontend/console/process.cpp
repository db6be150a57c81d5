// Around what the command itself starts programs with.
#include "tests/frontend/console/process.hpp"

#include <chrono>
#include <csignal>
#include <regex>
#include <system_error>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mc::console_test {
namespace {

using std::chrono::steady_clock;

/// The fake GPU's threads have stacks of their own, and AddressSanitizer says what it thinks of that.
std::string without_sanitizer(const std::string& text) {
  static const std::regex remark("==\\d+==WARNING: ASan doesn't fully support makecontext[^\n]*\n");
  return std::regex_replace(text, remark, "");
}

void expect_text(const char* stream, const std::string& written, const std::string& pattern) {
  const std::string text = written.starts_with("==") ? without_sanitizer(written) : written;
  if (pattern.empty()) {
    EXPECT_EQ(text, "") << "on " << stream;
    return;
  }
  // std::regex recurses over the text: of a long one the beginning and the end are looked at.
  const std::string part =
      text.size() <= 4000 ? text : text.substr(0, 2500) + text.substr(text.size() - 1500);
  EXPECT_TRUE(std::regex_search(part, std::regex(pattern)))
      << stream << ": " << part << "\nlacks: " << pattern;
}

}  // namespace

Process::Process(const Start& start)
    : in_(console::stream(start.input)), out_(console::stream()), err_(console::stream()) {
  console::Command command{.words = start.arguments, .environment = start.environment};
  command.words.insert(command.words.begin(), MC_MOMENT);
  const int in = start.in >= 0 ? start.in : fileno(in_.get());
  const int out = start.out >= 0 ? start.out : fileno(out_.get());
  if (const int error = console::start(command, {in, out, fileno(err_.get())}, pid_))
    throw std::system_error(error, std::generic_category(), MC_MOMENT);
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
  while (console::read_all(err_.get()).find(text) == std::string::npos) {
    if (has_ended() || steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

Ended Process::wait() {
  const auto limit = steady_clock::now() + std::chrono::minutes(9);
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
  return {console::exit_of(status_), console::read_all(out_.get()), console::read_all(err_.get())};
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
