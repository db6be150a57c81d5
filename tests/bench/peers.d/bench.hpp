// Shared by the C++ peers: timing and the one-line output `name<TAB>metric<TAB>value<TAB>unit`.
#pragma once
#include <sys/resource.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <vector>
static inline double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}
static inline void emit(const char* name, const char* metric, double v, const char* unit) {
  printf("%s\t%s\t%.6g\t%s\n", name, metric, v, unit);
  fflush(stdout);
}
static inline double cpunow() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}
struct T {
  double med, min, cpu;
};  // wall median, wall minimum, CPU median (what the wall would be on a core of one's own)
template <class F>
T bench(F&& fn, int reps = 7, double min_time = 0.05, int warm = 1) {
  for (int i = 0; i < warm; i++) fn();
  double t0 = now();
  fn();
  double t = now() - t0;
  long k = std::max(1L, (long)(min_time / std::max(t, 1e-9)));
  std::vector<double> s, c;
  for (int r = 0; r < reps; r++) {
    t0 = now();
    double c0 = cpunow();
    for (long i = 0; i < k; i++) fn();
    s.push_back((now() - t0) / k);
    c.push_back((cpunow() - c0) / k);
  }
  std::sort(s.begin(), s.end());
  std::sort(c.begin(), c.end());
  size_t n = s.size();
  return {n % 2 ? s[n / 2] : 0.5 * (s[n / 2 - 1] + s[n / 2]), s[0],
          n % 2 ? c[n / 2] : 0.5 * (c[n / 2 - 1] + c[n / 2])};
}
static inline double rss_mb() {
  rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_maxrss / 1024.0;
}
template <class X>
static inline void keep(X const& x) {
  asm volatile("" : : "g"(&x) : "memory");
}
