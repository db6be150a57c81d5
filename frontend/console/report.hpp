// A run's report as people read it and as programs read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

namespace mc::console {

/// What was asked for, as far as the JSON repeats it.
struct Request {
  std::string_view program;
  std::string_view density;  ///< empty where there is none
  std::string_view generator;
  std::string_view precision;
  std::size_t parts = 0;  ///< that were merged; 0: it was one run
};

/// What is shown: a name, and an estimate of the report.
struct Line {
  std::string name;
  const Estimate* estimate;
};

/// The queries, and the integrals that are not claimed to be 1 or come with a warning.
std::vector<Line> lines(const Report& report);

/// One line a query, the cost of the run, where it is wanted, at the end of the last:
///
///     E[sum(x_i^2)] = 3.33310(30)         1e7 samples · 40 ms · llvm 2 threads
std::string report_text(const Report& report, bool colour, bool with_cost = true, int digits = 2,
                        std::size_t parts = 0);

/// One JSON object on one line, with the keys of docs/command.md in their order.
std::string report_json(const Report& report, const Request& request);

/// What the run took and who computed it: 1e7 samples · 40 ms · llvm 2 threads. Of merged parts the longest
/// is told: 1e7 samples · 8 parts, the longest 40 ms · llvm 16 threads
std::string cost_text(const Report& report, std::size_t parts = 0);

/// That a run may have: as set, or one a core.
unsigned threads_of(const Options& options);

/// "12 ms": two or three figures are what a wall clock deserves.
std::string time_text(double ms);

}  // namespace mc::console
