// The line on stderr that says how far a run is: drawn by a thread of its own, so that it moves while a tile
// takes long or the compiler is at work. On a terminal only, and wiped at the end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <mc/mc.hpp>

namespace mc::console {

/// What the line tells.
struct Sight {
  std::uint64_t done = 0, expected = 0;   ///< samples; expected: 0 while it is not known
  double seconds = 0;                     ///< since the run began
  double rate = 0;                        ///< samples a second, lately; 0: not known
  std::optional<Estimate> estimate = {};  ///< of the first query
  std::size_t more = 0;                   ///< other queries
  double target_error = 0, target_relative = 0;
  std::string_view what = "samples";

  bool has_target() const { return target_error > 0 || target_relative > 0; }
};

/// At most `width` columns of it, the most telling parts first to stay:
///
///     37% · 3.7e10 of 1e11 samples · 3.333331(12) · 6.1e8/s · 1 min 43 s left
///     41% · error 0.00024, aimed at 0.0001 · 3.33332(24) · 6.1e8/s · 12 s left
std::string progress_text(const Sight& sight, std::size_t width);

class ProgressLine {
 public:
  enum class When { never, if_long, at_once };  ///< if_long: once the run has taken a second

  /// Draws nothing unless stderr is a terminal that can wipe a line, and where there is no thread for it.
  ProgressLine(When when, const Options& options);
  /// Of how many `what` are done, and no estimate.
  ProgressLine(When when, std::string_view what);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool is_shown() const { return drawing_.joinable(); }
  void hear(const Progress& progress);
  void end();  ///< wipes it; nothing is drawn from now on

 private:
  using Clock = std::chrono::steady_clock;
  void begin(When when);
  void draw_again_and_again(Clock::duration first);
  void draw();

  const Clock::time_point start_ = Clock::now();
  Clock::duration first_{};
  std::mutex mutex_;  ///< of all below
  std::condition_variable ending_;
  bool ends_ = false, is_drawn_ = false;
  Sight sight_;
  std::thread drawing_;
};

}  // namespace mc::console
