#include <iostream>
#include <mc/cxx.hpp>

int main() {
  auto f = mc::cxx::compile(
      "double f(const double* x, int n) { double s = 0; for (int i = 0; i < n; ++i) s += x[i]*x[i]; return "
      "s; }",
      "f");
  std::cout << f.estimate(mc::box(10, 0.0, 1.0), {.backend = mc::Backend::llvm}) << '\n';
}
