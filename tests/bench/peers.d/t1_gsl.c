/* T1: gsl_monte_plain. argv: N M [rng] */
#include <gsl/gsl_math.h>
#include <gsl/gsl_monte_plain.h>
#include <gsl/gsl_rng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}
static double f(double* x, size_t n, void* p) {
  double s = 0, g = *(double*)p;
  for (size_t i = 0; i < n; i++) s += x[i] * x[i];
  return s * g;
}
static double cpunow(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}
static int cmp(const void* a, const void* b) {
  double x = *(double*)a, y = *(double*)b;
  return x < y ? -1 : x > y;
}
int main(int c, char** v) {
  if (c < 3) return 2;
  size_t N = atoi(v[1]), M = (size_t)atof(v[2]);
  const char* rn = c > 3 ? v[3] : "mt19937";
  const gsl_rng_type* T = strcmp(rn, "taus2") ? gsl_rng_mt19937 : gsl_rng_taus2;
  gsl_rng* r = gsl_rng_alloc(T);
  double g = 1.0, lo[128], hi[128], res, err;
  for (size_t i = 0; i < N; i++) {
    lo[i] = 0;
    hi[i] = 1;
  }
  gsl_monte_function F = {f, N, &g};
  gsl_monte_plain_state* s = gsl_monte_plain_alloc(N);
  gsl_monte_plain_integrate(&F, lo, hi, N, M, r, s, &res, &err);
  double t0 = now();
  gsl_monte_plain_integrate(&F, lo, hi, N, M, r, s, &res, &err);
  double t = now() - t0;
  long k = t > 0.05 ? 1 : (long)(0.05 / t) + 1;
  double S[7], C[7], c0;
  for (int q = 0; q < 7; q++) {
    t0 = now();
    c0 = cpunow();
    for (long i = 0; i < k; i++) gsl_monte_plain_integrate(&F, lo, hi, N, M, r, s, &res, &err);
    S[q] = (now() - t0) / k;
    C[q] = (cpunow() - c0) / k;
  }
  qsort(S, 7, sizeof(double), cmp);
  qsort(C, 7, sizeof(double), cmp);
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  char nm[100];
  snprintf(nm, 100, "T1/gsl-plain-%s/t1/N%zu/M%g", rn, N, (double)M);
  printf(
      "%s\tmedian\t%.6g\ts\n%s\tmin\t%.6g\ts\n%s\tcpu\t%.6g\ts\n%s\tcoords\t%.6g\t1/"
      "s\n%s\trss\t%.6g\tMB\n%s\trelerr_vs_sigma\t%.3g\tsigma\n",
      nm, S[3], nm, S[0], nm, C[3], nm, N * (double)M / C[3], nm, u.ru_maxrss / 1024.0, nm,
      (res - N / 3.0) / err);
}
