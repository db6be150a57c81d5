// The lines that show a run while it goes on: its estimates, and how far it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <mc/mc.hpp>

#include "frontend/console/terminal.hpp"

namespace mc::console {

/// Any thread may call.
class Refining {
 public:
  /// What goes on: a run's queries, or else what takes its time.
  void begin(std::vector<std::string> names, int digits);
  void hear(const Progress& progress);
  void end();

  /// No line is wider than the look: a name is cut short, a number never. There are at most so many lines,
  /// one of which says how many more there would be. Empty where nothing goes on.
  std::string text(const Look& look, std::size_t most) const;

 private:
  mutable std::mutex mutex_;  ///< of all
  std::vector<std::string> names_;
  int digits_ = 2;
  std::vector<Estimate> estimates_;
  std::uint64_t done_ = 0, expected_ = 0;
  double seconds_ = 0;
};

}  // namespace mc::console
