// T1: hand-written C++ estimate + variance of E||x||^2, x ~ U[0,1]^N. argv: variant N M [threads]
#include <cmath>
#include <random>
#include <string>
#include <thread>
#include "bench.hpp"
#include "rng.hpp"
#ifdef HAVE_R123
#include <Random123/philox.h>
#include <Random123/uniform.hpp>
#endif
struct Res {
  double mean, var;
};
static inline Res fin(double s1, double s2, int64_t M) {
  double m = s1 / M;
  return {m, (s2 - s1 * m) / ((double)M * (M - 1))};
}
struct Sum {
  double s1, s2;
};
template <int N>
Sum v_stdmt(int64_t M, uint64_t seed) {  // what one writes first: mt19937_64 + uniform_real_distribution
  std::mt19937_64 g(seed);
  std::uniform_real_distribution<double> U(0, 1);
  double s1 = 0, s2 = 0;
  for (int64_t i = 0; i < M; i++) {
    double f = 0;
    for (int j = 0; j < N; j++) {
      double x = U(g);
      f += x * x;
    }
    s1 += f;
    s2 += f * f;
  }
  return {s1, s2};
}
template <int N>
Sum v_mtbits(int64_t M, uint64_t seed) {  // mt19937_64 with (u>>11)*2^-53
  std::mt19937_64 g(seed);
  double s1 = 0, s2 = 0;
  for (int64_t i = 0; i < M; i++) {
    double f = 0;
    for (int j = 0; j < N; j++) {
      double x = (double)(int64_t)(g() >> 11) * 0x1p-53;
      f += x * x;
    }
    s1 += f;
    s2 += f * f;
  }
  return {s1, s2};
}
template <int N>
Sum v_xo(int64_t M, uint64_t seed) {
  Xo g(seed);
  double s1 = 0, s2 = 0;
  for (int64_t i = 0; i < M; i++) {
    double f = 0;
    for (int j = 0; j < N; j++) {
      double x = g.uni();
      f += x * x;
    }
    s1 += f;
    s2 += f * f;
  }
  return {s1, s2};
}
template <int N, int W>
Sum v_xov(int64_t M, uint64_t seed) {
  XoV<W> g(seed);
  double s1[W] = {}, s2[W] = {};
  alignas(64) double x[W], f[W];
  for (int64_t i = 0; i < M / W; i++) {
    for (int l = 0; l < W; l++) f[l] = 0;
    for (int j = 0; j < N; j++) {
      g.uni(x);
      for (int l = 0; l < W; l++) f[l] += x[l] * x[l];
    }
    for (int l = 0; l < W; l++) {
      s1[l] += f[l];
      s2[l] += f[l] * f[l];
    }
  }
  double a = 0, b = 0;
  for (int l = 0; l < W; l++) {
    a += s1[l];
    b += s2[l];
  }
  Xo h(seed ^ 77);
  for (int64_t i = M / W * W; i < M; i++) {
    double t = 0;
    for (int j = 0; j < N; j++) {
      double y = h.uni();
      t += y * y;
    }
    a += t;
    b += t * t;
  }
  return {a, b};
}
#ifdef HAVE_R123
template <int N>
Sum v_philox(int64_t M,
             uint64_t seed) {  // philox4x32-10: two 53-bit-ish doubles a counter, as u01<double>(uint64)
  r123::Philox4x32 P;
  typename r123::Philox4x32::key_type k = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  double s1 = 0, s2 = 0;
  for (int64_t i = 0; i < M; i++) {
    double f = 0;
    for (int j = 0; j < N; j += 2) {
      typename r123::Philox4x32::ctr_type c = {{(uint32_t)i, (uint32_t)(i >> 32), (uint32_t)j, 0}};
      auto r = P(c, k);
      double x = r123::u01<double>((uint64_t)r[0] << 32 | r[1]),
             y = r123::u01<double>((uint64_t)r[2] << 32 | r[3]);
      f += x * x;
      if (j + 1 < N) f += y * y;
    }
    s1 += f;
    s2 += f * f;
  }
  return {s1, s2};
}
template <int N>
Sum v_philox64(int64_t M, uint64_t seed) {  // philox4x64-10: four doubles a counter
  r123::Philox4x64 P;
  typename r123::Philox4x64::key_type k = {{seed, 0}};
  double s1 = 0, s2 = 0;
  for (int64_t i = 0; i < M; i++) {
    double f = 0;
    for (int j = 0; j < N; j += 4) {
      typename r123::Philox4x64::ctr_type c = {{(uint64_t)i, (uint64_t)j, 0, 0}};
      auto r = P(c, k);
      for (int q = 0; q < 4 && j + q < N; q++) {
        double x = r123::u01<double>(r[q]);
        f += x * x;
      }
    }
    s1 += f;
    s2 += f * f;
  }
  return {s1, s2};
}
#endif
typedef Sum (*Fn)(int64_t, uint64_t);
template <int N>
Fn pick(const std::string& v) {
  if (v == "stdmt") return v_stdmt<N>;
  if (v == "mtbits") return v_mtbits<N>;
  if (v == "xo") return v_xo<N>;
  if (v == "xo8") return v_xov<N, 8>;
  if (v == "xo16") return v_xov<N, 16>;
  if (v == "xo32") return v_xov<N, 32>;
#ifdef HAVE_R123
  if (v == "philox4x32") return v_philox<N>;
  if (v == "philox4x64") return v_philox64<N>;
#endif
  return nullptr;
}
int main(int c, char** v) {
  if (c < 4) {
    fprintf(stderr, "usage: variant N M [threads]\n");
    return 2;
  }
  std::string var = v[1];
  int N = atoi(v[2]);
  int64_t M = (int64_t)atof(v[3]);
  int th = c > 4 ? atoi(v[4]) : 1;
  Fn f = N == 2 ? pick<2>(var) : N == 10 ? pick<10>(var) : N == 100 ? pick<100>(var) : nullptr;
  if (!f) {
    fprintf(stderr, "no variant\n");
    return 2;
  }
  Res r{};
  uint64_t seed = 1;
  auto one = [&] {
    seed++;
    if (th == 1) {
      Sum s = f(M, seed * 7919);
      r = fin(s.s1, s.s2, M);
    } else {
      std::vector<Sum> p(th);
      std::vector<std::thread> t;
      for (int i = 0; i < th; i++) t.emplace_back([&, i] { p[i] = f(M / th, seed * 7919 + i * 104729); });
      for (auto& x : t) x.join();
      double a = 0, b = 0;
      for (auto& q : p) {
        a += q.s1;
        b += q.s2;
      }
      r = fin(a, b, M / th * th);
    }
    keep(r);
  };
  T t = bench(one, 7);
  char name[128];
  snprintf(name, sizeof name, "T1/cpp-%s-%s/t%d/N%d/M%g", CC, var.c_str(), th, N, (double)M);
  emit(name, "median", t.med, "s");
  emit(name, "min", t.min, "s");
  emit(name, "cpu", t.cpu, "s");
  emit(name, "coords", N * (double)M / (th == 1 ? t.cpu : t.med), "1/s");
  emit(name, "rss", rss_mb(), "MB");
  emit(name, "mean", r.mean, "1");
  emit(name, "relerr_vs_sigma", (r.mean - N / 3.0) / sqrt(r.var), "sigma");
}
