// Processor time of the calling thread: what a piece of work costs, however many others want the processor.
#pragma once

#include <algorithm>
#include <ctime>
#include <limits>

namespace mc::testing {

inline double thread_cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// The least of several tries: neighbours in the caches and on the other hyperthread only ever add.
template <class Work>
double least_cpu_ms(int tries, Work&& work) {
  double least = std::numeric_limits<double>::infinity();
  for (int k = 0; k < tries; ++k) {
    const double start = thread_cpu_ms();
    work();
    least = std::min(least, thread_cpu_ms() - start);
  }
  return least;
}

}  // namespace mc::testing
