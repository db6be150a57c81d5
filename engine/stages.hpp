// When the stages of making a kernel ran, and on which thread: whoever makes one passes a Stages along, and
// each room marks its own. Two looks at a clock for each stage; no global state.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace mc {

using StageClock = std::chrono::steady_clock;

/// The operating system's number of the calling thread: what perf, gdb and top show.
std::uint64_t thread_number();

struct StageTime {
  const char* name;  ///< a literal
  StageClock::time_point begin, end;
  std::uint64_t thread;
};

/// Stages that follow one another on one thread.
class Stages {
 public:
  Stages() { all_.reserve(8); }

  /// What ran since the last mark, or since this was made, was this stage.
  void mark(const char* name) {
    const auto now = StageClock::now();
    all_.push_back({name, std::exchange(last_, now), now, thread_number()});
  }

  /// What ran since the last mark was none.
  void skip() { last_ = StageClock::now(); }

  const std::vector<StageTime>& all() const { return all_; }

 private:
  StageClock::time_point last_ = StageClock::now();
  std::vector<StageTime> all_;
};

inline double milliseconds(StageClock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// From the first stage's beginning to the last one's end.
inline double whole_ms(const std::vector<StageTime>& stages) {
  return stages.empty() ? 0 : milliseconds(stages.back().end - stages.front().begin);
}

}  // namespace mc
