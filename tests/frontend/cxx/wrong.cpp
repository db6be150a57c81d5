// What docs/cxx.md shows of errors.
double last_two(const double* x, int n) {
  const double* end = x + n;
  return end[-1] + x[n - 2];
}

double halves(double x) {
  int k = 1;
  while (x > 1) x = x / k + 0 * ++k;
  return k;
}

bool late(double x) {
  while (x < 2000) x += 1;
  return x > 0;
}
