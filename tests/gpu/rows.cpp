#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gpu/check.hpp"

namespace mc::gpu {
namespace {

constexpr std::size_t kMostFailures = 10;  ///< then the rest is left: the device, or the driver, is not well

/// Of a row. Without a GPU that computes it, on a busy machine, it takes as long as it takes.
unsigned most_seconds() {
  const char* given = std::getenv("MC_GPU_ROW_SECONDS");
  return given != nullptr ? static_cast<unsigned>(std::atoi(given)) : 60;
}

/// Seen by all processes.
struct Tally {
  std::size_t begun, right, wrong, failed;
};

Tally& shared_tally() {
  void* memory = mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("no memory for the processes to share");
  return *new (memory) Tally{};
}

class Table {
 public:
  Table(const std::string& head, std::span<const Row> rows) : rows_(rows), tally_(shared_tally()) {
    const auto columns = std::ranges::count(head, '|');
    std::string line = " --- |";
    for (auto k = columns; k > 0; --k) line += " --- |", empty_ += k > 1 ? " |" : "";
    fmt::print("| {} |\n|{}\n", head, line);
  }

  bool goes_on() const { return tally_.begun < rows_.size() && tally_.failed < kMostFailures; }

  /// One row after another, up to the first that fails.
  void compute(bool apart) {
    const std::size_t failed = tally_.failed;
    while (goes_on() && tally_.failed == failed) {
      if (apart) alarm(most_seconds());
      compute(rows_[tally_.begun++]);
    }
    alarm(0);
  }

  void compute_apart() {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("no process could be started");
    if (child == 0) {
      compute(true);
      std::fflush(stdout);
      _exit(0);  // what a driver does at the end of a process has no limit of time
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status == 0) return;
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    note_failure(rows_[tally_.begun - 1], signal == SIGALRM
                                              ? fmt::format("took more than {} s", most_seconds())
                                          : signal != 0 ? std::string(strsignal(signal))
                                                        : fmt::format("ended with {}", WEXITSTATUS(status)));
  }

  int result() const {
    fmt::print("\n{} of {} rows right, {} wrong, {} failed{}\n", tally_.right, rows_.size(), tally_.wrong,
               tally_.failed, tally_.begun < rows_.size() ? ", the others left out" : "");
    return tally_.right == rows_.size() && tally_.failed == 0 ? 0 : 1;
  }

 private:
  void compute(const Row& row) {
    try {
      const Cells cells = row.compute();
      ++(cells.is_right ? tally_.right : tally_.wrong);
      fmt::print("| {} | {} |\n", row.name, cells.text);
    } catch (const std::exception& error) {
      note_failure(row, error.what());
    }
  }

  void note_failure(const Row& row, std::string_view why) {
    ++tally_.failed;
    fmt::print("| {} | **failed**: {} |{}\n", row.name, in_cell(why), empty_);
  }

  std::span<const Row> rows_;
  Tally& tally_;
  std::string empty_;  ///< cells
};

}  // namespace

std::string in_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  return cell;
}

int print_rows(const std::string& head, std::span<const Row> rows, bool apart) {
  Table table(head, rows);
  while (table.goes_on())
    if (apart)
      table.compute_apart();
    else
      table.compute(false);
  return table.result();
}

}  // namespace mc::gpu
