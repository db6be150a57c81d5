// The lecture's f and g. The pragma lets a sum take a product, as Moment's strings do: the bits are then the
// same.
#pragma STDC FP_CONTRACT ON

double f(const double* x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) s += x[i] * x[i];
  return s;
}

double g(const double* lo, const double* hi, int n) {
  double p = 1;
  for (int i = 0; i < n; ++i) p *= 1 / (hi[i] - lo[i]);
  return p;
}
