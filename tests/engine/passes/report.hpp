// docs/accuracy.md, written when all tests have run and MC_ACCURACY_TABLE says where.
#pragma once

#include <string>
#include <vector>

namespace mc::testing {

/// The rows of both tables.
struct Report {
  std::vector<std::string> doubles, singles;
};

Report& report();

/// Arguments drawn from each domain: MC_ACCURACY_SAMPLES, or few enough for every day.
long samples_a_domain();

}  // namespace mc::testing
