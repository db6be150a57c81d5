// What tests/bench/cxx times against the same in the language.
#pragma STDC FP_CONTRACT ON
#include <cmath>

double squares(const double* x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) s += x[i] * x[i];
  return s;
}

double rosenbrock(const double* x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    s += 100 * (a * a) + b * b;
  }
  return s;
}

double call(const double* z, int n) { return std::fmax(100 * std::exp(0.2 * z[n - 1] - 0.02) - 105, 0.0); }

double waves(const double* x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) s += std::sin(x[i]) * std::exp(-x[i]);
  return s;
}
