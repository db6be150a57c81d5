#include <mc/mc.hpp>

#define PAYOFF "max(S0*exq(s*z) - K, 0)"

mc::Moment call() { return mc::compile("z ~ normal(0, 1); E[" PAYOFF "]"); }

mc::Moment spread() {
  return mc::compile(R"(
    x ~ nromal(0, 1)^2
    E[max(x_1 - x_2, 0)])");
}
