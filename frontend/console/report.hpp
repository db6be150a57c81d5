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
};

/// One line a query, the cost of the run at the end of the last:
///
///     E[sum(x_i^2)] = 3.33310(30)         1e7 samples · 40 ms · llvm 2 threads
std::string report_text(const Report& report, bool colour);

/// One JSON object on one line, with the keys of docs and INTERFACES in their order.
std::string report_json(const Report& report, const Request& request);

/// What the user should know before trusting the numbers, one sentence each.
/// "12 ms": two or three figures are what a wall clock deserves.
std::string time_text(double ms);

std::vector<std::string> report_warnings(const Report& report);

}  // namespace mc::console
