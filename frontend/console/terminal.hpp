// The three ways out: results on stdout, words on stderr through spdlog, and one line of progress redrawn in
// place.
#pragma once

#include <chrono>
#include <string_view>
#include <system_error>

#include <mc/mc.hpp>

namespace mc::console {

/// stdout took no more.
class OutputError : public std::system_error {
 public:
  using std::system_error::system_error;
  /// The reader had enough (`moment … | head`): nothing to complain about.
  bool is_closed_pipe() const;
};

/// Everything that main has to settle before anything is written: signals, descriptors, the logger and its
/// level from MC_LOG or SPDLOG_LEVEL (default: warn).
void set_up_terminal();

/// Writes all of it to stdout, or throws OutputError.
void print(std::string_view text);

/// Whether stdout is a terminal that shows colours, and the user did not opt out (NO_COLOR).
bool has_colour();

/// One line on stderr that says how far a run is. Draws nothing unless stderr is a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool is_shown() const { return shown_; }
  void draw(const Progress& progress);

 private:
  bool shown_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace mc::console
