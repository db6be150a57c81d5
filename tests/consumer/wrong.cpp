// A program with a mistake in it, which its build finds: mc_lint.
#include <mc/mc.hpp>

int main() { return mc::compile("x ~ normal(0, 1); E[sqr(x)]").estimate().value > 0 ? 0 : 1; }
