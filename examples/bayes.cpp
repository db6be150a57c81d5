// The posterior of a success rate and of a dose's effect, from densities that need no normalising. What it
// prints stands at the end, and is checked by tests/docs.
#include <iostream>
#include <mc/mc.hpp>

int main() {
  // 14 of 20 patients recovered; the prior says that rates near 1/2 are likelier. Var and Std are the
  // posterior's.
  const auto rate = mc::compile(R"(
    p ~ unnormalized(p^(k + 2)*(1 - p)^(n - k + 2), 0, 1)
    E[p], Std[p], P[p > 0.5])");
  const mc::Report posterior = rate.run({.samples = 4'000'000, .parameters = {{"k", 14}, {"n", 20}}});
  std::cout << posterior << '\n';
  // The integral of what was not normalised is the evidence; two models are compared by its quotient.
  std::cout << "evidence " << posterior.integrals[0].estimate << '\n';

  // A logistic regression with normal priors: the posterior is the prior weighted by the likelihood, and the
  // box need only hold what matters of it.
  const auto regression = mc::compile(R"(
    p(a, b, i) = 1/(1 + exp(-(a + b*dose_i)))
    t ~ unnormalized(exp(-sum(t^2)/(2*5^2))*prod(p(t_1, t_2, i)^dead_i*(1 - p(t_1, t_2, i))^(n_i - dead_i)), [-4, -4], [6, 30])^2
    E[t_1], E[t_2], Corr[t_1, t_2], P[-t_1/t_2 < 0])");
  const mc::Report bioassay = regression.run(
      {.samples = 4'000'000,
       .parameters = {{"dose", {-0.86, -0.30, -0.05, 0.73}}, {"n", {5, 5, 5, 5}}, {"dead", {0, 1, 3, 5}}}});
  std::cout << bioassay << '\n';
  for (const std::string& warning : bioassay.all_warnings()) std::cout << "warning: " << warning << '\n';
}

/* prints
E[p] = 0.653779(58)
Std[p] = 0.091593(35)
P[p > 0.5] = 0.946027(98)
evidence 5.4358(39)e-8
E[t_1] = 0.5871(11)
E[t_2] = 6.3571(38)
Corr[t_1, t_2] = 0.46389(78)
P[-t_1/t_2 < 0] = 0.77496(77)
*/
