// T2 European (n=1) and T3 arithmetic Asian call under Black-Scholes, hand-written C++. argv: T2|T3 variant n
// M [threads]
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include "bench.hpp"
#include "rng.hpp"
static const double S0 = 100, K = 105, r_ = 0.05, sg = 0.2, Tm = 1;
struct Sum {
  double s1, s2;
};
static Sum v_std(int n, int64_t M, uint64_t seed) {  // mt19937_64 + std::normal_distribution, libm exp
  std::mt19937_64 g(seed);
  std::normal_distribution<double> Z;
  double dt = Tm / n, dr = (r_ - sg * sg / 2) * dt, vol = sg * sqrt(dt), disc = exp(-r_ * Tm), s1 = 0, s2 = 0;
  for (int64_t i = 0; i < M; i++) {
    double x = 0, A = 0;
    for (int j = 0; j < n; j++) {
      x += dr + vol * Z(g);
      A += exp(x);
    }
    double p = disc * std::max(S0 * A / n - K, 0.0);
    s1 += p;
    s2 += p * p;
  }
  return {s1, s2};
}
static Sum v_xobm(int n, int64_t M,
                  uint64_t seed) {  // scalar xoshiro256++, scalar Box-Muller, both outputs used
  Xo g(seed);
  double dt = Tm / n, dr = (r_ - sg * sg / 2) * dt, vol = sg * sqrt(dt), disc = exp(-r_ * Tm), s1 = 0, s2 = 0;
  for (int64_t i = 0; i < M; i += 2) {
    double x0 = 0, x1 = 0, A0 = 0, A1 = 0;
    for (int j = 0; j < n; j++) {
      double u = 1 - g.uni(), w = 6.283185307179586 * g.uni(), R = sqrt(-2 * log(u));
      x0 += dr + vol * R * cos(w);
      x1 += dr + vol * R * sin(w);
      A0 += exp(x0);
      A1 += exp(x1);
    }
    double p = disc * std::max(S0 * A0 / n - K, 0.0), q = disc * std::max(S0 * A1 / n - K, 0.0);
    s1 += p + q;
    s2 += p * p + q * q;
  }
  return {s1, s2};
}
// W-lane xoshiro256++ and Box-Muller in plain loops: the compiler turns log, sin, cos, exp into libmvec calls
template <int W>
static Sum v_bmv(int n, int64_t M, uint64_t seed) {
  XoV<8> g(seed);
  double dt = Tm / n, dr = (r_ - sg * sg / 2) * dt, vol = sg * sqrt(dt), disc = exp(-r_ * Tm);
  alignas(64) double u[W], w[W], x0[W], x1[W], A0[W], A1[W], s1[W] = {}, s2[W] = {};
  double L = 1.0 / n;
  for (int64_t i = 0; i < M / (2 * W); i++) {
    for (int l = 0; l < W; l++) x0[l] = x1[l] = A0[l] = A1[l] = 0;
    for (int j = 0; j < n; j++) {
      for (int q = 0; q < W; q += 8) g.uni(u + q);
      for (int q = 0; q < W; q += 8) g.uni(w + q);
      for (int l = 0; l < W; l++) u[l] = sqrt(-2.0 * log(1.0 - u[l]));
      for (int l = 0; l < W; l++) x0[l] += dr + vol * u[l] * cos(6.283185307179586 * w[l]);
      asm volatile("" ::: "memory");  // keeps gcc from fusing the two into a scalar sincos
      for (int l = 0; l < W; l++) x1[l] += dr + vol * u[l] * sin(6.283185307179586 * w[l]);
      for (int l = 0; l < W; l++) {
        A0[l] += exp(x0[l]);
        A1[l] += exp(x1[l]);
      }
    }
    for (int l = 0; l < W; l++) {
      double p = disc * std::max(S0 * A0[l] * L - K, 0.0), q = disc * std::max(S0 * A1[l] * L - K, 0.0);
      s1[l] += p + q;
      s2[l] += p * p + q * q;
    }
  }
  double a = 0, b = 0;
  for (int l = 0; l < W; l++) {
    a += s1[l];
    b += s2[l];
  }
  return {a, b};
}
typedef Sum (*Fn)(int, int64_t, uint64_t);
int main(int c, char** v) {
  if (c < 5) return 2;
  std::string task = v[1], var = v[2];
  int n = atoi(v[3]);
  int64_t M = (int64_t)atof(v[4]);
  int th = c > 5 ? atoi(v[5]) : 1;
  Fn f = var == "std"     ? v_std
         : var == "xobm"  ? v_xobm
         : var == "bm8"   ? v_bmv<8>
         : var == "bm16"  ? v_bmv<16>
         : var == "bm64"  ? v_bmv<64>
         : var == "bm256" ? v_bmv<256>
                          : nullptr;
  if (!f) return 2;
  double mean = 0, se = 0;
  uint64_t seed = 1;
  auto one = [&] {
    seed++;
    Sum t{0, 0};
    int64_t m = M / (512 * th) * (512 * th);
    if (th == 1)
      t = f(n, m, seed * 7919);
    else {
      std::vector<Sum> p(th);
      std::vector<std::thread> q;
      for (int i = 0; i < th; i++) q.emplace_back([&, i] { p[i] = f(n, m / th, seed * 7919 + i * 104729); });
      for (auto& x : q) x.join();
      for (auto& x : p) {
        t.s1 += x.s1;
        t.s2 += x.s2;
      }
    }
    mean = t.s1 / m;
    se = sqrt((t.s2 - m * mean * mean) / ((double)m * (m - 1)));
  };
  T t = bench(one, 7);
  char nm[128];
  snprintf(nm, 128, "%s/cpp-%s-%s/t%d/n%d/M%g", task.c_str(), CC, var.c_str(), th, n, (double)M);
  emit(nm, "median", t.med, "s");
  double tt = th == 1 ? t.cpu : t.med;
  emit(nm, "min", t.min, "s");
  emit(nm, "cpu", t.cpu, "s");
  emit(nm, "paths", M / tt, "1/s");
  emit(nm, "normals", n * (double)M / tt, "1/s");
  emit(nm, "rss", rss_mb(), "MB");
  emit(nm, "price", mean, "1");
  emit(nm, "stderr", se, "1");
  double d1 = (log(S0 / K) + (r_ + sg * sg / 2) * Tm) / (sg * sqrt(Tm)), d2 = d1 - sg * sqrt(Tm);
  auto Phi = [](double x) { return 0.5 * erfc(-x / sqrt(2)); };
  if (n == 1) emit(nm, "err_sigma", (mean - (S0 * Phi(d1) - K * exp(-r_ * Tm) * Phi(d2))) / se, "sigma");
}
