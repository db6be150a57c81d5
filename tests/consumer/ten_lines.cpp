#include <iostream>
#include <mc/mc.hpp>

int main() {
  auto f = mc::compile("sum(x_i^2)");
  const mc::Options options{.samples = 1'000'000, .backend = mc::Backend::llvm};
  std::cout << f.estimate(mc::box(10, 0.0, 1.0), options) << '\n';
  std::cout << mc::version() << '\n';
}
