// Moment in a C++ program: the first thing README.md shows. Run by tests/docs.
#include <iostream>
#include <mc/mc.hpp>

int main() {
  auto f = mc::compile("sum(x_i^2)");
  std::cout << f.estimate(mc::box(10, 0.0, 1.0), {.samples = 10'000'000}) << '\n';

  auto call = mc::compile("z ~ normal(0, 1); E[max(S0*exp(s*z - s^2/2) - K, 0)]");
  for (double strike : {95, 100, 105})  // new values never recompile
    std::cout << call.estimate({.parameters = {{"S0", 100}, {"s", 0.2}, {"K", strike}}}) << '\n';
}

/* prints
3.33314(30)
10.506(15)
7.958(13)
5.903(12)
*/
