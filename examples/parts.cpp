// A run in four parts, each of which could be a process's. What docs/parts.md shows. Run by tests/docs.
#include <iostream>
#include <mc/mc.hpp>
#include <string>
#include <vector>

int main() {
  auto f = mc::compile("x ~ normal(0, 1)^3; E[max(x)], Var[x_1]");
  std::vector<mc::Partial> parts;
  for (std::uint32_t k = 1; k <= 4; ++k) {  // each could be a process, or a machine
    const std::string text = f.run({.samples = 1'000'000, .part = {k, 4}}).partial.to_text();
    parts.push_back(mc::Partial::from_text(text));
  }
  std::cout << mc::merge(parts) << '\n';
}

/* prints
E[max(x)] = 0.84623(75)
Var[x_1] = 0.9981(14)
*/
